"""Small tables as text: wells out, radii in."""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from storage.errors import InputError
from storage.locations import whole_file

WELL_COLUMNS = ("well", "x_m", "y_m", "cdp_x", "cdp_y", "radius_m", "gross", "share", "marginal")
"""Columns of ``wells.csv``: name, position on the map and in CDP X/Y, first radius, what the well would
collect alone, its share of what all collect, what would be lost without it."""


def write_wells(path: Path, wells: Sequence[Mapping[str, object]]) -> None:
    """Write ``wells.csv``, whole or not at all.

    Parameters
    ----------
    path
        The file.
    wells
        A row each with the keys of `WELL_COLUMNS`; None leaves a field empty.
    """
    with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, WELL_COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(wells)


def read_radii(path: Path) -> list[float]:
    """Read radii in metres, one a line; empty lines and what follows a ``#`` are passed over.

    Raises
    ------
    InputError
        If the file cannot be read, holds no radius, or a line is not a positive number.
    """
    mend = "Write one positive radius in metres on each line."
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(path, "it is not a text file", mend) from None
    except OSError as error:
        raise InputError(path, error.strerror or str(error), "Name a file of radii.") from None
    radii = []
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            radius = float(text)
        except ValueError:
            radius = math.nan
        if not 0 < radius < math.inf:
            raise InputError(path, f"line {number} is {text[:40]!r}, not a positive number", mend)
        radii.append(radius)
    if not radii:
        raise InputError(path, "it holds no radius", mend)
    return radii
