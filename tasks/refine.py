"""The refinement of a well plan from below and from above, until its gap or the time is what was asked.

One process alternates between steps of ruin and recreate, which raise the value, and iterations on the
shadow prices, which lower the bound. Without a time the work is counted, so that the same seed gives
the same wells on any machine.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.wells.bound.ceiling import upper_bound
from models.wells.bound.prices import PriceSearch
from models.wells.objective import evaluate
from models.wells.ruin import Refinement
from tasks.search import Problem, WellPlan, posed_on, rounded

Float = NDArray[np.float64]
Tell = Callable[[float, float], None]
"""Told of value and bound whenever the bound has been worked out anew."""

STEPS = 100
"""Steps of ruin and recreate where no time is given."""

CELL_ITERATIONS, FEWEST, MOST = 4e7, 30, 400
"""Iterations on the prices where no time is given: so many over the cells, within limits."""

BATCH = 10
"""Iterations on the prices between two looks at the clock, on a map of less than a million cells."""

PRICES_PART = 0.6
"""Part of the time that the prices have."""

CLOSE, QUICK = 3e-4, 2e-3
"""How near to the true maximum the bound is worked out, in proportion: at leisure, in a hurry."""

DEFAULT_TIME = 60.0
"""Seconds at most where a gap is given and no time."""


@dataclass(frozen=True, slots=True)
class Refined:
    """A plan and what is proven of it.

    Attributes
    ----------
    positions_m, value
        Centres, shape (wells, 2), metres, and the objective.
    bound
        No plan of the same wells on the same ground collects more.
    prices
        The shadow prices that prove it, the shape of the map.
    steps, iterations
        Work done.
    course
        Seconds, value and bound, whenever the bound was worked out.
    """

    positions_m: Float
    value: float
    bound: float
    prices: NDArray[np.float32]
    steps: int
    iterations: int
    course: tuple[tuple[float, float, float], ...]

    @property
    def gap(self) -> float:
        """By how much the best plan may exceed this one, in proportion."""
        return gap_between(self.value, self.bound)


def gap_between(value: float, bound: float) -> float:
    """Return how far the bound lies above the value, in proportion to it; 0 where both are 0."""
    if bound <= value:
        return 0.0
    return bound / value - 1 if value > 0 else float("inf")


def refine(
    problem: Problem,
    plan: WellPlan,
    *,
    seconds: float | None = None,
    gap: float | None = None,
    tell: Tell | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Refined:
    """Return a plan of at least the same value, with a bound.

    Parameters
    ----------
    problem, plan
        What was asked, and the plan to begin with.
    seconds
        Time to take. Default: as much as a number of steps takes; with a gap `DEFAULT_TIME` at most.
    gap
        Proportion at which to stop.
    tell
        Told of every new bound.
    clock
        What time it is, seconds.
    """
    work = _Work(problem, plan, clock, tell or (lambda _value, _bound: None))
    if seconds is None and gap is None:
        work.counted()
    else:
        work.timed(DEFAULT_TIME if seconds is None else seconds, gap)
    return work.finished()


class _Work:
    """Both sides of the refinement and the best bound so far."""

    def __init__(
        self, problem: Problem, plan: WellPlan, clock: Callable[[], float], tell: Tell
    ) -> None:
        self._clock, self._tell, self._began = clock, tell, clock()
        self._map, self._ground, allowed = posed_on(problem)
        self._drainage = problem.drainage
        self._plan = plan
        seed = [problem.seed, 2**32 - 1]
        self._below = Refinement(
            self._map,
            problem.drainage,
            self._ground,
            plan.positions_m,
            allowed=allowed,
            seed=seed,
        )
        possible = allowed if allowed is not None and len(problem.keep_out_m) else None
        self._above = PriceSearch(self._map, problem.drainage, possible)
        self._bound, self._prices = np.inf, self._above.prices()[0]
        self._course: list[tuple[float, float, float]] = []

    def counted(self) -> None:
        """Do a number of steps that follows from the map."""
        iterations = int(np.clip(CELL_ITERATIONS / self._map.values.size, FEWEST, MOST))
        for _ in range(STEPS):
            self._below.step()
        self._above.run(iterations)
        self._prove(QUICK)

    def timed(self, seconds: float, gap: float | None) -> None:
        """Work until the time is over or the gap is reached, with a bound now and then."""
        # The first bound after a second, or after ten iterations where one takes long.
        length = max(1.0, self._map.values.size / 1e5)
        end, reserve = 0.0, 0.4
        while True:
            end = min(seconds, end + length)
            if seconds - end < 0.5 * length:
                end = seconds
            start = self._elapsed()
            stop = max(end - reserve * (1 if self._course else min(length, end)), start)
            self._alternate(start, stop)
            before = self._elapsed()
            self._prove(QUICK if end <= 2.0 else CLOSE)
            # From now on in seconds: a later bound takes about as long, finer ones longer.
            reserve = (self._elapsed() - before) * (1.5 if end > 2.0 else 2.5)
            reached = gap is not None and gap_between(self._below.value, self._bound) <= gap
            if reached or end >= seconds or self._elapsed() >= seconds:
                break
            length *= 2

    def finished(self) -> Refined:
        """Return the plan as it is written, the first one where rounding has left less."""
        self._below.polish()
        positions = rounded(self._below.positions_m, self._map)
        value = evaluate(self._map, positions, self._drainage).value
        if value < self._plan.value:
            positions, value = self._plan.positions_m, self._plan.value
        return Refined(
            positions_m=positions,
            value=value,
            bound=self._bound,
            prices=self._prices,
            steps=self._below.steps,
            iterations=self._above.iterations,
            course=tuple(self._course),
        )

    def _elapsed(self) -> float:
        return self._clock() - self._began

    def _alternate(self, start: float, stop: float) -> None:
        """Share the time between prices and steps; at least a few of both."""
        batch = BATCH if self._map.values.size < 10**6 else 1
        on_prices = 0.0
        while True:
            before = self._elapsed()
            self._above.run(batch)
            on_prices += self._elapsed() - before
            while self._elapsed() - start < on_prices / PRICES_PART:
                self._below.step()
            if self._elapsed() >= stop:
                return

    def _prove(self, tolerance: float) -> None:
        """Work the bound out on the most promising prices."""
        prices = min(self._above.prices(), key=self._above.highest)
        bound = upper_bound(self._map, self._drainage, prices, self._ground, tolerance=tolerance)
        if bound < self._bound:
            self._bound, self._prices = bound, prices
        self._course.append((self._elapsed(), self._below.value, self._bound))
        self._tell(self._below.value, self._bound)
