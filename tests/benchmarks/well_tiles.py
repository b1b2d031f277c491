"""Wells on a map beyond memory, by one worker and by two: ``python -m tests.benchmarks.well_tiles``.

The map is made a rectangle at a time by whoever needs it, hills of two sizes, so no more than a tile of it is
ever in memory. Prints Markdown: seconds of each stage by number of workers, value, bound, memory, and what
the measured parameters make of 100,000 x 100,000 cells (`docs/wells-at-scale.md`). With ``--keep FOLDER`` a
run that was stopped (Ctrl-C) goes on where it was, and its seconds with it.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil
from distributed import Client
from numpy.typing import NDArray

from deploy.cluster import connect
from models.wells.map_tiles import MapTile
from models.wells.objective import Drainage
from storage.ledger import open_ledger
from tasks.fan_out import Result
from tasks.memory import peak_memory
from tasks.place_in_tiles import TiledPlan, TiledSearch
from tasks.well_tile_bound import ITERATIONS, bound_of
from tasks.well_tiles import Alike

Float = NDArray[np.float64]

CELL_M, PERIODS, GROWTH_M = 25.0, 10, 1.45
HILLS = ((160, 1.0), (45, 0.5))
"""Distance between the nodes of a lattice of random heights, cells, and how much they count."""

LARGE = 100_000


@dataclass(frozen=True, slots=True)
class MadeMap:
    """A map that follows from its seed cell by cell."""

    shape: tuple[int, int]
    seed: int = 0
    cell_m: tuple[float, float] = (CELL_M, CELL_M)

    def values(self, tile: MapTile) -> Float:
        """Return the values of a rectangle; where rectangles meet they agree."""
        height = np.zeros(tile.shape)
        for number, (step, part) in enumerate(HILLS):
            rows, columns = (
                (low // step - 1, -(-high // step) + 2)
                for low, high in ((tile.top, tile.bottom), (tile.left, tile.right))
            )
            nodes = self._nodes(number, rows, columns)
            down = _splines(np.arange(tile.top, tile.bottom) / step - rows[0], nodes.shape[0])
            across = _splines(np.arange(tile.left, tile.right) / step - columns[0], nodes.shape[1])
            height += part * (down @ nodes @ across.T)
        return np.exp(1.5 * height).astype(np.float32).astype(np.float64)

    def _nodes(self, number: int, rows: tuple[int, int], columns: tuple[int, int]) -> Float:
        """Return heights of a lattice, each from its own place alone."""
        lines = [
            np.random.default_rng([self.seed, number, row + 10]).standard_normal(
                self.shape[1] // HILLS[number][0] + 20
            )[columns[0] + 10 : columns[1] + 10]
            for row in range(*rows)
        ]
        return np.array(lines)


def _splines(places: Float, count: int) -> Float:
    """Return the weights of cubic B-splines on nodes 0, 1, ... at some places, shape (places, count)."""
    away = np.abs(places[:, None] - np.arange(count)[None])
    near = 2 / 3 - away**2 + away**3 / 2
    far = np.maximum(2 - away, 0) ** 3 / 6
    return np.asarray(np.where(away < 1, near, far))


@dataclass(slots=True)
class Spent:
    """What a stage took: seconds by the clock and of processors, and how many jobs it was each time."""

    wall: float = 0.0
    cpu: float = 0.0
    jobs: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TimedSearch(TiledSearch):
    """A search that notes how long its stages take, and of how many jobs they are."""

    seconds: dict[str, Spent] = field(default_factory=dict)

    def run(self, work: Any, jobs: Any, what: str) -> list[Result]:
        began, cpu = time.perf_counter(), _cpu_of_workers()
        stage = self.seconds.setdefault(what.split(maxsplit=1)[0], Spent())
        try:
            found = super().run(work, jobs, what)
        finally:
            stage.wall += time.perf_counter() - began
            stage.cpu += _cpu_of_workers() - cpu
        stage.jobs[what] = len(jobs)
        return found


def _cpu_of_workers() -> float:
    """Return the seconds of processor time that the processes under this one have had."""
    times = [each.cpu_times() for each in psutil.Process().children(recursive=True)]
    return float(sum(each.user + each.system for each in times))


@dataclass(frozen=True, slots=True)
class Ran:
    """A run and what it took."""

    plan: TiledPlan
    bound: float
    seconds: dict[str, Spent]
    worker_bytes: int


@contextmanager
def kept(search: TimedSearch, folder: Path) -> Iterator[TimedSearch]:
    """Yield the search with what an earlier run in a folder has done and spent; keep both."""
    folder.mkdir(parents=True, exist_ok=True)
    spent = folder / "seconds.json"
    earlier = json.loads(spent.read_text("utf-8")) if spent.exists() else {}
    seconds = {stage: Spent(**each) for stage, each in earlier.items()}
    identity = {"map": str(search.source), "wells": search.count, "steps": search.steps}
    try:
        with open_ledger(folder / "plan", identity) as ledger:
            yield replace(search, ledger=ledger, seconds=seconds)
    finally:
        spent.write_text(
            json.dumps({stage: asdict(each) for stage, each in seconds.items()}), "utf-8"
        )


def measured(
    search: TimedSearch, workers: int, iterations: int, only_lists: bool, keep: Path | None
) -> Ran:
    """Run on so many workers, their start apart: all stages, or the first, which reads the whole map."""
    with ExitStack() as stack:
        client = stack.enter_context(connect(workers=workers))
        _warm(client, search)
        folder = keep or Path(stack.enter_context(TemporaryDirectory()))
        here = stack.enter_context(kept(replace(search, client=client), folder / f"{workers}"))
        if only_lists:
            positions, best_of = here.begun()
            nothing = np.zeros(len(positions))
            plan = TiledPlan(positions, nothing, nothing, nothing, best_of)
            most = max(client.run(peak_memory).values())
            return Ran(plan, np.nan, here.seconds, most)
        plan = here.place()
        bound = bound_of(here, plan, folder / f"{workers}", iterations=iterations).bound
        most = max(client.run(peak_memory).values())
    return Ran(plan, bound, here.seconds, most)


def _warm(client: Client, search: TimedSearch) -> None:
    """Let every worker load what it needs, on a map of four tiles."""
    with TemporaryDirectory() as folder:
        small = replace(
            search, source=MadeMap((400, 400)), count=4, side=200, steps=1, client=client
        )
        bound_of(small, small.place(), Path(folder), iterations=2)


def report(search: TimedSearch, runs: dict[int, Ran]) -> str:
    """Return what was measured, as Markdown."""
    first, last = runs[min(runs)], runs[max(runs)]
    rows, columns = search.source.shape
    tiles = len(search.tiles)
    lines = [
        f"{rows:,} x {columns:,} cells, {search.count:,} wells of {search.wells.reach_m:.0f} m, {tiles} "
        f"tiles of {search.tile_side} x {search.tile_side}, {search.steps} steps a well and sweep.",
        "",
        "| stage | jobs | "
        + " | ".join(f"{n} worker{'s' * (n > 1)}, s | CPU s" for n in runs)
        + " |",
        "| --- | --- |" + " --- | --- |" * len(runs),
    ]
    for stage in first.seconds:
        each = (run.seconds[stage] for run in runs.values())
        cells = " | ".join(f"{spent.wall:.1f} | {spent.cpu:.1f}" for spent in each)
        lines.append(f"| {stage} | {sum(first.seconds[stage].jobs.values())} | {cells} |")
    totals = {n: sum(each.wall for each in run.seconds.values()) for n, run in runs.items()}
    spent = {n: sum(each.cpu for each in run.seconds.values()) for n, run in runs.items()}
    lines.append(
        "| all | | " + " | ".join(f"{totals[n]:.1f} | {spent[n]:.1f}" for n in runs) + " |"
    )
    same = all(
        np.array_equal(run.plan.positions_m, first.plan.positions_m) for run in runs.values()
    )
    same &= len({str(run.bound) for run in runs.values()}) == 1
    ratio = totals[min(runs)] / totals[max(runs)]
    lines += [
        "",
        f"Speed-up from {min(runs)} to {max(runs)}: {ratio:.2f}. The same wells and bound: {same}.",
        *_proven(last),
        f"Most memory of a worker: {max(run.worker_bytes for run in runs.values()) / 2**20:.0f} MiB; of the "
        f"driver: {peak_memory() / 2**20:.0f} MiB.",
        "",
        _projection(search, spent[min(runs)]),
    ]
    return "\n".join(lines)


def _proven(run: Ran) -> list[str]:
    """Return what is proven, nothing where that was not asked."""
    if np.isnan(run.bound):
        return []
    value, gap = run.plan.value, run.bound / run.plan.value - 1
    return [f"Value {value:.6g}, bound {run.bound:.6g}, gap {gap:.2%}."]


def _projection(search: TimedSearch, total: float) -> str:
    """Return what the measured parameters make of the large map, at the same wells a cell."""
    part = LARGE**2 / np.prod(search.source.shape)
    hours = total * part / 3600
    return (
        f"{LARGE:,} x {LARGE:,} cells with {round(search.count * part):,} wells alike, these stages: "
        f"{hours:.1f} core hours, {hours / 64 * 60:.0f} minutes on 64 workers that share nothing; "
        f"not run."
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=30_000)
    parser.add_argument("--wells", type=int, default=5_000)
    parser.add_argument("--radius", type=float, default=1000.0, help="m; a cell has 25")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    parser.add_argument("--sweeps", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder in which a run goes on")
    parser.add_argument("--only-lists", action="store_true", help="the first stage alone")
    asked = parser.parse_args()
    wells = Alike(Drainage(np.array([asked.radius]), PERIODS, GROWTH_M))
    search = TimedSearch(
        MadeMap((asked.side, asked.side)),
        wells,
        asked.wells,
        sweeps=asked.sweeps,
        steps=asked.steps,
    )
    runs = {
        n: measured(search, n, asked.iterations, asked.only_lists, asked.keep)
        for n in asked.workers
    }
    sys.stdout.write(report(search, runs) + "\n")


if __name__ == "__main__":
    main()
