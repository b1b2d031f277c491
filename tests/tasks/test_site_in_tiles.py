"""Tiles keep to what is asked of the ground, and leave existing wells what is theirs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import ParameterError
from models.wells.areas.polygons import Areas
from models.wells.bound.ceiling import upper_bound
from models.wells.bound.prices import PriceSearch
from models.wells.constraints import Ground
from models.wells.drainage import Existing
from models.wells.greedy import greedy
from models.wells.objective import Drainage, evaluate, marginal
from models.wells.site import Site
from tasks.well_tile_bound import bound_of
from tests.map_sources import InMemory, hilly
from tests.tasks.test_place_in_tiles import WELLS, bound_of_files, few_tiles


def sited(source: InMemory) -> Site:
    """Return ground across tiles with a lease, a lake, faults, and wells in and beside it."""
    width, height = source.whole.width_m, source.whole.height_m
    corner = np.array([width, height])
    lease = np.array([[0.08, 0.1], [0.95, 0.02], [0.9, 0.8], [0.5, 0.97], [0.1, 0.7]]) * corner
    lake = np.array([[0.4, 0.3], [0.62, 0.35], [0.55, 0.6], [0.42, 0.5]]) * corner
    fault = np.linspace([0.2, 0.0], [0.45, 1.0], 150) * corner
    ground = Ground(
        width, height, fault, 120.0, lease=Areas(((lease,),)), no_drill=Areas(((lake,),))
    )
    there = np.array([[0.3, 0.45], [0.7, 0.2], [0.72, 0.24], [0.99, 0.99]]) * corner
    old = Drainage(np.array([300.0, 200.0, 400.0, 150.0]), 3, np.array([4.0, 0.0, 30.0, 4.0]))
    return Site(ground, Existing(there, old))


def test_tiles_keep_to_leases_and_faults_and_leave_what_existing_wells_take(
    tmp_path: Path,
) -> None:
    source = hilly((100, 120), 4)
    search = replace(few_tiles(source), where=sited(source))
    plan = search.place()
    site = search.site
    assert site.ground.allows(plan.positions_m).all()
    np.testing.assert_array_equal(plan.positions_m, np.round(plan.positions_m, 3))
    whole, drainage = replace(source.whole, existing=site.existing), WELLS.of(9)
    value = evaluate(whole, plan.positions_m, drainage).value
    assert plan.value == pytest.approx(value, rel=1e-11)
    np.testing.assert_allclose(
        plan.marginal, marginal(whole, plan.positions_m, drainage), rtol=1e-8, atol=1e-9 * value
    )
    greedy_one = greedy(whole, drainage, allowed=site.ground.allowed_cells(whole))
    best = evaluate(whole, greedy_one, drainage).value
    assert plan.value >= 0.995 * best
    # All that is asked costs something here.
    free = few_tiles(source).place()
    assert plan.value < 0.97 * free.value
    found = bound_of(search, plan, tmp_path, iterations=60)
    assert found.taken == pytest.approx(whole.taken, rel=1e-9)
    prices = PriceSearch(
        whole,
        drainage,
        site.ground.cells_near(whole),
        worst=np.array([plan.marginal.min()]),
    )
    prices.run(60)
    other = min(upper_bound(whole, drainage, each, site.ground) for each in prices.prices())
    assert max(plan.value, best) <= found.bound <= 1.02 * other
    # The same with worthless prices, which are a bound all the same.
    for file in tmp_path.glob("lowered-*.npy"):
        np.save(file, np.load(file) * np.float32(0.3))
    assert bound_of_files(search, plan, tmp_path) >= plan.value


@pytest.mark.parametrize("spacing_m", [400.0, 900.0])
def test_wells_of_all_tiles_keep_their_distance(spacing_m: float) -> None:
    source = hilly((100, 120), 4, smooth=16.0)
    old = Existing(np.array([[3000.0, 2000.0]]), WELLS.of(1))
    ground = Ground(
        source.whole.width_m,
        source.whole.height_m,
        others_m=old.positions_m,
        spacing_m=spacing_m + 0.005,
    )
    search = replace(few_tiles(source, 14), where=Site(ground, old), sweeps=2)
    plan = search.place()
    every = np.concatenate([plan.positions_m, old.positions_m])
    distance = np.hypot(*(every[:, None] - every[None]).T) + 1e9 * np.eye(15)
    assert distance.min() >= spacing_m
    # It holds wells back, and they find places as good as those of a search on the whole map.
    whole, drainage = replace(source.whole, existing=old), WELLS.of(14)
    free = replace(search, where=Site(Ground(ground.width_m, ground.height_m), old)).place()
    assert plan.value < free.value
    others = greedy(
        whole, drainage, allowed=ground.allowed_cells(whole), spacing_m=ground.spacing_m
    )
    assert plan.value >= 0.99 * evaluate(whole, others, drainage).value


def test_wells_for_which_there_is_no_room_are_refused() -> None:
    source = hilly((100, 120), 4)
    ground = Ground(source.whole.width_m, source.whole.height_m, spacing_m=2500.0)
    search = replace(few_tiles(source, 14), where=Site(ground))
    with pytest.raises(ParameterError, match=r"finds room for \d of 14 wells"):
        search.place()


@pytest.mark.parametrize(("half_m", "looser"), [(120.0, 1.13), (500.0, 1.015)])
def test_the_bound_on_a_lease_smaller_than_its_wells_is_near_that_of_the_whole_map(
    half_m: float, looser: float, tmp_path: Path
) -> None:
    source = hilly((60, 70), 4)
    whole, drainage = source.whole, WELLS.of(3)
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    lease = Areas(((np.array([1200.0, 1100.0]) + half_m * corners,),))
    ground = Ground(whole.width_m, whole.height_m, lease=lease)
    search = replace(few_tiles(source, 3), where=Site(ground))
    plan = search.place()
    found = bound_of(search, plan, tmp_path, iterations=60)
    worst = np.array([plan.marginal.min()])
    prices = PriceSearch(whole, drainage, ground.cells_near(whole), worst=worst)
    prices.run(60)
    other = min(upper_bound(whole, drainage, each, ground) for each in prices.prices())
    assert plan.value <= found.bound <= looser * other


def test_wells_that_reach_nowhere_new_are_still_placed_and_bound(tmp_path: Path) -> None:
    """On a lease that one existing well drains: nothing is left, and the bound knows most of that."""
    source = hilly((60, 70), 4)
    centre = np.array([1200.0, 1100.0])
    ring = centre + 60.0 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    ground = Ground(
        source.whole.width_m, source.whole.height_m, lease=Areas(((ring.astype(float),),))
    )
    old = Existing(centre[None], Drainage(np.array([400.0]), 3, 4.0))
    search = replace(few_tiles(source, 3), where=Site(ground, old))
    plan = search.place()
    assert ground.allows(plan.positions_m).all()
    found = bound_of(search, plan, tmp_path, iterations=30)
    assert found.bound >= plan.value
    # What the existing well takes is counted once, in neither of them.
    assert found.bound <= 0.7 * found.taken
