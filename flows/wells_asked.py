"""What a run of place-wells is asked, read and checked: nothing is written, and it takes no time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.map_reading import reading_of
from flows.settings.wells import PlaceWells
from flows.well_verification import SIMULATIONS, check_of, identity_of, was_verified
from storage.errors import OutputError
from storage.run_record import Found, look, refuse_inputs_among
from tasks.keep_out import FaultSource, fault_source
from tasks.map_extent import refuse_nowhere
from tasks.maps import Assignment, assign
from tasks.realizations import map_files, on_the_mean
from tasks.well_decks import Check
from tasks.well_program import Programme, growth_of_places, programme_of
from tasks.well_wishes import Wishes, wishes_of

RECORD = "summary.json"
TABLE, SHAPES, PRICES = "wells.csv", "wells.geojson", "shadow_prices.asc"
PRICE_MAP = "shadow_prices.zarr"
"""In place of `PRICES` where the map is beyond memory."""

PICTURE, COURSE, REPORT = "map.png", "convergence.png", "report.html"
OUTPUTS = (TABLE, SHAPES, PRICES, PICTURE, COURSE, REPORT)
WITH_SIMULATIONS = (*OUTPUTS, SIMULATIONS)
MADE_MAP = ".value-map.npz"
"""A map that no file holds, beside the results while workers search on it."""

TILE_PRICES = ".prices"
"""Folder of prices beside the results while the bound of a search by tiles is under way."""

SEARCH_VERSION = 4
"""Part of every identity: a change of the search makes old plans strangers."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that may begin, as far as maps, wishes, a look at the faults and --out can tell.

    Attributes
    ----------
    files
        The maps.
    programme
        The wells on the mean of the maps, when they begin, what they cost.
    wishes
        Where they may stand, and which are there already.
    faults
        The faults to keep away from.
    growth_map
        Path and hash of the map that holds the growth of each place, where that decides.
    identity, found
        What decides the results, and what lies at the output.
    check
        How plans are simulated; None: they are not.
    outputs
        Names of all that the run writes, and of what another one may have left at its place.
    """

    files: tuple[Path, ...]
    programme: Programme
    wishes: Wishes
    faults: FaultSource | None
    growth_map: tuple[Path, str] | None
    identity: dict[str, Any]
    found: Found
    check: Check | None = None
    outputs: tuple[str, ...] = OUTPUTS

    @property
    def written(self) -> tuple[str, ...]:
        """Names of all that the run writes."""
        return OUTPUTS if self.check is None else WITH_SIMULATIONS

    @property
    def assignment(self) -> Assignment:
        """The map and the wells."""
        return self.programme.assignment

    @property
    def name(self) -> str:
        """What the map is called."""
        many = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        return self.files[0].name + many


def prepare(settings: PlaceWells) -> Prepared:
    """Check maps, radii, wishes, faults and output folder.

    Raises
    ------
    InputError, ParameterError
        What is wrong and how to mend it.
    """
    files = map_files(settings.map)
    programme = _programme(settings, files)
    assignment = programme.assignment
    wishes = wishes_of(
        assignment.extent,
        assignment.drainage,
        lease=settings.lease,
        no_drill=settings.no_drill,
        existing=settings.existing,
        spacing_m=settings.spacing or 0.0,
        coordinates=settings.coordinates,
    )
    identity = {"search_version": SEARCH_VERSION, **assignment.facts()}
    identity |= {"starts": settings.starts, "seed": settings.seed}
    identity |= {"time": settings.time, "gap": settings.gap}
    identity |= programme.facts() | wishes.facts() | identity_of(settings)
    check = check_of(settings, assignment)
    faults = None
    if settings.faults is not None:
        refuse_nowhere(assignment.extent)
        faults = fault_source(
            settings.faults, interval=settings.interval, threshold=settings.threshold
        )
        identity |= {**faults.facts(), "keep_out": settings.keep_out}
        if settings.fault_penalty is not None:
            identity["fault_penalty"] = settings.fault_penalty
    growth = settings.growth if isinstance(settings.growth, Path) else None
    growth_map = None
    if growth is not None and settings.growth_from == "local":
        growth_map = growth_of_places(assignment, growth)
        identity["growth_map"] = growth_map[1]
    inputs = (*settings.map, settings.map_grid, settings.radii, settings.faults, growth)
    wished = (settings.lease, settings.no_drill, settings.existing)
    outputs = OUTPUTS if check is None else WITH_SIMULATIONS
    found, cleared = found_at(settings, outputs, identity, inputs=(*inputs, *wished))
    return Prepared(
        tuple(files), programme, wishes, faults, growth_map, identity, found, check, cleared
    )


def found_at(
    settings: PlaceWells,
    outputs: tuple[str, ...],
    identity: dict[str, Any],
    *,
    inputs: tuple[Path | None, ...],
) -> tuple[Found, tuple[str, ...]]:
    """Return what lies at --out, and the names of all that must not be left there by another run.

    A search by tiles writes less than one of the whole map. What only the other one writes goes with the
    run it is of, or it would stand beside wells that it says nothing of.

    Parameters
    ----------
    settings
        What is asked.
    outputs
        Names of all that this run writes.
    identity
        What decides its results.
    inputs
        Files that it reads; None: not asked for.

    Raises
    ------
    OutputError
        If --out holds another run, or part of this one, or an input would be written over.
    """
    record = settings.out / RECORD
    cleared = (*dict.fromkeys((*outputs, *OUTPUTS, PRICE_MAP, MADE_MAP, TILE_PRICES)),)
    if was_verified(record) and SIMULATIONS not in cleared:
        cleared = (*cleared, SIMULATIONS)
    refuse_inputs_among(record, cleared, inputs)
    # Where no record says whose they are, files of either search are of no known run.
    expected = outputs if record.exists() else cleared
    found = look(record, expected, identity, resume=settings.resume, overwrite=settings.overwrite)
    return found, cleared


def refuse_meanwhile(
    settings: PlaceWells, outputs: tuple[str, ...], identity: dict[str, Any], found: Found
) -> None:
    """Refuse a folder that another run has written since it was looked at; the folder is held.

    Raises
    ------
    OutputError
        If it is so: between the look and the hold lie seconds, or minutes.
    """
    now, _ = found_at(settings, outputs, identity, inputs=())
    if now is not found:
        raise OutputError(
            settings.out,
            "another run wrote it meanwhile",
            "Look at what it holds, or choose another --out.",
        )


def _programme(settings: PlaceWells, files: list[Path]) -> Programme:
    """Read what wells are placed on, how far they reach, when they begin and what they cost."""
    counted = settings.radii is None or "wells" in settings.model_fields_set
    assignment = assign(
        files[0],
        settings.radii or settings.radius,
        wells=settings.wells if counted else None,
        periods=settings.periods,
        growth=settings.growth,
        origin=settings.map_origin,
        azimuth_deg=settings.map_azimuth,
        reading=reading_of(settings, settings.map_cache),
    )
    return programme_of(
        on_the_mean(assignment, files),
        price=settings.price,
        well_cost=settings.well_cost,
        budget=settings.budget,
        discount_percent=settings.discount,
        period_years=settings.period_years,
        rigs=settings.rigs,
    )
