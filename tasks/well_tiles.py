"""What one tile of a large map tells of wells: where the next would gain most, what those there are worth.

A job reads its tile with a reach around it and knows of the wells that matter there, so its answer is that
of the whole map; answers belong to tiles and not to workers.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.wells.drainage import Existing
from models.wells.greedy import greedy
from models.wells.map_tiles import Cell, MapTile, inside, reach_cells
from models.wells.objective import Drainage, ValueMap, evaluate, gross, marginal, shares
from models.wells.site import Site
from tasks.fan_out import Result
from tasks.map_source import MapSource, part_of

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TileJob:
    """A tile and the wells that matter there.

    Attributes
    ----------
    tile
        The cells that are the job's own.
    own, near
        Positions on the map of its wells, and of others whose circles may meet circles of its own,
        shape (n, 2), metres.
    numbers
        Of its wells in the plan, shape (n,).
    site
        What of the site matters there.
    """

    tile: MapTile
    own: Float
    near: Float
    numbers: NDArray[np.intp]
    site: Site


@dataclass(frozen=True, slots=True)
class Alike:
    """Wells that differ in nothing but their places.

    Attributes
    ----------
    one
        The drainage of one of them.
    """

    one: Drainage

    @property
    def reach_m(self) -> float:
        """The largest radius, metres."""
        return float(self.one.table_m.max())

    def of(self, count: int) -> Drainage:
        """Return the drainage of so many."""
        return self.one.some(np.zeros(count, np.intp))

    def at(self, positions_m: Float) -> Existing | None:
        """Return wells at these places as ones that are there already; None for none."""
        return Existing(positions_m, self.of(len(positions_m))) if len(positions_m) else None


def sites_on(tiles: list[MapTile], source: MapSource, wells: Alike, site: Site) -> list[Site]:
    """Return what of the site matters in each tile and a reach around it.

    Parameters
    ----------
    tiles
        Of the map.
    source, wells, site
        The map, what wells are like, where they may stand.
    """
    corners = [tile.corners_m(source.cell_m) for tile in tiles]
    return [site.near(low - wells.reach_m, high + wells.reach_m) for low, high in corners]


def jobs_on(
    tiles: list[MapTile],
    sites: list[Site],
    positions_m: Float,
    source: MapSource,
    apart_m: float,
) -> list[TileJob]:
    """Return the job of each tile; every well is one tile's own.

    Parameters
    ----------
    tiles, sites
        Tiles that share no cell and leave none out, and what of the site matters in each (`sites_on`).
    positions_m
        The plan, shape (wells, 2), metres.
    source
        The map.
    apart_m
        Distance from which on two wells have nothing to do with each other, metres.
    """
    cell = np.array(source.cell_m)
    last = np.array(source.shape[::-1]) - 1
    columns, rows = np.clip((positions_m / cell).astype(np.int64), 0, last).T
    jobs = []
    for tile, here in zip(tiles, sites, strict=True):
        own = (rows >= tile.top) & (rows < tile.bottom)
        own &= (columns >= tile.left) & (columns < tile.right)
        low, high = tile.corners_m(source.cell_m)
        near = inside(positions_m, low - apart_m, high + apart_m) & ~own
        jobs.append(TileJob(tile, positions_m[own], positions_m[near], np.flatnonzero(own), here))
    return jobs


def has_room(tiles: list[MapTile], sites: list[Site], cell_m: Cell) -> bool:
    """Tell whether there is a cell that a well may stand in.

    Parameters
    ----------
    tiles, sites
        As in `jobs_on`.
    cell_m
        Width and height of a cell.
    """
    for tile, site in zip(tiles, sites, strict=True):
        no_value = ValueMap(np.zeros(tile.shape), *cell_m)
        if site.on(*tile.corners_m(cell_m)).ground.clear_cells(no_value, 0.0).any():
            return True
    return False


def next_wells(job: TileJob, *, source: MapSource, wells: Alike, count: int) -> Result:
    """Return the next wells of a tile by greed, and what each adds to those before it.

    Parameters
    ----------
    job
        The tile and the wells that stand there.
    source, wells
        The map, and what wells are like.
    count
        Number of wells to list, fewer where a distance between them leaves no room for more.

    Returns
    -------
    dict
        ``positions_m`` on the map, x and y of each; ``gains``, map value times square metres; none where no
        cell of the tile is allowed.
    """
    wide, low, value_map, site = _around(job, source, wells)
    there = np.concatenate([job.own, job.near]) - low
    value_map = replace(value_map, existing=site.with_wells(wells.at(there)))
    site = site.away_from(there)
    within = job.tile.within(wide)
    allowed = np.zeros(wide.shape, bool)
    allowed[within] = site.ground.clear_cells(value_map, 0.0)[within]
    if not allowed.any():
        return {"positions_m": [], "gains": []}
    spacing_m = site.ground.spacing_m
    found = greedy(value_map, wells.of(count), allowed=allowed, spacing_m=spacing_m, fewer=True)
    sums = [0.0]
    sums += [
        evaluate(value_map, found[:number], wells.of(number)).value
        for number in range(1, len(found) + 1)
    ]
    return {"positions_m": (found + low).tolist(), "gains": np.diff(sums).tolist()}


def worth(job: TileJob, *, source: MapSource, wells: Alike) -> Result:
    """Return what each of a tile's own wells collects alone, its share, and what would be lost without it.

    The shares of all tiles sum to the objective of the plan.
    """
    if not len(job.own):
        return {"gross": [], "share": [], "marginal": []}
    _, low, value_map, site = _around(job, source, wells)
    value_map = replace(value_map, existing=site.existing)
    both = np.concatenate([job.own, job.near]) - low
    drainage, own = wells.of(len(both)), len(job.own)
    return {
        "gross": gross(value_map, both[:own], wells.of(own)).tolist(),
        "share": shares(value_map, both, drainage)[:own].tolist(),
        "marginal": marginal(value_map, both, drainage)[:own].tolist(),
    }


def _around(
    job: TileJob, source: MapSource, wells: Alike
) -> tuple[MapTile, Float, ValueMap, Site]:
    """Return a job's tile with a reach around it, its lower left corner in metres, its map and its site."""
    wide = job.tile.widened(reach_cells(wells.reach_m, source.cell_m), source.shape)
    low, high = wide.corners_m(source.cell_m)
    return wide, low, part_of(source, wide), job.site.on(low, high)
