"""The flow that places wells on a map beyond memory: kept as Zarr, searched and proven tile by tile."""

import json
import time
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client

from flows.report.well_map import write_well_map
from flows.report.wells import write_report, write_stages
from flows.settings.wells import PlaceWells
from flows.terminal import say
from flows.wells_asked import (
    COURSE,
    PICTURE,
    PRICE_MAP,
    RECORD,
    REPORT,
    SHAPES,
    TABLE,
    TILE_PRICES,
    found_at,
    refuse_meanwhile,
)
from flows.wells_choice import choice_of_tiles, in_processes
from flows.wells_said import guarantee_of, notes_of, outcome_of
from flows.workers import workers
from storage.errors import OutputError
from storage.run_record import Found, begin, hold, read, write
from tasks.fan_out import Progress
from tasks.keep_out import fault_source
from tasks.map_extent import refuse_nowhere
from tasks.place_in_tiles import TiledPlan, TiledSearch
from tasks.refine import gap_between
from tasks.tile_prices import keep_price_map
from tasks.tiled_run import (
    Placing,
    clear_up,
    on_ground,
    picture_in_tiles,
    placing,
    under_way,
    write_tiled_plan,
)
from tasks.well_picture import Picture
from tasks.well_tile_bound import ITERATIONS, TiledBound, bound_of
from tasks.well_wishes import wishes_of

Summary = dict[str, Any]

OUTPUTS = (TABLE, SHAPES, PRICE_MAP, PICTURE, COURSE, REPORT)
SEARCH_VERSION = 5
"""Part of every identity, as that of the search of the whole map."""


def place_in_tiles(
    settings: PlaceWells, *, client: Client | None = None, progress: Progress | None = None
) -> Summary:
    """Place wells on a kept map, never whole in memory; return what ``summary.json`` says.

    Parameters and errors are those of `flows.place_wells.place_wells`.
    """
    began = time.monotonic()
    asked = _asked(settings)
    identity = {"tiled_search_version": SEARCH_VERSION, **asked.facts()}
    record = settings.out / RECORD
    wished = (settings.lease, settings.no_drill, settings.existing, settings.faults)
    found, cleared = found_at(
        settings, OUTPUTS, identity, inputs=(*settings.map, settings.map_grid, *wished)
    )
    if found is Found.COMPLETE:
        say(f"{settings.out} is complete; nothing to do.")
        with suppress(OutputError), hold(settings.out):  # whoever holds it clears up by himself
            if read(record).get("complete"):
                clear_up(settings.out / TABLE, settings.out / TILE_PRICES)
        return read(record)
    say(choice_of_tiles(settings, asked.search))
    with ExitStack() as stack:
        connected = stack.enter_context(_workers(settings, asked.search, client))
        anew = found is Found.NOTHING
        asked = on_ground(asked, anew=anew, client=connected, progress=progress)
        stack.enter_context(hold(settings.out))
        refuse_meanwhile(settings, OUTPUTS, identity, found)
        facts: Summary = {"settings": settings.model_dump(mode="json")}
        begin(record, cleared, identity, facts, found)
        prices = (settings.out / TILE_PRICES).absolute()
        stages: list[tuple[str, float]] = []
        ledgered = under_way(
            asked,
            settings.out / TABLE,
            prices,
            identity,
            client=connected,
            progress=progress,
            tell=partial(_tell_stage, stages),
        )
        search = stack.enter_context(ledgered)
        plan = search.place()
        # The plan is on the disk before its bound is sought, which takes as long again.
        nearest = write_tiled_plan(settings.out / TABLE, settings.out / SHAPES, asked, plan)
        told = {"nearest_fault_m": nearest, "stages": [*stages, ("as written", plan.value)]}
        facts |= _facts(asked, plan) | told
        write(record, identity, facts | {"complete": False})
        bound = bound_of(search, plan, prices, iterations=ITERATIONS)
        _keep_prices(settings.out / PRICE_MAP, prices, asked, plan, bound)
        facts |= _proven(asked, plan, bound)
        facts["notes"] = notes_of(settings, facts)
        write(record, identity, facts | {"complete": False})
        picture = picture_in_tiles(asked, plan, client=connected, progress=progress)
        facts |= {"seconds": round(time.monotonic() - began, 3), "complete": True}
        _drawn(settings, picture, facts)
        write(record, identity, facts)
    for line in outcome_of(settings, settings.map[0].name, facts):
        say(line)
    return read(record)


def _drawn(settings: PlaceWells, picture: Picture, facts: Summary) -> None:
    """Write the picture and the report."""
    name, on_file = settings.map[0].name, settings.out / PICTURE
    title = f"{name}: {facts['wells']} wells collect {facts['value']:.4g}"
    write_well_map(on_file, picture, title=title)
    table, course = settings.out / TABLE, settings.out / COURSE
    write_stages(course, facts["stages"], facts["bound"])
    write_report(settings.out / REPORT, name, facts, picture=on_file, course=course, table=table)


def _asked(settings: PlaceWells) -> Placing:
    asked = placing(
        settings.map[0],
        radius_m=settings.radius,
        periods=settings.periods,
        growth_m=float(str(settings.growth)),
        count=settings.wells,
        seed=settings.seed,
        origin=settings.map_origin,
        azimuth_deg=settings.map_azimuth,
    )
    wishes = wishes_of(
        asked.extent,
        asked.drainage,
        lease=settings.lease,
        no_drill=settings.no_drill,
        existing=settings.existing,
        spacing_m=settings.spacing or 0.0,
        coordinates=settings.coordinates,
    )
    asked = replace(asked, wishes=wishes)
    if settings.faults is None:
        return asked
    refuse_nowhere(asked.extent)
    faults = fault_source(
        settings.faults, interval=settings.interval, threshold=settings.threshold
    )
    return replace(asked, faults=faults, keep_out_m=settings.keep_out or 0.0)


def _workers(
    settings: PlaceWells, search: TiledSearch, client: Client | None
) -> AbstractContextManager[Client | None]:
    """Return the workers: those handed over or asked for, else of this machine where it pays."""
    if client is not None:
        return nullcontext(client)
    return workers(settings) if in_processes(settings, search) else nullcontext()


def _facts(asked: Placing, plan: TiledPlan) -> Summary:
    """Return what there is to say of a plan."""
    search = asked.search
    return {
        "value": plan.value,
        "wells": len(plan.positions_m),
        "cells": int(np.prod(search.source.shape)),
        "tiles": len(search.tiles),
        "tile_side": search.tile_side,
        "faulty_bins": None if asked.bins is None else len(asked.bins.faulty),
        "fault_threshold": None if asked.faults is None else asked.faults.threshold,
        "cells_without_value": asked.source.without_value,
        "cells_below_zero": asked.source.below_zero,
    }


def _proven(asked: Placing, plan: TiledPlan, found: TiledBound) -> Summary:
    """Return the bound, its gap, what that means, and what existing wells collect beside it."""
    gap = gap_between(plan.value, found.bound)
    proven: Summary = {"bound": found.bound, "gap_percent": 100 * gap}
    proven["guarantee"] = guarantee_of(proven, gap, len(plan.positions_m))
    if asked.wishes.existing is not None:
        proven["existing"] = {"wells": len(asked.wishes.names), "value": found.taken}
    return proven


def _keep_prices(
    path: Path, folder: Path, asked: Placing, plan: TiledPlan, found: TiledBound
) -> None:
    """Keep the prices that prove a bound as a map of the same place."""
    proves = json.dumps([asked.facts(), plan.positions_m.tolist()])
    cell_m, frame = asked.source.cell_m, asked.extent.frame
    keep_price_map(path, folder, proves, cell_m, frame, found.dearest)


def _tell_stage(stages: list[tuple[str, float]], stage: str, value: float, moved: int) -> None:
    """Print the live line, and note it."""
    stages.append((stage, value))
    wells = f"{moved} wells placed" if stage == "greedy" else f"{moved} wells moved"
    say(f"{stage}: value {value:.6g}, {wells}")
