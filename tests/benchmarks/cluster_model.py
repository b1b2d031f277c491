"""A cluster that maps faults, as a discrete-event simulation: workers, a scheduler, one store.

::

    scheduler: one job at a time ──> worker: read ──> predict ──> write ──> scheduler
                                       └── the store's bandwidth, shared ──┘

Every worker has one thread and one job at a time; the next one waits for it in the window. The scheduler
(with the driver behind it) hands out and takes back one job after the other. The store serves one transfer
after the other, each at its whole bandwidth, which for many equal transfers takes as long as sharing it.
"""

import heapq
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured.

    Parameters
    ----------
    start_s
        Until the first job runs; every worker pays it at the same time.
    samples_per_s
        Predicted by one worker.
    job_s
        Of the scheduler and the driver for one job.
    store_bytes_per_s
        Read and written by all workers together.
    spread
        Standard deviation of the time of equal tiles, as a share of it.
    """

    start_s: float
    samples_per_s: float
    job_s: float
    store_bytes_per_s: float
    spread: float = 0.05


@dataclass(frozen=True, slots=True)
class Survey:
    """Equal tiles.

    Parameters
    ----------
    tiles
        How many.
    samples
        Of a tile as the network sees it, all passes together.
    read_bytes, written_bytes
        From and to the store, a tile.
    """

    tiles: int
    samples: float
    read_bytes: float
    written_bytes: float


def simulate(survey: Survey, costs: Costs, workers: int, *, seed: int = 0) -> float:
    """Return the seconds that so many workers take for a survey.

    Parameters
    ----------
    survey, costs
        The work, and what it costs.
    workers
        Of one thread each.
    seed
        Of the spread of times.
    """
    rng = np.random.default_rng(seed)
    store, scheduler = _Station(), _Station()
    read_s, write_s = (
        size / costs.store_bytes_per_s for size in (survey.read_bytes, survey.written_bytes)
    )
    predict_s = survey.samples / costs.samples_per_s
    # (time, worker, step): what a worker asks for next; equal times in the order of the workers.
    events = [(costs.start_s, worker, 0) for worker in range(workers)]
    left, last = survey.tiles, costs.start_s
    while events:
        now, worker, step = heapq.heappop(events)
        if step == 0:  # a job is handed out
            if not left:
                continue
            left -= 1
            then = scheduler.serve(now, costs.job_s)
        elif step == 1:
            then = store.serve(now, read_s)
        elif step == 2:
            then = now + predict_s * max(0.1, 1 + costs.spread * rng.standard_normal())
        else:
            then = last = store.serve(now, write_s)
        heapq.heappush(events, (then, worker, (step + 1) % 4))
    return last


def bounds(survey: Survey, costs: Costs, workers: int) -> dict[str, float]:
    """Return the seconds below which no cluster comes, by what stands in the way."""
    size = survey.read_bytes + survey.written_bytes
    tile = survey.samples / costs.samples_per_s + size / costs.store_bytes_per_s + costs.job_s
    return {
        "workers": costs.start_s + survey.tiles * tile / workers,
        "store": costs.start_s + survey.tiles * size / costs.store_bytes_per_s,
        "scheduler": costs.start_s + survey.tiles * costs.job_s,
        "last tile": costs.start_s + -(-survey.tiles // workers) * tile,
    }


class _Station:
    """Serves one after the other, in the order in which they ask."""

    def __init__(self) -> None:
        self._free = 0.0

    def serve(self, now: float, seconds: float) -> float:
        """Return when a request of now is done."""
        self._free = max(self._free, now) + seconds
        return self._free
