"""Laws of the cells and boxes that are clear: as if each were asked, and hardly any are."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.wells.areas.polygons import Areas
from models.wells.bound.boxes import Boxes, Where
from models.wells.bound.ceiling import upper_bound
from models.wells.constraints import Ground
from models.wells.drainage import Drainage
from models.wells.objective import ValueMap
from tests.models.test_wells_bound import rough_map
from tests.models.test_wells_ground import star


def clear_by_hand(ground: Ground, value_map: ValueMap, least_m: float) -> np.ndarray:
    """Return the clearance of every cell centre, one by one, against so much."""
    rows, columns = np.indices(value_map.values.shape)
    x, y = (columns + 0.5) * value_map.cell_width_m, (rows + 0.5) * value_map.cell_height_m
    clearance = ground.clearance_m(np.column_stack([x.ravel(), y.ravel()]))
    return np.asarray(clearance >= least_m).reshape(value_map.values.shape)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    edge=st.sampled_from([0.0, 0.005, 35.0]),
    rows=st.sampled_from([7, 512]),
    least=st.sampled_from([0.0, -30.0, -18.1, 60.0]),
    cell=st.tuples(st.floats(4, 60), st.floats(4, 60)),
)
def test_cells_are_clear_as_their_centres_are(
    seed: int, edge: float, rows: int, least: float, cell: tuple[float, float]
) -> None:
    """Leases with holes, corners on cell centres, and edges along rows of them; a few rows at a time."""
    rng = np.random.default_rng(seed)
    value_map = ValueMap(np.ones(tuple(rng.integers(3, 40, 2))), *cell)
    width, height = value_map.width_m, value_map.height_m
    lease = star(rng, (width / 2, height / 2), 0.7 * max(width, height))
    hole = star(rng, (width / 2, height / 2), 0.2 * min(width, height))
    on_centres = (np.floor(lease / cell) + 0.5) * cell
    block = (np.array([[1, 1], [9, 1], [9, 7], [1, 7], [4, 4]]) + 0.5) * cell
    ground = Ground(
        width,
        height,
        rng.random((3, 2)) * [width, height],
        40.0,
        lease=Areas(((on_centres if seed % 2 else lease, hole), (hole * 0.4,))),
        no_drill=Areas(((block,), (star(rng, (width, 0.0), 0.3 * width),))),
        edge_m=edge,
        others_m=rng.random((2, 2)) * [width, height],
        spacing_m=25.0,
    )
    expected = clear_by_hand(ground, value_map, least)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("models.wells.constraints.ROWS", rows)
        np.testing.assert_array_equal(ground.clear_cells(value_map, least), expected)


@settings(max_examples=60, deadline=None)
@given(
    corners=st.lists(st.tuples(st.integers(-2, 18), st.integers(-2, 14)), min_size=3, max_size=9),
    twice=st.integers(0, 8),
    on_centres=st.booleans(),
    cell=st.tuples(st.floats(4, 60), st.floats(4, 60)),
)
@example([(1, 1), (9, 9), (9, 1), (1, 9)], 1, True, (10.0, 20.0))
@example([(1, 1), (5, 5), (9, 1), (9, 9), (5, 5), (1, 9)], 0, True, (10.0, 20.0))
def test_rings_that_cross_touch_and_repeat_themselves_are_filled_by_their_crossings(
    corners: list[tuple[int, int]],
    twice: int,
    on_centres: bool,
    cell: tuple[float, float],
) -> None:
    """Figures of eight, rings that touch themselves at a corner, one corner given twice, on centres too."""
    again = min(twice, len(corners) - 1)
    places = np.array(corners[: again + 1] + corners[again:], dtype=np.float64)
    areas = Areas((((places + (0.5 if on_centres else 0.3)) * cell,),))
    shape = (13, 17)
    inside, _ = areas.on_cells(shape, cell, 0.0)
    rows, columns = np.indices(shape)
    x, y = (columns.ravel() + 0.5) * cell[0], (rows.ravel() + 0.5) * cell[1]
    # On an edge the sign of the zero tells the side.
    expected = ~np.signbit(areas.depth_m(np.column_stack([x, y])))
    np.testing.assert_array_equal(inside.ravel(), expected)
    # And a corner that is given twice is one corner.
    once, _ = Areas((((np.array(corners) + (0.5 if on_centres else 0.3)) * cell,),)).on_cells(
        shape, cell, 0.0
    )
    np.testing.assert_array_equal(inside, once)


def test_the_two_halves_of_a_figure_of_eight_are_inside() -> None:
    eight = np.array([[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0]])
    inside, _ = Areas(((eight,),)).on_cells((10, 10), (1.0, 1.0), 0.0)
    rows, columns = np.indices((10, 10)) + 0.5
    within = np.abs(rows - 5) < np.abs(columns - 5)
    off_the_edge = np.abs(rows - 5) != np.abs(columns - 5)
    np.testing.assert_array_equal(inside[off_the_edge], within[off_the_edge])


def test_a_lease_of_many_corners_is_not_held_against_every_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cells that are asked one by one are those along its edges: a few for each cell that it crosses."""
    asked, depth = [0], Areas.depth_m

    def counted(self: Areas, positions_m: np.ndarray) -> np.ndarray:
        asked[0] += len(positions_m)
        return depth(self, positions_m)

    turn = np.linspace(0, 2 * np.pi, 800, endpoint=False)
    ring = 5000 + 4000 * np.column_stack([np.cos(turn), np.sin(turn)])
    value_map = rough_map(400, 400, 1, (25.0, 25.0))
    ground = Ground(10_000.0, 10_000.0, lease=Areas(((ring,),)))
    drainage = Drainage(np.array([300.0, 350.0, 400.0]))
    monkeypatch.setattr(Areas, "depth_m", counted)
    crossed = 2 * np.pi * 4000 / 25
    allowed = ground.allowed_cells(value_map)
    assert allowed.sum() == pytest.approx(np.pi * 160**2, rel=0.01)
    assert asked[0] < 8 * crossed
    asked[0] = 0
    prices = value_map.values * 0.9
    bound = upper_bound(value_map, drainage, prices, ground)
    assert asked[0] < 12 * crossed
    # What is known of whole cells changes no answer: it is that of boxes asked one by one.
    clear, known = Ground.clear_cells, asked[0]

    def none_surely(self: Ground, value_map: ValueMap, least_m: float) -> np.ndarray:
        found = clear(self, value_map, least_m)
        return found if least_m <= 0 else np.zeros_like(found)

    monkeypatch.setattr(Ground, "clear_cells", none_surely)
    asked[0] = 0
    assert upper_bound(value_map, drainage, prices, ground) == bound
    assert asked[0] > 1.5 * known


def test_boxes_in_cells_that_are_surely_clear_are_clear_and_the_others_are_asked() -> None:
    """Of boxes of any size on ground of every kind: their centre's clearance says which are kept."""
    rng, value_map = np.random.default_rng(5), rough_map(20, 25, 1, (40.0, 60.0))
    ground = Ground(
        1000.0,
        1200.0,
        rng.random((3, 2)) * 1000,
        90.0,
        lease=Areas(((star(rng, (500, 600), 700.0),),)),
        no_drill=Areas(((star(rng, (400, 500), 250.0),),)),
        edge_m=20.0,
    )
    where = Where.of(value_map, ground)
    assert where.perhaps is not None
    assert where.surely is not None
    assert 0 < where.surely.sum() < where.perhaps.sum() < where.perhaps.size
    rows, columns = (one.astype(np.int32) for one in np.nonzero(where.perhaps))
    boxes = Boxes(rows, columns, np.zeros_like(rows), np.zeros_like(rows), 1)
    for _ in range(3):
        boxes = boxes.quartered()
        half = np.hypot(20.0, 30.0) * 1.001 / boxes.part
        expected = boxes.take(ground.clearance_m(boxes.centres(value_map)) >= -half)
        found = where.allowed(boxes, value_map)
        np.testing.assert_array_equal(found.centres(value_map), expected.centres(value_map))
