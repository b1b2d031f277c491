"""Laws of periods that count differently, wells that begin later, and wells that are there already."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from models.errors import ParameterError
from models.wells.bound.ceiling import upper_bound
from models.wells.bound.prices import PriceSearch
from models.wells.constraints import Ground
from models.wells.disc import cell_disc_area
from models.wells.drainage import Drainage, Existing
from models.wells.greedy import greedy
from models.wells.objective import ValueMap, evaluate, gross, marginal, shares
from models.wells.polish import polish
from tests.models.test_wells_bound import best_prices, rough_map, whole

PERIODS = 3


def any_drainage(rng: np.random.Generator, wells: int, weights: np.ndarray) -> Drainage:
    return Drainage(
        rng.random(wells) * 300 + 60,
        PERIODS,
        rng.random(wells) * 40,
        rng.integers(0, PERIODS, wells),
        weights,
    )


def by_hand(value_map: ValueMap, positions: np.ndarray, drainage: Drainage) -> float:
    """Sum the value of plain unions of one period each."""
    total = 0.0
    for period, weight in enumerate(drainage.weight_of):
        age = period - drainage.start_of
        begun = age >= 0
        if begun.any():
            radii = drainage.radii_m + age * drainage.growth_of
            part = evaluate(value_map, positions[begun], Drainage(radii[begun]))
            total += weight * part.value
    return total


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), wells=st.integers(1, 5), old=st.integers(1, 4))
def test_existing_wells_keep_what_is_theirs(seed: int, wells: int, old: int) -> None:
    rng = np.random.default_rng(seed)
    plain = rough_map(14, 18, seed, (100.0, 80.0))
    weights = rng.random(PERIODS) + 0.1
    new, there = any_drainage(rng, wells, weights), any_drainage(rng, old, weights)
    at, old_at = (rng.random((n, 2)) * [1900, 1200] - 50 for n in (wells, old))
    if seed % 3 == 0:
        at[0] = old_at[0]
    value_map = ValueMap(plain.values, 100.0, 80.0, Existing(old_at, there))
    both = Drainage(
        np.append(new.radii_m, there.radii_m),
        PERIODS,
        np.append(new.growth_of, there.growth_of),
        np.append(new.start_of, there.start_of),
        weights,
    )
    together = by_hand(plain, np.concatenate([at, old_at]), both)
    expected = together - by_hand(plain, old_at, there)
    slack = 1e-9 * plain.values.sum() * 8e3 * PERIODS
    found = evaluate(value_map, at, new)
    assert found.value == pytest.approx(expected, abs=slack)
    assert shares(value_map, at, new).sum() == pytest.approx(expected, abs=slack)
    alone, lost = gross(value_map, at, new), marginal(value_map, at, new)
    for well in range(wells):
        one, rest = np.array([well]), np.delete(np.arange(wells), well)
        single = evaluate(value_map, at[one], new.some(one)).value
        assert alone[well] == pytest.approx(single, abs=slack)
        without = evaluate(value_map, at[rest], new.some(rest)).value if rest.size else 0.0
        assert lost[well] == pytest.approx(expected - without, abs=slack)
    step = 1e-4
    moved = at + np.array([[step, 0.0]] + [[0.0, 0.0]] * (wells - 1))
    back = 2 * at - moved
    slope = (evaluate(value_map, moved, new).value - evaluate(value_map, back, new).value) / (
        2 * step
    )
    assert found.by_position[0, 0] == pytest.approx(slope, rel=1e-3, abs=slack * 10)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_bound_holds_with_existing_wells_and_drilling_dates(seed: int) -> None:
    """All pairs of a lattice are tried: no plan of two wells collects more."""
    rng = np.random.default_rng(seed)
    weights = rng.random(PERIODS) + 0.1
    there = any_drainage(rng, 2, weights)
    old_at = rng.random((2, 2)) * [900, 700]
    plain = rough_map(9, 11, seed, (80.0, 80.0))
    value_map = ValueMap(plain.values, 80.0, 80.0, Existing(old_at, there))
    new = Drainage(np.full(2, 170.0), PERIODS, 20.0, [0, seed % PERIODS], weights)
    x, y = np.linspace(0, value_map.width_m, 7), np.linspace(0, value_map.height_m, 6)
    spots = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    most = max(
        evaluate(value_map, np.array(pair), new).value
        for pair in combinations_with_replacement(spots, 2)
    )
    search = PriceSearch(value_map, new)
    search.run(60)
    for prices in (
        best_prices(search),
        value_map.values * 0.5,
        rng.random((9, 11)) * plain.values,
    ):
        assert most <= upper_bound(value_map, new, prices, whole(value_map), most_boxes=2000)


def test_prices_beside_existing_wells_reach_the_optimum_of_the_linear_programme() -> None:
    """HiGHS solves the dual with the existing wells held in place."""
    plain = rough_map(12, 12, 5, (100.0, 100.0))
    there = Existing(np.array([[420.0, 510.0], [700.0, 700.0]]), Drainage(np.full(2, 260.0)))
    value_map = ValueMap(plain.values, 100.0, 100.0, there)
    new = Drainage(np.full(3, 240.0))
    x = (np.arange(12) + 0.5) * 100.0
    centres = np.stack(np.meshgrid(x, x), axis=-1).reshape(-1, 2)
    left = (np.arange(12) * 100.0)[None, None, :] - centres[:, 0, None, None]
    bottom = (np.arange(12) * 100.0)[None, :, None] - centres[:, 1, None, None]
    area = cell_disc_area(left, left + 100, bottom, bottom + 100, 240.0).reshape(144, 144) / 1e4
    q, covered = plain.values.ravel(), value_map.covered().ravel()
    # Least of sum(q - p) + covered p + 3 t over 0 <= p <= q with area @ p <= t.
    dual = linprog(
        np.append(covered - 1, 3.0),
        A_ub=np.column_stack([area, -np.ones(144)]),
        b_ub=np.zeros(144),
        bounds=[*((0, value) for value in q), (0, None)],
    )
    least = q.sum() + dual.fun
    search = PriceSearch(value_map, new)
    search.run(2000)
    assert least * (1 - 1e-5) <= search.highest(best_prices(search)) <= least * 1.005
    plan = polish(value_map, greedy(value_map, new), new, whole(value_map))
    on_centres = (np.floor(plan / 100.0) + 0.5) * 100.0
    value = evaluate(value_map, on_centres, new).value
    bound = upper_bound(value_map, new, best_prices(search), whole(value_map))
    assert value <= least * 1e4 - value_map.taken <= bound * (1 + 1e-3)
    assert bound <= value * 1.1


def test_a_map_that_existing_wells_have_drained_is_worth_nothing_more() -> None:
    plain = rough_map(10, 10, 1, (50.0, 50.0))
    everything = Existing(np.array([[250.0, 250.0]]), Drainage(np.array([400.0])))
    value_map = ValueMap(plain.values, 50.0, 50.0, everything)
    new = Drainage(np.array([90.0, 120.0]))
    assert evaluate(value_map, np.full((2, 2), 250.0), new).value == pytest.approx(0, abs=1e-3)
    assert value_map.left().max() == 0.0
    search = PriceSearch(value_map, new)
    search.run(300)
    bound = upper_bound(value_map, new, best_prices(search), Ground(500.0, 500.0))
    assert 0 <= bound <= 0.01 * value_map.taken


def test_classes_hold_wells_that_may_change_places() -> None:
    drainage = Drainage(np.array([5.0, 7.0, 5.0, 5.0]), 2, 1.0, [0, 0, 0, 1])
    assert drainage.class_of[0] == drainage.class_of[2]
    assert len(set(drainage.class_of)) == 3
    assert drainage.counts.sum() == 4
    np.testing.assert_array_equal(drainage.table_m, [[5, 6], [7, 8], [5, 6], [0, 5]])
    np.testing.assert_array_equal(drainage.of_class(drainage.class_of[3], 2).table_m, [[0, 5]] * 2)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"starts": 2}, "0 to 1"),
        ({"starts": 0.5}, "start"),
        ({"starts": [0, 1, 0]}, "3 numbers"),
        ({"weights": [1.0, 0.0]}, "weight"),
        ({"weights": [1.0, 2.0, 3.0]}, "3 numbers"),
        ({"growth_m": [1.0, -1.0]}, "growth"),
    ],
)
def test_what_no_drainage_can_be_is_told(given: dict[str, object], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        Drainage(np.ones(2), 2, **given)  # type: ignore[arg-type]


def test_existing_wells_of_other_periods_are_refused() -> None:
    existing = Existing(np.zeros((1, 2)), Drainage(np.ones(1), 2))
    value_map = ValueMap(np.ones((2, 2)), 1.0, 1.0, existing)
    with pytest.raises(ParameterError, match="existing wells"):
        evaluate(value_map, np.zeros((1, 2)), Drainage(np.ones(1), 3))
