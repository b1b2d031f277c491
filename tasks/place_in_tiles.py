"""A well plan on a map beyond memory: lists of tiles merged by price, worst wells moved, windows swept.

The driver holds places and numbers, never values; every stage is a round of jobs on tiles or windows. What
a job answers follows from the map, the plan and the seed, and answers are put together in the order of the
tiles: the same wells for any number of workers. Finished jobs stand in a ledger, so that a killed run goes
on where it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from math import fsum

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from models.wells.constraints import Ground
from models.wells.exchange import exchanged, merged
from models.wells.greedy import NoRoomError
from models.wells.map_tiles import MapTile, colours_of, reach_cells, tiles_of
from models.wells.site import Site
from storage.ledger import Finished
from tasks.fan_out import JobT, Progress, Result, run_jobs
from tasks.map_source import MapSource
from tasks.well_problem import DECIMALS
from tasks.well_sweeps import WindowJob, movable_in, swept, window_job
from tasks.well_tiles import Alike, TileJob, jobs_on, next_wells, sites_on, worth

Float = NDArray[np.float64]
Say = Callable[[str, float, int], None]
"""Told of every stage: its name, the value of the plan after it (of lists: about), wells that moved."""

SIDE, SIDE_IN_REACHES = 1024, 6
"""Side of a tile, cells: so many, or so many reaches of a well where these are longer."""

SPARE = 3
"""Places that a tile offers to the worst wells of others."""


@dataclass(frozen=True, slots=True)
class TiledPlan:
    """A plan on a large map.

    Attributes
    ----------
    positions_m
        Centres on the map, shape (wells, 2), metres.
    gross, share, marginal
        What each collects alone, its share of what all collect, what would be lost without it.
    best_of
        What the first well of each tile would collect without others, shape (tiles,): -inf where none may
        stand.
    """

    positions_m: Float
    gross: Float
    share: Float
    marginal: Float
    best_of: Float

    @property
    def value(self) -> float:
        """The objective: map value times square metres."""
        return fsum(self.share.tolist())


@dataclass(frozen=True)
class TiledSearch:
    """What is searched, and how.

    Attributes
    ----------
    source, wells, count
        The map, what wells are like, how many there are.
    where
        Where they may stand, and which are there already; None: anywhere on the map.
    cut
        What of that matters in each tile (`sites_on`); None: it is cut when it is asked for.
    seed
        Of the sweeps.
    side
        Of a tile, cells; default by the reach of a well.
    sweeps, steps
        How often all windows are swept, and with how many steps for each well in them.
    client, ledger, progress, say
        Where jobs run, where the finished ones are recorded, who is told.
    """

    source: MapSource
    wells: Alike
    count: int
    seed: int = 0
    where: Site | None = None
    cut: list[Site] | None = None
    side: int = 0
    sweeps: int = 2
    steps: int = 50
    client: Client | None = None
    ledger: Finished | None = None
    progress: Progress | None = None
    say: Say = field(default=lambda _stage, _value, _moved: None)

    @property
    def tiles(self) -> list[MapTile]:
        """The tiles of the map, row by row."""
        return tiles_of(self.source.shape, self.tile_side)

    @property
    def tile_side(self) -> int:
        """Side of a tile, cells."""
        reach = max(reach_cells(self.apart_m / 2, self.source.cell_m))
        return self.side or max(SIDE, SIDE_IN_REACHES * reach)

    @property
    def site(self) -> Site:
        """Where wells may stand, and which are there already."""
        if self.where is not None:
            return self.where
        rows, columns = self.source.shape
        width, height = self.source.cell_m
        return Site(Ground(columns * width, rows * height))

    @cached_property
    def sites(self) -> list[Site]:
        """What of the site matters in each tile: cut once, as faults and leases may be large."""
        if self.cut is not None:
            return self.cut
        return sites_on(self.tiles, self.source, self.wells, self.site)

    @property
    def apart_m(self) -> float:
        """Distance from which on two wells have nothing to do with each other, metres."""
        return max(2 * self.wells.reach_m, self.site.ground.spacing_m)

    def place(self) -> TiledPlan:
        """Return the plan."""
        positions, best_of = self.begun()
        value = 0.0
        for number in range(2):
            positions, value = self._better_spread(positions, best_of, number)
        for sweep in range(self.sweeps):
            positions, value = self._swept(positions, value, sweep)
        positions, _ = self._better_spread(positions, best_of, 2)
        return self._valued(positions, best_of, "value")

    def run(
        self, work: Callable[[JobT], Result], jobs: Mapping[str, JobT], what: str
    ) -> list[Result]:
        """Run the jobs of a stage, or take their answers from the ledger."""
        named = {f"{what} {name}": job for name, job in jobs.items()}
        found = run_jobs(
            work,
            named,
            what=what,
            client=self.client,
            ledger=self.ledger,
            progress=self.progress,
        )
        return [found[name] for name in named]

    def _jobs(self, positions: Float) -> list[TileJob]:
        return jobs_on(self.tiles, self.sites, positions, self.source, self.apart_m)

    def begun(self) -> tuple[Float, Float]:
        """Return the plan of all tiles' lists, and the first gain on each.

        Raises
        ------
        NoRoomError
            If the distance between wells leaves no room for all.
        """
        jobs = self._jobs(np.empty((0, 2)))
        lists: dict[int, Result] = {}
        asked = dict.fromkeys(range(len(jobs)), min(self.count, 2 * self.count // len(jobs) + 4))
        listed = dict(asked)
        while asked:
            listed |= asked
            for number in sorted(set(asked.values())):
                some = {str(at): jobs[at] for at, each in asked.items() if each == number}
                work = partial(next_wells, source=self.source, wells=self.wells, count=number)
                answers = self.run(work, some, f"list {number}")
                lists.update(zip(map(int, some), answers, strict=True))
            places, gains, tile_of = _joined([lists[at] for at in range(len(jobs))])
            chosen = self._merged(places, gains, tile_of, self.count)
            used = np.bincount(tile_of[chosen], minlength=len(jobs))
            # A tile whose whole list was chosen may have more that is worth as much.
            asked = {
                at: min(self.count, 2 * len(lists[at]["gains"]))
                for at in range(len(jobs))
                if 0 < used[at] == listed[at] < self.count
            }
        positions, value = np.round(places[chosen], DECIMALS), fsum(gains[chosen].tolist())
        positions, value = self._filled(positions, value)
        self.say("greedy", value, len(positions))
        return positions, np.array(
            [max(lists[at]["gains"], default=-np.inf) for at in range(len(jobs))]
        )

    def _filled(self, positions: Float, value: float) -> tuple[Float, float]:
        """Place the wells that are left, where those of other tiles were too near for what was listed."""
        while missing := self.count - len(positions):
            jobs = {str(at): job for at, job in enumerate(self._jobs(positions))}
            work = partial(next_wells, source=self.source, wells=self.wells, count=missing)
            places, gains, tile_of = _joined(self.run(work, jobs, f"list beside {len(positions)}"))
            if not len(gains):
                raise NoRoomError(self.site.ground.spacing_m, len(positions), self.count)
            chosen = self._merged(places, gains, tile_of, missing)
            positions = np.concatenate([positions, np.round(places[chosen], DECIMALS)])
            value += fsum(gains[chosen].tolist())
        return positions, value

    def _merged(
        self, places: Float, gains: Float, tile_of: NDArray[np.intp], count: int
    ) -> NDArray[np.intp]:
        return merged(places, gains, tile_of, count, self.apart_m, self.site.ground.spacing_m)

    def _better_spread(self, positions: Float, best_of: Float, number: int) -> tuple[Float, float]:
        """Move the worst wells to tiles that offer more; return the plan and its value."""
        plan = self._valued(positions, best_of, f"worth {number}")
        jobs = self._jobs(positions)
        # Wells take away and never add: a tile offers no more than it did before there were any.
        hopeful = {
            str(at): job for at, job in enumerate(jobs) if best_of[at] > plan.marginal.min()
        }
        work = partial(next_wells, source=self.source, wells=self.wells, count=SPARE)
        offers = self.run(work, hopeful, f"spare {number}")
        if not offers:
            return positions, plan.value
        places, gains, _ = _joined(offers)
        places = np.round(places, DECIMALS)
        found, gained = exchanged(positions, plan.marginal, places, gains, self.apart_m)
        self.say("exchange", plan.value + gained, int((found != positions).any(axis=1).sum()))
        return found, plan.value + gained

    def _swept(self, positions: Float, value: float, sweep: int) -> tuple[Float, float]:
        """Sweep all windows that hold wells, a colour after the other; return the plan and its value."""
        before = positions
        shift = (sweep % 2) * (self.tile_side // 2)
        for colour, windows in enumerate(colours_of(self.source.shape, self.tile_side, shift)):
            jobs: dict[str, WindowJob] = {}
            whose: list[NDArray[np.bool_]] = []
            for at, window in enumerate(windows):
                seed, reach_m = (self.seed, sweep, colour, at), self.wells.reach_m
                movable = movable_in(window, positions, self.source, reach_m)
                if movable.any():
                    whose.append(movable)
                    jobs[str(at)] = window_job(
                        window, positions, movable, self.source, reach_m, self.site, seed
                    )
            work = partial(swept, source=self.source, wells=self.wells, steps=self.steps)
            moved = np.array(positions)
            for movable, answer in zip(
                whose, self.run(work, jobs, f"sweep {sweep} {colour}"), strict=True
            ):
                moved[movable] = answer["positions_m"]
                value += answer["gain"]
            positions = moved
        self.say("sweep", value, int((positions != before).any(axis=1).sum()))
        return positions, value

    def _valued(self, positions: Float, best_of: Float, what: str) -> TiledPlan:
        """Return the plan with what each well is worth."""
        jobs = self._jobs(positions)
        owned = {str(at): job for at, job in enumerate(jobs) if len(job.own)}
        answers = self.run(partial(worth, source=self.source, wells=self.wells), owned, what)
        columns = {name: np.zeros(len(positions)) for name in ("gross", "share", "marginal")}
        for job, answer in zip(owned.values(), answers, strict=True):
            for name, column in columns.items():
                column[job.numbers] = answer[name]
        return TiledPlan(positions, best_of=best_of, **columns)


def _joined(lists: list[Result]) -> tuple[Float, Float, NDArray[np.intp]]:
    """Return places, gains and tiles of all wells on some lists."""
    places = [np.array(one["positions_m"], np.float64).reshape(-1, 2) for one in lists]
    gains = [np.array(one["gains"], np.float64) for one in lists]
    tile_of = np.repeat(np.arange(len(lists)), [len(one) for one in gains])
    return np.concatenate(places), np.concatenate(gains), tile_of
