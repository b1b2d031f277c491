"""Tables of wells that are there already."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.errors import InputError

MEND = (
    "Its first line names the columns: x, y, and if wanted radius, growth and well; or give the "
    "wells.csv of another run."
)


@dataclass(frozen=True, slots=True)
class KnownWell:
    """A row of a table of existing wells.

    Attributes
    ----------
    name
        As in the table, else its row number.
    x, y
        Position in the coordinates of the table.
    radius_m, growth_m
        Radius in the first period and its growth; None where the table does not say.
    """

    name: str
    x: float
    y: float
    radius_m: float | None
    growth_m: float | None


def read_existing_wells(path: Path, *, on_map: bool) -> list[KnownWell]:
    """Read existing wells from a table with a line of column names.

    Parameters
    ----------
    path
        The table; its columns are parted by commas, semicolons or tabs.
    on_map
        Of the coordinates of ``wells.csv``, take those on the map, not CDP X/Y.

    Raises
    ------
    InputError
        If it cannot be read, a column is missing, a row holds no numbers, or there is no row.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(path, "it is not a text file", MEND) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(path, reason, "Name a table of wells.") from None
    head = lines[0] if lines else ""
    delimiter = max(";\t,", key=head.count)
    rows = list(csv.reader(lines, delimiter=delimiter))
    names = [name.strip().lower() for name in rows[0]] if rows else []
    places = (("x_m", "x"), ("y_m", "y")) if on_map else (("cdp_x", "x"), ("cdp_y", "y"))
    wanted = (*places, ("radius_m", "radius"), ("growth_m", "growth"))
    at = [next((names.index(name) for name in each if name in names), None) for each in wanted]
    if at[0] is None or at[1] is None:
        raise InputError(path, f"it has no columns {' and '.join(p[1] for p in places)}", MEND)
    known = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        x, y, radius, growth = (_number(path, number, row, index, delimiter) for index in at)
        if x is None or y is None:
            raise InputError(path, f"line {number} has no position", MEND)
        if (radius is not None and radius <= 0) or (growth is not None and growth < 0):
            what = f"line {number}: a radius must be positive, a growth not negative"
            raise InputError(path, what, MEND)
        known.append(KnownWell(_name(names, row) or str(number - 1), x, y, radius, growth))
    if not known:
        raise InputError(path, "it holds no well", MEND)
    return known


def _name(names: Sequence[str], row: Sequence[str]) -> str:
    """Return what a row calls its well, if anything."""
    at = names.index("well") if "well" in names else len(row)
    return row[at].strip() if at < len(row) else ""


def _number(
    path: Path, line: int, row: Sequence[str], index: int | None, delimiter: str
) -> float | None:
    """Return a cell as a finite number, None where it is empty or there is no such column."""
    text = row[index].strip() if index is not None and index < len(row) else ""
    if not text:
        return None
    try:
        # A comma that does not part columns is a decimal one.
        number = float(text if delimiter == "," else text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(path, f"line {line}: {text[:40]!r} is not a number", MEND)
    return number
