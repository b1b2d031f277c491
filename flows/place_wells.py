"""The flow from reservoir maps to a well plan: read, keep out, search, write."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from flows.report.well_map import write_well_map
from flows.report.wells import write_course, write_report
from flows.settings.wells import PlaceWells
from flows.terminal import say
from flows.well_verification import verdict_of, verified
from flows.wells_asked import (
    COURSE,
    MADE_MAP,
    PICTURE,
    PRICES,
    RECORD,
    REPORT,
    SHAPES,
    TABLE,
    Prepared,
    prepare,
    refuse_meanwhile,
)
from flows.wells_choice import choice_of_whole, is_for_tiles
from flows.wells_in_tiles import place_in_tiles
from flows.wells_said import guarantee_of, notes_of, outcome_of
from flows.workers import workers_if_asked
from storage.run_record import Found, begin, hold, read, write
from tasks.fan_out import JobsFailedError, Progress
from tasks.fault_penalty import penalty_of, with_penalty
from tasks.keep_out import Bins, faulty_bins, on_map
from tasks.maps import Assignment, described
from tasks.realizations import outlook_of, value_on
from tasks.refine import Refined, gap_between, refine
from tasks.search import WellPlan, search
from tasks.well_picture import picture_of
from tasks.well_plan import check_plan, existing_value, rows_of, write_plan, write_prices
from tasks.well_problem import Problem, made, pose

Summary = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stated:
    """The problem of a run, and what it came from.

    Attributes
    ----------
    assignment, problem
        The map that wells are placed on, and what is asked there.
    bins
        Faulty bins to keep away from; None without any.
    kept
        Part of its value that each cell keeps beside faults, the shape of the map; None: all.
    """

    assignment: Assignment
    problem: Problem
    bins: Bins | None
    kept: NDArray[np.float64] | None


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
    if is_for_tiles(settings):
        return place_in_tiles(settings, client=client, progress=progress)
    began = time.monotonic()
    run = prepare(settings)
    record = settings.out / RECORD
    if run.found is Found.COMPLETE:
        say(f"{settings.out} is complete; nothing to do.")
        return read(record)
    say(choice_of_whole(settings, run.assignment.reservoir.value_map.values.shape))
    say(f"Map: {described(run.files[0], run.assignment.reading)}")
    with nullcontext(client) if client else workers_if_asked(settings) as connected:
        stated = _posed(settings, run, connected, progress)
        facts: Summary = {"settings": settings.model_dump(mode="json")}
        with hold(settings.out):
            refuse_meanwhile(settings, run.written, run.identity, run.found)
            begin(record, run.outputs, run.identity, facts, run.found)
            with _map_for_workers(settings, run, stated) as on_file:
                plan = search(
                    on_file.problem,
                    starts=settings.starts,
                    output=settings.out / TABLE,
                    identity=run.identity,
                    client=connected,
                    progress=progress,
                )
                refined = refine(
                    on_file.problem,
                    plan,
                    seconds=settings.time,
                    gap=None if settings.gap is None else settings.gap / 100,
                    tell=_tell_course,
                )
                best = replace(plan, positions_m=refined.positions_m, value=refined.value)
                facts |= _results(settings, run, on_file, best)
                facts |= _proven(run, refined, facts["wells"])
                failure = _simulated(
                    settings, run, facts, on_file.problem, best, connected, progress
                )
            write_prices(settings.out / PRICES, run.assignment, refined.prices)
            write_course(settings.out / COURSE, refined.course, ends=(plan.value, refined.value))
            facts |= {"seconds": round(time.monotonic() - began, 3)}
            facts["notes"] = notes_of(settings, facts)
            _report(settings, run, facts)
            facts["complete"] = failure is None
            write(record, run.identity, facts)
    for line in outcome_of(settings, run.name, facts):
        say(line)
    if failure is not None:
        raise failure
    return read(record)


def _posed(
    settings: PlaceWells, run: Prepared, client: Client | None, progress: Progress | None
) -> Stated:
    """Reduce the faults and state the problem: the last step that can find the input wrong."""
    assignment, bins, kept = run.assignment, None, None
    keep_out = np.empty((0, 2))
    if run.faults is not None and settings.keep_out is not None:
        bins = faulty_bins(run.faults, client=client, progress=progress)
        keep_out = on_map(
            run.faults.path, bins.faulty, bins.live, assignment.extent, reach_m=bins.reach_m
        )
    if run.faults is not None and settings.fault_penalty is not None:
        distance = settings.fault_penalty
        kept = penalty_of(run.faults, assignment, distance, client=client, progress=progress)
        assignment = with_penalty(assignment, kept)
    problem = pose(
        assignment,
        run.wishes.ground(assignment.extent, keep_out, settings.keep_out or 0.0),
        existing=run.wishes.existing,
        costs=run.programme.costs,
        growth_map=run.growth_map,
        seed=settings.seed,
    )
    return Stated(assignment, problem, bins, kept)


@contextmanager
def _map_for_workers(settings: PlaceWells, run: Prepared, stated: Stated) -> Iterator[Stated]:
    """Yield the problem on a map that every process can read: a file, or one made for the time."""
    if len(run.files) == 1 and stated.kept is None:
        yield stated
        return
    path, value_map = settings.out / MADE_MAP, stated.assignment.reservoir.value_map
    try:
        yield replace(stated, problem=made(stated.problem, path, value_map))
    finally:
        path.unlink(missing_ok=True)


def _results(settings: PlaceWells, run: Prepared, stated: Stated, plan: WellPlan) -> Summary:
    """Check the plan, write tables and picture; return what there is to say of them."""
    assignment, problem, bins = stated.assignment, stated.problem, stated.bins
    nearest = check_plan(plan.positions_m, problem.ground, assignment.frame, bins)
    rows = rows_of(assignment, problem, plan, bins)
    nowhere = assignment.frame is None
    write_plan(settings.out / TABLE, settings.out / SHAPES, rows, on_map=nowhere)
    wells = len(plan.positions_m)
    value = problem.gross(plan.value, wells)
    write_well_map(
        settings.out / PICTURE,
        picture_of(assignment, problem, plan),
        title=f"{run.name}: {wells} wells collect {value:.4g}",
    )
    facts: Summary = {
        "value": value,
        "wells": wells,
        "most_wells": problem.drainage.radii_m.size,
        "best_start": plan.start,
        "start_values": list(plan.values),
        "growth_m": run.assignment.growth,
        "map_form": run.assignment.reservoir.form,
        "cells_without_value": run.assignment.reservoir.without_value,
        "cells_below_zero": run.assignment.reservoir.below_zero,
        "faulty_bins": None if bins is None else len(bins.faulty),
        "fault_threshold": None if run.faults is None else run.faults.threshold,
        "nearest_fault_m": nearest,
    }
    if problem.existing is not None:
        theirs = existing_value(assignment, problem.existing)
        facts["existing"] = {"wells": len(run.wishes.names), "value": theirs}
    if len(run.files) > 1:
        facts["outlook"] = outlook_of(problem, plan, run.files, stated.kept).facts()
    if stated.kept is not None:
        facts["value_without_penalty"] = value_on(run.assignment, problem, plan)
    return facts


def _simulated(
    settings: PlaceWells,
    run: Prepared,
    facts: Summary,
    problem: Problem,
    best: WellPlan,
    client: Client | None,
    progress: Progress | None,
) -> JobsFailedError | None:
    """Simulate the best plans where that is asked, and add what came of it; return what failed."""
    if run.check is None:
        return None
    came = verified(settings, run.check, problem, best, client=client, progress=progress)
    facts["verification"] = came.facts | {"verdict": verdict_of(came.facts)}
    return came.failure


def _report(settings: PlaceWells, run: Prepared, facts: Summary) -> None:
    """Write the page from what lies beside it."""
    write_report(
        settings.out / REPORT,
        run.name,
        facts,
        picture=settings.out / PICTURE,
        course=settings.out / COURSE,
        table=settings.out / TABLE,
    )


def _proven(run: Prepared, refined: Refined, wells: int) -> Summary:
    """Return the bound, its gap, and what that means; in money too where there is a price."""
    economics = run.programme.economics
    found: Summary = {
        "bound": refined.bound,
        "gap_percent": 100 * refined.gap,
        "refinement": {
            "steps": refined.steps,
            "iterations": refined.iterations,
            "course": [list(entry) for entry in refined.course],
        },
    }
    if run.programme.costs is not None:
        found["net_value"] = refined.value
    if economics.price is not None:
        found["npv"] = economics.price * refined.value
        found["npv_bound"] = economics.price * refined.bound
    found["guarantee"] = guarantee_of(found, refined.gap, wells)
    return found


def _tell_course(value: float, bound: float) -> None:
    """Print the live line."""
    say(f"value {value:.6g}, bound {bound:.6g}, gap {gap_between(value, bound):.2%}")
