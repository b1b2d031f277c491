"""The flow from a reservoir map to a well plan: read, keep out, search, write."""

import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client

from flows.report.well_map import write_well_map
from flows.settings.wells import PlaceWells
from flows.terminal import say
from flows.workers import workers_if_asked
from storage.run_record import Found, begin, hold, look, read, refuse_inputs_among, write
from tasks.fan_out import Progress
from tasks.keep_out import Bins, FaultSource, fault_source, faulty_bins, on_map
from tasks.maps import Assignment, assign
from tasks.refine import Refined, gap_between, refine
from tasks.search import Problem, WellPlan, pose, search
from tasks.well_plan import checked_distance_m, picture_of, write_plan, write_prices

RECORD = "summary.json"
TABLE, PRICES, PICTURE = "wells.csv", "shadow_prices.asc", "map.png"
OUTPUTS = (TABLE, PRICES, PICTURE)
SEARCH_VERSION = 2
"""Part of every identity: a change of the search makes old plans strangers."""

Summary = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that may begin, as far as the map, a look at the faults and --out can tell."""

    assignment: Assignment
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
    InputError, ParameterError
        What is wrong and how to mend it; nothing has been written.
    """
    began = time.monotonic()
    run = prepare(settings)
    record = settings.out / RECORD
    if run.found is Found.COMPLETE:
        say(f"{settings.out} is complete; nothing to do.")
        return read(record)
    with nullcontext(client) if client else workers_if_asked(settings) as connected:
        problem, bins = _problem(settings, run, connected, progress)
        facts: Summary = {"settings": settings.model_dump(mode="json")}
        with hold(settings.out):
            begin(record, OUTPUTS, run.identity, facts, run.found)
            plan = search(
                problem,
                starts=settings.starts,
                output=settings.out / TABLE,
                identity=run.identity,
                client=connected,
                progress=progress,
            )
            refined = refine(
                problem,
                plan,
                seconds=settings.time,
                gap=None if settings.gap is None else settings.gap / 100,
                tell=_tell_course,
            )
            best = WellPlan(refined.positions_m, refined.value, plan.start, plan.values)
            facts |= _results(settings, run, problem, best, bins) | _proven(refined)
            write_prices(settings.out / PRICES, run.assignment, refined.prices)
            facts |= {"seconds": round(time.monotonic() - began, 3), "complete": True}
            write(record, run.identity, facts)
    _tell(settings, run, facts)
    return read(record)


def prepare(settings: PlaceWells) -> Prepared:
    """Check map, radii, faults and output folder; nothing is written, and it takes no time."""
    counted = settings.radii is None or "wells" in settings.model_fields_set
    assignment = assign(
        settings.map,
        settings.radii or settings.radius,
        wells=settings.wells if counted else None,
        periods=settings.periods,
        growth=settings.growth,
        origin=settings.map_origin,
        azimuth_deg=settings.map_azimuth,
    )
    identity = {"search_version": SEARCH_VERSION, **assignment.facts()}
    identity |= {"starts": settings.starts, "seed": settings.seed}
    identity |= {"time": settings.time, "gap": settings.gap}
    faults = None
    if settings.faults is not None:
        faults = fault_source(
            settings.faults, interval=settings.interval, threshold=settings.threshold
        )
        identity |= {**faults.facts(), "keep_out": settings.keep_out}
    growth = settings.growth if isinstance(settings.growth, Path) else None
    inputs = (settings.map, settings.radii, settings.faults, growth)
    refuse_inputs_among(settings.out / RECORD, OUTPUTS, inputs)
    found = look(
        settings.out / RECORD,
        OUTPUTS,
        identity,
        resume=settings.resume,
        overwrite=settings.overwrite,
    )
    return Prepared(assignment, faults, identity, found)


def _problem(
    settings: PlaceWells, run: Prepared, client: Client | None, progress: Progress | None
) -> tuple[Problem, Bins | None]:
    """Reduce the faults and state the problem: the last step that can find the input wrong."""
    bins, keep_out = None, np.empty((0, 2))
    if run.faults is not None:
        bins = faulty_bins(run.faults, client=client, progress=progress)
        keep_out = on_map(run.faults.path, bins, run.assignment)
    problem = pose(
        run.assignment,
        keep_out_m=keep_out,
        distance_m=settings.keep_out or 0.0,
        seed=settings.seed,
    )
    return problem, bins


def _results(
    settings: PlaceWells, run: Prepared, problem: Problem, plan: WellPlan, bins: Bins | None
) -> Summary:
    """Write table and picture; return what there is to say of them."""
    cdp = write_plan(settings.out / TABLE, run.assignment, plan)
    nearest = None
    if bins is not None and cdp is not None:
        nearest = checked_distance_m(bins, cdp, problem.distance_m)
    wells = len(plan.positions_m)
    write_well_map(
        settings.out / PICTURE,
        picture_of(run.assignment, problem, plan),
        title=f"{settings.map.name}: {wells} wells collect {plan.value:.4g}",
    )
    return {
        "value": plan.value,
        "wells": wells,
        "best_start": plan.start,
        "start_values": list(plan.values),
        "growth_m": run.assignment.drainage.growth_m,
        "cells_without_value": run.assignment.reservoir.without_value,
        "faulty_bins": None if bins is None else len(bins.faulty),
        "nearest_fault_m": nearest,
    }


def _proven(refined: Refined) -> Summary:
    """Return the bound, its gap, and what that means."""
    return {
        "bound": refined.bound,
        "gap_percent": 100 * refined.gap,
        "guarantee": f"No plan of these wells on this map collects more than {refined.bound:.6g}, "
        f"wherever they stand: the best plan is at most {refined.gap:.2%} better than this one.",
        "refinement": {
            "steps": refined.steps,
            "iterations": refined.iterations,
            "course": [list(entry) for entry in refined.course],
        },
    }


def _tell_course(value: float, bound: float) -> None:
    """Print the live line."""
    say(f"value {value:.6g}, bound {bound:.6g}, gap {gap_between(value, bound):.2%}")


def _tell(settings: PlaceWells, run: Prepared, facts: Summary) -> None:
    """Print what was found and where it is."""
    if facts["cells_without_value"]:
        say(f"Note: {facts['cells_without_value']} cells of {settings.map} have no value: 0.")
    if facts["nearest_fault_m"] is not None:
        say(f"Nearest faulty bin to a well: {facts['nearest_fault_m']:.1f} m")
    elif run.faults is not None:
        say(f"Note: no bin of {run.faults.path} reaches {run.faults.threshold:g} there.")
    say(facts["guarantee"])
    say(
        f"Wells: {facts['wells']} collect {facts['value']:.6g} in {facts['seconds']:.1f} s: "
        f"{settings.out / TABLE}, {settings.out / PICTURE}"
    )
