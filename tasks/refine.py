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
from models.wells.bound.classes import alike
from models.wells.bound.levels import PriceLevels
from models.wells.choice import settled
from models.wells.objective import Drainage, evaluate, marginal
from models.wells.order import reordered
from models.wells.ruin import Refinement
from tasks.search import WellPlan
from tasks.well_problem import Problem, posed_on, rounded

Float = NDArray[np.float64]
Tell = Callable[[float, float], None]
"""Told of value and bound whenever the bound has been worked out anew."""

WELL_STEPS, FEWEST_STEPS, MOST_STEPS = 50, 100, 3000
"""Steps of ruin and recreate where no time is given: so many for each well, within limits."""

CELL_ITERATIONS, FEWEST, MOST = 2e8, 30, 400
"""Iterations on the prices where no time is given: so many over the cells looked at, within limits,
after those on larger cells."""

BATCH = 10
"""Iterations on the prices between two looks at the clock, where less than a million cells count."""

CLASS_CELLS, FEWEST_CLASSES, MOST_CLASSES = 4e7, 4, 32
"""Sizes of wells that prices tell apart in a given time, where an iteration costs by them and by the cells.

Where no time is given prices tell the most of them apart: iterations are counted, and their cost is not."""

PRICES_PART = 0.65
"""Part of the time that the prices have."""

CLOSE, QUICK = 3e-4, 1e-3
"""How near to the true maximum the bound is worked out, in proportion: at leisure, in a hurry."""

DEFAULT_TIME = 60.0
"""Seconds at most where a gap is given and no time."""


@dataclass(frozen=True, slots=True)
class Refined:
    """A plan and what is proven of it.

    Attributes
    ----------
    positions_m, value
        Centres, shape (wells, 2), metres, and the objective, less what the wells cost where they have
        to pay for themselves.
    bound
        No plan of the same wells on the same ground has a larger value.
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
    counted = seconds is None and gap is None
    tell = tell or (lambda _value, _bound: None)
    work = _Work(problem, plan, clock, tell, MOST_CLASSES if counted else FEWEST_CLASSES)
    if counted:
        work.counted()
    else:
        work.timed(DEFAULT_TIME if seconds is None else seconds, gap)
    return work.finished()


class _Work:
    """Both sides of the refinement and the best bound so far."""

    def __init__(
        self,
        problem: Problem,
        plan: WellPlan,
        clock: Callable[[], float],
        tell: Tell,
        fewest: int,
    ) -> None:
        self._clock, self._tell, self._began = clock, tell, clock()
        self._map, self._ground, allowed = posed_on(problem)
        self._problem, self._plan = problem, plan
        seed = [problem.seed, 2**32 - 1]
        self._below = Refinement(
            self._map,
            problem.at(plan.positions_m),
            self._ground,
            plan.positions_m,
            allowed=allowed,
            seed=seed,
        )
        # What no plan can exceed is asked of wells that grow as much as anywhere.
        local = problem.local()
        self._most = problem.drainage if local is None else local.most(problem.drainage)
        near = None if self._ground.is_whole else self._ground.cells_near(self._map)
        classes = CLASS_CELLS / self._map.values.size
        priced = alike(self._most, int(np.clip(classes, fewest, MOST_CLASSES)))
        worst = self._worst(plan.positions_m, priced)
        self._above = PriceLevels(self._map, priced, near, problem.costs, worst)
        self._bound, self._prices = np.inf, self._above.prices()[0]
        self._course: list[tuple[float, float, float]] = []

    def counted(self) -> None:
        """Do a number of steps that follows from the map."""
        iterations = int(np.clip(CELL_ITERATIONS / self._cells, FEWEST, MOST))
        wells = len(self._below.positions_m)
        for _ in range(int(np.clip(WELL_STEPS * wells, FEWEST_STEPS, MOST_STEPS))):
            self._below.step()
        self._above.run(self._above.ahead + iterations)
        self._prove(CLOSE)

    def timed(self, seconds: float, gap: float | None) -> None:
        """Work until the time is over or the gap is reached, with a bound now and then."""
        # The first bound after a second, or after a hundred iterations where one takes long.
        length = max(1.0, self._cells / 5e4)
        end, reserve = 0.0, 0.3
        while True:
            end = min(seconds, end + length)
            if seconds - end < 0.5 * length:
                end = seconds
            start = self._elapsed()
            stop = max(end - reserve * (1 if self._course else min(length, end)), start)
            self._alternate(start, stop)
            before = self._elapsed()
            part = self._prove(QUICK if end <= 2.0 else CLOSE, until=end)
            # From now on in seconds: a later bound takes about as long, finer ones longer.
            reserve = (self._elapsed() - before) * (1.5 if end > 2.0 else 2.5)
            if part < 1:
                # All sizes of wells would take longer, and prices need their time too.
                reserve = min(reserve / part, length)
            reached = gap is not None and gap_between(self._value, self._bound) <= gap
            if reached or end >= seconds or self._elapsed() >= seconds:
                break
            length *= 2

    def finished(self) -> Refined:
        """Return the plan as it is written, the first one where rounding has left less."""
        self._below.polish()
        positions, problem = self._below.positions_m, self._problem
        if problem.costs is not None:
            positions = settled(
                self._map, positions, problem.drainage, self._ground, problem.costs
            )
        drainage, local = problem.first(len(positions)), problem.local()
        if local is None:
            positions = reordered(self._map, positions, drainage)
        else:
            positions = local.brought_up(self._map, positions, drainage, self._ground)
        positions = rounded(positions, self._map)
        value = evaluate(self._map, positions, problem.at(positions)).value
        value = problem.net(value, len(positions))
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

    def _worst(self, positions: Float, priced: Drainage) -> Float:
        """Return about what the worst well of each priced class collects, shape (classes,)."""
        most, costs = self._most, self._problem.costs
        lost = marginal(self._map, positions, most.some(np.arange(len(positions))))
        if costs is not None:
            # What does not pay for itself is not drilled.
            lost = np.append(lost, costs[len(lost) :])
            lost = np.minimum(lost, costs)
        worst = np.full(len(priced.profiles_m), np.inf)
        np.minimum.at(worst, priced.class_of, lost)
        return worst

    @property
    def _value(self) -> float:
        positions, value = self._below.positions_m, self._below.value
        if self._problem.growth_map is not None:
            value = evaluate(self._map, positions, self._problem.at(positions)).value
        return self._problem.net(value, len(positions))

    @property
    def _cells(self) -> int:
        """Number of cells whose prices are sought: what an iteration on them costs goes by it."""
        return self._above.cells

    def _elapsed(self) -> float:
        return self._clock() - self._began

    def _alternate(self, start: float, stop: float) -> None:
        """Share the time between prices and steps; at least a few of both."""
        batch = BATCH if self._cells < 10**6 else 1
        on_prices = 0.0
        while True:
            before = self._elapsed()
            self._above.run(batch)
            on_prices += self._elapsed() - before
            while self._elapsed() - start < on_prices / PRICES_PART:
                self._below.step()
            if self._elapsed() >= stop:
                return

    def _prove(self, tolerance: float, until: float = np.inf) -> float:
        """Work the bound out on the most promising prices; return the part of the sizes looked at in time."""
        prices = min(self._above.prices(), key=self._above.highest)
        problem, looked_at = self._problem, 1

        def more() -> bool:
            nonlocal looked_at
            in_time = self._elapsed() < until
            looked_at += in_time
            return in_time

        bound = upper_bound(
            self._map,
            self._most,
            prices,
            # As asked, without the margin that the search keeps for rounding.
            problem.ground,
            costs=problem.costs,
            tolerance=tolerance,
            more=more,
        )
        if bound < self._bound:
            self._bound, self._prices = bound, prices
        self._course.append((self._elapsed(), self._value, self._bound))
        self._tell(self._value, self._bound)
        return looked_at / len(self._most.profiles_m)
