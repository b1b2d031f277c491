import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from scipy.signal import oaconvolve

from models.errors import ParameterError
from models.wells.constraints import Ground
from models.wells.disc import cell_disc_area, disc_kernel
from models.wells.drainage import in_one_period
from models.wells.frame import MapFrame
from models.wells.greedy import BLOCK, greedy, preference_field
from models.wells.objective import Drainage, ValueMap, evaluate
from models.wells.polish import polish
from models.wells.transforms import Transforms


def bumpy_map(rows: int, columns: int, seed: int, cell: tuple[float, float]) -> ValueMap:
    field = gaussian_filter(np.random.default_rng(seed).standard_normal((rows, columns)), 3.0)
    return ValueMap(np.maximum(2.4 + 0.8 * field / field.std(), 0.0), *cell)


def whole(value_map: ValueMap) -> Ground:
    return Ground(value_map.width_m, value_map.height_m)


@given(x=st.floats(-30, 30), y=st.floats(-30, 30), width=st.floats(0, 40), r=st.floats(0.5, 25))
def test_cell_disc_areas_of_a_split_cell_add_up(
    x: float, y: float, width: float, r: float
) -> None:
    whole_cell = cell_disc_area(x, x + width, y, y + 10.0, r)
    parts = cell_disc_area(x, x + width / 3, y, y + 10.0, r) + cell_disc_area(
        x + width / 3, x + width, y, y + 10.0, r
    )
    assert float(whole_cell) == pytest.approx(float(parts), abs=1e-9)
    assert -1e-9 <= float(whole_cell) <= min(width * 10.0, math.pi * r * r) + 1e-9


def test_a_kernel_holds_the_areas_of_all_periods() -> None:
    radii = np.asarray(1500 + 1.45 * np.arange(10), np.float64)
    kernel = disc_kernel(
        radii, np.ones(10), cell_width_m=100.0, cell_height_m=70.0, largest=(99, 99)
    )
    assert kernel.sum() == pytest.approx(sum(math.pi * (1500 + 1.45 * m) ** 2 for m in range(10)))
    np.testing.assert_array_equal(kernel, kernel[::-1, ::-1])
    middle = kernel[kernel.shape[0] // 2, kernel.shape[1] // 2]
    assert middle == pytest.approx(10 * 100 * 70)


def test_a_kernel_is_no_larger_than_the_map_can_use() -> None:
    kernel = disc_kernel(
        np.array([1e9]), np.ones(1), cell_width_m=1.0, cell_height_m=1.0, largest=(5, 7)
    )
    assert kernel.shape == (11, 15)
    np.testing.assert_allclose(kernel, 1.0)


def test_the_first_well_stands_where_no_other_cell_collects_more() -> None:
    value_map = bumpy_map(70, 150, 3, (100.0, 60.0))
    drainage = Drainage(np.array([700.0]), 3, 20.0)
    found = evaluate(value_map, greedy(value_map, drainage), drainage).value
    every = [
        evaluate(value_map, np.array([[(i + 0.5) * 100.0, (j + 0.5) * 60.0]]), drainage).value
        for i in range(0, 150, 3)
        for j in range(0, 70, 3)
    ]
    assert found >= max(every) * (1 - 1e-9)


def test_greedy_and_polish_beat_a_coarse_grid_of_best_squares() -> None:
    value_map = bumpy_map(120, 120, 4, (100.0, 100.0))
    drainage = Drainage(np.full(8, 900.0), 5, 5.0)
    side = round(2 * drainage.last_radii_m[0] / 100.0)
    squares = sorted(
        (-value_map.values[j : j + side, i : i + side].mean(), i, j)
        for i in range(0, 120 - side + 1, side)
        for j in range(0, 120 - side + 1, side)
    )[:8]
    coarse = np.array([((i + side / 2) * 100.0, (j + side / 2) * 100.0) for _, i, j in squares])
    placed = greedy(value_map, drainage)
    polished = polish(value_map, placed, drainage, whole(value_map))
    values = [evaluate(value_map, plan, drainage).value for plan in (coarse, placed, polished)]
    assert values[0] < values[1] < values[2]


def test_wells_of_unequal_radii_keep_their_order() -> None:
    value_map = bumpy_map(60, 60, 5, (50.0, 50.0))
    drainage = Drainage(np.array([150.0, 500.0, 300.0]), 2, 10.0)
    placed = greedy(value_map, drainage)
    largest = greedy(value_map, Drainage(np.array([500.0]), 2, 10.0))
    np.testing.assert_array_equal(placed[1], largest[0])


def test_more_wells_than_cells_are_placed_all_the_same() -> None:
    value_map = ValueMap(np.ones((2, 2)), 100.0, 100.0)
    drainage = Drainage(np.full(9, 80.0))
    placed = polish(value_map, greedy(value_map, drainage), drainage, whole(value_map))
    assert whole(value_map).allows(placed).all()
    assert evaluate(value_map, placed, drainage).value == pytest.approx(4e4)


def test_greedy_stays_on_allowed_cells_beyond_one_block() -> None:
    value_map = bumpy_map(BLOCK + 9, 2 * BLOCK + 1, 6, (10.0, 10.0))
    allowed = np.zeros(value_map.values.shape, bool)
    allowed[-4:, -5:] = allowed[2, 3] = True
    placed = greedy(value_map, Drainage(np.full(5, 30.0)), allowed=allowed)
    cells = (placed / 10.0).astype(int)
    assert allowed[cells[:, 1], cells[:, 0]].all()


def test_no_allowed_cell_is_an_error() -> None:
    value_map = ValueMap(np.ones((3, 3)), 1.0, 1.0)
    with pytest.raises(ParameterError, match="allowed"):
        greedy(value_map, Drainage(np.ones(1)), allowed=np.zeros((3, 3), bool))


def test_a_preference_field_covers_the_map_and_follows_its_seed() -> None:
    fields = [preference_field((7, 11), 3, 0.05, np.random.default_rng(9)) for _ in range(2)]
    assert fields[0].shape == (7, 11)
    assert (fields[0] > 0).all()
    np.testing.assert_array_equal(fields[0], fields[1])


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), distance=st.floats(0, 900))
def test_polish_only_gains_and_never_leaves_allowed_ground(seed: int, distance: float) -> None:
    rng = np.random.default_rng(seed)
    value_map = bumpy_map(30, 40, seed, (100.0, 80.0))
    size = np.array([value_map.width_m, value_map.height_m])
    points = rng.random((6, 2)) * size * 1.4 - 0.2 * size
    ground = Ground(value_map.width_m, value_map.height_m, points, distance)
    drainage = Drainage(np.full(3, 400.0), 3, 10.0)
    try:
        begun = greedy(value_map, drainage, allowed=ground.allowed_cells(value_map))
    except ParameterError:
        return
    ended = polish(value_map, begun, drainage, ground)
    values = [evaluate(value_map, plan, drainage).value for plan in (begun, ended)]
    assert values[1] >= values[0]
    assert (ended >= 0).all()
    assert (ended <= size).all()
    gaps = np.hypot(*(ended[:, None] - points[None]).transpose(2, 0, 1))
    assert (gaps >= distance).all()


def test_a_well_held_back_by_faults_slides_along_them() -> None:
    """The richest spot is forbidden: the best allowed place is on the circle around the fault."""
    x = (np.arange(80) + 0.5) * 50.0
    ridge = 10.0 * np.exp(-(((x - 2000) / 1200) ** 2))
    value_map = ValueMap(ridge[None, :] * ridge[:, None], 50.0, 50.0)
    fault = np.array([[1900.0, 2050.0]])
    ground = Ground(4000.0, 4000.0, fault, 700.0)
    drainage = Drainage(np.array([300.0]))
    begun = greedy(value_map, drainage, allowed=ground.allowed_cells(value_map))
    ended = polish(value_map, begun, drainage, ground)
    turns = np.linspace(0, 2 * math.pi, 2000)
    around = fault + 700.0 * np.column_stack([np.cos(turns), np.sin(turns)])
    best = max(evaluate(value_map, spot[None], drainage).value for spot in around)
    assert evaluate(value_map, ended, drainage).value >= best * (1 - 1e-3)


@given(
    azimuth=st.floats(-400, 400),
    origin=st.tuples(st.floats(-1e6, 1e6), st.floats(-1e7, 1e7)),
    position=st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)),
)
def test_a_map_frame_is_a_turn_and_a_shift(
    azimuth: float, origin: tuple[float, float], position: tuple[float, float]
) -> None:
    frame = MapFrame(*origin, azimuth)
    there = frame.to_cdp(np.array([position, (0.0, 0.0)]))
    np.testing.assert_allclose(there[1], origin)
    distance = np.hypot(*(there[0] - there[1]))
    assert distance == pytest.approx(np.hypot(*position), abs=1e-6)
    np.testing.assert_allclose(frame.to_map(there)[0], position, atol=1e-6)


def test_azimuth_turns_the_y_axis_clockwise_from_north() -> None:
    axes = np.array([[1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(MapFrame(5.0, 7.0).to_cdp(axes), [[6, 7], [5, 8]], atol=1e-12)
    # Turned by 90 degrees the y axis points east and the x axis south.
    turned = MapFrame(0.0, 0.0, 90.0).to_cdp(axes)
    np.testing.assert_allclose(turned, [[0, -1], [1, 0]], atol=1e-12)


@given(
    rows=st.integers(1, 40),
    columns=st.integers(1, 40),
    down=st.integers(0, 45),
    across=st.integers(0, 45),
)
def test_transforms_pass_a_field_as_its_sums_do(
    rows: int, columns: int, down: int, across: int
) -> None:
    """Kernels reach farther than the field, or not as far; no end of it is seen from the other."""
    rng = np.random.default_rng(rows + 41 * columns)
    quarter = rng.random((down + 1, across + 1))
    half = np.concatenate([quarter[:, :0:-1], quarter], axis=1)
    transforms = Transforms([np.ones((3, 3)), np.concatenate([half[:0:-1], half])])
    field = rng.random((rows, columns)).astype(np.float32)
    found = transforms.passed(field, transforms.size_for(field.shape), 1)
    full = oaconvolve(field.astype(np.float64), transforms.kernels[1])
    want = full[down : down + rows, across : across + columns]
    np.testing.assert_allclose(found, want, rtol=1e-4, atol=1e-4)


@given(growth=st.floats(0, 11), discount=st.floats(0.8, 1))
def test_one_period_stands_for_all_where_radii_hardly_grow(growth: float, discount: float) -> None:
    value_map = bumpy_map(40, 50, 6, (100.0, 80.0))
    plan = np.random.default_rng(1).random((4, 2)) * [5000.0, 3200.0]
    drainage = Drainage(np.full(4, 900.0), 9, growth, weights=discount ** np.arange(9))
    one = in_one_period(drainage)
    assert one.periods == 1
    values = [evaluate(value_map, plan, each).value for each in (drainage, one)]
    assert values[1] == pytest.approx(values[0], rel=2e-3)


def test_wells_that_grow_much_or_begin_later_keep_their_periods() -> None:
    for drainage in (
        Drainage(np.array([100.0, 900.0]), 9, 5.0),
        Drainage(np.array([900.0, 900.0]), 9, 1.0, starts=np.array([0, 2])),
    ):
        assert in_one_period(drainage) is drainage
