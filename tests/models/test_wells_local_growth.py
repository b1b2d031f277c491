"""Laws of growth by the place."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.wells.bound.ceiling import upper_bound
from models.wells.bound.prices import PriceSearch
from models.wells.drainage import Drainage
from models.wells.local_growth import LocalGrowth
from models.wells.objective import ValueMap, evaluate, gross
from tests.models.test_wells_bound import best_prices, rough_map, whole


def test_rock_that_is_the_same_everywhere_gives_its_growth_inside_and_less_at_the_edge() -> None:
    local = LocalGrowth(ValueMap(np.full((20, 20), 3.0), 50.0, 50.0))
    places = np.array([[500.0, 500.0], [0.0, 500.0], [0.0, 0.0], [-900.0, 0.0]])
    found = local.at(places, Drainage(np.full(4, 200.0), 3))
    np.testing.assert_allclose(found.growth_of, [3.0, 1.5, 0.75, 0.0], atol=1e-9)
    np.testing.assert_allclose(found.table_m[0], [200, 203, 206])


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), radius=st.floats(30, 400))
def test_no_place_grows_more_than_the_most(seed: int, radius: float) -> None:
    rng = np.random.default_rng(seed)
    rock = rough_map(12, 15, seed, (70.0, 90.0))
    local, places = LocalGrowth(rock), rng.random((60, 2)) * [1050, 1080]
    drainage = Drainage(np.full(60, radius), 2)
    most = local.most(drainage).growth_of
    assert (local.at(places, drainage).growth_of <= most).all()
    best = gross(rock, places, Drainage(np.full(60, radius))).max() / (np.pi * radius**2)
    assert most[0] <= best * 1.6


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_bound_of_the_most_holds_for_plans_that_grow_by_their_places(seed: int) -> None:
    rng = np.random.default_rng(seed)
    value_map = rough_map(14, 14, seed, (100.0, 100.0))
    free = whole(value_map)
    local = LocalGrowth(rough_map(28, 28, seed + 1, (50.0, 50.0)))
    drainage = Drainage(np.full(3, 220.0), 6)
    most = local.most(drainage)
    search = PriceSearch(value_map, most)
    search.run(60)
    bound = upper_bound(value_map, most, best_prices(search), free, most_boxes=3000)
    for _ in range(4):
        begun = rng.random((3, 2)) * 1400
        ended = local.brought_up(value_map, begun, drainage, free)
        before, after = (
            evaluate(value_map, plan, local.at(plan, drainage)).value for plan in (begun, ended)
        )
        assert before <= after <= bound
        assert free.allows(ended).all()


def test_a_growth_map_of_zeros_is_no_growth() -> None:
    local = LocalGrowth(ValueMap(np.zeros((4, 4)), 10.0, 10.0))
    drainage = Drainage(np.full(2, 9.0), 3)
    assert local.most(drainage).growth_of.tolist() == [0.0, 0.0]
    assert local.at(np.full((2, 2), 20.0), drainage).growth_of.tolist() == [0.0, 0.0]
