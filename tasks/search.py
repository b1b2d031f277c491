"""The search for a well plan: seeded starts fan out and are merged by value, never by arrival."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from models.wells.constraints import Ground
from models.wells.greedy import greedy, preference_field
from models.wells.objective import Drainage, ValueMap, evaluate
from models.wells.polish import polish
from storage.ledger import Identity, open_ledger
from tasks.fan_out import Progress, Result, run_jobs
from tasks.maps import Assignment, reservoir_map

Float = NDArray[np.float64]

DECIMALS = 3
"""Positions are rounded to millimetres: the plan that is valued is the plan that is written."""

ROUNDING_M = 0.005
"""More distance than asked for during the search, so that no rounding falls below it."""

AMPLITUDES = (0.01, 0.02, 0.04, 0.08)
"""How far the starts after the first stray from the greedy choice, in turn."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a start needs to know; small enough to travel with it.

    Parameters
    ----------
    map_path, map_sha256
        The map, which workers read themselves.
    drainage
        Radii, periods, growth.
    keep_out_m, distance_m
        Points on the map to keep away from, shape (n, 2), and how far, metres.
    allowed
        Cells that a well may stand in, one bit each; None: all.
    seed
        Of the starts after the first.
    """

    map_path: Path
    map_sha256: str
    drainage: Drainage
    keep_out_m: Float
    distance_m: float
    allowed: NDArray[np.uint8] | None
    seed: int


@dataclass(frozen=True, slots=True)
class WellPlan:
    """The best plan of a search.

    Attributes
    ----------
    positions_m
        Centres x, y on the map, shape (wells, 2), metres.
    value
        The objective.
    start
        Number of the start that found it.
    values
        The objective of every start.
    """

    positions_m: Float
    value: float
    start: int
    values: tuple[float, ...]


def pose(assignment: Assignment, *, keep_out_m: Float, distance_m: float, seed: int) -> Problem:
    """Return the problem of placing wells away from points on the map.

    Parameters
    ----------
    assignment
        The map and the wells.
    keep_out_m, distance_m
        Points on the map, shape (n, 2), and the distance that every well keeps from them, metres.
    seed
        Of the starts after the first.

    Raises
    ------
    ParameterError
        If no cell is far enough from all points.
    """
    value_map = assignment.reservoir.value_map
    allowed = None
    if len(keep_out_m):
        ground = _ground(value_map, keep_out_m, distance_m)
        keep_out_m = ground.keep_out_m
        allowed = np.packbits(ground.allowed_cells(value_map))
    return Problem(
        map_path=assignment.path.absolute(),
        map_sha256=assignment.reservoir.sha256,
        drainage=assignment.drainage,
        keep_out_m=keep_out_m,
        distance_m=distance_m,
        allowed=allowed,
        seed=seed,
    )


def search(
    problem: Problem,
    *,
    starts: int,
    output: Path,
    identity: Identity,
    client: Client | None = None,
    progress: Progress | None = None,
) -> WellPlan:
    """Run all starts and return the best plan, the earliest start's of equals.

    Parameters
    ----------
    problem
        What is asked.
    starts
        Number of starts. The first is greedy and polish; the others stray at random before the polish.
    output, identity
        The table that will be written, and what decides it: the ledger of the starts lies beside it.
    client
        Where to run; None: threads of this process.
    progress
        Told of every finished start.
    """
    jobs = {f"start {number}": number for number in range(starts)}
    with open_ledger(output, identity) as ledger:
        results = run_jobs(
            partial(run_start, problem=problem),
            jobs,
            what="wells",
            client=client,
            ledger=ledger,
            progress=progress,
        )
        ledger.close_complete()
    return _best([results[name] for name in jobs])


def run_start(start: int, *, problem: Problem) -> Result:
    """Return the plan of one start; it depends on the problem and the start's number alone."""
    value_map, ground, allowed = posed_on(problem)
    shape = value_map.values.shape
    preference = None
    if start > 0:
        rng = np.random.default_rng([problem.seed, start])
        cell = min(value_map.cell_width_m, value_map.cell_height_m)
        # Squares of half a radius: a smaller pattern averages out within a circle.
        block = max(1, min(round(float(problem.drainage.radii_m.mean()) / cell / 2), max(shape)))
        amplitude = AMPLITUDES[start % len(AMPLITUDES)]
        preference = preference_field((shape[0], shape[1]), block, amplitude, rng)
    begun = greedy(value_map, problem.drainage, allowed=allowed, preference=preference)
    positions = polish(value_map, begun, problem.drainage, ground)
    positions = rounded(positions, value_map)
    value = evaluate(value_map, positions, problem.drainage).value
    return {"value": value, "positions_m": positions.tolist()}


def posed_on(problem: Problem) -> tuple[ValueMap, Ground, NDArray[np.bool_] | None]:
    """Return the map of a problem, where wells may stand, and in which of its cells (None: all)."""
    value_map = reservoir_map(problem.map_path, sha256=problem.map_sha256).value_map
    allowed = None
    if problem.allowed is not None:
        bits = np.unpackbits(problem.allowed, count=value_map.values.size)
        allowed = bits.reshape(value_map.values.shape).astype(bool)
    return value_map, _ground(value_map, problem.keep_out_m, problem.distance_m), allowed


def rounded(positions_m: Float, value_map: ValueMap) -> Float:
    """Return the positions as they are written: rounded, downwards at the far edges of the map."""
    corner = np.array([value_map.width_m, value_map.height_m])
    edge = np.floor(corner * 10**DECIMALS) / 10**DECIMALS
    return np.asarray(np.minimum(np.round(positions_m, DECIMALS), edge))


def _ground(value_map: ValueMap, keep_out_m: Float, distance_m: float) -> Ground:
    margin = ROUNDING_M if len(keep_out_m) else 0.0
    return Ground(value_map.width_m, value_map.height_m, keep_out_m, distance_m + margin)


def _best(results: list[Result]) -> WellPlan:
    """Return the plan with the highest value, the first of equals."""
    values = tuple(float(result["value"]) for result in results)
    start = max(range(len(values)), key=lambda number: (values[number], -number))
    positions = np.array(results[start]["positions_m"], dtype=np.float64).reshape(-1, 2)
    return WellPlan(positions, values[start], start, values)
