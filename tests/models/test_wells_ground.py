"""Laws of the ground that wells may stand on: leases, no-drill areas, spacing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ParameterError
from models.wells.areas.polygons import Areas
from models.wells.bound.ceiling import upper_bound
from models.wells.bound.prices import PriceSearch
from models.wells.constraints import Ground
from models.wells.drainage import Drainage
from models.wells.greedy import greedy
from models.wells.objective import ValueMap, evaluate
from models.wells.polish import polish
from models.wells.ruin import Refinement
from tests.models.test_wells_bound import best_prices, rough_map

SQUARE = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])


def star(rng: np.random.Generator, centre: tuple[float, float], size: float) -> np.ndarray:
    """Return a ring that does not cross itself, with dents."""
    turn = np.sort(rng.random(9)) * 2 * np.pi
    far = size * (0.3 + 0.7 * rng.random(9))
    ring: np.ndarray = np.array(centre) + far[:, None] * np.column_stack(
        [np.cos(turn), np.sin(turn)]
    )
    return ring


def winding_inside(ring: np.ndarray, point: np.ndarray) -> bool:
    """Tell by the sum of angles whether a ring goes around a point."""
    to = ring - point
    after = np.roll(to, -1, axis=0)
    cross = to[:, 0] * after[:, 1] - to[:, 1] * after[:, 0]
    return bool(abs(np.arctan2(cross, (to * after).sum(axis=1)).sum()) > np.pi)


def edge_distance(ring: np.ndarray, point: np.ndarray) -> float:
    """Return the distance to a ring by many points along it."""
    part = np.linspace(0, 1, 2001)[:, None, None]
    along = ring + part * (np.roll(ring, -1, axis=0) - ring)
    return float(np.hypot(*(along - point).reshape(-1, 2).T).min())


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_depth_is_the_distance_to_the_edge_positive_inside(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rings = [star(rng, (0.0, 0.0), 100.0), star(rng, (150.0, 20.0), 90.0)]
    points = rng.random((6, 2)) * 400 - 150
    depth = Areas(tuple((ring,) for ring in rings)).depth_m(points)
    for point, found in zip(points, depth, strict=True):
        each = [
            edge_distance(ring, point) * (1 if winding_inside(ring, point) else -1)
            for ring in rings
        ]
        assert found == pytest.approx(max(each), abs=0.2)


def test_a_ring_in_a_ring_is_a_hole_and_rings_may_be_closed() -> None:
    hole = SQUARE * 0.2 + 4.0
    points = np.array([[5.0, 5.0], [2.0, 5.0], [5.0, 12.0], [10.0, 5.0]])
    for outer in (SQUARE, np.concatenate([SQUARE, SQUARE[:1]])):
        depth = Areas(((outer, hole),)).depth_m(points)
        np.testing.assert_allclose(depth, [-1.0, 2.0, -2.0, 0.0], atol=1e-12)


@pytest.mark.parametrize(
    "polygons", [(), ((),), ((SQUARE[:2],),), ((SQUARE * np.nan,),), ((np.zeros(3),),)]
)
def test_what_is_no_polygon_is_told(polygons: tuple[tuple[np.ndarray, ...], ...]) -> None:
    with pytest.raises(ParameterError):
        Areas(polygons)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_all_that_is_nearer_than_the_clearance_is_allowed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ground = Ground(
        1000.0,
        800.0,
        rng.random((3, 2)) * 1000,
        60.0,
        lease=Areas(((star(rng, (500, 400), 600.0),), (star(rng, (200, 300), 300.0),))),
        no_drill=Areas(((star(rng, (600, 300), 200.0),),)),
        edge_m=3.0,
        others_m=rng.random((2, 2)) * 800,
        spacing_m=50.0,
    )
    points = rng.random((40, 2)) * [1000, 800]
    clearance = ground.clearance_m(points)
    turn = rng.random(40) * 2 * np.pi
    step = np.maximum(clearance, 0)[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    moved = ground.clearance_m(points + step * (1 - 1e-9))
    assert (moved[clearance >= 0] >= -1e-6).all()
    # And the other way: it falls by no more than one goes.
    elsewhere = points[::-1]
    far = np.hypot(*(points - elsewhere).T)
    assert (np.abs(clearance - ground.clearance_m(elsewhere)) <= far + 1e-6).all()


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), spacing=st.sampled_from([0.0, 250.0, 700.0]))
def test_every_step_of_the_search_stays_on_the_lease_and_apart(seed: int, spacing: float) -> None:
    rng = np.random.default_rng(seed)
    value_map = rough_map(30, 40, seed, (100.0, 80.0))
    ground = Ground(
        4000.0,
        2400.0,
        lease=Areas(((star(rng, (2000, 1200), 2500.0),),)),
        no_drill=Areas(((star(rng, (1500, 900), 500.0),),)),
        others_m=np.array([[2500.0, 1500.0]]),
        spacing_m=spacing,
    )
    drainage = Drainage(np.full(4, 350.0), 2, 10.0)
    try:
        allowed = None if ground.is_whole else ground.allowed_cells(value_map)
        begun = greedy(value_map, drainage, allowed=allowed, spacing_m=spacing)
    except ParameterError:
        return

    def is_right(positions: np.ndarray) -> bool:
        gaps = np.hypot(*(positions[:, None] - positions[None]).transpose(2, 0, 1))
        apart = (gaps + np.eye(4) * 1e9).min() >= spacing
        others = np.hypot(*(positions - ground.others_m).T).min() >= spacing
        return bool(ground.allows(positions).all() and apart and others)

    assert is_right(begun)
    polished = polish(value_map, begun, drainage, ground)
    assert is_right(polished)
    before, after = (evaluate(value_map, p, drainage).value for p in (begun, polished))
    assert after >= before
    refinement = Refinement(value_map, drainage, ground, polished, allowed=allowed, seed=seed)
    for _ in range(6):
        refinement.step()
        assert is_right(refinement.positions_m)
    assert refinement.value >= after * (1 - 1e-12)
    prices = PriceSearch(value_map, drainage, ground.cells_near(value_map))
    prices.run(30)
    bound = upper_bound(value_map, drainage, best_prices(prices), ground, most_boxes=3000)
    assert refinement.value <= bound


def test_a_well_held_back_by_a_lease_slides_along_its_edge() -> None:
    """The richest spot lies outside: the best allowed place is on a slanting edge."""
    x = (np.arange(40) + 0.5) * 50.0
    hill = 10.0 * np.exp(-(((x - 1400) / 600) ** 2))
    value_map = ValueMap(hill[None, :] * hill[:, None], 50.0, 50.0)
    lease = Areas(((np.array([[0.0, 0.0], [1900.0, 0.0], [0.0, 1500.0]]),),))
    ground = Ground(2000.0, 2000.0, lease=lease)
    drainage = Drainage(np.array([200.0]))
    ended = polish(value_map, np.array([[200.0, 150.0]]), drainage, ground)
    part = np.linspace(0, 1, 2000)[:, None]
    edge = np.array([1900.0, 0.0]) * (1 - part) + np.array([0.0, 1500.0]) * part
    best = max(evaluate(value_map, spot[None], drainage).value for spot in edge)
    assert evaluate(value_map, ended, drainage).value >= best * (1 - 1e-3)
    assert 0 <= lease.depth_m(ended)[0] < 1.0


def test_wells_that_hold_each_other_back_slide_along_each_other() -> None:
    """Two wells share one hill: apart as asked, the best pair lies across its top."""
    x = (np.arange(60) + 0.5) * 50.0
    hill = 10.0 * np.exp(-(((x - 1500) / 500) ** 2))
    value_map = ValueMap(hill[None, :] * hill[:, None], 50.0, 50.0)
    ground = Ground(3000.0, 3000.0, spacing_m=900.0)
    drainage = Drainage(np.full(2, 200.0))
    begun = greedy(value_map, drainage, spacing_m=900.0)
    ended = polish(value_map, begun, drainage, ground)
    best = max(
        evaluate(
            value_map,
            np.array([[1500 + a, 1500.0], [1500 + a - far, 1500.0]]),
            drainage,
        ).value
        for far in (900.0, 950.0)
        for a in np.linspace(0, 900, 91)
    )
    assert evaluate(value_map, ended, drainage).value >= best * 0.98
    assert np.hypot(*(ended[0] - ended[1])) >= 900.0


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), spacing=st.floats(1, 300))
def test_wells_pushed_apart_are_apart_or_where_they_were(seed: int, spacing: float) -> None:
    rng = np.random.default_rng(seed)
    ground = Ground(1000.0, 1000.0, others_m=rng.random((1, 2)) * 1000, spacing_m=spacing)
    before = rng.random((6, 2)) * 1000
    if not ground.allows(before).all() or (ground.apart_m(before) < 0).any():
        return
    moved = np.clip(before + rng.standard_normal((6, 2)) * 150, 0, 1000)
    after = ground.pushed_apart(moved, before)
    assert ground.allows(after).all()
    assert (ground.apart_m(after) >= 0).all()


def test_small_circles_far_apart_stay_apart_in_every_step() -> None:
    """The spacing reaches much farther than the circles: wells whose circles do not meet matter too."""
    value_map = rough_map(30, 30, 7, (100.0, 100.0))
    ground, drainage = Ground(3000.0, 3000.0, spacing_m=800.0), Drainage(np.full(9, 120.0))
    begun = greedy(value_map, drainage, spacing_m=800.0)
    refinement = Refinement(value_map, drainage, ground, begun, seed=3)
    for _ in range(60):
        refinement.step()
        assert (ground.apart_m(refinement.positions_m) >= 0).all()
    assert refinement.value > evaluate(value_map, begun, drainage).value


def test_more_wells_than_the_spacing_bears_are_told_or_left_out() -> None:
    value_map = rough_map(10, 10, 3, (100.0, 100.0))
    drainage = Drainage(np.full(9, 100.0))
    with pytest.raises(ParameterError, match=r"room for \d of 9 wells"):
        greedy(value_map, drainage, spacing_m=700.0)
    some = greedy(value_map, drainage, spacing_m=700.0, fewer=True)
    assert 1 <= len(some) < 9


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"lease": Areas(((SQUARE * 0.1 + 1.0,),))}, "within it"),
        ({"no_drill": Areas(((SQUARE * 100 - 50,),))}, "outside"),
        ({"others_m": np.array([[500.0, 500.0]]), "spacing_m": 1e4}, "existing wells"),
        (
            {"keep_out_m": np.array([[500.0, 500.0]]), "distance_m": 1e4},
            "that far from all faults",
        ),
    ],
)
def test_ground_without_any_cell_says_why(given: dict[str, object], said: str) -> None:
    value_map = rough_map(8, 8, 1, (100.0, 100.0))
    with pytest.raises(ParameterError, match=said):
        Ground(800.0, 800.0, **given).allowed_cells(value_map)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [{"distance_m": -1.0}, {"spacing_m": np.nan}])
def test_distances_that_cannot_be_are_refused(given: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        Ground(1.0, 1.0, **given)  # type: ignore[arg-type]
