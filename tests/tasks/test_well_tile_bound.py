"""The bound of tiles holds for any prices, wherever tiles meet, and for wells that add nothing."""

from pathlib import Path

import numpy as np
import pytest

from models.wells.bound.ceiling import largest_gain
from models.wells.frame import MapFrame
from models.wells.map_tiles import MapTile, reach_cells
from models.wells.objective import Drainage, ValueMap, evaluate, gross
from storage.map_store import read_map_store
from tasks.place_in_tiles import TiledPlan, TiledSearch
from tasks.tile_prices import LOWERED, SEARCHED, PriceFiles, keep_price_map
from tasks.well_tile_bound import (
    TOLERANCE,
    PriceJob,
    Pricing,
    bound_of,
    lowered,
    price_of_well,
    proven,
)
from tasks.well_tiles import Alike
from tests.map_sources import InMemory, hilly

WELLS = Alike(Drainage(np.array([260.0]), 3, 4.0))
SIDE, STEP_M = 48, 20.0


def everywhere(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return positions on a fine grid of a rectangle, its borders and corners among them."""
    x, y = (np.append(np.arange(*span, STEP_M), span[1]) for span in zip(low, high, strict=True))
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def parts(kind: str, tiles: list[MapTile]) -> list[float]:
    """Return which part of the value is the price in each tile."""
    return {
        "the value": [1.0] * len(tiles),
        "three tenths": [0.3] * len(tiles),
        "nothing": [0.0] * len(tiles),
        "other ones in every tile": [(1.0, 0.2)[at % 2] for at in range(len(tiles))],
    }[kind]


@pytest.mark.parametrize(
    "kind", ["the value", "three tenths", "nothing", "other ones in every tile"]
)
def test_a_bound_holds_for_any_prices_and_wells_on_the_borders_of_tiles(
    kind: str, tmp_path: Path
) -> None:
    source = hilly((96, 118), 4)
    search = TiledSearch(source, WELLS, 9, side=SIDE)
    files = PriceFiles(tmp_path, source.shape, SIDE)
    prices = np.empty(source.shape)
    for tile, part in zip(search.tiles, parts(kind, search.tiles), strict=True):
        files.write(LOWERED, tile, (source.values(tile) * part).astype(np.float32))
        cells = slice(tile.top, tile.bottom), slice(tile.left, tile.right)
        prices[cells] = source.map_values[cells] * part
    files.begin_map(source.cell_m)
    pricing = Pricing(source, WELLS, files, 1.0)
    proofs = [proven(PriceJob(tile, search.site), pricing=pricing) for tile in search.tiles]
    priced_map = ValueMap(prices, *source.cell_m)
    for tile, proof in zip(search.tiles, proofs, strict=True):
        places = everywhere(*tile.corners_m(source.cell_m))
        best = gross(priced_map, places, WELLS.of(len(places))).max()
        # What lies around the tile is priced too: a well on its border reaches there.
        assert best * (1 - 1e-6) <= proof["most"]
    highest = max(proof["most"] for proof in proofs)
    places = everywhere(np.zeros(2), np.array([source.whole.width_m, source.whole.height_m]))
    best = gross(priced_map, places, WELLS.of(len(places))).max()
    # And no tile says much more than the best well of the map collects.
    assert highest <= max(best * (1 + TOLERANCE) * 1.003, pricing.asked * (1 + TOLERANCE))
    above = sum(proof["above"] for proof in proofs)
    whole = source.map_values.sum() * np.prod(source.cell_m) * 3
    assert sum(proof["everything"] for proof in proofs) == pytest.approx(whole, rel=1e-12)
    assert above == pytest.approx(
        whole - prices.sum() * np.prod(source.cell_m) * 3, rel=1e-6, abs=1e-6 * whole
    )
    # Plans of wells where tiles meet, and of the best single wells.
    corners = np.array([[48.0, 48.0], [96.0, 48.0], [48.0, 30.0], [70.0, 48.0]]) * source.cell_m
    alone = gross(source.whole, places, WELLS.of(len(places)))
    plans = [corners, np.concatenate([corners, corners]), places[np.argsort(-alone)[:9]]]
    plans += [places[[np.argmax(alone)]]]
    for plan in plans:
        value = evaluate(source.whole, plan, WELLS.of(len(plan))).value
        assert value <= above + len(plan) * highest


def test_prices_are_lowered_as_on_the_whole_map_where_they_differ_from_tile_to_tile(
    tmp_path: Path,
) -> None:
    """Against every well on a cell centre, one by one; a tile without prices has its value."""
    source = hilly((96, 118), 4)
    search = TiledSearch(source, WELLS, 9, side=SIDE)
    tiles = search.tiles
    files = PriceFiles(tmp_path, source.shape, SIDE)
    searched, rng = source.map_values.copy(), np.random.default_rng(2)
    for at, tile in enumerate(tiles[1:]):
        cells = slice(tile.top, tile.bottom), slice(tile.left, tile.right)
        searched[cells] *= (0.9, 0.25, 0.6)[at % 3] * (0.5 + 0.5 * rng.random(tile.shape))
        files.write(SEARCHED, tile, searched[cells].astype(np.float32))
    rows, columns = np.indices(source.shape)
    x, y = (columns + 0.5) * source.cell_m[0], (rows + 0.5) * source.cell_m[1]
    centres = np.column_stack([x.ravel(), y.ravel()])
    many = WELLS.of(len(centres))
    gains = gross(ValueMap(searched, *source.cell_m), centres, many)
    asked = float(np.quantile(gains, 0.6))
    for tile in tiles:
        lowered(PriceJob(tile, search.site), pricing=Pricing(source, WELLS, files, asked))
    whole = MapTile(0, source.shape[0], 0, source.shape[1])
    found = files.on(LOWERED, whole, source.map_values)
    # No well gains more than its price,
    after = gross(ValueMap(found.astype(np.float64), *source.cell_m), centres, many)
    assert after.max() <= asked * (1 + 1e-5)
    # and no price is lower than the wells that reach its cell make it.
    excess = np.maximum(gains / asked, 1.0).reshape(source.shape)
    up, across = reach_cells(WELLS.reach_m, source.cell_m)
    expected, wrong = searched.copy(), centres[excess.ravel() > 1]
    far_m = WELLS.reach_m + float(np.hypot(*source.cell_m))
    for row, column in np.ndindex(source.shape):
        place = centres[row * source.shape[1] + column]
        if np.hypot(*(wrong - place).T).min() > far_m:
            continue
        near = excess[
            max(row - up, 0) : row + up + 1, max(column - across, 0) : column + across + 1
        ]
        expected[row, column] /= near.max()
    assert 0.2 < (excess > 1).mean() < 0.6
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def one_hill(shape: tuple[int, int]) -> InMemory:
    """Return a map with one spot of value, smaller than a circle."""
    values = np.zeros(shape)
    values[20:23, 20:23] = 2.0
    return InMemory(values)


@pytest.mark.parametrize("source", [one_hill((60, 70)), InMemory(np.zeros((60, 70)))])
def test_wells_that_add_nothing_have_a_bound(source: InMemory, tmp_path: Path) -> None:
    search = TiledSearch(source, WELLS, 5, side=SIDE, sweeps=1, steps=2)
    plan = search.place()
    assert plan.marginal.min() <= 1e-6 * plan.value
    assert price_of_well(plan) > 0
    bound = bound_of(search, plan, tmp_path, iterations=10).bound
    everything = source.map_values.sum() * np.prod(source.cell_m) * 3
    assert plan.value <= bound <= everything * (1 + 1e-6)


def test_the_map_of_prices_that_is_kept_proves_the_bound(tmp_path: Path) -> None:
    """By themselves, on the whole map: what lies above them, and the most that every well gains on them."""
    source = hilly((96, 118), 4)
    search = TiledSearch(source, WELLS, 9, side=SIDE, sweeps=1, steps=5)
    found = bound_of(search, search.place(), tmp_path, iterations=60)
    store, frame = tmp_path / "kept.zarr", MapFrame(4e5, 6e6, 30.0)
    for _ in range(2):  # a run that is stopped after this finds it done
        keep_price_map(store, tmp_path, "these wells", source.cell_m, frame, found.dearest)
    kept = read_map_store(store)
    assert (kept.corner, kept.azimuth_deg) == ((4e5, 6e6), 30.0)
    prices = kept.values
    assert (prices >= 0).all()
    assert (prices <= source.map_values).all()
    assert prices.max() == found.dearest
    unit = float(np.prod(source.cell_m)) * WELLS.one.total_weight
    above = (source.map_values - prices).sum() * unit
    assert above > 0.1 * found.bound
    most = largest_gain(ValueMap(prices, *source.cell_m), WELLS.one, search.site.ground)
    assert above + 9 * most == pytest.approx(found.bound, rel=2 * TOLERANCE)


@pytest.mark.parametrize("worst", [0.0, -1e-9, 3.0])
def test_the_price_of_a_well_is_what_the_worst_adds_or_a_little(worst: float) -> None:
    numbers = np.array([9.0, worst])
    plan = TiledPlan(np.zeros((2, 2)), numbers, numbers, numbers, np.array([9.0]))
    price = price_of_well(plan)
    assert price == 3.0 if worst > 0 else 0 < price < 1e-3


def test_prices_that_are_no_numbers_are_the_value(tmp_path: Path) -> None:
    files, tile = PriceFiles(tmp_path, (4, 4), 4), MapTile(0, 4, 0, 4)
    values = np.ones((4, 4)) * 0.7
    files.write(LOWERED, tile, np.full((4, 4), np.nan, np.float32))
    found = files.on(LOWERED, tile, values)
    assert (found <= values).all()
    np.testing.assert_allclose(found, values, rtol=1e-6)
