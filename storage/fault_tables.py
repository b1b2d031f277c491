"""Faults as text: their table, their sticks, the sticks as OpendTect imports them.

``sticks.dat`` is what OpendTect's imports of faults and fault stick sets ask for, in its order, without a
head::

    fault_1   X   Y   Z   stick   node

or inline and crossline instead of X and Y where a survey has no coordinates in metres or feet. Stick numbers
are unique in the file and follow each other within a fault, as the import of several faults takes both for
granted (``uibulkfaultimp.cc`` of OpendTect).
"""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.geometry import SurveyGeometry
from storage.locations import whole_file

FAULT_COLUMNS: Mapping[str, str] = {
    "fault_id": "d",
    "samples": "d",
    "area_m2": ".0f",
    "strike_deg": ".1f",
    "dip_deg": ".1f",
    "length_m": ".0f",
    "height_m": ".0f",
    "mean_probability": ".3f",
    "sticks": "d",
}
"""Columns of ``faults.csv``, and how many digits each deserves."""

LENGTH, ANGLE, LINE = ".2f", ".10g", ".2f"
"""Digits of nodes: a sixteenth of a sample or less; longitude and latitude in any unit to a decimetre."""


def fault_cells(row: Mapping[str, object]) -> list[str]:
    """Return a row of the table of faults as text, one cell for each of `FAULT_COLUMNS`; None is empty."""
    return [_text(row[name], form) for name, form in FAULT_COLUMNS.items()]


def write_faults(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write ``faults.csv``, whole or not at all.

    Parameters
    ----------
    path
        The file.
    rows
        With the keys of `FAULT_COLUMNS`; None leaves a field empty.
    """
    with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(FAULT_COLUMNS)
        table.writerows(fault_cells(row) for row in rows)


@dataclass(frozen=True, slots=True)
class StickForm:
    """What the nodes of a survey's sticks are measured in.

    Parameters
    ----------
    depth
        Name of the vertical column, such as ``twt_ms``.
    place
        Digits of CDP X and Y.
    by_lines
        OpendTect gets line numbers, as the coordinates are unknown or angles.
    """

    depth: str
    place: str
    by_lines: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of ``sticks.csv``."""
        return ("fault_id", "stick", "node", "inline", "crossline", self.depth, "cdp_x", "cdp_y")


def stick_form(geometry: SurveyGeometry) -> StickForm:
    """Return how sticks of a survey are written."""
    live = geometry.live_mask
    unknown = bool(np.isnan(geometry.cdp_x[live]).any() or np.isnan(geometry.cdp_y[live]).any())
    angles = geometry.angle_unit is not None
    axis = geometry.samples
    return StickForm(f"{axis.name}_{axis.unit}", ANGLE if angles else LENGTH, unknown or angles)


def write_sticks(
    table: Path,
    opendtect: Path,
    sticks: Iterable[tuple[int, int, NDArray[np.float64]]],
    form: StickForm,
) -> int:
    """Write ``sticks.csv`` and ``sticks.dat``, whole or not at all; return the number of sticks.

    Parameters
    ----------
    table, opendtect
        The files.
    sticks
        Number of the fault, number of the stick, nodes of shape (n, 5): inline, crossline, two-way time or
        depth, CDP X, CDP Y. They are written as they come, so their number does not matter.
    form
        From `stick_form`.
    """
    count = 0
    with ExitStack() as stack:
        parts = [stack.enter_context(whole_file(path)) for path in (table, opendtect)]
        rows, plain = (
            stack.enter_context(part.open("w", newline="", encoding="utf-8")) for part in parts
        )
        written = csv.writer(rows, lineterminator="\n")
        written.writerow(form.columns)
        for fault, stick, nodes in sticks:
            cells = [_node(node, form) for node in nodes]
            written.writerows((fault, stick, n, *cell) for n, cell in enumerate(cells))
            plain.writelines(_line(fault, stick, n, cell, form) for n, cell in enumerate(cells))
            count += 1
    return count


def _node(node: NDArray[np.float64], form: StickForm) -> list[str]:
    """Return a node as text: lines, time or depth, place."""
    digits = (LINE, LINE, LENGTH, form.place, form.place)
    return [_text(float(each), digit) for each, digit in zip(node, digits, strict=True)]


def _line(fault: int, stick: int, number: int, cells: Sequence[str], form: StickForm) -> str:
    """Return a line for OpendTect."""
    inline, crossline, depth, x, y = cells
    place = (inline, crossline) if form.by_lines else (x, y)
    return "\t".join((f"fault_{fault}", *place, depth, str(stick), str(number))) + "\n"


def _text(value: object, form: str) -> str:
    """Return a number as text, nothing where there is none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return format(value, form)
