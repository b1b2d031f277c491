"""A finished well plan as people take it away: its table, and what a picture of it shows."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.wells.constraints import Ground
from models.wells.objective import gross, marginal, shares
from storage.ascii_grid import write_ascii_grid
from storage.tables import write_wells
from tasks.keep_out import Bins, nearest_fault_m
from tasks.maps import Assignment
from tasks.search import DECIMALS, Problem, WellPlan

Float = NDArray[np.float64]

MOST_CELLS = 800
"""Cells along the longer side of the picture of forbidden ground; finer ones cannot be seen."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture of a well plan shows; positions and lengths in metres on the map.

    Attributes
    ----------
    values
        Value of the cells, row 0 at y = 0.
    size_m
        Extent of the map along x and y.
    positions_m, first_radii_m, last_radii_m
        The wells, shape (wells, 2), and their circles in the first and in the last period.
    forbidden
        Where no well may stand, on a grid of its own over the map; None without faults.
    keep_out_m
        The distance that wells keep.
    """

    values: Float
    size_m: tuple[float, float]
    positions_m: Float
    first_radii_m: Float
    last_radii_m: Float
    forbidden: NDArray[np.bool_] | None
    keep_out_m: float


def write_plan(path: Path, assignment: Assignment, plan: WellPlan) -> Float | None:
    """Write ``wells.csv``.

    Parameters
    ----------
    path
        The table.
    assignment, plan
        What was asked, and found.

    Returns
    -------
    ndarray of float64, shape (wells, 2), or None
        CDP X/Y as written; None where it is not known where the map lies.
    """
    value_map, drainage = assignment.reservoir.value_map, assignment.drainage
    alone = gross(value_map, plan.positions_m, drainage)
    shared = shares(value_map, plan.positions_m, drainage)
    lost = marginal(value_map, plan.positions_m, drainage)
    cdp = None
    if assignment.frame is not None:
        cdp = np.round(assignment.frame.to_cdp(plan.positions_m), DECIMALS)
    rows = [
        {
            "well": well + 1,
            "x_m": _metres(plan.positions_m[well, 0]),
            "y_m": _metres(plan.positions_m[well, 1]),
            "cdp_x": None if cdp is None else _metres(cdp[well, 0]),
            "cdp_y": None if cdp is None else _metres(cdp[well, 1]),
            "radius_m": f"{drainage.radii_m[well]:.12g}",
            "gross": f"{alone[well]:.12g}",
            "share": f"{shared[well]:.12g}",
            "marginal": f"{lost[well]:.12g}",
        }
        for well in range(len(drainage.radii_m))
    ]
    write_wells(path, rows)
    return cdp


def write_prices(path: Path, assignment: Assignment, prices: NDArray[np.float32]) -> None:
    """Write the shadow prices as a grid on the map: what a well is credited for ground, per period."""
    value_map = assignment.reservoir.value_map
    write_ascii_grid(path, prices, value_map.cell_width_m, value_map.cell_height_m)


def checked_distance_m(bins: Bins, cdp: Float, keep_out_m: float) -> float | None:
    """Return how near the nearest faulty bin is to a well, by the coordinates as written.

    Raises
    ------
    RuntimeError
        If it is nearer than asked: a defect of the search.
    """
    nearest = nearest_fault_m(bins, cdp)
    if nearest is not None and nearest < keep_out_m:
        msg = f"a well lies {nearest} m from a fault, within {keep_out_m} m"
        raise RuntimeError(msg)
    return nearest


def picture_of(assignment: Assignment, problem: Problem, plan: WellPlan) -> Picture:
    """Return what a picture of the plan shows."""
    value_map, drainage = assignment.reservoir.value_map, assignment.drainage
    size = (value_map.width_m, value_map.height_m)
    forbidden = None
    if problem.distance_m > 0:
        ground = Ground(*size, problem.keep_out_m, problem.distance_m)
        columns, rows = (max(2, round(side * MOST_CELLS / max(size))) for side in size)
        x = (np.arange(columns) + 0.5) * size[0] / columns
        y = (np.arange(rows) + 0.5) * size[1] / rows
        centres = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        forbidden = (ground.clearance_m(centres) < 0).reshape(rows, columns)
    return Picture(
        values=value_map.values,
        size_m=size,
        positions_m=plan.positions_m,
        first_radii_m=drainage.radii_m,
        last_radii_m=drainage.last_radii_m,
        forbidden=forbidden,
        keep_out_m=problem.distance_m,
    )


def _metres(length: float) -> str:
    return f"{length:.{DECIMALS}f}"
