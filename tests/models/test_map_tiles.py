import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.wells.exchange import exchanged, merged
from models.wells.map_tiles import colours_of, tiles_of
from models.wells.objective import Drainage, ValueMap, evaluate, marginal
from tests.map_sources import hilly

sides = st.integers(1, 40)


@given(sides, sides, st.integers(1, 15), st.integers(0, 30))
def test_tiles_share_no_cell_and_leave_none_out(
    rows: int, columns: int, side: int, shift: int
) -> None:
    seen = np.zeros((rows, columns), int)
    for tile in tiles_of((rows, columns), side, shift):
        assert max(tile.shape) <= side
        seen[tile.top : tile.bottom, tile.left : tile.right] += 1
    assert (seen == 1).all()


@given(sides, sides, st.integers(1, 15), st.integers(0, 30))
def test_windows_of_one_colour_do_not_touch_and_all_have_one(
    rows: int, columns: int, side: int, shift: int
) -> None:
    groups = colours_of((rows, columns), side, shift)
    assert sorted(
        (each for group in groups for each in group), key=lambda t: (t.top, t.left)
    ) == tiles_of((rows, columns), side, shift)
    for group in groups:
        for at, one in enumerate(group):
            wide = one.widened((1, 1), (rows, columns))
            assert all(other.shared(wide) is None for other in group[at + 1 :])


def test_what_lists_of_tiles_gain_together_is_what_the_chosen_wells_collect() -> None:
    rng = np.random.default_rng(0)
    places, gains = rng.uniform(0, 1000, (60, 2)), rng.uniform(1, 2, 60)
    tile_of = (places[:, 0] // 250).astype(np.intp)
    chosen = merged(places, gains, tile_of, 12, 80.0)
    assert len(set(chosen.tolist())) == 12
    between = np.hypot(*(places[chosen][:, None] - places[chosen][None]).transpose(2, 0, 1))
    apart = tile_of[chosen][:, None] != tile_of[chosen][None]
    assert between[apart].min() > 80.0
    assert (np.diff(gains[chosen]) <= 0).all()
    # With more wells than there is room for, those that wait come last.
    assert sorted(merged(places, gains, tile_of, 60, 80.0).tolist()) == list(range(60))


def test_an_exchange_gains_exactly_what_it_says() -> None:
    value_map = hilly((120, 140), 3).whole
    rng = np.random.default_rng(1)
    size = np.array([value_map.width_m, value_map.height_m])
    wells, places = rng.uniform(0, 1, (12, 2)) * size, rng.uniform(0, 1, (30, 2)) * size
    drainage = Drainage(np.full(12, 300.0), 3, 5.0)
    lost = marginal(value_map, wells, drainage)
    gains = np.array([_gain(value_map, wells, place) for place in places])
    found, gained = exchanged(wells, lost, places, gains, 2 * 310.0)
    before, after = (evaluate(value_map, each, drainage).value for each in (wells, found))
    assert (found != wells).any()
    assert gained > 0
    np.testing.assert_allclose(after - before, gained, rtol=1e-9)


def _gain(value_map: ValueMap, wells: np.ndarray, place: np.ndarray) -> float:
    many = Drainage(np.full(len(wells) + 1, 300.0), 3, 5.0)
    return float(marginal(value_map, np.vstack([wells, place]), many)[-1])
