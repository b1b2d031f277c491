"""A map that is worth less near faults: value times one less the smeared fault probability."""

from dataclasses import replace
from functools import partial

import numpy as np
from distributed import Client
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.wells.objective import ValueMap
from models.wells.smear import smeared
from storage.layout import lateral_blocks
from storage.volume import job_shape
from tasks.bin_layout import layout_of
from tasks.fan_out import Progress, Result, run_jobs
from tasks.keep_out import VARIABLE, FaultSource, highest_in, on_map
from tasks.maps import Assignment

Float = NDArray[np.float64]


def penalty_of(
    source: FaultSource,
    assignment: Assignment,
    distance_m: float,
    *,
    client: Client | None = None,
    progress: Progress | None = None,
) -> Float:
    """Return the part of its value that each cell of a map keeps beside faults.

    Parameters
    ----------
    source
        The fault volume; of each bin the largest probability over the interval counts.
    assignment
        The map, and where it lies.
    distance_m
        How far a fault reaches, metres; its probability falls off evenly to nothing there.
    client
        Where to run; None: threads of this process.
    progress
        Told of every finished shard.

    Returns
    -------
    ndarray of float64, shape (rows, columns)
        0 to 1; 1 where no fault is near, or nobody knows of any.

    Raises
    ------
    InputError
        If it is unknown where map or bins lie, they do not overlap, or no bin has a trace.
    """
    layout = layout_of(source.path)
    live, places, reach = layout.live, layout.places[0], layout.reach_m
    blocks = lateral_blocks(live.shape, job_shape(source.path, VARIABLE))
    jobs = {f"{rows.start},{columns.start}": (rows, columns) for rows, columns in blocks}
    found = run_jobs(
        partial(_highest, source=source), jobs, what="penalty", client=client, progress=progress
    )
    highest = np.zeros(live.shape)
    for name, (rows, columns) in jobs.items():
        highest[rows, columns] = found[name]["highest"]
    bins = on_map(source.path, places[live], places[live], assignment.extent, reach_m=reach)
    return 1 - _on_cells(assignment.reservoir.value_map, bins, highest[live], reach, distance_m)


def with_penalty(assignment: Assignment, kept: Float) -> Assignment:
    """Return the assignment on the map that is left."""
    reservoir = assignment.reservoir
    value_map = replace(reservoir.value_map, values=reservoir.value_map.values * kept)
    return replace(assignment, reservoir=replace(reservoir, value_map=value_map))


def _highest(block: tuple[slice, slice], *, source: FaultSource) -> Result:
    return {"highest": np.clip(np.nan_to_num(highest_in(block, source)), 0.0, 1.0)}


def _on_cells(
    value_map: ValueMap, bins: Float, probability: Float, reach_m: float, distance_m: float
) -> Float:
    """Return the smeared probability of each cell from that of the bins, those beside the map too."""
    size = np.array([value_map.cell_width_m, value_map.cell_height_m])
    rows, columns = value_map.values.shape
    margin = np.ceil(distance_m / size).astype(int) + 1
    grid = np.full((rows + 2 * margin[1], columns + 2 * margin[0]), np.nan)
    cells = np.floor(bins / size).astype(int) + margin
    inside = ((cells >= 0) & (cells < grid.shape[::-1])).all(axis=1)
    at = cells[inside, 1], cells[inside, 0]
    # Of the bins in a cell the largest counts: no fault is lost between bins and cells.
    grid[at] = 0.0
    np.maximum.at(grid, at, probability[inside])
    _fill_between(grid, bins, probability, size, margin, reach_m)
    reached = smeared(np.nan_to_num(grid), distance_m, *size.tolist())
    return reached[margin[1] : margin[1] + rows, margin[0] : margin[0] + columns]


def _fill_between(
    grid: Float,
    bins: Float,
    probability: Float,
    size: Float,
    margin: NDArray[np.int64],
    reach_m: float,
) -> None:
    """Give cells without a bin that of the nearest one, as far as places between bins are from one."""
    rows, columns = np.nonzero(np.isnan(grid))
    centres = (np.column_stack([columns, rows]) - margin + 0.5) * size
    away, nearest = cKDTree(bins).query(centres, distance_upper_bound=reach_m)
    known = np.isfinite(away)
    grid[rows[known], columns[known]] = probability[nearest[known]]
