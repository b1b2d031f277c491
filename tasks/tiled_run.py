"""A run on a map beyond memory: what is asked, the plan with its bound, and the tables that say it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from models.wells.constraints import NO_POINTS, Ground
from models.wells.frame import MapFrame
from models.wells.greedy import NoRoomError
from models.wells.objective import Drainage
from models.wells.site import Site
from storage.early_ledger import EarlyLedger
from storage.ledger import Identity, drop_ledger, open_ledger
from storage.locations import remove
from tasks.fan_out import JobsFailedError, Progress, Result
from tasks.keep_out import Bins, FaultSource, faulty_bins, on_map
from tasks.map_extent import MapExtent
from tasks.map_image import image_of, image_size
from tasks.map_source import StoredMap, stored_frame, stored_map
from tasks.place_in_tiles import Say, TiledPlan, TiledSearch
from tasks.well_picture import Picture, picture_on
from tasks.well_plan import Collected, check_plan, table_rows, write_plan
from tasks.well_problem import held_to
from tasks.well_tiles import Alike, has_room
from tasks.well_wishes import Wishes

Float = NDArray[np.float64]

NOT_KEPT = "nothing of them is on the disk yet: start the run again"
"""What mends a run whose first lists failed."""


@dataclass(frozen=True, slots=True)
class Placing:
    """What is asked of a map beyond memory.

    Attributes
    ----------
    search
        Map, wells, seed.
    source
        The map.
    extent
        Its size, and where it lies.
    wishes
        Where wells may stand, and which are there already.
    faults, keep_out_m
        Faults to keep away from, and how far; None: from none.
    bins
        The faulty bins, once `on_ground` has looked for them.
    listed
        Jobs that are finished before there is a ledger, and their results.
    """

    search: TiledSearch
    source: StoredMap
    extent: MapExtent
    wishes: Wishes = field(default_factory=Wishes)
    faults: FaultSource | None = None
    keep_out_m: float = 0.0
    bins: Bins | None = None
    listed: Mapping[str, Result] = field(default_factory=dict)

    @property
    def drainage(self) -> Drainage:
        """All wells."""
        return self.search.wells.of(self.search.count)

    def facts(self) -> dict[str, Any]:
        """Return what decides the plan, as plain values."""
        search, one, frame = self.search, self.search.wells.one, self.extent.frame
        faults = {}
        if self.faults is not None:
            faults = {**self.faults.facts(), "keep_out": self.keep_out_m}
        return {
            "map_sha256": self.source.sha256,
            "map_cell": list(self.source.cell_m),
            "wells": search.count,
            "radius": float(one.radii_m[0]),
            "periods": one.periods,
            "growth": float(one.growth_of[0]),
            "seed": search.seed,
            "map_origin": [frame.origin_x, frame.origin_y] if frame else None,
            "map_azimuth": frame.azimuth_deg if frame else None,
            **self.wishes.facts(),
            **faults,
        }

    def ground(self) -> Ground:
        """Return where wells may stand, as asked."""
        keep_out = NO_POINTS
        if self.faults is not None and self.bins is not None:
            keep_out = on_map(
                self.faults.path,
                self.bins.faulty,
                self.bins.live,
                self.extent,
                reach_m=self.bins.reach_m,
            )
        return self.wishes.ground(self.extent, keep_out, self.keep_out_m)


def placing(
    path: Path,
    *,
    radius_m: float,
    periods: int,
    growth_m: float,
    count: int,
    seed: int,
    origin: tuple[float, float] | None,
    azimuth_deg: float | None,
) -> Placing:
    """Return what is asked; no value of the map is read.

    Parameters
    ----------
    path
        The kept map.
    radius_m, periods, growth_m, count
        What wells are like, and how many there are.
    seed
        Of the sweeps.
    origin, azimuth_deg
        As in `models.wells.frame`; None: as the map says.

    Raises
    ------
    MapError
        If the map is not kept, or incomplete.
    """
    source, frame = stored_map(path), stored_frame(path)
    if frame is None:
        frame = None if origin is None else MapFrame(*origin, azimuth_deg or 0.0)
    else:
        x, y = origin or (frame.origin_x, frame.origin_y)
        frame = MapFrame(x, y, frame.azimuth_deg if azimuth_deg is None else azimuth_deg)
    wells = Alike(Drainage(np.array([radius_m]), periods, growth_m))
    rows, columns = source.shape
    extent = MapExtent(path, columns * source.cell_m[0], rows * source.cell_m[1], frame)
    return Placing(TiledSearch(source, wells, count, seed), source, extent)


def on_ground(
    asked: Placing, *, anew: bool, client: Client | None, progress: Progress | None
) -> Placing:
    """Return the search on the ground that is asked for: the last step that can find the input wrong.

    Whether a distance between wells leaves room for all is known once the tiles have listed their wells.
    These lists are made here, where nothing is on the disk yet, and go into the ledger of the run.

    Parameters
    ----------
    asked
        What is asked.
    anew
        Whether the run begins anew: there was room for the wells of one that is gone on with.
    client, progress
        Where jobs run, and who is told.

    Raises
    ------
    InputError
        If map and faults do not overlap.
    ParameterError
        If no cell of the map is allowed, or too few for all wells.
    JobsFailedError
        If lists failed.
    """
    if asked.faults is not None:
        bins = faulty_bins(asked.faults, client=client, progress=progress)
        asked = replace(asked, bins=bins)
    ground = asked.ground()
    search = replace(asked.search, where=Site(held_to(ground), asked.wishes.existing))
    search = replace(search, cut=search.sites)
    if not has_room(search.tiles, search.sites, search.source.cell_m):
        raise ground.nowhere()
    listed: dict[str, Result] = {}
    if anew and ground.spacing_m:
        try:
            replace(search, client=client, progress=progress, ledger=EarlyLedger(listed)).begun()
        except NoRoomError as error:
            raise NoRoomError(ground.spacing_m, error.placed, error.count) from None
        except JobsFailedError as error:
            raise type(error)(error.what, error.failures, error.total, NOT_KEPT) from error
    return replace(asked, search=search, listed=listed)


@contextmanager
def under_way(
    asked: Placing,
    output: Path,
    folder: Path,
    identity: Identity,
    *,
    client: Client | None,
    progress: Progress | None,
    tell: Say,
) -> Iterator[TiledSearch]:
    """Yield the search of a run whose finished jobs stand in a ledger until the block has ended.

    Whatever ends the block before, the run goes on where it was.

    Parameters
    ----------
    asked
        What is asked, on its ground.
    output, identity
        The table that will be written, and what decides it; the ledger lies beside it.
    folder
        Where prices lie while they are needed; removed with the ledger.
    client, progress, tell
        Where jobs run; told of every finished job, and of every stage.
    """
    with open_ledger(output, identity) as ledger:
        if not ledger.done:
            remove(folder)  # prices of another run
        folder.mkdir(parents=True, exist_ok=True)
        for job, result in asked.listed.items():
            ledger.record(job, result)
        yield replace(asked.search, client=client, ledger=ledger, progress=progress, say=tell)
        ledger.close_complete()
    remove(folder)


def clear_up(output: Path, folder: Path) -> None:
    """Remove ledger and prices of a complete run that was killed in its last moment."""
    drop_ledger(output)
    remove(folder)


def write_tiled_plan(table: Path, shapes: Path, asked: Placing, plan: TiledPlan) -> float | None:
    """Check a plan and write ``wells.csv`` and ``wells.geojson``; return how near the nearest faulty bin is.

    Parameters
    ----------
    table, shapes
        The two files.
    asked, plan
        What was asked, and the plan.
    """
    ground, frame, positions = asked.ground(), asked.extent.frame, plan.positions_m
    nearest = check_plan(positions, ground, frame, asked.bins)
    rows = table_rows(
        positions,
        asked.search.wells.of(len(positions)),
        Collected(plan.gross, plan.share, plan.marginal),
        Site(ground, asked.wishes.existing),
        frame,
        asked.bins,
    )
    write_plan(table, shapes, rows, on_map=frame is None)
    return nearest


def picture_in_tiles(
    asked: Placing, plan: TiledPlan, *, client: Client | None, progress: Progress | None
) -> Picture:
    """Return what a picture of a plan shows; the map is read once more, a job for each tile."""
    search, source = asked.search, asked.source
    values = image_of(source, search.tiles, client=client, progress=progress)
    site = Site(asked.ground(), asked.wishes.existing)
    radii = search.wells.of(len(plan.positions_m)).table_m
    where = image_size(source.shape, source.cell_m)
    return picture_on(values, where, plan.positions_m, radii, site)
