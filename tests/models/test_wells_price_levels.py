"""Prices that are first sought on larger cells: as valid at every moment, and sharp after less work."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import gaussian_filter

from models.wells.bound.ceiling import upper_bound
from models.wells.bound.levels import COARSE_ITERATIONS, PriceLevels, coarsened, finer
from models.wells.bound.prices import PriceSearch
from models.wells.constraints import Ground
from models.wells.drainage import Existing
from models.wells.greedy import greedy
from models.wells.objective import Drainage, ValueMap, evaluate, marginal

CELL = 25.0


def steep_hills(rows: int, columns: int, seed: int, smooth: float = 15.0) -> ValueMap:
    field = gaussian_filter(np.random.default_rng(seed).standard_normal((rows, columns)), smooth)
    return ValueMap(np.exp(1.5 * field / field.std()), CELL, CELL)


def highest(search: PriceSearch | PriceLevels) -> float:
    return min(search.highest(prices) for prices in search.prices())


@settings(max_examples=12)
@given(
    iterations=st.sampled_from([0, 1, 40, COARSE_ITERATIONS, COARSE_ITERATIONS + 5]),
    rows=st.integers(48, 75),
    columns=st.integers(48, 75),
    has=st.sets(st.sampled_from(["ground", "costs", "existing", "sizes", "worst"])),
    seed=st.integers(0, 1000),
)
def test_at_every_moment_prices_prove_a_bound(
    iterations: int, rows: int, columns: int, has: set[str], seed: int
) -> None:
    value_map = steep_hills(rows, columns, seed, 6.0)
    size = np.array([value_map.width_m, value_map.height_m])
    if "existing" in has:
        old = Existing(size[None] * 0.4, Drainage(np.array([500.0]), 2, 10.0))
        value_map = ValueMap(value_map.values, CELL, CELL, old)
    radii = np.array([600.0, 600.0, 420.0]) if "sizes" in has else np.full(3, 600.0)
    drainage = Drainage(radii, 2, 10.0)
    blocks = (size[None] * 0.6, 300.0) if "ground" in has else ()
    ground = Ground(*size, *blocks)
    costs = np.full(3, 0.1 * value_map.values.sum() * CELL**2) if "costs" in has else None
    most = value_map.values.max() * np.pi * 600.0**2  # no well collects so much
    worst = np.full(len(drainage.counts), most) if "worst" in has else None
    search = PriceLevels(value_map, drainage, ground.cells_near(value_map), costs, worst)
    assert search.ahead == COARSE_ITERATIONS
    search.run(iterations)
    assert search.iterations == iterations
    begun = greedy(value_map, drainage, allowed=ground.allowed_cells(value_map))
    for prices in search.prices():
        assert (prices >= 0).all()
        assert (prices <= value_map.values).all()
        bound = upper_bound(value_map, drainage, prices, ground, costs=costs, most_boxes=3000)
        for wells in range(1 if costs is not None else 3, 4):
            paid = 0.0 if costs is None else float(costs[:wells].sum())
            value = evaluate(value_map, begun[:wells], drainage.some(np.arange(wells))).value
            assert value - paid <= bound


def test_on_fine_cells_prices_are_sharp_after_much_less_work() -> None:
    """A tenth of the gap of the fine cells alone, in no more than their time, start-up apart."""
    value_map = steep_hills(420, 380, 3, 40.0)
    drainage = Drainage(np.full(12, 1000.0), 10, 1.45)
    plan = greedy(value_map, drainage)
    unit = CELL**2 * drainage.total_weight
    value = evaluate(value_map, plan, drainage).value / unit
    alone, levels = PriceSearch(value_map, drainage), PriceLevels(value_map, drainage)
    began = time.process_time()
    alone.run(60)
    took = time.process_time() - began
    began = time.process_time()
    levels.run(COARSE_ITERATIONS)
    assert time.process_time() - began < took
    assert highest(levels) - value < 0.1 * (highest(alone) - value)


def test_what_is_carried_over_is_gone_on_from() -> None:
    value_map = steep_hills(300, 260, 8, 20.0)
    search = PriceLevels(value_map, Drainage(np.full(8, 800.0), 4, 5.0))
    search.run(COARSE_ITERATIONS)
    carried = highest(search)
    search.run(60)
    assert highest(search) < carried


def test_where_wells_turn_out_to_pay_elsewhere_too_nothing_is_lost_on_the_way() -> None:
    value_map = steep_hills(420, 380, 3, 40.0)
    drainage = Drainage(np.full(12, 450.0), 10, 1.45)
    plan = greedy(value_map, drainage)
    worst = np.array([marginal(value_map, plan, drainage).min()])
    search = PriceLevels(value_map, drainage, worst=2 * worst)
    search.run(COARSE_ITERATIONS - 1)
    looked_at, before = search.cells, highest(search)
    search.run(1)
    assert search.cells > looked_at
    for _ in range(2):
        search.run(50)
        assert highest(search) < 1.003 * before


@pytest.mark.parametrize(("radius", "ahead"), [(30.0, 0), (399.0, 0), (400.0, COARSE_ITERATIONS)])
def test_cells_that_are_large_beside_a_radius_are_left_as_they_are(
    radius: float, ahead: int
) -> None:
    value_map = steep_hills(64, 80, 1)
    drainage = Drainage(np.array([5000.0, radius]), 3)
    assert PriceLevels(value_map, drainage).ahead == ahead


@given(
    values=arrays(
        float, st.tuples(st.integers(1, 13), st.integers(1, 13)), elements=st.floats(0, 9)
    ),
    times=st.tuples(st.integers(1, 4), st.integers(1, 4)),
)
def test_larger_cells_hold_all_of_the_value_in_its_place(
    values: np.ndarray, times: tuple[int, int]
) -> None:
    value_map = ValueMap(values, 30.0, 20.0)
    larger = coarsened(value_map, times)
    area = larger.cell_width_m * larger.cell_height_m
    assert larger.values.sum() * area == pytest.approx(values.sum() * 600.0, abs=1e-9)
    rows, columns = np.indices(values.shape)
    for index in np.ndindex(*larger.values.shape):
        within = (rows // times[0] == index[0]) & (columns // times[1] == index[1])
        assert larger.values[index] * area == pytest.approx(values[within].sum() * 600.0, abs=1e-9)


@given(
    slopes=st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
    times=st.tuples(st.integers(1, 5), st.integers(1, 5)),
)
def test_a_plane_is_a_plane_on_finer_cells(
    slopes: tuple[float, float], times: tuple[int, int]
) -> None:
    rows, columns = np.indices((6, 7))
    plane = 3 + slopes[0] * rows + slopes[1] * columns
    found = finer(plane, times, (6 * times[0], 7 * times[1]))
    low, left = (
        (np.arange(many) + 0.5) / each - 0.5 for many, each in zip(found.shape, times, strict=True)
    )
    exact = 3 + slopes[0] * np.clip(low, 0, 5)[:, None] + slopes[1] * np.clip(left, 0, 6)[None]
    np.testing.assert_allclose(found, exact, atol=1e-4)
