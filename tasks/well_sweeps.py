"""Ruin and recreate on windows of a large map, those of one colour side by side.

A window moves the wells whose circles lie wholly inside it, and knows all others that reach into it as wells
that are there already. So what it gains is what the plan gains, whatever its neighbours of the same colour
do, and their results are put together as they are.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.wells.areas.polygons import Areas
from models.wells.constraints import Ground
from models.wells.map_tiles import MapTile, inside
from models.wells.objective import ValueMap, evaluate
from models.wells.ruin import Refinement
from tasks.fan_out import Result
from tasks.map_source import MapSource, part_of
from tasks.well_problem import DECIMALS, ROUNDING_M
from tasks.well_tiles import Alike

Float = NDArray[np.float64]

FEWEST_STEPS, MOST_STEPS = 20, 3000


@dataclass(frozen=True, slots=True)
class WindowJob:
    """A window and its wells.

    Attributes
    ----------
    window
        The cells.
    movable, fixed
        Positions on the map of wells that may move, and of others whose circles may reach in, shape
        (n, 2), metres.
    seed
        What the window's choices follow from.
    """

    window: MapTile
    movable: Float
    fixed: Float
    seed: tuple[int, ...]


def window_job(
    window: MapTile, positions_m: Float, source: MapSource, reach_m: float, seed: tuple[int, ...]
) -> tuple[WindowJob, NDArray[np.bool_]]:
    """Return the job of a window, and which wells of the plan it may move."""
    safe = window.safe_m(reach_m + ROUNDING_M, source.cell_m, source.shape)
    movable = inside(positions_m, *safe)
    low, high = window.corners_m(source.cell_m)
    fixed = inside(positions_m, low - reach_m, high + reach_m) & ~movable
    return WindowJob(window, positions_m[movable], positions_m[fixed], seed), movable


def swept(job: WindowJob, *, source: MapSource, wells: Alike, steps: int) -> Result:
    """Return where the movable wells of a window stand after some steps, no worse than before.

    Parameters
    ----------
    job
        The window.
    source, wells
        The map, and what wells are like.
    steps
        Steps for each movable well.

    Returns
    -------
    dict
        ``positions_m`` on the map in the order of the job, rounded as they are written; ``gain``, by how
        much the objective has grown.
    """
    low, high = job.window.corners_m(source.cell_m)
    value_map = replace(part_of(source, job.window), existing=wells.at(job.fixed - low))
    safe = job.window.safe_m(wells.reach_m + ROUNDING_M, source.cell_m, source.shape)
    ground = _within(safe[0] - low, safe[1] - low, *(high - low))
    drainage = wells.of(len(job.movable))
    search = Refinement(
        value_map,
        drainage,
        ground,
        job.movable - low,
        allowed=_allowed(value_map, safe[0] - low, safe[1] - low),
        seed=list(job.seed),
    )
    for _ in range(int(np.clip(steps * len(job.movable), FEWEST_STEPS, MOST_STEPS))):
        search.step()
    search.polish()
    # Rounded on the map, and held to the rectangle that is safe for whoever is next to it.
    edge = np.floor(safe[1] * 10**DECIMALS) / 10**DECIMALS
    found = np.minimum(np.round(search.positions_m + low, DECIMALS), edge)
    before = evaluate(value_map, job.movable - low, drainage).value
    gain = evaluate(value_map, found - low, drainage).value - before
    if gain <= 0:
        found, gain = job.movable, 0.0
    return {"positions_m": found.tolist(), "gain": gain}


def _within(low: Float, high: Float, width_m: float, height_m: float) -> Ground:
    """Return the ground of a rectangle of a map; all of it where the rectangle is the map."""
    if (low <= 0).all() and high[0] >= width_m and high[1] >= height_m:
        return Ground(width_m, height_m)
    ring = np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]])
    # At the edges of the map nothing is kept away from.
    ring = np.where(ring <= 0, -1.0, ring)
    corner = np.array([width_m, height_m])
    ring = np.where(ring >= corner, corner + 1.0, ring)
    return Ground(width_m, height_m, lease=Areas(((ring,),)))


def _allowed(value_map: ValueMap, low: Float, high: Float) -> NDArray[np.bool_]:
    """Return the cells whose centres lie within a rectangle."""
    rows, columns = value_map.values.shape
    x = (np.arange(columns) + 0.5) * value_map.cell_width_m
    y = (np.arange(rows) + 0.5) * value_map.cell_height_m
    return np.asarray(
        ((y >= low[1]) & (y <= high[1]))[:, None] & ((x >= low[0]) & (x <= high[0]))[None, :]
    )
