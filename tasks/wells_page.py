"""What the page of wells works on: a problem from plain facts, the exact value of any plan, its numbers."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.wells.objective import ValueMap, evaluate
from storage.existing_wells import read_existing_wells
from storage.map_store import is_map_store, read_map_store
from storage.maps.chosen import PLAIN, Reading
from storage.maps.esri import read_esri
from tasks.fault_penalty import penalty_of, with_penalty
from tasks.keep_out import Bins, FaultSource, fault_source, faulty_bins, on_map
from tasks.map_extent import refuse_nowhere
from tasks.maps import Assignment, assign
from tasks.realizations import map_files, on_the_mean
from tasks.search import WellPlan
from tasks.well_plan import Row, rows_of
from tasks.well_problem import Problem, made, pose, rounded
from tasks.well_program import Programme, growth_of_places, programme_of
from tasks.well_wishes import wishes_of

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """What wells are asked for, as `flows.settings.wells.PlaceWells` says it; it travels between processes.

    Attributes
    ----------
    maps, reading
        The maps, and how they are read.
    radii, wells, periods, growth, growth_local
        First radius, metres, or a file of them; how many; what they gain, metres a period, or a PORO map:
        its mean, or with ``growth_local`` that of each place.
    origin, azimuth_deg
        Where the map lies; None: as its file says.
    lease, no_drill, existing, spacing_m, coordinates
        As `tasks.well_wishes.wishes_of` takes them.
    price, well_cost, budget, discount_percent, period_years, rigs
        As `tasks.well_program.programme_of` takes them.
    faults, interval, threshold, keep_out_m, penalty_m
        A fault volume, what of it counts, the distance that wells keep, how far it takes value away.
    seed
        Of the starts after the first.
    """

    maps: tuple[Path, ...]
    reading: Reading = PLAIN
    radii: Path | float = 1500.0
    wells: int | None = None
    periods: int = 1
    growth: Path | float = 0.0
    growth_local: bool = False
    origin: tuple[float, float] | None = None
    azimuth_deg: float | None = None
    lease: Path | None = None
    no_drill: Path | None = None
    existing: Path | None = None
    spacing_m: float = 0.0
    coordinates: str | None = None
    price: float | None = None
    well_cost: float | None = None
    budget: float | None = None
    discount_percent: float = 0.0
    period_years: float = 1.0
    rigs: int | None = None
    faults: Path | None = None
    interval: tuple[float, float] | None = None
    threshold: float | None = None
    keep_out_m: float | None = None
    penalty_m: float | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """A problem with all that its plans are valued and drawn by.

    Attributes
    ----------
    assignment, problem, bins
        As a run of place-wells has them.
    value_map
        With the existing wells on it.
    on_file
        Whether a file holds that map: not the mean of several, or one that faults have taken value from.
    price
        Money for one unit of value, where there is one.
    """

    assignment: Assignment
    problem: Problem
    bins: Bins | None
    value_map: ValueMap
    on_file: bool
    price: float | None

    @contextmanager
    def readable(self) -> Iterator[Problem]:
        """Yield the problem on a map that lies in a file, as search and tables read it."""
        if self.on_file:
            yield self.problem
            return
        with tempfile.TemporaryDirectory(prefix="graben-wells-") as folder:
            reservoir = self.assignment.reservoir
            yield made(self.problem, Path(folder) / "map.npz", reservoir.value_map)

    def value(self, positions_m: Float) -> float:
        """Return the exact value of a plan, less what its wells cost where they have to pay for themselves.

        Parameters
        ----------
        positions_m
            Centres x, y on the map, shape (wells, 2), metres.
        """
        drainage = self.problem.at(positions_m)
        value = evaluate(self.value_map, positions_m, drainage).value
        return self.problem.net(value, len(positions_m))

    def rows(self, positions_m: Float) -> list[Row]:
        """Return the rows of ``wells.csv`` of a plan."""
        plan = WellPlan(positions_m, 0.0, 0, ())
        with self.readable() as problem:
            return rows_of(self.assignment, problem, plan, self.bins)

    def held(self, positions_m: Float) -> Float:
        """Return positions as they are written, on the map, shape (wells, 2), metres."""
        corner = np.array([self.value_map.width_m, self.value_map.height_m])
        return rounded(np.clip(positions_m, 0.0, corner), self.value_map)

    def wrong(self, positions_m: Float) -> NDArray[np.bool_]:
        """Return which wells stand where none may, or too near to another, shape (wells,)."""
        ground = self.problem.ground
        return np.asarray(~ground.allows(positions_m) | (ground.apart_m(positions_m) < 0))


def state(asked: Asked) -> Stated:
    """Return what is asked as a problem, from memory if this process has had it before.

    Raises
    ------
    InputError, ParameterError
        What is wrong and how to mend it.
    """
    return _stated(asked, tuple(_stamp(path) for path in map_files(asked.maps)))


@lru_cache(maxsize=4)
def _stated(asked: Asked, _stamps: tuple[tuple[int, int], ...]) -> Stated:
    """State a problem; a map of another size or time makes another one."""
    files = map_files(asked.maps)
    programme = _programme(asked, files)
    assignment = programme.assignment
    wishes = wishes_of(
        assignment.extent,
        assignment.drainage,
        lease=asked.lease,
        no_drill=asked.no_drill,
        existing=asked.existing,
        spacing_m=asked.spacing_m,
        coordinates=asked.coordinates,
    )
    growth = asked.growth if asked.growth_local and isinstance(asked.growth, Path) else None
    growth_map = None if growth is None else growth_of_places(assignment, growth)
    bins, keep_out = None, np.empty((0, 2))
    source = _faults(asked, assignment)
    if source is not None and asked.keep_out_m is not None:
        bins = faulty_bins(source)
        keep_out = on_map(
            source.path, bins.faulty, bins.live, assignment.extent, reach_m=bins.reach_m
        )
    if source is not None and asked.penalty_m is not None:
        assignment = with_penalty(assignment, penalty_of(source, assignment, asked.penalty_m))
    problem = pose(
        assignment,
        wishes.ground(assignment.extent, keep_out, asked.keep_out_m or 0.0),
        existing=wishes.existing,
        costs=programme.costs,
        growth_map=growth_map,
        seed=asked.seed,
    )
    value_map = assignment.reservoir.value_map
    if wishes.existing is not None:
        value_map = replace(value_map, existing=wishes.existing)
    on_file = len(files) == 1 and asked.penalty_m is None
    return Stated(assignment, problem, bins, value_map, on_file, programme.economics.price)


def planned(table: Path) -> Float:
    """Return the positions of a ``wells.csv`` on its map, shape (wells, 2), metres.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    return np.array([(well.x, well.y) for well in read_existing_wells(table, on_map=True)])


def prices_of(path: Path, store: Path) -> NDArray[np.float32] | None:
    """Return the shadow prices of a run, row 0 in the south; None where it wrote none.

    Parameters
    ----------
    path, store
        The grid that a search of the whole map writes, the kept map that one by tiles does.
    """
    if path.exists():
        return read_esri(path).values.astype(np.float32)
    return read_map_store(store).values.astype(np.float32) if store.exists() else None


def _programme(asked: Asked, files: list[Path]) -> Programme:
    """Read what wells are placed on, how far they reach, when they begin and what they cost."""
    assignment = assign(
        files[0],
        asked.radii,
        wells=asked.wells,
        periods=asked.periods,
        growth=asked.growth,
        origin=asked.origin,
        azimuth_deg=asked.azimuth_deg,
        reading=asked.reading,
    )
    return programme_of(
        on_the_mean(assignment, files),
        price=asked.price,
        well_cost=asked.well_cost,
        budget=asked.budget,
        discount_percent=asked.discount_percent,
        period_years=asked.period_years,
        rigs=asked.rigs,
    )


def _faults(asked: Asked, assignment: Assignment) -> FaultSource | None:
    if asked.faults is None:
        return None
    refuse_nowhere(assignment.extent)
    return fault_source(asked.faults, interval=asked.interval, threshold=asked.threshold)


def _stamp(path: Path) -> tuple[int, int]:
    """Return size and time of a map; where there is none, its reader says so."""
    try:
        found = (path / "zarr.json" if is_map_store(path) else path).stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns
