"""A finding: what is wrong with a file, where, and the options that mend it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Severity = Literal["stops", "wrong", "look", "note"]
SEVERITIES: tuple[Severity, ...] = ("stops", "wrong", "look", "note")
"""From bad to harmless.

``stops``
    An ingest as the file is would be refused, or give samples that are no amplitudes.
``wrong``
    It would run, and the volume would be wrong.
``look``
    It may be wrong; only the user can tell.
``note``
    Uncommon, and taken care of.
"""

OptionValue = int | float | str | bool
Options = Mapping[str, OptionValue | None]
"""Name of a setting, such as ``inline_byte``, to its value; None takes an option of the user's away."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line about a file.

    Parameters
    ----------
    code
        For machines; does not change.
    severity
        How bad it is.
    what
        What is wrong, with the numbers.
    where
        Header bytes or traces, empty where it is the file as a whole.
    options
        What mends it; empty where nothing does, or nothing need be done. Those of ``stops`` and
        ``wrong`` are part of the command that the doctor recommends, the others are for the user to try.
    advice
        What to do where no option mends it.
    files
        Paths of those among several files that have it; empty where all are meant.
    """

    code: str
    severity: Severity
    what: str
    where: str = ""
    options: Options = field(default_factory=dict)
    advice: str = ""
    files: tuple[str, ...] = ()

    @property
    def must(self) -> bool:
        """True where its options belong into the recommended command."""
        return bool(self.options) and self.severity in {"stops", "wrong"}


def counted(count: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def grouped(findings: Sequence[Finding], files: int) -> list[Finding]:
    """Return findings of single files with one for each code, that of the first file with the names of all.

    Parameters
    ----------
    findings
        Each names its file.
    files
        Number of files looked at; the only one need not be named.
    """
    paths: dict[str, list[str]] = {}
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.code, finding)
        paths.setdefault(finding.code, []).extend(finding.files)
    return [
        replace(finding, files=tuple(dict.fromkeys(paths[code])) if files > 1 else ())
        for code, finding in first.items()
    ]


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings from bad to harmless, else in their order; of one code and place only the first."""
    first = {(one.code, one.where, one.files): one for one in reversed(findings)}
    kept = [one for one in findings if first[one.code, one.where, one.files] is one]
    return tuple(sorted(kept, key=lambda finding: SEVERITIES.index(finding.severity)))


def as_arguments(options: Options) -> list[str]:
    """Return options as they stand on a command line."""
    words: list[str] = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        words += [flag] if value is True else [flag, _plain(value)]
    return words


def _plain(value: OptionValue) -> str:
    """Return what parses back to the same value; a whole number has no fraction."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
