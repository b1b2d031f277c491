"""The search for a well plan: seeded starts fan out and are merged by value, never by arrival."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from models.wells.choice import net_of, settled
from models.wells.greedy import preference_field
from models.wells.objective import ValueMap, evaluate
from models.wells.polish import polish
from storage.ledger import Identity, open_ledger
from tasks.fan_out import Progress, Result, run_jobs
from tasks.free_memory import free_bytes
from tasks.well_problem import Problem, begun_on, posed_on, rounded

Float = NDArray[np.float64]

AMPLITUDES = (0.01, 0.02, 0.04, 0.08)
"""How far the starts after the first stray from the greedy choice, in turn."""

MAPS_PER_START = 16
"""What a start takes at its peak, in maps of float64 beside the one that all share: gains, scores, and
transforms for the widest circles."""


@dataclass(frozen=True, slots=True)
class WellPlan:
    """The best plan of a search.

    Attributes
    ----------
    positions_m
        Centres x, y on the map, shape (wells, 2), metres.
    value
        The objective, less what the wells cost where they have to pay for themselves.
    start
        Number of the start that found it.
    values
        That of every start.
    plans
        Centres of every start, shape (wells, 2) each, metres.
    """

    positions_m: Float
    value: float
    start: int
    values: tuple[float, ...]
    plans: tuple[Float, ...] = ()


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
        Where to run; None: threads of this process, as many as its memory bears.
    progress
        Told of every finished start.
    """
    jobs = {f"start {number}": number for number in range(starts)}
    threads = None if client else threads_for(posed_on(problem)[0].values.nbytes, free_bytes())
    with open_ledger(output, identity) as ledger:
        results = run_jobs(
            partial(run_start, problem=problem),
            jobs,
            what="wells",
            client=client,
            ledger=ledger,
            progress=progress,
            threads=threads,
        )
        ledger.close_complete()
    return _best([results[name] for name in jobs])


def threads_for(map_bytes: int, free: int) -> int:
    """Return how many starts may run side by side: one on each processor, as far as memory goes.

    Parameters
    ----------
    map_bytes
        Size of the map.
    free
        Bytes that this process may take beside what it has.
    """
    return max(1, min(os.cpu_count() or 1, free // (MAPS_PER_START * map_bytes)))


def run_start(start: int, *, problem: Problem) -> Result:
    """Return the plan of one start; it depends on the problem and the start's number alone."""
    posed = posed_on(problem)
    value_map, ground, _ = posed
    shape = value_map.values.shape
    preference = None
    if start > 0:
        rng = np.random.default_rng([problem.seed, start])
        cell = min(value_map.cell_width_m, value_map.cell_height_m)
        # Squares of half a radius: a smaller pattern averages out within a circle.
        block = max(1, min(round(float(problem.drainage.radii_m.mean()) / cell / 2), max(shape)))
        amplitude = AMPLITUDES[start % len(AMPLITUDES)]
        preference = preference_field((shape[0], shape[1]), block, amplitude, rng)
    begun = begun_on(problem, posed, preference)
    if problem.costs is not None:
        begun = _paying(problem, value_map, begun, problem.costs)
    positions = polish(value_map, begun, problem.first(len(begun)), ground)
    if problem.costs is not None:
        positions = settled(value_map, positions, problem.drainage, ground, problem.costs)
    local = problem.local()
    if local is not None:
        positions = local.brought_up(value_map, positions, problem.first(len(positions)), ground)
    positions = rounded(positions, value_map)
    value = evaluate(value_map, positions, problem.at(positions)).value
    return {"value": problem.net(value, len(positions)), "positions_m": positions.tolist()}


def _paying(problem: Problem, value_map: ValueMap, placed: Float, costs: Float) -> Float:
    """Return the first wells of a greedy plan, as many as leave most."""
    counts = range(1, len(placed) + 1)
    left = [
        net_of(evaluate(value_map, placed[:count], problem.first(count)).value, count, costs)
        for count in counts
    ]
    return placed[: 1 + int(np.argmax(left))]


def _best(results: list[Result]) -> WellPlan:
    """Return the plan with the highest value, the first of equals."""
    values = tuple(float(result["value"]) for result in results)
    start = max(range(len(values)), key=lambda number: (values[number], -number))
    plans = tuple(
        np.array(result["positions_m"], dtype=np.float64).reshape(-1, 2) for result in results
    )
    return WellPlan(plans[start], values[start], start, values, plans)
