"""The problem of a search: map, wells, ground; what cannot be is told before anything is written."""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError
from models.wells.choice import net_of
from models.wells.constraints import Ground
from models.wells.drainage import Existing
from models.wells.greedy import NoRoomError, greedy
from models.wells.local_growth import LocalGrowth
from models.wells.objective import Drainage, ValueMap, gross
from storage.maps.chosen import PLAIN, Reading
from storage.value_map import read_value_map, write_value_map
from tasks.maps import Assignment, map_of_growth, reservoir_map

Float = NDArray[np.float64]
Posed = tuple[ValueMap, Ground, NDArray[np.bool_] | None]
"""A map, where wells may stand on it, and in which of its cells (None: all)."""

DECIMALS = 3
"""Positions are rounded to millimetres: the plan that is valued is the plan that is written."""

ROUNDING_M = 0.005
"""More distance than asked for during the search, so that no rounding falls below it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a start needs to know; small enough to travel with it.

    Parameters
    ----------
    map_path, map_sha256
        The map, which workers read themselves. Without a hash it is one that the driver made.
    drainage
        Radii, periods, growth.
    ground
        Where wells may stand, as asked.
    existing
        Wells that are there already; None: none.
    allowed
        Cells that a well may stand in, one bit each; None: all.
    seed
        Of the starts after the first.
    costs
        Cost of each well in units of what is collected, shape (wells,): as many are drilled as pay for
        themselves. None: all are drilled.
    growth_map
        Path and hash of the map that holds the growth of each place; None: growth goes by the well.
    reading
        How the map is read.
    """

    map_path: Path
    map_sha256: str | None
    drainage: Drainage
    ground: Ground
    existing: Existing | None
    allowed: NDArray[np.uint8] | None
    seed: int
    costs: Float | None = None
    growth_map: tuple[Path, str] | None = None
    reading: Reading = PLAIN

    def net(self, value: float, wells: int) -> float:
        """Return what so many wells collect beyond what they cost."""
        return value if self.costs is None else net_of(value, wells, self.costs)

    def gross(self, net: float, wells: int) -> float:
        """Return what so many wells collect, from what is left of it beyond what they cost."""
        return net if self.costs is None else net + float(self.costs[:wells].sum())

    def first(self, wells: int) -> Drainage:
        """Return the drainage of the first wells: those of a plan of so many."""
        return self.drainage.some(np.arange(wells))

    def local(self) -> LocalGrowth | None:
        """Return the growth by the place, where it is asked for."""
        if self.growth_map is None:
            return None
        path, sha256 = self.growth_map
        return LocalGrowth(map_of_growth(path, self.reading, sha256=sha256).value_map)

    def at(self, positions_m: Float) -> Drainage:
        """Return the drainage of a plan, with the growths of its places where these decide."""
        drainage, local = self.first(len(positions_m)), self.local()
        return drainage if local is None else local.at(positions_m, drainage)


def pose(
    assignment: Assignment,
    ground: Ground,
    *,
    existing: Existing | None = None,
    costs: Float | None = None,
    growth_map: tuple[Path, str] | None = None,
    seed: int,
) -> Problem:
    """Return the problem of placing wells on some ground.

    Parameters
    ----------
    assignment
        The map and the wells.
    ground
        Where wells may stand.
    existing
        Wells that are there already.
    costs
        Cost of each well in units of what is collected, where wells have to pay for themselves.
    growth_map
        Path and hash of the map that holds the growth of each place, where that decides.
    seed
        Of the starts after the first.

    Raises
    ------
    ParameterError
        If no well pays for itself, no cell is allowed, or too few at the spacing that is asked for.
    """
    value_map = assignment.reservoir.value_map
    allowed = None
    if not ground.is_whole:
        cells = held_to(ground).clear_cells(value_map, 0.0)
        if not cells.any():
            raise ground.nowhere()
        allowed = np.packbits(cells)
    problem = Problem(
        map_path=assignment.path.absolute(),
        map_sha256=assignment.reservoir.sha256,
        drainage=assignment.drainage,
        ground=ground,
        existing=existing,
        allowed=allowed,
        seed=seed,
        costs=costs,
        growth_map=growth_map,
        reading=assignment.reading,
    )
    # What cannot be is told before anything is written.
    posed = _posed(problem, value_map)
    if ground.spacing_m > 0 and costs is None:
        begun_on(problem, posed)
    if costs is not None:
        _refuse_if_none_pays(problem, posed, costs)
    return problem


def made(problem: Problem, path: Path, value_map: ValueMap) -> Problem:
    """Write a map that no file holds for the workers; return the problem on it."""
    write_value_map(path, value_map.values, value_map.cell_width_m, value_map.cell_height_m)
    return replace(problem, map_path=path.absolute(), map_sha256=None)


def posed_on(problem: Problem) -> Posed:
    """Return the map of a problem, where wells may stand, and in which of its cells (None: all).

    Wells are held a little farther off than asked, so that no rounding falls below it.
    """
    if problem.map_sha256 is None:
        return _posed(problem, _made_map(problem.map_path, problem.map_path.stat().st_mtime_ns))
    found = reservoir_map(problem.map_path, problem.reading, sha256=problem.map_sha256)
    return _posed(problem, found.value_map)


@lru_cache(maxsize=1)
def _made_map(path: Path, _modified_ns: int) -> ValueMap:
    return ValueMap(*read_value_map(path))


def _posed(problem: Problem, value_map: ValueMap) -> Posed:
    """Return the problem on its map: existing wells on it, margins on what was asked, allowed cells."""
    if problem.existing is not None:
        value_map = replace(value_map, existing=problem.existing)
    allowed = None
    if problem.allowed is not None:
        bits = np.unpackbits(problem.allowed, count=value_map.values.size)
        allowed = bits.reshape(value_map.values.shape).astype(bool)
    return value_map, held_to(problem.ground), allowed


def rounded(positions_m: Float, value_map: ValueMap) -> Float:
    """Return the positions as they are written: rounded, downwards at the far edges of the map."""
    corner = np.array([value_map.width_m, value_map.height_m])
    edge = np.floor(corner * 10**DECIMALS) / 10**DECIMALS
    return np.asarray(np.minimum(np.round(positions_m, DECIMALS), edge))


def begun_on(problem: Problem, posed: Posed, preference: Float | None = None) -> Float:
    """Place wells greedily, by gains alone where a preference leads to where no room is left."""
    value_map, ground, allowed = posed
    place = partial(
        greedy,
        value_map,
        problem.drainage,
        allowed=allowed,
        spacing_m=ground.spacing_m,
        fewer=problem.costs is not None,
    )
    if preference is not None:
        with suppress(ParameterError):
            return place(preference=preference)
    try:
        return place()
    except NoRoomError as error:
        raise NoRoomError(problem.ground.spacing_m, error.placed, error.count) from None


def _refuse_if_none_pays(problem: Problem, posed: Posed, costs: Float) -> None:
    """Refuse a cost that not even the best first well brings in."""
    value_map, _, allowed = posed
    first = problem.first(1)
    best = gross(value_map, greedy(value_map, first, allowed=allowed), first)[0]
    if best <= costs[0]:
        raise ParameterError(
            "well cost",
            f"{costs[0]:.6g} units of map value times square metres",
            f"No well pays for itself, as the best one collects {best:.6g}: mend cost or price.",
        )


def held_to(ground: Ground) -> Ground:
    """Return the ground with a margin for rounding on every distance that is asked for."""
    return replace(
        ground,
        distance_m=ground.distance_m + (ROUNDING_M if len(ground.keep_out_m) else 0.0),
        edge_m=ground.edge_m + ROUNDING_M,
        spacing_m=ground.spacing_m + (ROUNDING_M if ground.spacing_m > 0 else 0.0),
    )
