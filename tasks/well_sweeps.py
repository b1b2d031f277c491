"""Ruin and recreate on windows of a large map, those of one colour side by side.

A window moves the wells whose circles lie wholly inside it, and knows all others that reach into it as wells
that are there already. So what it gains is what the plan gains, whatever its neighbours of the same colour
do, and their results are put together as they are.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.wells.constraints import Ground
from models.wells.map_tiles import MapTile, inside
from models.wells.objective import evaluate
from models.wells.ruin import Refinement
from models.wells.site import Site, held_within
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
        Positions on the map of wells that may move, and of others whose circles may reach in or that are to
        be kept away from, shape (n, 2), metres.
    seed
        What the window's choices follow from.
    site
        What of the site matters there.
    """

    window: MapTile
    movable: Float
    fixed: Float
    seed: tuple[int, ...]
    site: Site


def movable_in(
    window: MapTile, positions_m: Float, source: MapSource, reach_m: float
) -> NDArray[np.bool_]:
    """Return which wells of a plan a window may move: those whose circles lie wholly inside it."""
    safe = window.safe_m(reach_m + ROUNDING_M, source.cell_m, source.shape)
    return inside(positions_m, *safe)


def window_job(
    window: MapTile,
    positions_m: Float,
    movable: NDArray[np.bool_],
    source: MapSource,
    reach_m: float,
    site: Site,
    seed: tuple[int, ...],
) -> WindowJob:
    """Return the job of a window that may move some wells of the plan (`movable_in`)."""
    low, high = window.corners_m(source.cell_m)
    matters_m = max(reach_m, site.ground.spacing_m)
    fixed = inside(positions_m, low - matters_m, high + matters_m) & ~movable
    here = site.near(low, high)
    return WindowJob(window, positions_m[movable], positions_m[fixed], seed, here)


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
    site = job.site.on(low, high)
    value_map = part_of(source, job.window)
    value_map = replace(value_map, existing=site.with_wells(wells.at(job.fixed - low)))
    safe = job.window.safe_m(wells.reach_m + ROUNDING_M, source.cell_m, source.shape)
    site = replace(site, ground=held_within(site.ground, safe[0] - low, safe[1] - low))
    site = site.away_from(job.fixed - low)
    drainage = wells.of(len(job.movable))
    search = Refinement(
        value_map,
        drainage,
        site.ground,
        job.movable - low,
        allowed=site.ground.clear_cells(value_map, 0.0),
        seed=list(job.seed),
    )
    for _ in range(int(np.clip(steps * len(job.movable), FEWEST_STEPS, MOST_STEPS))):
        search.step()
    search.polish()
    found = written(search.positions_m, job.movable, low, site.ground)
    before = evaluate(value_map, job.movable - low, drainage).value
    gain = evaluate(value_map, found - low, drainage).value - before
    if gain <= 0:
        found, gain = job.movable, 0.0
    return {"positions_m": found.tolist(), "gain": gain}


def written(positions_m: Float, before_m: Float, low: Float, ground: Ground) -> Float:
    """Return positions of a window as they are written, on the map: rounded to where it is allowed.

    Parameters
    ----------
    positions_m
        In the window, shape (n, 2), metres.
    before_m
        On the map, where a well stays that no rounded place near it is allowed for.
    low
        The window's lower corner.
    ground
        Of the window.
    """
    scaled = (positions_m + low) * 10**DECIMALS
    found, open_ones = np.array(before_m), np.ones(len(before_m), bool)
    down, up = np.floor(scaled), np.ceil(scaled)
    mixed = (np.column_stack([down[:, 0], up[:, 1]]), np.column_stack([up[:, 0], down[:, 1]]))
    for corner in (np.round(scaled), down, up, *mixed):
        place = np.round(corner / 10**DECIMALS, DECIMALS)
        here = open_ones & ground.allows(place - low)
        found[here], open_ones = place[here], open_ones & ~here
    return found
