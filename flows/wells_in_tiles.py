"""The flow that places wells on a map beyond memory: kept as Zarr, searched and proven tile by tile."""

import time
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import replace
from typing import Any

import numpy as np
from distributed import Client

from flows.report.well_map import write_well_map
from flows.report.wells import write_report
from flows.settings.reading import SettingsError, option_name
from flows.settings.wells import PlaceWells
from flows.terminal import say
from flows.wells_asked import (
    PICTURE,
    RECORD,
    REPORT,
    SHAPES,
    TABLE,
    TILE_PRICES,
    found_at,
    refuse_meanwhile,
)
from flows.wells_said import guarantee_of, notes_of, outcome_of
from flows.workers import workers
from storage.errors import OutputError
from storage.run_record import Found, begin, hold, read, write
from tasks.fan_out import Progress
from tasks.keep_out import fault_source
from tasks.map_extent import refuse_nowhere
from tasks.map_source import cells_of_store
from tasks.place_in_tiles import TiledPlan, TiledSearch
from tasks.refine import gap_between
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
from tasks.well_tile_bound import ITERATIONS, bound_of
from tasks.well_wishes import wishes_of

Summary = dict[str, Any]

WHOLE_CELLS = 10**8
"""Cells up to which one core with some gigabytes places wells sooner than workers start and share them."""

CLUSTER_CELLS = 3 * 10**9
"""Cells from which on one machine takes hours."""

OUTPUTS = (TABLE, SHAPES, PICTURE, REPORT)
SEARCH_VERSION = 4
"""Part of every identity, as that of the search of the whole map."""

TAKEN = {
    *("map", "wells", "radius", "periods", "growth", "seed", "map_origin", "map_azimuth"),
    *("search", "workers", "scheduler", "worker_memory", "out", "resume", "overwrite"),
    *("lease", "no_drill", "existing", "spacing", "coordinates"),
    *("faults", "keep_out", "interval", "threshold"),
    "map_cache",
}
"""Settings that a search by tiles takes; any other, given, is refused."""

FEW_TILES = 8
"""Tiles up to which processes take longer to start than threads of this one to do the work."""


def is_for_tiles(settings: PlaceWells) -> bool:
    """Tell whether wells are placed tile by tile, and say why or why not.

    Raises
    ------
    SettingsError
        If that is asked for, or needed, together with what only a search on the whole map knows.
    """
    cells = cells_of_store(settings.map[0]) if len(settings.map) == 1 else 0
    if settings.search == "whole" or (settings.search == "auto" and cells <= WHOLE_CELLS):
        return False
    others = [
        option_name(name)
        for name, field in PlaceWells.model_fields.items()
        if name not in TAKEN and getattr(settings, name) != field.get_default()
    ]
    if len(settings.map) > 1:
        others.append("several maps")
    if not isinstance(settings.growth, int | float):
        others.append("--growth of a map")
    if others:
        why = "" if settings.search == "tiles" else f", which a map of {cells:,} cells needs"
        msg = (
            f"a search by tiles{why}, takes wells that are alike on all of one map: leave out "
            f"{', '.join(others)}, or hold the map in memory with --search whole"
        )
        raise SettingsError(msg)
    return True


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
    say(_choice(settings, asked.search))
    with ExitStack() as stack:
        connected = stack.enter_context(_workers(settings, asked.search, client))
        anew = found is Found.NOTHING
        asked = on_ground(asked, anew=anew, client=connected, progress=progress)
        stack.enter_context(hold(settings.out))
        refuse_meanwhile(settings, OUTPUTS, identity, found)
        facts: Summary = {"settings": settings.model_dump(mode="json")}
        begin(record, cleared, identity, facts, found)
        prices = (settings.out / TILE_PRICES).absolute()
        ledgered = under_way(
            asked,
            settings.out / TABLE,
            prices,
            identity,
            client=connected,
            progress=progress,
            tell=_tell_stage,
        )
        search = stack.enter_context(ledgered)
        plan = search.place()
        # The plan is on the disk before its bound is sought, which takes as long again.
        table, shapes = settings.out / TABLE, settings.out / SHAPES
        nearest = write_tiled_plan(table, shapes, asked, plan)
        facts.update(_facts(asked, plan), nearest_fault_m=nearest)
        write(record, identity, facts | {"complete": False})
        bound = bound_of(search, plan, prices, iterations=ITERATIONS)
        facts |= _proven(plan, bound.bound)
        if asked.wishes.existing is not None:
            facts["existing"] = {"wells": len(asked.wishes.names), "value": bound.taken}
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
    table = settings.out / TABLE
    write_report(settings.out / REPORT, name, facts, picture=on_file, course=None, table=table)


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
    asked = settings.workers is not None or settings.scheduler is not None
    return workers(settings) if asked or len(search.tiles) > FEW_TILES else nullcontext()


def _choice(settings: PlaceWells, search: TiledSearch) -> str:
    """Say how the map is searched, where, and why."""
    rows, columns = search.source.shape
    cells, tiles, side = rows * columns, len(search.tiles), search.tile_side
    why = "as asked" if settings.search == "tiles" else f"as more than {WHOLE_CELLS:,} cells"
    if settings.scheduler:
        where = f"on the cluster at {settings.scheduler}"
    elif settings.workers is not None or tiles > FEW_TILES:
        where = f"on {settings.workers or 'all'} worker processes of this machine"
        if cells > CLUSTER_CELLS:
            where += "; it takes hours, and --scheduler names a cluster to share them"
    else:
        where = "in this process"
    return f"Search: {rows:,} x {columns:,} cells in {tiles} tiles of {side} x {side} ({why}), {where}"


def choice_of_whole(settings: PlaceWells, shape: tuple[int, ...]) -> str:
    """Say that a map is searched whole, where, and why.

    Parameters
    ----------
    settings
        What is asked.
    shape
        Rows and columns of the map.
    """
    if settings.search == "whole":
        why = "as asked"
    elif shape[0] * shape[1] <= WHOLE_CELLS:
        why = f"as no more than {WHOLE_CELLS:,} cells"
    elif len(settings.map) > 1 or settings.map[0].is_dir():
        why = "as tiles know no mean of several maps"
    else:
        why = "as tiles need a map that graben ingest-map keeps"
    if settings.scheduler:
        where = f"starts on the cluster at {settings.scheduler}, the rest in this process"
    elif settings.workers is not None:
        where = f"starts on {settings.workers} worker processes, the rest in this process"
    else:
        where = "in this process"
    return f"Search: {shape[0]:,} x {shape[1]:,} cells whole ({why}), {where}"


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


def _proven(plan: TiledPlan, bound: float) -> Summary:
    """Return the bound, its gap, and what that means."""
    gap = gap_between(plan.value, bound)
    proven = {"bound": bound, "gap_percent": 100 * gap}
    return {**proven, "guarantee": guarantee_of(proven, gap, len(plan.positions_m))}


def _tell_stage(stage: str, value: float, moved: int) -> None:
    """Print the live line."""
    wells = f"{moved} wells placed" if stage == "greedy" else f"{moved} wells moved"
    say(f"{stage}: value {value:.6g}, {wells}")
