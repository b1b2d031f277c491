"""Interpreted sections as a table: fault picks on inlines or crosslines of a survey.

::

    line,number,trace,sample,stick
    inline,401,1210,88,a
    inline,401,1213,95,a
    crossline,1250,,,

``number`` is that of the section, ``trace`` the number of the crossing line, ``sample`` counts from 0; the
last two may be fractions. Picks of one ``stick`` are joined by straight lines in their order; without that
column every pick stands alone. A row without trace and sample says that a section was interpreted and has no
fault.
"""

import csv
import math
from pathlib import Path
from typing import Literal, NamedTuple

from storage.errors import InputError

Kind = Literal["inline", "crossline"]
KINDS: dict[str, Kind] = {"inline": "inline", "crossline": "crossline"}

NEEDED = ("line", "number", "trace", "sample")
LAYOUT = (
    f"It needs the columns {','.join(NEEDED)}, separated by commas, and may have 'stick'; line is inline or "
    "crossline, the others are numbers."
)


class Section(NamedTuple):
    """Which section of a survey."""

    line: Kind
    number: int


Stick = list[tuple[float, float]]
"""(trace number, sample) of picks in their order."""


def read_picks(path: Path) -> dict[Section, list[Stick]]:
    """Return the sticks of every interpreted section, in the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column or holds no section, or a row cannot be understood.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, skipinitialspace=True)
            if missing := set(NEEDED) - set(table.fieldnames or ()):
                raise InputError(path, f"there is no column {sorted(missing)[0]!r}", LAYOUT)
            found: dict[Section, dict[str, Stick]] = {}
            for number, row in enumerate(table, start=2):
                section, pick = _row(path, number, row)
                sticks = found.setdefault(section, {})
                if pick:
                    name = row.get("stick") or f"row {number}"
                    sticks.setdefault(name, []).append(pick)
    except (UnicodeDecodeError, csv.Error):
        raise InputError(path, "it is not a text file", LAYOUT) from None
    except OSError as error:
        raise InputError(path, error.strerror or str(error), "Name a table of picks.") from None
    if not found:
        raise InputError(path, "it holds no section", LAYOUT)
    return {section: list(sticks.values()) for section, sticks in found.items()}


def _row(
    path: Path, number: int, row: dict[str, str]
) -> tuple[Section, tuple[float, float] | None]:
    """Return the section of a row, and its pick if it has one."""
    kind = (row["line"] or "").strip().lower()
    try:
        section = Section(KINDS[kind], int(row["number"]))
        if not (row["trace"] or row["sample"]):
            return section, None
        pick = float(row["trace"]), float(row["sample"])
    except (KeyError, TypeError, ValueError):
        pick = (math.nan, math.nan)
    if not all(map(math.isfinite, pick)):
        found = ",".join("" if each is None else str(each) for each in row.values())
        raise InputError(path, f"line {number} is {found!r}", LAYOUT)
    return section, pick
