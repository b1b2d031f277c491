"""The refinement keeps to its time, however many sizes wells have."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from models.wells.bound.ceiling import _Ceiling, upper_bound
from models.wells.bound.prices import PriceSearch
from models.wells.constraints import Ground
from models.wells.objective import Drainage, evaluate
from models.wells.ruin import Refinement
from tasks.maps import Assignment, reservoir_map
from tasks.refine import refine
from tasks.search import WellPlan
from tasks.well_problem import Problem, begun_on, pose, posed_on
from tests.tasks.test_well_search import write_map


class Clock:
    """Stands still but for work, which takes as long as it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def of_many_sizes(path: Path, sizes: int) -> Problem:
    drainage = Drainage(np.linspace(250.0, 420.0, sizes), 2, 5.0)
    assignment = Assignment(path, reservoir_map(path), drainage, None)
    return pose(assignment, Ground(4000.0, 4000.0), seed=3)


@pytest.mark.parametrize("seconds", [5.0, 60.0])
@pytest.mark.parametrize("sizes", [1, 40])
def test_the_time_is_kept_to_one_size_of_wells(
    sizes: int, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, looked_at = Clock(), []
    run, iterate, step = _Ceiling.run, PriceSearch.run, Refinement.step

    def ceiling(self: _Ceiling, *given: float) -> float:
        clock.now += 3.0
        looked_at.append(clock.now)
        return run(self, *given)  # type: ignore[arg-type]

    def prices(self: PriceSearch, iterations: int) -> None:
        clock.now += 0.02 * iterations * len(self._counts)
        iterate(self, 1)

    def wells(self: Refinement) -> bool:
        clock.now += 0.5
        return step(self)

    monkeypatch.setattr("tasks.refine.CLASS_CELLS", 5 * 40**2)
    monkeypatch.setattr(_Ceiling, "run", ceiling)
    monkeypatch.setattr(PriceSearch, "run", prices)
    monkeypatch.setattr(Refinement, "step", wells)
    problem = of_many_sizes(write_map(tmp_path / "map.txt"), sizes)
    posed = posed_on(problem)
    begun = begun_on(problem, posed)
    value = evaluate(posed[0], begun, problem.drainage).value
    plan = WellPlan(begun, value, 0, (value,))
    found = refine(problem, plan, seconds=seconds, clock=clock)
    # Iterations on the prices of five sizes take a second, a step a half, and a bound of one size three.
    assert clock.now <= seconds + 3.0 + 1.0 + 0.5
    assert plan.value <= found.value <= found.bound < np.inf
    assert looked_at


@pytest.mark.parametrize(("seconds", "told_apart"), [(None, 32), (5.0, 4)])
def test_prices_of_a_large_map_tell_few_sizes_apart_in_a_given_time_alone(
    seconds: float | None, told_apart: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where work is counted no clock hurries it."""
    clock, sizes, run = Clock(), set(), PriceSearch.run

    def prices(self: PriceSearch, iterations: int) -> None:
        clock.now += 1.0
        sizes.add(len(self._counts))
        run(self, min(iterations, 1))

    def wells(_self: Refinement) -> bool:
        clock.now += 1.0
        return False

    # As if the map had so many cells.
    monkeypatch.setattr("tasks.refine.CLASS_CELLS", 1.0)
    monkeypatch.setattr(PriceSearch, "run", prices)
    monkeypatch.setattr(Refinement, "step", wells)
    monkeypatch.setattr("tasks.refine.upper_bound", partial(upper_bound, most_boxes=0))
    problem = of_many_sizes(write_map(tmp_path / "map.txt"), 40)
    posed = posed_on(problem)
    begun = begun_on(problem, posed)
    value = evaluate(posed[0], begun, problem.drainage).value
    found = refine(problem, WellPlan(begun, value, 0, (value,)), seconds=seconds, clock=clock)
    assert sizes == {told_apart}
    assert value <= found.value <= found.bound < np.inf
