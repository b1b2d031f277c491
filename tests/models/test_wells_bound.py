import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix, eye, hstack, vstack

from models.wells.bound.box_kernel import ROUNDING, box_kernel, cells_under
from models.wells.bound.ceiling import upper_bound
from models.wells.bound.prices import PriceSearch, projected
from models.wells.constraints import Ground
from models.wells.disc import cell_disc_area
from models.wells.greedy import greedy
from models.wells.objective import Drainage, ValueMap, evaluate, gross, marginal
from models.wells.polish import polish


def rough_map(rows: int, columns: int, seed: int, cell: tuple[float, float]) -> ValueMap:
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.standard_normal((rows, columns)), 2.0)
    field = 2.4 + 0.8 * field / field.std() + 0.3 * rng.standard_normal(field.shape)
    return ValueMap(np.maximum(field, 0.0), *cell)


def whole(value_map: ValueMap) -> Ground:
    return Ground(value_map.width_m, value_map.height_m)


def best_prices(search: PriceSearch) -> np.ndarray:
    return min(search.prices(), key=search.highest)


@settings(max_examples=6)
@given(
    seed=st.integers(0, 10_000),
    radius=st.floats(20, 900),
    growth=st.floats(0, 40),
    wells=st.integers(1, 5),
)
def test_no_plan_collects_more_than_the_bound(
    seed: int, radius: float, growth: float, wells: int
) -> None:
    value_map = rough_map(17, 23, seed, (100.0, 70.0))
    rng = np.random.default_rng(seed)
    drainage = Drainage(radius * rng.choice([1.0, 0.6], wells), 3, growth)
    search = PriceSearch(value_map, drainage)
    search.run(30)
    size = np.array([value_map.width_m, value_map.height_m])
    plans = [rng.random((wells, 2)) * size * 1.2 - 0.1 * size for _ in range(20)]
    begun = greedy(value_map, drainage)
    plans += [begun, polish(value_map, begun, drainage, whole(value_map))]
    most = max(evaluate(value_map, plan, drainage).value for plan in plans)
    # Any prices give a bound, not only good ones.
    tried: list[NDArray[np.floating]] = [
        *search.prices(),
        rng.random(value_map.values.shape) * value_map.values,
    ]
    for prices in tried:
        for boxes in (0, 300):
            bound = upper_bound(value_map, drainage, prices, whole(value_map), most_boxes=boxes)
            assert most <= bound


def test_the_bound_of_one_well_is_the_best_that_any_position_gives() -> None:
    value_map = rough_map(30, 30, 4, (50.0, 50.0))
    drainage = Drainage(np.array([220.0]), 3, 10.0)
    free = whole(value_map)
    bound = upper_bound(value_map, drainage, value_map.values, free)
    axis = np.linspace(0, 1500, 151)
    everywhere = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    many = Drainage(np.full(len(everywhere), 220.0), 3, 10.0)
    best = gross(value_map, everywhere, many).max()
    assert best <= bound <= best * 1.002
    # What is set aside early counts with what it may hold at most.
    assert best <= upper_bound(value_map, drainage, value_map.values, free, tolerance=0.3)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 1000),
    part=st.sampled_from([1, 2, 5]),
    at=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    radius=st.floats(3, 260),
)
def test_a_box_kernel_holds_for_every_centre_in_the_box(
    seed: int, part: int, at: tuple[float, float], radius: float
) -> None:
    value_map = rough_map(12, 12, seed, (100.0, 60.0))
    drainage = Drainage(np.array([radius]), 2, 9.0)
    offset = (0.5 - 0.5 / part, 0.5 / part - 0.5)
    kernel = box_kernel(value_map, drainage.table_m[0], drainage.weight_of, part, offset)
    x, y = offset[0] * 100 + at[0] * kernel.half_x, offset[1] * 60 + at[1] * kernel.half_y
    rows, columns = kernel.area.shape
    left = (np.arange(columns) - columns // 2 - 0.5)[None, :] * 100 - x
    bottom = (np.arange(rows) - rows // 2 - 0.5)[:, None] * 60 - y
    true = sum(
        cell_disc_area(left, left + 100, bottom, bottom + 60, radius + 9.0 * m) for m in (0, 1)
    )
    shift = at[0] * kernel.half_x * kernel.by_x + at[1] * kernel.half_y * kernel.by_y
    assert (true <= kernel.area + shift + 1e-9).all()


@given(inside=st.floats(-16, -0.5), r=st.floats(1, 5000), split=st.floats(0, 1))
def test_areas_of_cells_hardly_touched_err_by_no_more_than_the_kernel_allows(
    inside: float, r: float, split: float
) -> None:
    """A segment of the disc, in two cells, against its area in extended precision."""
    left = r * (1 - 10.0**inside)
    depth, radius = np.longdouble(r) - np.longdouble(left), np.longdouble(r)
    chord = np.sqrt(depth * (2 * radius - depth))
    segment = radius**2 * np.arctan2(chord, radius - depth) - (radius - depth) * chord
    middle = (2 * split - 1) * r
    parts = cell_disc_area(left, 2 * r, -2 * r, middle, r) + cell_disc_area(
        left, 2 * r, middle, 2 * r, r
    )
    assert abs(float(parts - segment)) <= ROUNDING * r**2


def test_a_box_kernel_is_of_second_order() -> None:
    value_map = rough_map(40, 40, 1, (100.0, 100.0))
    disc = Drainage(np.array([1500.0]))
    excess = [
        box_kernel(value_map, disc.table_m[0], disc.weight_of, part, (0.1, 0.2)).area.sum()
        / (np.pi * 1500**2)
        - 1
        for part in (8, 16)
    ]
    assert 0 < excess[1] < excess[0] / 3 < 0.001


def test_prices_reach_the_optimum_of_the_linear_programme() -> None:
    """HiGHS solves the dual on cell centres; its integer programme lies between plan and bound."""
    value_map = rough_map(12, 12, 2, (100.0, 100.0))
    drainage = Drainage(np.full(3, 240.0))
    x = (np.arange(12) + 0.5) * 100.0
    centres = np.stack(np.meshgrid(x, x), axis=-1).reshape(-1, 2)
    left = (np.arange(12) * 100.0)[None, None, :] - centres[:, 0, None, None]
    bottom = (np.arange(12) * 100.0)[None, :, None] - centres[:, 1, None, None]
    area = cell_disc_area(left, left + 100, bottom, bottom + 100, 240.0).reshape(144, 144) / 1e4
    q, covers = value_map.values.ravel(), csr_matrix(np.where(area > 1e-12, area, 0.0))
    # Least of sum(q - p) + 3 t over 0 <= p <= q with covers @ p <= t.
    dual = linprog(
        np.append(-np.ones(144), 3.0),
        A_ub=hstack([covers, csr_matrix(-np.ones((144, 1)))]),
        b_ub=np.zeros(144),
        bounds=[*((0, value) for value in q), (0, None)],
    )
    least = q.sum() + dual.fun
    rows = vstack([hstack([-covers.T, eye(144)]), csr_matrix(np.repeat([1.0, 0.0], 144))])
    whole_wells = milp(
        np.append(np.zeros(144), -q),
        constraints=LinearConstraint(rows, -np.inf, np.append(np.zeros(144), 3.0)),
        integrality=np.repeat([1, 0], 144),
        bounds=Bounds(0, 1),
    )
    search = PriceSearch(value_map, drainage)
    search.run(3000)
    found = search.highest(best_prices(search))
    plan = polish(value_map, greedy(value_map, drainage), drainage, whole(value_map))
    on_centres = (np.floor(plan / 100.0) + 0.5) * 100.0
    value = evaluate(value_map, on_centres, drainage).value / 1e4
    assert value <= -whole_wells.fun + 1e-6
    assert -whole_wells.fun <= least + 1e-6
    assert least * (1 - 1e-5) <= found <= least * 1.005
    bound = upper_bound(value_map, drainage, best_prices(search), whole(value_map))
    assert bound / 1e4 >= least * (1 - 1e-6)


@pytest.mark.parametrize("guess", ["low", "right", "as the best", "beyond all"])
def test_prices_sought_where_wells_could_pay_are_those_of_the_whole_map(guess: str) -> None:
    field = gaussian_filter(np.random.default_rng(5).standard_normal((90, 110)), 8.0)
    value_map = ValueMap(np.maximum(field / field.std(), 0.0), 100.0, 100.0)
    drainage = Drainage(np.array([400.0, 400.0, 300.0, 300.0]), 2, 10.0)
    lost = marginal(value_map, greedy(value_map, drainage), drainage)
    right = np.array([lost[drainage.class_of == each].min() for each in (0, 1)])
    singles = [drainage.of_class(each) for each in (0, 1)]
    best = np.array([gross(value_map, greedy(value_map, one), one)[0] for one in singles])
    worst = {"low": right / 2, "right": right, "as the best": best, "beyond all": 9 * best}[guess]
    everywhere = PriceSearch(value_map, drainage)
    somewhere = PriceSearch(value_map, drainage, worst=worst)
    if guess in ("right", "as the best"):
        assert somewhere.cells < 0.6 * value_map.values.size
    for search in (everywhere, somewhere):
        search.run(150)
    least, found = (search.highest(best_prices(search)) for search in (everywhere, somewhere))
    assert found == pytest.approx(least, rel=0.01)
    for prices in somewhere.prices():
        assert (prices >= 0).all()
        assert (prices <= value_map.values).all()
    plan = greedy(value_map, drainage)
    bound = upper_bound(value_map, drainage, best_prices(somewhere), whole(value_map))
    assert evaluate(value_map, plan, drainage).value <= bound


def test_forbidden_ground_makes_the_bound_no_larger() -> None:
    value_map = rough_map(30, 30, 3, (100.0, 100.0))
    drainage = Drainage(np.full(2, 300.0))
    ground = Ground(3000.0, 3000.0, np.random.default_rng(0).random((4, 2)) * 3000, 900.0)
    begun = greedy(value_map, drainage, allowed=ground.allowed_cells(value_map))
    value = evaluate(value_map, polish(value_map, begun, drainage, ground), drainage).value
    prices = value_map.values * 0.9
    held, free = (upper_bound(value_map, drainage, prices, g) for g in (ground, whole(value_map)))
    assert value <= held <= free


@pytest.mark.parametrize("radius", [1e-3, 1e6])
def test_points_and_circles_beyond_the_map_have_bounds(radius: float) -> None:
    value_map = rough_map(9, 14, 5, (10.0, 10.0))
    drainage = Drainage(np.full(2, radius), 2, 1e-4)
    search = PriceSearch(value_map, drainage)
    search.run(20)
    bound = upper_bound(value_map, drainage, best_prices(search), whole(value_map))
    best = min(
        2 * value_map.values.max() * np.pi * (radius**2 + (radius + 1e-4) ** 2),
        2 * value_map.values.sum() * 100.0,
    )
    assert best * (1 - 1e-9) <= bound <= best * 1.1


@pytest.mark.parametrize("peak", [0.0, 1e150, 1e-150])
def test_maps_without_value_and_with_huge_values_have_bounds(peak: float) -> None:
    values = np.zeros((20, 20))
    values[4, 7] = peak
    value_map, drainage = ValueMap(values, 1.0, 1.0), Drainage(np.full(2, 3.0))
    bound = upper_bound(value_map, drainage, values, whole(value_map))
    assert peak <= bound <= 2.1 * peak


def test_the_rounding_of_the_sum_over_a_large_disc_is_accounted_for() -> None:
    """A sum of n positive products may err by n units of rounding in proportion, its factors as much."""
    value_map = ValueMap(np.ones((650, 650)), 10.0, 10.0)
    drainage = Drainage(np.array([20_000.0]))
    kernel = box_kernel(value_map, drainage.table_m[0], drainage.weight_of, 1, (0.0, 0.0))
    assert kernel.area.size > 10**6
    bound = upper_bound(value_map, drainage, value_map.values, whole(value_map), most_boxes=0)
    assert bound / 6500.0**2 - 1 >= 2 * kernel.area.size * np.finfo(float).eps


@settings(max_examples=20)
@given(
    radius=st.floats(0.001, 2000),
    rows=st.integers(1, 60),
    columns=st.integers(1, 60),
    width=st.floats(5, 90),
)
def test_no_kernel_has_more_cells_than_are_accounted_for(
    radius: float, rows: int, columns: int, width: float
) -> None:
    value_map = ValueMap(np.ones((rows, columns)), width, 40.0)
    most = cells_under(radius, value_map.values.shape, (width, 40.0))
    for part in (1, 2, 64):
        at = 0.5 - 0.5 / part
        kernel = box_kernel(value_map, np.array([radius]), np.ones(1), part, (at, at))
        assert kernel.area.size <= most


@given(st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=30), st.integers(1, 9))
def test_projected_wells_sum_to_their_number(numbers: list[float], total: int) -> None:
    found = projected(np.array(numbers, np.float32), total)[0]
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(total, rel=1e-4)
