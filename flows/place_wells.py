"""The flow from a reservoir map to a well plan: read, keep out, search, write."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from deploy.cluster import connect
from flows.report.well_map import write_well_map
from flows.settings import PlaceWells, SettingsError
from flows.terminal import say
from models.wells.frame import MapFrame
from models.wells.objective import Drainage, gross, marginal
from storage.ledger import open_ledger
from storage.run_record import Found, begin, look, read, write
from storage.tables import read_radii, write_wells
from tasks.fan_out import Progress
from tasks.keep_out import Bins, FaultSource, fault_source, faulty_bins, nearest_fault_m, on_map
from tasks.maps import ReservoirMap, mean_value, reservoir_map
from tasks.search import DECIMALS, Problem, WellPlan, pose, search

RECORD = "summary.json"
OUTPUTS = ("wells.csv", "map.png")
SEARCH_VERSION = 1
"""Part of every identity: a change of the search makes old plans strangers."""

Summary = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that may begin, as far as the map, the first look at the faults and --out can tell."""

    reservoir: ReservoirMap
    drainage: Drainage
    frame: MapFrame | None
    faults: FaultSource | None
    identity: dict[str, Any]
    found: Found


def place_wells(
    settings: PlaceWells, *, client: Client | None = None, progress: Progress | None = None
) -> Summary:
    """Place wells on one map; return what ``summary.json`` says.

    Parameters
    ----------
    settings
        What is asked.
    client
        Where to run. None: worker processes or a scheduler where the settings name them, else threads
        of this process.
    progress
        Told of every finished job.

    Raises
    ------
    InputError, ParameterError, SettingsError
        What is wrong and how to mend it; nothing has been written.
    """
    began = time.monotonic()
    run = prepare(settings)
    record = settings.out / RECORD
    if run.found is Found.COMPLETE:
        say(f"{settings.out} is complete; nothing to do.")
        return read(record)
    with _workers(settings, client) as workers:
        problem, bins = _pose(settings, run, workers, progress)
        facts: Summary = {"settings": settings.model_dump(mode="json")}
        begin(record, OUTPUTS, run.identity, facts, run.found)
        with open_ledger(settings.out / "wells.csv", run.identity) as ledger:
            plan = search(
                problem, starts=settings.starts, client=workers, ledger=ledger, progress=progress
            )
            facts |= _write(settings, run, plan, bins)
            facts |= {"seconds": round(time.monotonic() - began, 3), "complete": True}
            write(record, run.identity, facts)
            ledger.close_complete()
    _tell(settings, run, facts)
    return read(record)


def prepare(settings: PlaceWells) -> Prepared:
    """Check map, radii, faults and output folder; nothing is written, and it takes no time."""
    reservoir = reservoir_map(settings.map)
    growth_m = (
        settings.growth if isinstance(settings.growth, float) else mean_value(settings.growth)
    )
    drainage = Drainage(_radii(settings), settings.periods, growth_m)
    frame = faults = None
    if settings.map_origin is not None:
        frame = MapFrame(*settings.map_origin, settings.map_azimuth)
    if settings.faults is not None:
        faults = fault_source(
            settings.faults, interval=settings.interval, threshold=settings.threshold
        )
    identity = _identity(settings, reservoir, drainage, faults)
    found = look(
        settings.out / RECORD,
        OUTPUTS,
        identity,
        resume=settings.resume,
        overwrite=settings.overwrite,
    )
    return Prepared(reservoir, drainage, frame, faults, identity, found)


def _radii(settings: PlaceWells) -> NDArray[np.float64]:
    """Return the first radius of every well."""
    if settings.radii is None:
        return np.full(settings.wells, settings.radius)
    radii = read_radii(settings.radii)
    if "wells" in settings.model_fields_set and settings.wells != len(radii):
        msg = (
            f"--radii {settings.radii} has {len(radii)} radii and --wells is {settings.wells}: "
            "give one radius for each well, or leave --wells out"
        )
        raise SettingsError(msg)
    return np.array(radii)


def _identity(
    settings: PlaceWells, reservoir: ReservoirMap, drainage: Drainage, faults: FaultSource | None
) -> dict[str, Any]:
    """Return the facts that decide the plan."""
    identity = {
        "search_version": SEARCH_VERSION,
        "map_sha256": reservoir.sha256,
        "radii": drainage.radii_m.tolist(),
        "periods": drainage.periods,
        "growth": drainage.growth_m,
        "starts": settings.starts,
        "seed": settings.seed,
        "map_origin": list(settings.map_origin) if settings.map_origin else None,
        "map_azimuth": settings.map_azimuth,
    }
    if faults is not None:
        identity |= {
            "faults": faults.key,
            "keep_out": settings.keep_out,
            "samples": [faults.first, faults.stop],
            "threshold": faults.threshold,
        }
    return identity


@contextmanager
def _workers(settings: PlaceWells, client: Client | None) -> Iterator[Client | None]:
    """Yield where jobs run; None is threads of this process, enough for most maps."""
    if client is not None or (settings.workers is None and settings.scheduler is None):
        yield client
        return
    with connect(
        workers=settings.workers,
        scheduler=settings.scheduler,
        worker_memory=settings.worker_memory,
    ) as connected:
        say(f"Dask dashboard: {connected.dashboard_link}")
        yield connected


def _pose(
    settings: PlaceWells, run: Prepared, client: Client | None, progress: Progress | None
) -> tuple[Problem, Bins | None]:
    """Reduce the faults and state the problem: the last step that can find the input wrong."""
    bins, keep_out = None, np.empty((0, 2))
    if run.faults is not None and run.frame is not None:
        bins = faulty_bins(run.faults, client=client, progress=progress)
        keep_out = on_map(run.faults.path, bins, run.reservoir.value_map, run.frame)
    problem = pose(
        settings.map,
        run.drainage,
        keep_out_m=keep_out,
        distance_m=settings.keep_out or 0.0,
        seed=settings.seed,
    )
    return problem, bins


def _write(settings: PlaceWells, run: Prepared, plan: WellPlan, bins: Bins | None) -> Summary:
    """Write table and picture; return what there is to say of them."""
    value_map, drainage = run.reservoir.value_map, run.drainage
    cdp = nearest = None
    if run.frame is not None:
        cdp = np.round(run.frame.to_cdp(plan.positions_m), DECIMALS)
    if bins is not None and cdp is not None and settings.keep_out is not None:
        nearest = nearest_fault_m(bins, cdp)
        if nearest is not None and nearest < settings.keep_out:
            msg = f"a well lies {nearest} m from a fault, within {settings.keep_out} m"
            raise RuntimeError(msg)
    alone = gross(value_map, plan.positions_m, drainage)
    without = marginal(value_map, plan.positions_m, drainage)
    rows = [
        {
            "well": well + 1,
            "x_m": f"{plan.positions_m[well, 0]:.{DECIMALS}f}",
            "y_m": f"{plan.positions_m[well, 1]:.{DECIMALS}f}",
            "cdp_x": None if cdp is None else f"{cdp[well, 0]:.{DECIMALS}f}",
            "cdp_y": None if cdp is None else f"{cdp[well, 1]:.{DECIMALS}f}",
            "radius_m": f"{drainage.radii_m[well]:.12g}",
            "gross": f"{alone[well]:.12g}",
            "marginal": f"{without[well]:.12g}",
        }
        for well in range(len(drainage.radii_m))
    ]
    write_wells(settings.out / "wells.csv", rows)
    keep_out = None
    if bins is not None and run.frame is not None and settings.keep_out is not None:
        keep_out = (run.frame.to_map(bins.faulty), settings.keep_out)
    title = f"{settings.map.name}: {len(rows)} wells collect {plan.value:.4g}"
    write_well_map(
        settings.out / "map.png", value_map, plan.positions_m, drainage, keep_out, title=title
    )
    return {
        "value": plan.value,
        "wells": len(rows),
        "best_start": plan.start,
        "start_values": list(plan.values),
        "growth_m": drainage.growth_m,
        "cells_without_value": run.reservoir.without_value,
        "faulty_bins": None if bins is None else len(bins.faulty),
        "nearest_fault_m": nearest,
    }


def _tell(settings: PlaceWells, run: Prepared, facts: Summary) -> None:
    """Print what was found and where it is."""
    if run.reservoir.without_value:
        say(f"Note: {run.reservoir.without_value} cells of {settings.map} have no value and count 0.")
    if facts["nearest_fault_m"] is not None:
        say(f"Nearest faulty bin to a well: {facts['nearest_fault_m']:.1f} m")
    elif run.faults is not None:
        say(f"Note: no bin of {run.faults.path} reaches {run.faults.threshold:g} in the interval.")
    say(
        f"Wells: {facts['wells']} collect {facts['value']:.6g} in {facts['seconds']:.1f} s: "
        f"{settings.out / 'wells.csv'}, {settings.out / 'map.png'}"
    )
