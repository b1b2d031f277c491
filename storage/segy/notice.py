"""What a scan finds uncommon about a survey and reads all the same: a code for machines, words for people."""

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "empty-bins",
    "duplicates",
    "no-numbers",
    "numbers-below-one",
    "made-lines",
    "no-coordinates",
    "angles",
    "off-grid",
    "no-interval",
    "wide-interval",
    "start-by-lag",
    "start-scaled",
    "start-fraction",
    "start-changes",
]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that is uncommon.

    Parameters
    ----------
    code
        For machines; does not change when words do.
    what
        What is uncommon, with the numbers; no sentence yet, as it is also part of others.
    mend
        A sentence on what changes it, empty where nothing need be done.
    """

    code: Code
    what: str
    mend: str = ""

    def __str__(self) -> str:
        end = "" if self.what.endswith("?") else "."
        return f"{self.what[0].upper()}{self.what[1:]}{end} {self.mend}".rstrip()
