"""Laws of money: net present value, the number of wells, the order of drilling."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ParameterError
from models.wells.bound.ceiling import upper_bound
from models.wells.bound.prices import PriceSearch
from models.wells.choice import net_of, settled
from models.wells.drainage import Drainage
from models.wells.economics import Economics
from models.wells.greedy import greedy
from models.wells.objective import evaluate, gross
from models.wells.order import reordered
from tests.models.test_wells_bound import best_prices, rough_map, whole


@given(rate=st.floats(0, 0.5), more=st.floats(0.001, 0.5), years=st.floats(0.1, 5))
def test_weights_begin_with_one_and_fall_with_the_rate(
    rate: float, more: float, years: float
) -> None:
    low, high = (Economics(2.0, 0.0, r, years).weights(6) for r in (rate, rate + more))
    assert low[0] == high[0] == 1.0
    assert (high[1:] < low[1:]).all()
    assert low[5] == pytest.approx((1 + rate) ** (-5 * years))


def test_net_present_value_is_discounted_sales_less_discounted_costs() -> None:
    economics = Economics(price=3.0, well_cost=50.0, discount=0.1, period_years=2.0)
    later = 1.1**-2
    found = economics.net_present_value(100.0, np.array([0, 0, 1]), 4)
    assert found == pytest.approx(300.0 - 50.0 * (2 + later))
    np.testing.assert_allclose(economics.costs(np.array([0, 1]), 4), [50 / 3, 50 / 3 * later])
    assert Economics(well_cost=50.0).net_present_value(100.0, np.array([0]), 1) is None


@pytest.mark.parametrize(
    "given", [{"price": 0.0}, {"well_cost": -1.0}, {"discount": np.nan}, {"period_years": 0.0}]
)
def test_money_that_cannot_be_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        Economics(**given)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), part=st.floats(0.2, 0.9))
def test_no_number_of_wells_nets_more_than_the_bound(seed: int, part: float) -> None:
    """All sets of up to three places of a lattice are tried, against bound and chosen plan."""
    value_map = rough_map(11, 11, seed, (100.0, 100.0))
    drainage, free = Drainage(np.full(3, 230.0), 2, 15.0), whole(value_map)
    axis = np.linspace(150, 950, 4)
    spots = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    alone = gross(value_map, spots, Drainage(np.full(len(spots), 230.0), 2, 15.0)).max()
    costs = np.full(3, part * alone)
    best = max(
        net_of(evaluate(value_map, np.array(plan), drainage.some(np.arange(n))).value, n, costs)
        for n in (1, 2, 3)
        for plan in combinations(spots, n)
    )
    search = PriceSearch(value_map, drainage, costs=costs)
    search.run(100)
    good = upper_bound(
        value_map, drainage, best_prices(search), free, costs=costs, most_boxes=4000
    )
    for prices in (value_map.values, 0.5 * value_map.values):
        assert best <= upper_bound(value_map, drainage, prices, free, costs=costs, most_boxes=500)
    plan = settled(value_map, greedy(value_map, drainage), drainage, free, costs)
    left = net_of(
        evaluate(value_map, plan, drainage.some(np.arange(len(plan)))).value, len(plan), costs
    )
    assert max(best, left) <= good
    assert left >= 0.97 * best


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), part=st.floats(0.05, 1.2), begun=st.integers(1, 6))
def test_a_settled_plan_has_no_well_too_many(seed: int, part: float, begun: int) -> None:
    rng = np.random.default_rng(seed)
    value_map = rough_map(14, 14, seed, (100.0, 100.0))
    drainage = Drainage(np.full(6, 260.0))
    some = rng.random((begun, 2)) * 1400
    costs = np.full(6, part * np.pi * 260.0**2 * 2.4)

    def net(positions: np.ndarray) -> float:
        count = len(positions)
        return net_of(
            evaluate(value_map, positions, drainage.some(np.arange(count))).value, count, costs
        )

    plan = settled(value_map, some, drainage, whole(value_map), costs)
    assert net(plan) >= net(some) - 1e-6
    for well in range(len(plan) if len(plan) > 1 else 0):
        assert net(np.delete(plan, well, axis=0)) <= net(plan) + 1e-6


def test_free_wells_are_all_drilled_and_dear_ones_are_not() -> None:
    value_map = rough_map(20, 20, 3, (100.0, 100.0))
    drainage, free = Drainage(np.full(5, 200.0)), whole(value_map)
    begun = greedy(value_map, drainage)[:2]
    assert len(settled(value_map, begun, drainage, free, np.zeros(5))) == 5
    assert len(settled(value_map, begun, drainage, free, np.full(5, 1e9))) == 1


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_two_wells_of_an_order_would_better_change_places(seed: int) -> None:
    rng = np.random.default_rng(seed)
    value_map = rough_map(14, 14, seed, (100.0, 100.0))
    drainage = Drainage(np.full(4, 220.0), 4, 10.0, np.arange(4))
    places = rng.random((4, 2)) * 1400
    found = reordered(value_map, places, drainage)
    assert sorted(map(tuple, found)) == sorted(map(tuple, places))
    value = evaluate(value_map, found, drainage).value
    assert value >= evaluate(value_map, places, drainage).value
    every = [
        evaluate(value_map, places[list(order)], drainage).value
        for order in permutations(range(4))
    ]
    assert value >= 0.98 * max(every)
