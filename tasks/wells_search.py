"""A search that somebody watches: value and bound are told as they come, and it can be stopped."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasks.refine import Tell, refine
from tasks.search import WellPlan, run_start
from tasks.wells_page import Asked, state

Float = NDArray[np.float64]

STARTS = 3
"""Greedy plans that the search chooses among, before it refines one."""

OVER_S = 1e9
"""What the clock of a search that was stopped is put forward by: its time is over then."""


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """What a search found.

    Attributes
    ----------
    positions_m
        Centres x, y on the map, shape (wells, 2), metres.
    value, bound
        What the plan collects, and what no plan of the same wells exceeds.
    prices
        The shadow prices that prove it, the shape of the map.
    course
        Seconds, value and bound as they came; the bound is infinite as long as there was none.
    """

    positions_m: Float
    value: float
    bound: float
    prices: NDArray[np.float32]
    course: tuple[tuple[float, float, float], ...]


def search_plan(asked: Asked, seconds: float, going: Path, *, progress: Tell) -> Searched:
    """Search for a plan.

    Parameters
    ----------
    asked
        What is asked.
    seconds
        Time to refine it.
    going
        A file: once it is gone the search ends with what it has, a bound included.
    progress
        Told value and bound; the bound is infinite as long as there is none.

    Raises
    ------
    InputError, ParameterError
        What is wrong and how to mend it.
    """
    stated, began = state(asked), time.monotonic()
    course: list[tuple[float, float, float]] = []

    def tell(value: float, bound: float) -> None:
        course.append((time.monotonic() - began, value, bound))
        progress(value, bound)

    over = 0.0

    def clock() -> float:
        nonlocal over
        if not going.exists():
            # Farther with every look: what was measured while it began to run ahead is caught up with.
            over = max(OVER_S, 2 * over)
        return time.monotonic() + over

    with stated.readable() as problem:
        best: WellPlan | None = None
        for start in range(STARTS):
            found = run_start(start, problem=problem)
            value = float(found["value"])
            if best is None or value > best.value:
                positions = np.array(found["positions_m"], dtype=np.float64).reshape(-1, 2)
                best = WellPlan(positions, value, start, (value,))
            tell(best.value, np.inf)
            if not going.exists():
                break
        assert best is not None
        refined = refine(problem, best, seconds=seconds, tell=tell, clock=clock)
    return Searched(
        refined.positions_m, refined.value, refined.bound, refined.prices, tuple(course)
    )
