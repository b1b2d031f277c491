"""Bounds of wells of many sizes: less time makes them less sharp, and as valid."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.wells.bound.ceiling import upper_bound
from models.wells.bound.classes import alike, most_of_classes
from models.wells.bound.prices import PriceSearch
from models.wells.constraints import Ground
from models.wells.greedy import greedy
from models.wells.objective import Drainage, Existing, ValueMap, evaluate
from tests.models.test_wells_bound import best_prices, rough_map, whole

RADII = np.linspace(150.0, 420.0, 24)


class Patience:
    """Has time for so many classes."""

    def __init__(self, classes: int) -> None:
        self.left = classes

    def __call__(self) -> bool:
        self.left -= 1
        return self.left >= 0


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    patience=st.integers(0, 6),
    kind=st.sampled_from(["plain", "rigs", "costs", "existing", "weights", "all of it"]),
    least=st.sampled_from([60.0, 1500.0]),
    spread=st.sampled_from([1.0, 300.0, 440.0]),
    low=st.floats(0, 1),
)
@example(43, 0, "plain", 60.0, 300.0, 0.2)
def test_no_plan_collects_more_than_the_bound_of_a_hurry(
    seed: int, patience: int, kind: str, least: float, spread: float, low: float
) -> None:
    """Wells that begin later, grow by themselves, cost something, and share the map with older ones."""
    has = {kind} if kind != "all of it" else {"rigs", "costs", "existing", "weights"}
    value_map, rng = rough_map(17, 23, seed, (100.0, 70.0)), np.random.default_rng(seed)
    starts = rng.integers(0, 3, 6) if "rigs" in has else 0
    weights = np.array([1.0, 0.8, 0.5]) if "weights" in has else 1.0
    growth = rng.uniform(0, 90 if spread > 300 else 1, 6)
    drainage = Drainage(least + rng.uniform(0, spread, 6), 3, growth, starts, weights)
    size = np.array([value_map.width_m, value_map.height_m])
    if "existing" in has:
        old = Existing(rng.random((2, 2)) * size, Drainage(np.full(2, 250.0), 3, 5.0, 0, weights))
        value_map = ValueMap(value_map.values, 100.0, 70.0, old)
    costs = rng.uniform(0, 1.5, 6) * np.pi * 150.0**2 * 6 if "costs" in has else None
    prices = value_map.values * (low + (1 - low) * rng.random(value_map.values.shape))
    plans = [greedy(value_map, drainage), *(rng.random((9, 6, 2)) * size)]
    # Where wells cost something a plan may drill any of them.
    drilled = [np.arange(6)] if costs is None else [np.arange(6)[:n] for n in range(1, 7)]
    most = max(
        evaluate(value_map, plan[wells], drainage.some(wells)).value
        - (0.0 if costs is None else costs[wells].sum())
        for plan in plans
        for wells in drilled
    )

    def bound(classes: int) -> float:
        return upper_bound(
            value_map,
            drainage,
            prices,
            whole(value_map),
            costs=costs,
            most_boxes=0,
            more=Patience(classes),
        )

    assert most <= bound(patience)
    # Sizes that are looked at as well make it no larger, however coarse the look.
    bounds = [bound(classes) for classes in range(len(drainage.profiles_m))]
    assert (np.diff(bounds) <= 0).all()


@pytest.mark.parametrize("patience", [0, 2, 9])
@pytest.mark.parametrize("pay", [True, False])
def test_on_even_ground_wells_apart_are_the_bound_however_few_sizes_are_looked_at(
    patience: int, pay: bool
) -> None:
    """Beside an existing well, with periods that count less and less; some cost more than they collect."""
    weights, places = np.array([1.0, 0.8, 0.5]), np.array([700.0, 2000.0, 3300.0])
    old = Existing(places[None, :2], Drainage(np.array([400.0]), 3, 9.0, 0, weights))
    value_map = ValueMap(np.full((40, 40), 2.0), 100.0, 100.0, old)
    drainage = Drainage(np.linspace(100.0, 450.0, 5), 3, 7.0, [0, 1, 0, 2, 1], weights)
    plan = np.column_stack([places[[0, 1, 2, 0, 2]], places[[0, 0, 0, 2, 2]]])
    each = 2.0 * np.pi * drainage.table_m**2 @ weights
    costs = each * [0.3, 1.4, 0.9, 2.0, 0.5]
    drilled = np.array([0, 2, 4]) if pay else np.arange(5)
    value = evaluate(value_map, plan[drilled], drainage.some(drilled)).value
    value -= costs[drilled].sum() if pay else 0.0
    bound = upper_bound(
        value_map,
        drainage,
        value_map.values,
        whole(value_map),
        costs=costs if pay else None,
        most_boxes=0,
        more=Patience(patience),
    )
    assert value <= bound <= value * (1 + 1e-6)


def test_each_size_that_is_looked_at_makes_the_bound_no_worse() -> None:
    value_map, drainage = rough_map(30, 30, 3, (100.0, 100.0)), Drainage(RADII)
    prices = value_map.values * 0.4
    bounds = [
        upper_bound(value_map, drainage, prices, whole(value_map), more=Patience(each))
        for each in (0, 1, 3, 7, 30)
    ]
    assert (np.diff(bounds) < 0).all()
    assert bounds[-1] == upper_bound(value_map, drainage, prices, whole(value_map))


def test_classes_are_asked_for_until_there_is_no_more_time() -> None:
    value_map, drainage, asked = rough_map(9, 9, 1, (100.0, 100.0)), Drainage(RADII), []

    def highest(number: int) -> float:
        asked.append(float(drainage.profiles_m[number, 0]))
        return asked[-1]

    most = most_of_classes(value_map, drainage, highest, Patience(3))
    # The largest, the middle, and the middles between: what is left has a near one above it.
    assert len(asked) == 4
    assert asked[0] == RADII[-1]
    assert (most >= drainage.profiles_m[:, 0]).all()
    assert most.max() == RADII[-1]
    asked.clear()
    most_of_classes(value_map, drainage, highest)
    assert sorted(asked) == sorted(RADII)


@pytest.mark.parametrize("most", [1, 4, 11, 24, 50])
def test_wells_made_alike_keep_their_number_and_about_their_size(most: int) -> None:
    drainage = Drainage(RADII[np.random.default_rng(0).permutation(24)], 2, 7.0)
    found = alike(drainage, most)
    assert found.radii_m.size == 24
    assert len(found.profiles_m) == min(most, 24)
    step = (RADII[-1] - RADII[0]) / min(most, 24)
    assert np.abs(found.radii_m - drainage.radii_m).max() <= step + 12
    np.testing.assert_array_equal(found.table_m.shape, drainage.table_m.shape)


@pytest.mark.parametrize("most", [3, 4, 8, 23])
@pytest.mark.parametrize("radii", ["of all sizes", "of two sizes"])
def test_wells_of_rigs_made_alike_begin_when_they_did(most: int, radii: str) -> None:
    """Three rigs: early wells of a small radius drain about what late ones of a large radius do."""
    starts = np.array([0] * 4 + [3] * 12 + [6] * 8)
    sizes = RADII if radii == "of all sizes" else np.tile([200.0, 400.0], 12)
    drainage = Drainage(sizes[np.random.default_rng(1).permutation(24)], 8, 7.0, starts)
    found = alike(drainage, most)
    np.testing.assert_array_equal(found.start_of, starts)
    assert len(found.profiles_m) == min(most, len(drainage.profiles_m))
    if radii == "of two sizes" and most >= 6:
        np.testing.assert_array_equal(found.table_m, drainage.table_m)
    # With more dates than classes those next to each other go together.
    few = alike(Drainage(np.full(8, 200.0), 8, 7.0, np.arange(8)), most)
    assert np.abs(few.start_of - np.arange(8)).max() <= -(-8 // most) // 2


def test_prices_of_a_few_sizes_serve_for_many() -> None:
    value_map, drainage = rough_map(60, 60, 3, (100.0, 100.0)), Drainage(RADII)
    free, bounds = whole(value_map), []
    for most in (24, 4):
        search = PriceSearch(value_map, alike(drainage, most))
        search.run(150)
        bounds.append(upper_bound(value_map, drainage, best_prices(search), free))
    assert bounds[1] <= bounds[0] * 1.02


def test_discs_that_lie_in_none_looked_at_have_the_richest_ground() -> None:
    """The one class looked at begins later, and so holds none of the other."""
    values = np.full((20, 20), 2.0)
    value_map = ValueMap(values, 50.0, 50.0)
    drainage = Drainage(np.array([300.0, 120.0]), 2, 0.0, [1, 0])
    bound = upper_bound(value_map, drainage, values, Ground(1000.0, 1000.0), more=lambda: False)
    both = 2 * np.pi * (300.0**2 + 2 * 120.0**2)
    assert both * (1 - 1e-9) <= bound <= both * 1.1
