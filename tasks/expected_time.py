"""How long a run would take: its plan, and a short measurement of this machine as it is now."""

import os
import time
from dataclasses import dataclass

import numpy as np

from storage.segy.writer import record_bytes
from tasks.infer import Network
from tasks.plan import Plan

SIDE = 96
"""Samples a side of the block that is predicted to measure, or twice that in a section."""

ROUNDS = 3

START_S, START_PER_LOAD = 8.0, 4.0
"""Server, workers, their libraries, the report: so long, or so many times what one load took here."""

SEGY_BYTES_PER_S = 130e6
"""Ingested and exported by one worker: 220 and 330 MB per CPU-s (docs/benchmark-segy.md)."""

SURFACE_SAMPLES_PER_S = 4e6
"""Of the survey, by one worker: order of magnitude of ``make bench-surfaces``."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Seconds of a run on so many workers.

    Parameters
    ----------
    start
        Until jobs run, and for the report.
    infer, files, surfaces
        Of the stages; ``files`` are ingest and export.
    workers
        So many processes.
    samples_per_s
        Predicted by one of them, as measured.
    """

    start: float
    infer: float
    files: float
    surfaces: float
    workers: int
    samples_per_s: float

    @property
    def total(self) -> float:
        """Seconds of everything."""
        return self.start + self.infer + self.files + self.surfaces


def measured_rate(network: Network, *, line: bool) -> float:
    """Return samples that one worker predicts a second here; loads the network.

    Parameters
    ----------
    network
        Of the run.
    line
        It sees lines.
    """
    runtime = network.load()
    stride = network.facts.stride
    side = -(-SIDE // stride) * stride
    shape = (2 * side, 1, 2 * side) if line else (side, side, side)
    block = np.random.default_rng(0).standard_normal(shape, np.float32)
    runtime.predict(block)  # the first one also builds the graph
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        runtime.predict(block)
        seconds.append(time.perf_counter() - began)
    return block.size / float(np.median(seconds))


def expect(
    planned: Plan,
    network: Network,
    *,
    workers: int,
    threads: int,
    load_s: float,
    traces: int,
    surfaces: bool,
) -> Expected:
    """Return the time that a run takes on workers like this machine's cores.

    Parameters
    ----------
    planned, network
        Of the run.
    workers
        As many as will run.
    threads
        Of each while it predicts.
    load_s
        Seconds that the libraries of a run took to load here.
    traces
        Of the survey's file.
    surfaces
        Surfaces are found too.
    """
    began = time.perf_counter()
    tiling = planned.tiling
    rate = measured_rate(network, line=tiling.missing is not None)
    load_s += time.perf_counter() - began
    # No stage has more workers than jobs, and what else runs here takes its share of the cores.
    cores, others = os.cpu_count() or 1, os.getloadavg()[0]
    tile_workers, block_workers = (
        n * min(1.0, cores / (n * busy + others))
        for n, busy in (
            (min(workers, planned.tiles), threads),
            (min(workers, planned.jobs), 1),
        )
    )
    samples = float(np.prod(tiling.survey, dtype=np.float64))
    seen = samples * planned.redundancy / network.facts.cost
    return Expected(
        max(START_S, START_PER_LOAD * load_s),
        seen / rate / tile_workers,
        traces * record_bytes(tiling.survey[2]) / SEGY_BYTES_PER_S / block_workers,
        samples / SURFACE_SAMPLES_PER_S / block_workers if surfaces else 0.0,
        workers,
        rate,
    )


def in_words(seconds: float) -> str:
    """Return a length of time for people, to two figures."""
    for size, unit in ((86_400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds:.2g} s" if seconds < 100 else f"{seconds:.0f} s"
