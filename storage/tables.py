"""Small tables as text: wells out, radii in."""

import csv
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from storage.errors import InputError
from storage.locations import whole_file

WELL_COLUMNS = (
    *("well", "x_m", "y_m", "cdp_x", "cdp_y", "radius_m", "gross", "share", "marginal"),
    *("growth_m", "last_radius_m", "start_period"),
    *("nearest_well_m", "nearest_fault_m", "nearest_edge_m"),
)
"""Columns of ``wells.csv``: number in the order of drilling, position on the map and in CDP X/Y, first
radius, what the well would collect as the only new one, its share of what all collect, what would be lost
without it; what its radius gains a period, its last radius, the period in which it begins; distances to
the nearest other well, existing ones too, to the nearest faulty bin and to the nearest edge of a lease or
no-drill area."""


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


def read_radii(path: Path) -> tuple[list[float], list[float | None]]:
    """Read radii in metres, one a line, and behind each its growth if wanted.

    Empty lines and what follows a ``#`` are passed over; blanks, commas, semicolons or tabs part the two.

    Returns
    -------
    radii, growth
        Metres, and metres a period; None where a line does not give it.

    Raises
    ------
    InputError
        If the file cannot be read, holds no radius, or a line is not one positive number, or that and
        one that is not negative.
    """
    mend = (
        "Write one positive radius in metres on each line, and behind it its growth if you like."
    )
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(path, "it is not a text file", mend) from None
    except OSError as error:
        raise InputError(path, error.strerror or str(error), "Name a file of radii.") from None
    radii: list[float] = []
    growth: list[float | None] = []
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            numbers = [float(word) for word in re.split(r"[\s,;]+", text.strip(",;"))]
        except ValueError:
            numbers = []
        if len(numbers) not in {1, 2} or not all(map(math.isfinite, numbers)) or numbers[0] <= 0:
            raise InputError(path, f"line {number} is {text[:40]!r}, not a positive number", mend)
        if numbers[-1] < 0:
            raise InputError(path, f"line {number} is {text[:40]!r}, a growth below 0", mend)
        radii.append(numbers[0])
        growth.append(numbers[1] if len(numbers) == 2 else None)
    if not radii:
        raise InputError(path, "it holds no radius", mend)
    return radii, growth
