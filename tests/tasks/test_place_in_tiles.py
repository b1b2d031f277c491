import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster

from deploy.cluster import connect
from models.wells.bound.ceiling import upper_bound
from models.wells.bound.prices import PriceSearch
from models.wells.constraints import Ground
from models.wells.greedy import greedy
from models.wells.map_tiles import MapTile
from models.wells.objective import Drainage, evaluate, gross, marginal, shares
from models.wells.site import Site
from storage.errors import MapError
from storage.ledger import open_ledger
from storage.map_store import write_map_store
from storage.maps.grid import GridMap
from tasks.map_source import cells_of_store, stored_map
from tasks.maps import reservoir_map
from tasks.place_in_tiles import TiledPlan, TiledSearch
from tasks.tile_prices import PriceFiles
from tasks.well_sweeps import movable_in, swept, window_job
from tasks.well_tile_bound import PriceJob, Pricing, bound_of, proven
from tasks.well_tiles import Alike, jobs_on, next_wells, worth
from tests.map_sources import InMemory, hilly

WELLS = Alike(Drainage(np.array([260.0]), 3, 4.0))


def some_wells(source: InMemory, count: int, seed: int = 0) -> np.ndarray:
    size = np.array([source.whole.width_m, source.whole.height_m])
    places: np.ndarray = np.random.default_rng(seed).uniform(0, 1, (count, 2)) * size
    return np.asarray(np.round(places, 3))


def few_tiles(source: InMemory, count: int = 9) -> TiledSearch:
    return TiledSearch(source, WELLS, count, seed=5, side=48, sweeps=1, steps=3)


def anywhere(source: InMemory) -> Site:
    return Site(Ground(source.whole.width_m, source.whole.height_m))


@pytest.mark.parametrize("side", [16, 31, 500])
def test_shares_of_all_tiles_sum_to_the_value_of_the_whole(side: int) -> None:
    source = hilly((90, 110), 1)
    positions = np.concatenate([some_wells(source, 40), [[0.0, 0.0], [5500.0, 3600.0]]])
    # Two at one place are two wells.
    positions[7] = positions[3]
    search = TiledSearch(source, WELLS, len(positions), side=side)
    columns = {"gross": np.zeros(42), "share": np.zeros(42), "marginal": np.zeros(42)}
    for job in jobs_on(search.tiles, search.sites, positions, source, search.apart_m):
        for name, answer in worth(job, source=source, wells=WELLS).items():
            columns[name][job.numbers] = answer
    drainage, scale = WELLS.of(42), 1e-9 * gross(source.whole, positions, WELLS.of(42)).max()
    for name, law in (("gross", gross), ("share", shares), ("marginal", marginal)):
        np.testing.assert_allclose(
            columns[name], law(source.whole, positions, drainage), 1e-9, scale
        )
    whole = evaluate(source.whole, positions, drainage).value
    assert columns["share"].sum() == pytest.approx(whole, rel=1e-11)


def test_a_tile_offers_what_a_well_there_would_add_to_the_whole_plan() -> None:
    source = hilly((90, 110), 2)
    positions = some_wells(source, 15)
    search = TiledSearch(source, WELLS, 15, side=40)
    before = evaluate(source.whole, positions, WELLS.of(15)).value
    for job in jobs_on(search.tiles, search.sites, positions, source, search.apart_m):
        offer = next_wells(job, source=source, wells=WELLS, count=2)
        place = np.array(offer["positions_m"][0])
        low, high = job.tile.corners_m(source.cell_m)
        assert (place > low).all()
        assert (place < high).all()
        added = evaluate(source.whole, np.vstack([positions, place]), WELLS.of(16)).value - before
        assert added == pytest.approx(offer["gains"][0], rel=1e-8)


def test_windows_move_only_what_lies_wholly_inside_and_say_what_they_gain() -> None:
    source = hilly((90, 110), 3)
    positions = some_wells(source, 25)
    window = MapTile(30, 90, 20, 80)
    reach_m = WELLS.reach_m
    movable = movable_in(window, positions, source, reach_m)
    job = window_job(window, positions, movable, source, reach_m, anywhere(source), (1, 2))
    assert 0 < movable.sum() < 25
    found = swept(job, source=source, wells=WELLS, steps=10)
    assert found["gain"] > 0
    moved = positions.copy()
    moved[movable] = found["positions_m"]
    before, after = (
        evaluate(source.whole, each, WELLS.of(25)).value for each in (positions, moved)
    )
    assert after - before == pytest.approx(found["gain"], rel=1e-7)
    low, high = window.corners_m(source.cell_m)
    # Where the window ends within the map, circles end within the window.
    assert (moved[movable] - WELLS.reach_m >= low).all()
    assert (moved[movable][:, 0] + WELLS.reach_m <= high[0]).all()
    assert (moved[movable][:, 1] <= high[1]).all()


@pytest.fixture(scope="module")
def placed() -> tuple[TiledSearch, TiledPlan]:
    search = few_tiles(hilly((100, 120), 4))
    return search, search.place()


def test_a_plan_of_tiles_is_near_that_of_the_whole_map(
    placed: tuple[TiledSearch, TiledPlan],
) -> None:
    search, plan = placed
    assert isinstance(search.source, InMemory)
    whole, drainage = search.source.whole, WELLS.of(9)
    assert plan.value == pytest.approx(
        evaluate(whole, plan.positions_m, drainage).value, rel=1e-11
    )
    assert plan.value >= 0.995 * evaluate(whole, greedy(whole, drainage), drainage).value
    assert Ground(whole.width_m, whole.height_m).allows(plan.positions_m).all()


def test_wells_beyond_the_cells_of_all_tiles_are_placed_too() -> None:
    search = TiledSearch(hilly((8, 9), 4), WELLS, 100, side=4, sweeps=1, steps=1)
    plan = search.place()
    assert len(plan.positions_m) == 100
    assert isinstance(search.source, InMemory)
    whole = evaluate(search.source.whole, plan.positions_m, WELLS.of(100)).value
    assert plan.value == pytest.approx(whole, rel=1e-11)


def test_the_bound_of_tiles_holds_and_is_near_that_of_the_whole_map(
    placed: tuple[TiledSearch, TiledPlan], tmp_path: Path
) -> None:
    search, plan = placed
    assert isinstance(search.source, InMemory)
    bound = bound_of(search, plan, tmp_path, iterations=60).bound
    whole, drainage = search.source.whole, WELLS.of(9)
    prices = PriceSearch(whole, drainage, worst=np.array([plan.marginal.min()]))
    prices.run(60)
    ground = Ground(whole.width_m, whole.height_m)
    other = min(upper_bound(whole, drainage, each, ground) for each in prices.prices())
    assert plan.value <= bound <= 1.02 * other
    # A bound holds for every plan, and for prices that are as wrong as they can be.
    for file in tmp_path.glob("lowered-*.npy"):
        np.save(file, np.load(file) * np.float32(0.3))
    again = bound_of_files(search, plan, tmp_path)
    assert again >= plan.value


def bound_of_files(search: TiledSearch, plan: TiledPlan, folder: Path) -> float:
    """Return the bound of the prices that lie in a folder."""
    files = PriceFiles(folder, search.source.shape, search.tile_side)
    pricing = Pricing(search.source, WELLS, files, float(plan.marginal.min()))
    proofs = [proven(PriceJob(tile, search.site), pricing=pricing) for tile in search.tiles]
    return float(sum(p["above"] for p in proofs) + 9 * max(p["most"] for p in proofs))


def test_a_run_goes_on_from_its_ledger_to_the_same_wells(
    placed: tuple[TiledSearch, TiledPlan], tmp_path: Path
) -> None:
    search, plan = placed
    seen: list[int] = []

    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:  # noqa: ARG001
        seen.append(1)
        if len(seen) == 14:
            raise StopError

    output = tmp_path / "wells.csv"
    with pytest.raises(StopError), open_ledger(output, {"a": 1}) as ledger:
        replace(search, ledger=ledger, progress=stop).place()
    with open_ledger(output, {"a": 1}) as ledger:
        assert len(ledger.done) > 5
        again = replace(search, ledger=ledger).place()
        ledger.close_complete()
    np.testing.assert_array_equal(again.positions_m, plan.positions_m)
    assert again.value == plan.value


def test_a_kept_map_is_read_by_rectangles(tmp_path: Path) -> None:
    values = hilly((70, 50), 6).map_values.copy()
    values[3, 4], values[5, 6], values[60, 6] = np.nan, -0.04 * values.max(), -1e-9
    grid = GridMap("OIL", values, 50.0, 40.0, 1, "abc")
    write_map_store(tmp_path / "map.zarr", grid, {"key": "k"})
    source = stored_map(tmp_path / "map.zarr")
    assert source.shape == (70, 50)
    assert source.cell_m == (50.0, 40.0)
    assert cells_of_store(tmp_path / "map.zarr") == 3500
    assert (source.without_value, source.below_zero) == (1, 2)
    found = source.values(MapTile(2, 40, 1, 50))
    # What the same file gives whole.
    whole = reservoir_map(tmp_path / "map.zarr")
    np.testing.assert_array_equal(found, whole.value_map.values[2:40, 1:50])
    assert (whole.without_value, whole.below_zero) == (1, 2)
    with pytest.raises(MapError, match="no kept map"):
        stored_map(tmp_path)
    write_map_store(tmp_path / "map.zarr", GridMap("OIL", values, 50.0, 40.0, 1, "xyz"), {})
    with pytest.raises(MapError, match="changed during the run"):
        source.values(MapTile(0, 9, 0, 9))


@pytest.mark.parametrize(
    ("value", "said"), [(-0.06, "1 values are negative"), (np.inf, "infinite")]
)
def test_a_kept_map_of_another_quantity_is_refused_as_it_is_whole(
    tmp_path: Path, value: float, said: str
) -> None:
    values = np.array([[1.0, 0.5], [value, np.nan]])
    write_map_store(tmp_path / "map.zarr", GridMap("OIL", values, 50.0, 40.0, 1, "abc"), {})
    for look in (stored_map, reservoir_map):
        with pytest.raises(MapError, match=said):
            look(tmp_path / "map.zarr")


def test_a_map_that_was_kept_without_the_range_of_its_values_is_kept_again(tmp_path: Path) -> None:
    write_map_store(tmp_path / "map.zarr", GridMap("OIL", np.ones((2, 2)), 5, 5, 0, "abc"), {})
    metadata = tmp_path / "map.zarr" / "zarr.json"
    document = json.loads(metadata.read_bytes())
    del document["attributes"]["most"]
    metadata.write_text(json.dumps(document))
    with pytest.raises(MapError, match="graben ingest-map --overwrite"):
        stored_map(tmp_path / "map.zarr")


@contextmanager
def clients(workers: int) -> Iterator[Client]:
    """Yield a client of so many worker processes; of more than two workers in this process."""
    if workers < 3:
        with connect(workers=workers) as client:
            yield client
        return
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=False,
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.mark.slow
def test_one_two_and_eight_workers_place_the_same_wells(tmp_path: Path) -> None:
    search = few_tiles(hilly((100, 120), 4))
    plans, bounds = [], []
    for workers in (1, 2, 8):
        folder = tmp_path / str(workers)
        folder.mkdir()
        with clients(workers) as client:
            here = replace(search, client=client)
            plans.append(here.place())
            bounds.append(bound_of(here, plans[-1], folder, iterations=20).bound)
    for plan in plans[1:]:
        np.testing.assert_array_equal(plan.positions_m, plans[0].positions_m)
        assert plan.value == plans[0].value
    assert len(set(bounds)) == 1
    # Threads too, where linear algebra has one thread as on workers: sums then have one order.
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        np.testing.assert_array_equal(search.place().positions_m, plans[0].positions_m)
