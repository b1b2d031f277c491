"""A finished well plan as people take it away: its table, its shapes, and its check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.wells.constraints import Ground
from models.wells.drainage import Existing
from models.wells.frame import MapFrame
from models.wells.objective import Drainage, gross, marginal, shares
from models.wells.site import Site
from storage.ascii_grid import write_ascii_grid
from storage.tables import write_wells
from storage.well_geojson import write_geojson
from tasks.keep_out import Bins
from tasks.maps import Assignment
from tasks.search import WellPlan
from tasks.well_problem import DECIMALS, Problem, posed_on

Float = NDArray[np.float64]
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Collected:
    """What wells collect, shape (wells,): alone, as a share of all, and what would be lost without each."""

    gross: Float
    share: Float
    marginal: Float


def rows_of(
    assignment: Assignment, problem: Problem, plan: WellPlan, bins: Bins | None
) -> list[Row]:
    """Return the rows of ``wells.csv``, a well each, in the order in which they are drilled.

    Parameters
    ----------
    assignment, problem, plan
        What was asked, and found.
    bins
        Faulty bins, where wells keep away from faults.
    """
    positions, drainage = plan.positions_m, problem.at(plan.positions_m)
    value_map = posed_on(problem)[0]
    collected = Collected(
        gross(value_map, positions, drainage),
        shares(value_map, positions, drainage),
        marginal(value_map, positions, drainage),
    )
    site = Site(problem.ground, problem.existing)
    return table_rows(positions, drainage, collected, site, assignment.frame, bins)


def table_rows(
    positions_m: Float,
    drainage: Drainage,
    collected: Collected,
    site: Site,
    frame: MapFrame | None,
    bins: Bins | None,
) -> list[Row]:
    """Return the rows of ``wells.csv`` from what there is to say of each well.

    Parameters
    ----------
    positions_m, drainage, collected
        The wells, in the order of the rows.
    site
        Where they may stand, and which are there already.
    frame
        Where the map lies; None: nobody knows.
    bins
        Faulty bins, where wells keep away from faults.
    """
    cdp = written_cdp(frame, positions_m)
    to_well, to_edge = (
        _nearest_well(site.existing, positions_m),
        _nearest_edge(site.ground, positions_m),
    )
    to_fault = None
    if bins is not None and cdp is not None and len(bins.faulty):
        to_fault = np.asarray(cKDTree(bins.faulty).query(cdp)[0])
    return [
        {
            "well": well + 1,
            "x_m": _metres(positions_m[well, 0]),
            "y_m": _metres(positions_m[well, 1]),
            "cdp_x": None if cdp is None else _metres(cdp[well, 0]),
            "cdp_y": None if cdp is None else _metres(cdp[well, 1]),
            "radius_m": f"{drainage.radii_m[well]:.12g}",
            "gross": f"{collected.gross[well]:.12g}",
            "share": f"{collected.share[well]:.12g}",
            "marginal": f"{collected.marginal[well]:.12g}",
            "growth_m": f"{drainage.growth_of[well]:.12g}",
            "last_radius_m": f"{drainage.last_radii_m[well]:.12g}",
            "start_period": int(drainage.start_of[well]),
            "nearest_well_m": None if to_well is None else _metres(to_well[well]),
            "nearest_fault_m": None if to_fault is None else _metres(to_fault[well]),
            "nearest_edge_m": None if to_edge is None else _metres(to_edge[well]),
        }
        for well in range(len(positions_m))
    ]


def written_cdp(frame: MapFrame | None, positions_m: Float) -> Float | None:
    """Return CDP X/Y of wells as they are written, shape (wells, 2); None where nobody knows it."""
    return None if frame is None else np.round(frame.to_cdp(positions_m), DECIMALS)


def write_plan(table: Path, shapes: Path, rows: Sequence[Row], *, on_map: bool) -> None:
    """Write ``wells.csv`` and ``wells.geojson``.

    Parameters
    ----------
    table, shapes
        The two files.
    rows
        As `table_rows` returns them.
    on_map
        Whether nobody knows where the map lies, so that shapes are in metres on it.
    """
    write_wells(table, rows)
    radii = [[float(str(row[name])) for name in ("radius_m", "last_radius_m")] for row in rows]
    write_geojson(shapes, rows, radii_m=np.array(radii), on_map=on_map)


def write_prices(path: Path, assignment: Assignment, prices: NDArray[np.float32]) -> None:
    """Write the shadow prices as a grid on the map: what a well is credited for ground, per period."""
    value_map = assignment.reservoir.value_map
    write_ascii_grid(path, prices, value_map.cell_width_m, value_map.cell_height_m)


def check_plan(
    positions_m: Float, ground: Ground, frame: MapFrame | None, bins: Bins | None
) -> float | None:
    """Hold the plan as written against all that was asked; return how near the nearest faulty bin is.

    Raises
    ------
    RuntimeError
        If a well stands where none may: a defect of the search.
    """
    if not ground.allows(positions_m).all():
        msg = "a well stands on forbidden ground"
        raise RuntimeError(msg)
    if (ground.apart_m(positions_m) < 0).any():
        msg = f"two wells are nearer to each other than {ground.spacing_m} m"
        raise RuntimeError(msg)
    cdp = written_cdp(frame, positions_m)
    if bins is None or cdp is None or not len(bins.faulty):
        return None
    nearest = float(np.min(cKDTree(bins.faulty).query(cdp)[0]))
    if nearest < ground.distance_m:
        msg = f"a well lies {nearest} m from a fault, within {ground.distance_m} m"
        raise RuntimeError(msg)
    return nearest


def existing_value(assignment: Assignment, existing: Existing) -> float:
    """Return what the existing wells collect."""
    return replace(assignment.reservoir.value_map, existing=existing).taken


def _nearest_well(existing: Existing | None, positions: Float) -> Float | None:
    """Return how far the nearest other well is, existing ones beside the map too; None for a single one."""
    old = [] if existing is None else [existing.positions_m]
    every = np.concatenate([positions, *old])
    if len(every) < 2:
        return None
    return np.asarray(cKDTree(every).query(positions, k=2)[0])[:, 1]


def _nearest_edge(ground: Ground, positions: Float) -> Float | None:
    """Return how far the nearest edge of lease or no-drill areas is; None where there are none."""
    edges = [
        np.abs(areas.depth_m(positions))
        for areas in (ground.lease, ground.no_drill)
        if areas is not None
    ]
    return np.minimum.reduce(edges) if edges else None


def _metres(length: float) -> str:
    return f"{length:.{DECIMALS}f}"
