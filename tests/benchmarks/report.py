"""The comparison as Markdown: what was run, the tables, and what of the goals was reached."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from tests.benchmarks.conversions import Conversions
from tests.benchmarks.processes import Cost
from tests.benchmarks.reads import TILES, Readings

MB = 1e6


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tables need beside the figures: size of the cube in bytes, load when it all began."""

    command: str
    cube: int
    rounds: int
    load: float


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is required, a better one to reach, if any, and the one measured, if it was."""

    what: str
    required: float
    measured: float | None
    reach: float | None = None
    unit: str = " x"
    at_most: bool = True

    def row(self) -> list[str]:
        """Return the cells of the table of goals."""
        side = "at most" if self.at_most else "at least"
        asked = [
            "" if limit is None else f"{side} {limit:g}{self.unit}"
            for limit in (self.required, self.reach)
        ]
        if self.measured is None:
            return [self.what, *asked, "", "not measured"]
        return [self.what, *asked, f"{self.measured:.2f}{self.unit}", self._verdict(self.measured)]

    def _verdict(self, measured: float) -> str:
        def held(limit: float) -> bool:
            return measured <= limit if self.at_most else measured >= limit

        if self.reach is not None and held(self.reach):
            return "reached"
        return "held" if held(self.required) else "**missed**"


def markdown(facts: Facts, compared: Sequence[Conversions], readings: Readings) -> str:
    """Return the whole report."""
    lines = [f"`{facts.command}`: {facts.cube / MB:.0f} MB of SEG-Y. {_machine(facts)}"]
    if compared:
        lines += ["", *_conversions("SEG-Y to volume", facts, compared, ingest=True)]
        lines += ["", *_conversions("volume to SEG-Y", facts, compared, ingest=False)]
    if readings:
        lines += ["", *_reads(readings)]
    goals = [*_conversion_goals(compared), *_read_goals(readings)]
    heads = ["goal", "required", "to reach", "measured", ""]
    lines += ["", *_table(heads, [goal.row() for goal in goals])]
    return "\n".join(lines) + "\n"


def _machine(facts: Facts) -> str:
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    models = (
        line.partition(":")[2].strip() for line in _lines(Path("/proc/cpuinfo"), "model name")
    )
    return (
        f"Medians of {facts.rounds} alternating runs of whole processes, page cache warm; in brackets the "
        f"fastest and the slowest. {cores} cores ({next(models, platform.machine())}), "
        f"{memory:.0f} GiB, load {facts.load:.1f} at the beginning; Python "
        f"{platform.python_version()}, zarr {version('zarr')}, numcodecs {version('numcodecs')}."
    )


def _lines(path: Path, beginning: str) -> Iterator[str]:
    if path.exists():
        yield from (s for s in path.read_text().splitlines() if s.startswith(beginning))


def _conversions(
    title: str, facts: Facts, compared: Sequence[Conversions], *, ingest: bool
) -> list[str]:
    heads = [title, "wall s", "CPU s", "MB per CPU-s", "peak RSS MB (anonymous)"]
    heads += ["stored MB" if ingest else "same bytes back", "graben's wall", "graben's CPU"]
    ours = _costs(compared[0], ingest=ingest)
    rows = []
    for one in compared:
        costs = _costs(one, ingest=ingest)
        found = one.tool.version if one.tool else ""
        name = f"{one.name} {found}".strip()
        if not costs:
            rows.append([name, one.failure, *[""] * 6])
            continue
        walls, cpu = [cost.wall for cost in costs], median(cost.cpu for cost in costs)
        kept = f"{one.stored / MB:.0f}" if ingest else _same(one)
        peak, own = max(cost.peak for cost in costs), max(cost.own for cost in costs)
        row = [name, f"{median(walls):.2f} ({min(walls):.2f}-{max(walls):.2f})", f"{cpu:.2f}"]
        row += [f"{facts.cube / MB / cpu:.0f}", f"{peak / MB:.0f} ({own / MB:.0f})", kept]
        if ours and one is not compared[0]:
            row += [f"{_wall(ours) / _wall(costs):.2f} x", f"{_cpu(ours) / cpu:.2f} x"]
        rows.append(row + [""] * (len(heads) - len(row)))
    return _table(heads, rows)


def _reads(readings: Readings) -> list[str]:
    ours = readings["graben"]
    heads = ["read: wall ms (CPU ms)", *readings, "graben / fastest plain", "MB per CPU-s"]
    heads.append("graben = zarr")
    rows = []
    for kind, timing in ours.items():
        row = [kind]
        row += [
            f"{1e3 * found[kind].wall:.1f} ({1e3 * found[kind].cpu:.1f})"
            for found in readings.values()
        ]
        row.append(f"{timing.wall / _plain(readings, kind):.2f} x")
        row.append(f"{timing.bytes / MB / timing.cpu:.0f}" if kind == TILES else "")
        row.append("yes" if timing.checksum == readings["zarr"][kind].checksum else "**NO**")
        rows.append(row)
    return _table(heads, rows)


def _conversion_goals(compared: Sequence[Conversions]) -> list[Goal]:
    walls = {
        (one.name, ingest): _wall(costs)
        for one in compared
        for ingest in (True, False)
        if (costs := _costs(one, ingest=ingest))
    }

    def ratio(over: str, under: str, *, ingest: bool) -> float | None:
        above, below = walls.get((over, ingest)), walls.get((under, ingest))
        return above / below if above and below else None

    importer = ratio("graben", "OpenVDS+", ingest=True)
    exporter = ratio("graben", "OpenVDS+", ingest=False)
    ingested = ratio("MDIO", "graben", ingest=True)
    exported = ratio("MDIO", "graben", ingest=False)
    return [
        Goal("ingest, wall, against SEGYImport", 1.5, importer, reach=1.0),
        Goal("export, wall, against SEGYExport", 2.0, exporter, reach=1.0),
        Goal("ingest, times as fast as MDIO", 8.0, ingested, at_most=False),
        Goal("export, times as fast as MDIO", 2.5, exported, at_most=False),
    ]


def _read_goals(readings: Readings) -> list[Goal]:
    if not readings:
        return []
    ours = readings["graben"]
    speed = ours[TILES].bytes / MB / ours[TILES].cpu
    goals = [Goal("aligned tiles", 300, speed, unit=" MB per CPU-s", at_most=False)]
    return goals + [
        Goal(f"{kind}, wall, against plain decoding", 2.0, found.wall / _plain(readings, kind))
        for kind, found in ours.items()
        if kind != TILES
    ]


def _plain(readings: Readings, kind: str) -> float:
    """Return the wall time of plain decoding with as many threads as make it fastest."""
    return min(found[kind].wall for name, found in readings.items() if name.startswith("plain"))


def _same(one: Conversions) -> str:
    words = f"{sum(one.same)} of {len(one.same)}"
    return words if all(one.same) else f"**{words}**"


def _costs(one: Conversions, *, ingest: bool) -> list[Cost]:
    return one.ingests if ingest else one.exports


def _wall(costs: Sequence[Cost]) -> float:
    return median(cost.wall for cost in costs)


def _cpu(costs: Sequence[Cost]) -> float:
    return median(cost.cpu for cost in costs)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
