"""A rectangle of a site allows what the whole allows there, and knows the wells that reach in."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.wells.areas.polygons import Areas
from models.wells.constraints import Ground
from models.wells.drainage import Drainage, Existing
from models.wells.objective import ValueMap, evaluate
from models.wells.site import Site, held_within

WIDTH, HEIGHT = 3000.0, 2000.0


def ground_of(seed: int, *, lease: bool = True, no_drill: bool = True, faults: int = 30) -> Ground:
    """Return ground with leases of two parts, areas without drilling and faults, some beside the map."""
    rng = np.random.default_rng(seed)

    def blob(radius: float) -> tuple[np.ndarray, ...]:
        angle = np.sort(rng.uniform(0, 2 * np.pi, 7))
        middle = rng.uniform(0, 1, 2) * (WIDTH, HEIGHT)
        far = radius * rng.uniform(0.4, 1.0, 7)
        return (middle + np.column_stack([np.cos(angle) * far, np.sin(angle) * far]),)

    return Ground(
        WIDTH,
        HEIGHT,
        rng.uniform(-0.1, 1.1, (faults, 2)) * (WIDTH, HEIGHT),
        90.0,
        lease=Areas((blob(1300.0), blob(800.0))) if lease else None,
        no_drill=Areas((blob(300.0), blob(200.0), blob(100.0))) if no_drill else None,
        edge_m=12.0,
    )


def rectangle(seed: int) -> tuple[np.ndarray, np.ndarray]:
    corners = np.random.default_rng(seed + 9).uniform(0, 1, (2, 2)) * (WIDTH, HEIGHT)
    low, high = np.floor(corners.min(axis=0)), np.floor(corners.max(axis=0)) + 5.0
    return low, np.minimum(high, (WIDTH, HEIGHT))


@given(seed=st.integers(0, 10**6), lease=st.booleans(), no_drill=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_rectangle_allows_what_the_map_allows_there(
    seed: int, lease: bool, no_drill: bool
) -> None:
    ground = ground_of(seed, lease=lease, no_drill=no_drill)
    low, high = rectangle(seed)
    places = np.random.default_rng(seed).uniform(0, 1, (300, 2)) * (high - low)
    site = Site(ground)
    for here in (site.on(low, high), site.near(low, high).on(low, high)):
        np.testing.assert_array_equal(here.ground.allows(places), ground.allows(places + low))
    np.testing.assert_array_equal(
        site.near(low, high).ground.allows(places + low), ground.allows(places + low)
    )


@given(seed=st.integers(0, 10**6), faults=st.sampled_from([0, 30]))
@settings(max_examples=60, deadline=None)
def test_ground_held_within_a_rectangle_allows_what_is_allowed_there_and_nothing_else(
    seed: int, faults: int
) -> None:
    ground = ground_of(seed, lease=seed % 2 == 0, faults=faults)
    low, high = rectangle(seed)
    # A side of the map is no side to be kept away from.
    low[seed % 3 == 0] = 0.0
    held = held_within(ground, low, high)
    places = np.random.default_rng(seed).uniform(0, 1, (400, 2)) * (WIDTH, HEIGHT)
    places = np.concatenate([places, [[0.0, 0.0], [WIDTH, HEIGHT], low + 0.01, high - 0.01]])
    within = ((places >= low) & (places <= high)).all(axis=1)
    np.testing.assert_array_equal(held.allows(places), within & ground.allows(places))


@given(seed=st.integers(0, 10**6), lease=st.booleans(), no_drill=st.booleans())
@settings(max_examples=60, deadline=None)
def test_cells_near_allowed_ground_in_a_rectangle_are_near_some_on_the_map(
    seed: int, lease: bool, no_drill: bool
) -> None:
    ground, side = ground_of(seed, lease=lease, no_drill=no_drill), 50.0
    rows, columns = int(HEIGHT / side), int(WIDTH / side)
    near = ground.cells_near(ValueMap(np.zeros((rows, columns)), side, side))
    rng = np.random.default_rng(seed)
    top, left = rng.integers(0, rows), rng.integers(0, columns)
    bottom, right = rng.integers(top + 1, rows + 1), rng.integers(left + 1, columns + 1)
    low, high = np.array([left, top]) * side, np.array([right, bottom]) * side
    here = Site(ground).on(low, high).ground
    found = here.cells_near(ValueMap(np.zeros((bottom - top, right - left)), side, side))
    assert not (found & ~near[top:bottom, left:right]).any()
    # A well that is allowed stands in one of them.
    places = rng.uniform(0, 1, (300, 2)) * (high - low)
    x, y = (places[here.allows(places)] / side).astype(int).T
    assert found[y, x].all()


def test_areas_whose_edges_are_far_cost_a_job_nothing() -> None:
    angle = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    ring = (1500.0, 1000.0) + 900.0 * np.column_stack([np.cos(angle), np.sin(angle)])
    hole = ring[::50] / 3 + np.array([1000.0, 2000.0 / 3])  # 300 m around the same middle
    lease = Ground(WIDTH, HEIGHT, lease=Areas(((ring, hole),)))
    lake = Ground(WIDTH, HEIGHT, no_drill=Areas(((ring, hole),)))
    places = np.random.default_rng(3).uniform(0, 1, (200, 2)) * 200.0
    # Within it, beside it, in its hole, at the edge of the hole, at its own.
    for corner in ((900.0, 900.0), (0.0, 0.0), (1400.0, 900.0), (1200.0, 900.0), (700.0, 400.0)):
        low = np.array(corner)
        for ground in (lease, lake):
            here = Site(ground).near(low, low + 200.0).ground
            np.testing.assert_array_equal(here.allows(places + low), ground.allows(places + low))
            far = corner in ((900.0, 900.0), (0.0, 0.0), (1400.0, 900.0))
            assert (len(pickle.dumps(here)) < 2000) == far


def test_ground_held_within_the_map_is_the_ground() -> None:
    ground = Ground(WIDTH, HEIGHT)
    assert held_within(ground, np.zeros(2), np.array([WIDTH, HEIGHT])) is ground
    assert not held_within(ground, np.zeros(2), np.array([WIDTH, HEIGHT - 1])).is_whole


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_a_rectangle_knows_all_wells_that_reach_in(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0, 1, (40, 60))
    positions = rng.uniform(-0.1, 1.1, (12, 2)) * (WIDTH, HEIGHT)
    wells = Drainage(rng.uniform(40, 300, 12), 2, rng.uniform(0, 30, 12))
    site = Site(Ground(WIDTH, HEIGHT), Existing(positions, wells))
    cell, (top, bottom), (left, right) = 50.0, (10, 31), (20, 47)
    low, high = np.array([left, top]) * cell, np.array([right, bottom]) * cell
    own = np.zeros_like(values)
    own[top:bottom, left:right] = values[top:bottom, left:right]
    whole = ValueMap(own, cell, cell, existing=site.existing)
    here = site.on(low, high)
    part = ValueMap(values[top:bottom, left:right], cell, cell, existing=here.existing)
    hair = 1e-12 * float(values.sum()) * cell**2
    assert part.taken == pytest.approx(whole.taken, rel=1e-12, abs=hair)
    one = Drainage(np.array([200.0]), 2, 10.0)
    place = low + rng.uniform(0, 1, 2) * (high - low)
    assert evaluate(part, (place - low)[None], one).value == pytest.approx(
        evaluate(whole, place[None], one).value, rel=1e-9, abs=hair
    )


def test_no_wells_near_are_none() -> None:
    wells = Existing(np.array([[100.0, 100.0]]), Drainage(np.array([50.0])))
    site = Site(Ground(WIDTH, HEIGHT), wells)
    far = np.array([1000.0, 1000.0])
    assert site.near(far, far + 500).existing is None
    more = Existing(np.array([[9.0, 9.0]]), Drainage(np.array([70.0])))
    assert Site(site.ground).with_wells(None) is None
    assert Site(site.ground).with_wells(more) is more
    both = site.with_wells(more)
    assert both is not None
    assert both.drainage.radii_m.tolist() == [50.0, 70.0]
