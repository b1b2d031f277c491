"""What the page of wells is opened on: the folder of a run of place-wells, a map, or nothing yet."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flows.map_reading import reading_of
from flows.settings.wells import PlaceWells
from flows.wells_asked import PRICE_MAP, PRICES, RECORD, TABLE
from storage.errors import InputError, OutputError
from storage.run_record import read
from tasks.map_target import is_plan
from tasks.maps import reservoir_map
from tasks.wells_page import Asked, Stated, planned, prices_of, state
from tasks.wells_saved import OURS

QUICK_BYTES = 1 << 25
"""A map of no more is read before the page opens."""

Course = tuple[tuple[float, float, float], ...]

FILES = ("map_grid", "map_cache", "radii", "growth", "faults", "lease", "no_drill", "existing")
"""Settings of a run that are paths, its maps apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """What a page begins with.

    Attributes
    ----------
    settings
        What is asked.
    stated
        The same as a problem.
    positions_m
        The plan, shape (wells, 2), metres; None where there is none yet.
    bound
        What no plan of the same wells exceeds; None where it is not known.
    prices, course
        The shadow prices, and how value and bound came together, as far as they are kept.
    by_hand
        Value of the plan before it was edited by hand; None: it was not.
    ours
        Whether the page may write where settings say, as no run of place-wells did.
    passing
        Whether the map lies where it will not stay.
    """

    settings: PlaceWells
    stated: Stated
    positions_m: NDArray[np.float64] | None = None
    bound: float | None = None
    prices: NDArray[np.float32] | None = None
    course: Course = ()
    by_hand: float | None = None
    ours: bool = True
    passing: bool = False


def asked_of(settings: PlaceWells) -> Asked:
    """Return what settings ask."""
    counted = settings.radii is None or "wells" in settings.model_fields_set
    return Asked(
        maps=tuple(settings.map),
        reading=reading_of(settings, settings.map_cache),
        radii=settings.radii or settings.radius,
        wells=settings.wells if counted else None,
        periods=settings.periods,
        growth=settings.growth,
        growth_local=settings.growth_from == "local",
        origin=settings.map_origin,
        azimuth_deg=settings.map_azimuth,
        lease=settings.lease,
        no_drill=settings.no_drill,
        existing=settings.existing,
        spacing_m=settings.spacing or 0.0,
        coordinates=settings.coordinates,
        price=settings.price,
        well_cost=settings.well_cost,
        budget=settings.budget,
        discount_percent=settings.discount,
        period_years=settings.period_years,
        rigs=settings.rigs,
        faults=settings.faults,
        interval=settings.interval,
        threshold=settings.threshold,
        keep_out_m=settings.keep_out,
        penalty_m=settings.fault_penalty,
        seed=settings.seed,
    )


def look_at(target: Path) -> None:
    """Refuse a target that cannot be shown, as far as a second can tell; a large map is read on the page.

    Raises
    ------
    InputError
        What is wrong and how to mend it.
    """
    if not target.exists():
        raise InputError(target, "there is nothing", "Name the folder of a run, or a map.")
    if is_plan(target):
        if not read(target / RECORD).get("complete"):
            raise _incomplete(target)
    elif target.is_dir() or target.stat().st_size <= QUICK_BYTES:
        reservoir_map(target)


def open_map(given: Mapping[str, Any]) -> Opened:
    """Return a problem without a plan.

    Raises
    ------
    InputError, ParameterError, SettingsError
        What is wrong and how to mend it.
    """
    settings = PlaceWells.read(dict(given))
    return Opened(settings, state(asked_of(settings)))


def open_run(folder: Path) -> Opened:
    """Return the plan of a run and what it came from.

    Raises
    ------
    InputError, ParameterError, SettingsError
        What is wrong and how to mend it.
    """
    facts = read(folder / RECORD)
    if not facts.get("complete"):
        raise _incomplete(folder)
    settings = PlaceWells.read(_found(folder, facts))
    stated = state(asked_of(settings))
    known = facts.get("identity", {}).get("map_sha256")
    if known != stated.assignment.reservoir.sha256:
        raise InputError(
            settings.map[0], f"it is not the map of {folder} any more", "Place the wells again."
        )
    positions = planned(folder / TABLE)
    if len(positions) > stated.problem.drainage.radii_m.size:
        raise InputError(folder / TABLE, "it holds more wells than were asked for", "Mend it.")
    course = facts.get("refinement", {}).get("course", [])
    if begun := facts.get("start_values"):
        course = [(0.0, max(begun), math.inf), *course]
    return Opened(
        settings,
        stated,
        positions,
        facts.get("bound"),
        prices_of(folder / PRICES, folder / PRICE_MAP),
        tuple((float(s), float(v), float(b)) for s, v, b in course),
        facts.get("value_before_editing"),
        ours=bool(facts.get("identity", {}).get(OURS)),
    )


def _incomplete(folder: Path) -> OutputError:
    return OutputError(folder, "it holds an incomplete run", "Go on with it: --resume.")


def _found(folder: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a run with its files where they lie now, seen from here or from the run."""
    given = dict(facts.get("settings") or {})
    maps = given.get("map") or []
    if not maps:
        raise OutputError(folder, "its record names no map", "Place the wells again.")
    base = _base(folder.absolute(), str(maps[0]))
    given["map"] = [str(base / each) for each in maps]
    for name in FILES:
        if isinstance(given.get(name), str):
            given[name] = str(base / given[name])
    given["out"] = str(folder)
    if given.get("radii") is not None:
        given.pop("wells", None)  # as many as the file has
    return {name: value for name, value in given.items() if name not in ("resume", "overwrite")}


def _base(folder: Path, first: str) -> Path:
    """Return the folder that a run's paths are seen from: this one, or one above the run."""
    for base in (Path.cwd(), folder, *folder.parents):
        if (base / first).exists():
            return base
    return Path.cwd()
