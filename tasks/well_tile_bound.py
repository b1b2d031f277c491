"""The proven bound on a map beyond memory: prices by tiles, put together by a sum and a largest number.

With what the worst well of a plan adds as the price of a well, tiles have nothing else in common than the
ground at their edges. So prices are sought tile by tile (`priced`), lowered where a well would gain more than
its price (`lowered`, which sees the prices of the tiles around), and held against every position
(`proven`). Any prices prove a bound: what two tiles do not agree on costs sharpness and not validity.
"""

from dataclasses import dataclass, replace
from functools import partial
from math import fsum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, maximum_filter
from scipy.signal import oaconvolve

from models.wells.bound.box_kernel import outset_of
from models.wells.bound.ceiling import largest_gain
from models.wells.bound.levels import PriceLevels
from models.wells.map_tiles import MapTile, reach_cells
from models.wells.objective import ValueMap
from models.wells.site import Site
from models.wells.transforms import kernels_of
from tasks.fan_out import Result
from tasks.map_source import MapSource, part_of
from tasks.place_in_tiles import TiledPlan, TiledSearch
from tasks.tile_prices import LOWERED, SEARCHED, PriceFiles
from tasks.well_tiles import Alike

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]

HOPE = 0.97
"""Where no well on a cell centre gains this part of its price on the whole value, prices are the value."""

ITERATIONS = 360
"""On the prices of a tile."""

LEAST = 1e-6
"""Price of a well that adds nothing, in proportion to the best single one."""

PRICES_TO_WELLS = 1.5
"""How many norms of the prices under one well weigh as much as a well: of .7, 1.5 and 3 the best."""

TOLERANCE = 2e-3
"""How near to the true maximum the largest gain is worked out, in proportion."""


@dataclass(frozen=True, slots=True)
class PriceJob:
    """A tile, and what of the site matters there."""

    tile: MapTile
    site: Site


@dataclass(frozen=True, slots=True)
class Pricing:
    """What the jobs of a bound have in common.

    Attributes
    ----------
    source, wells
        The map, and what wells are like.
    files
        Where prices lie.
    asked
        The price of a well, positive: map value times square metres.
    """

    source: MapSource
    wells: Alike
    files: PriceFiles
    asked: float


@dataclass(frozen=True, slots=True)
class TiledBound:
    """A number that no plan of as many wells on the site exceeds.

    Attributes
    ----------
    bound, taken
        The number, and what existing wells collect, which is not in it: map value times square metres.
    dearest
        The highest price, map value.
    """

    bound: float
    taken: float
    dearest: float


def bound_of(search: TiledSearch, plan: TiledPlan, folder: Path, *, iterations: int) -> TiledBound:
    """Return the bound of a plan's value, and leave the map of the prices that prove it in a folder.

    Parameters
    ----------
    search, plan
        What was asked, and the plan.
    folder
        Where prices lie while they are needed; it must be there, for all workers.
    iterations
        On the prices of each tile.
    """
    asked = price_of_well(plan)
    files = PriceFiles(folder, search.source.shape, search.tile_side)
    tiles = search.tiles
    reach = reach_cells(search.wells.reach_m, search.source.cell_m)
    far = 2 * reach[0], 2 * reach[1]
    site = search.site
    everything, hopeful = {}, {}
    for at, tile in enumerate(tiles):
        wide = tile.widened(far, search.source.shape)
        job = PriceJob(tile, site.near(*wide.corners_m(search.source.cell_m)))
        everything[str(at)] = job
        near = [one for one, other in enumerate(tiles) if other.shared(wide)]
        best = float(max(plan.best_of[near]))
        # What existing wells take a well gains on prices that are the value, as if they were not there.
        if best >= HOPE * asked or (np.isfinite(best) and job.site.existing is not None):
            hopeful[str(at)] = job
    pricing = Pricing(search.source, search.wells, files, asked)
    work = partial(priced, pricing=pricing, count=search.count, iterations=iterations)
    search.run(work, hopeful, "prices")
    search.run(partial(lowered, pricing=pricing), hopeful, "lowering")
    files.begin_map(search.source.cell_m)
    proofs = search.run(partial(proven, pricing=pricing), everything, "proof")
    most = float(max(proof["most"] for proof in proofs))
    above = fsum(proof["above"] for proof in proofs)
    whole = fsum(proof["everything"] for proof in proofs)
    taken = fsum(proof["taken"] for proof in proofs)
    total = above + search.count * most
    outset = outset_of(search.wells.reach_m, search.source.shape, search.source.cell_m)
    rounding = (whole + abs(total) + 2 * taken) * outset
    dearest = float(max(proof["dearest"] for proof in proofs))
    return TiledBound(min(total, whole) + rounding, taken, dearest)


def price_of_well(plan: TiledPlan) -> float:
    """Return what the worst well of a plan adds, positive: what a well has to pay at least.

    Wells beyond those that the map has room for add nothing, or by rounding a hair less, and prices go by
    proportions of this one.
    """
    best = float(plan.best_of.max())
    return max(float(plan.marginal.min()), LEAST * best if best > 0 else 1.0)


def priced(job: PriceJob, *, pricing: Pricing, count: int, iterations: int) -> Result:
    """Seek the prices of a tile and write them.

    Parameters
    ----------
    job, pricing
        The tile, and what is asked.
    count, iterations
        Wells at most, and iterations.
    """
    source, wells, asked = pricing.source, pricing.wells, pricing.asked
    wide = job.tile.widened(reach_cells(2 * wells.reach_m, source.cell_m), source.shape)
    site = job.site.on(*wide.corners_m(source.cell_m))
    value_map = replace(part_of(source, wide), existing=site.existing)
    costs = np.full(count, asked)
    # The mean of a tile says little of the few places where wells pay: steps go by the norms of the
    # prices under one well and of that well.
    cells = np.pi * wells.reach_m**2 / (source.cell_m[0] * source.cell_m[1])
    mean = asked / float(np.pi * wells.one.table_m[0] ** 2 @ wells.one.weight_of)
    weight = PRICES_TO_WELLS * mean * max(1.0, float(np.sqrt(cells)))
    possible = _where_wells_stand(site, value_map)
    if possible is not None and not possible.any():
        return {}  # without a well in reach prices are the value
    search = PriceLevels(value_map, wells.of(count), possible, costs, np.array([asked]), weight)
    search.run(iterations)
    prices = min(search.prices(), key=search.highest)
    pricing.files.write(SEARCHED, job.tile, prices[job.tile.within(wide)])
    return {}


def lowered(job: PriceJob, *, pricing: Pricing) -> Result:
    """Lower the prices of a tile until no well on a cell centre gains more than its price; write them.

    Each price is divided by the most that any well in reach gains too much: then none does. The largest of
    a square is quick to find; what lies in its corners, beyond the circles of such wells, keeps its price.
    """
    source, files, tile = pricing.source, pricing.files, job.tile
    reach = reach_cells(pricing.wells.reach_m, source.cell_m)
    wide = tile.widened((2 * reach[0], 2 * reach[1]), source.shape)
    values = source.values(wide)
    prices = files.on(SEARCHED, wide, values)
    value_map = ValueMap(values, *source.cell_m)
    kernel = kernels_of(value_map, pricing.wells.one)[0]
    gains = oaconvolve(prices.astype(np.float64), kernel, mode="same")
    possible = _where_wells_stand(job.site.on(*wide.corners_m(source.cell_m)), value_map)
    if possible is not None:
        gains[~possible] = 0.0
    over = gains > pricing.asked
    size = tuple(2 * far + 1 for far in reach)
    excess = maximum_filter(
        np.maximum(gains / pricing.asked, 1.0), size, mode="constant", cval=1.0
    )
    if over.any():
        cell = source.cell_m[::-1]
        away = distance_transform_edt(~over, sampling=cell)
        excess[away > pricing.wells.reach_m + np.hypot(*cell)] = 1.0
    within = tile.within(wide)
    files.write(LOWERED, tile, (prices[within] / excess[within]).astype(np.float32))
    return {}


def proven(job: PriceJob, *, pricing: Pricing) -> Result:
    """Return what of a bound is a tile's, and keep its prices.

    Returns
    -------
    dict
        ``above``: what lies above the prices in the tile, and ``everything`` that is there to collect, for
        wells in all periods, map value times square metres; ``taken``: what existing wells collect there;
        ``most``: what no well in the tile exceeds on the prices; ``dearest``: the highest of these.
    """
    source, wells, tile = pricing.source, pricing.wells, job.tile
    wide = tile.widened(reach_cells(wells.reach_m, source.cell_m), source.shape)
    site = job.site.on(*wide.corners_m(source.cell_m))
    values = source.values(wide)
    prices = pricing.files.on(LOWERED, wide, values)
    # A price in float32 that should be the value lies a hair below it, which on a large map adds up.
    held = np.where(prices >= values * (1 - 2e-7), values, prices)
    within = tile.within(wide)
    pricing.files.keep(tile, prices[within])
    unit = source.cell_m[0] * source.cell_m[1] * wells.one.total_weight
    most = largest_gain(
        ValueMap(held, *source.cell_m),
        wells.one,
        site.ground,
        known=pricing.asked,
        tolerance=TOLERANCE,
    )
    taken, taken_held = (_taken(each, within, source, site) for each in (values, held))
    return {
        # Existing wells hold their places in the plan and in the bound.
        "above": float((values - held)[within].sum()) * unit + taken_held - taken,
        "everything": float(values[within].sum()) * unit - taken,
        "taken": taken,
        "most": most,
        "dearest": float(prices[within].max()),
    }


def _where_wells_stand(site: Site, value_map: ValueMap) -> NDArray[np.bool_] | None:
    """Return the cells that a well may stand in, and those beside them; None for all."""
    return None if site.ground.is_whole else site.ground.cells_near(value_map)


def _taken(values: Float, within: tuple[slice, slice], source: MapSource, site: Site) -> float:
    """Return what existing wells collect in a part of a rectangle."""
    if site.existing is None:
        return 0.0
    own = np.zeros_like(values)
    own[within] = values[within]
    return ValueMap(own, *source.cell_m, existing=site.existing).taken
