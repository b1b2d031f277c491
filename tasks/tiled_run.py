"""A run on a map beyond memory: what is asked, the plan with its bound, and the tables that say it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.wells.frame import MapFrame
from models.wells.objective import Drainage
from storage.ledger import Identity, open_ledger
from storage.locations import remove
from storage.tables import write_wells
from storage.well_geojson import write_geojson
from tasks.fan_out import Progress
from tasks.map_source import StoredMap, stored_frame, stored_map
from tasks.place_in_tiles import Say, TiledPlan, TiledSearch
from tasks.well_problem import DECIMALS
from tasks.well_tile_bound import bound_of
from tasks.well_tiles import Alike

Float = NDArray[np.float64]

ITERATIONS = 360
"""On the prices of a tile."""


@dataclass(frozen=True, slots=True)
class Placing:
    """What is asked of a map beyond memory.

    Attributes
    ----------
    search
        Map, wells, seed.
    source
        The map.
    frame
        Where it lies in CDP X/Y; None where nobody knows.
    """

    search: TiledSearch
    source: StoredMap
    frame: MapFrame | None

    def facts(self) -> dict[str, Any]:
        """Return what decides the plan, as plain values."""
        search, one, frame = self.search, self.search.wells.one, self.frame
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
        }


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
    return Placing(TiledSearch(source, wells, count, seed), source, frame)


def placed_and_proven(
    asked: Placing,
    output: Path,
    folder: Path,
    identity: Identity,
    *,
    client: Client | None,
    progress: Progress | None,
    tell: Say,
    keep: Callable[[TiledPlan], None],
) -> tuple[TiledPlan, float]:
    """Return the plan and its bound; finished jobs stand in a ledger beside the output.

    Parameters
    ----------
    asked
        What is asked.
    output, identity
        The table that will be written, and what decides it.
    folder
        Where prices lie while they are needed; removed at the end.
    client, progress, tell
        Where jobs run; told of every finished job, and of every stage.
    keep
        Given the plan before its bound is sought, so that nothing that befalls the bound loses it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open_ledger(output, identity) as ledger:
        search = replace(asked.search, client=client, ledger=ledger, progress=progress, say=tell)
        plan = search.place()
        keep(plan)
        bound = bound_of(search, plan, folder.absolute(), iterations=ITERATIONS)
        ledger.close_complete()
    remove(folder)
    return plan, bound


def write_tiled_plan(table: Path, shapes: Path, asked: Placing, plan: TiledPlan) -> None:
    """Write ``wells.csv`` and ``wells.geojson``.

    Parameters
    ----------
    table, shapes
        The two files.
    asked, plan
        What was asked, and the plan.
    """
    positions, one = plan.positions_m, asked.search.wells.one
    cdp = None if asked.frame is None else np.round(asked.frame.to_cdp(positions), DECIMALS)
    nearest = None
    if len(positions) > 1:
        nearest = np.asarray(cKDTree(positions).query(positions, k=2)[0])[:, 1]
    first, last = float(one.radii_m[0]), float(one.last_radii_m[0])
    rows: list[Mapping[str, object]] = [
        {
            "well": well + 1,
            "x_m": _metres(positions[well, 0]),
            "y_m": _metres(positions[well, 1]),
            "cdp_x": None if cdp is None else _metres(cdp[well, 0]),
            "cdp_y": None if cdp is None else _metres(cdp[well, 1]),
            "radius_m": f"{first:.12g}",
            "gross": f"{plan.gross[well]:.12g}",
            "share": f"{plan.share[well]:.12g}",
            "marginal": f"{plan.marginal[well]:.12g}",
            "growth_m": f"{one.growth_of[0]:.12g}",
            "last_radius_m": f"{last:.12g}",
            "start_period": 0,
            "nearest_well_m": None if nearest is None else _metres(nearest[well]),
            "nearest_fault_m": None,
            "nearest_edge_m": None,
        }
        for well in range(len(positions))
    ]
    write_wells(table, rows)
    radii = np.tile([first, last], (len(positions), 1))
    write_geojson(shapes, rows, radii_m=radii, on_map=asked.frame is None)


def _metres(length: float) -> str:
    return f"{length:.{DECIMALS}f}"
