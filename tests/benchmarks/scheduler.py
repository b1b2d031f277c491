"""Jobs that do nothing, through the window and the ledger of a stage: ``make bench-scheduler``.

A scheduler and its workers run as processes of their own, the driver is this process. What grows with the
number of jobs shows as a slope of their memory over the second half of the run, when logs of fixed length
are full. Wall time is what the scheduler and the driver need for a job; on a busy machine it is theirs and
the others'.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from deploy.cluster import connect
from storage.ledger import open_ledger
from tasks.fan_out import WINDOW_PER_THREAD, Result, stream_jobs
from tests.flows.own_cluster import own_cluster
from tests.flows.running import high_water

SAMPLES = 400
"""Readings of memory, spread over the run."""


class NullJobs(Mapping[str, int]):
    """Jobs that are numbers, made when asked for; named as tiles are."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return (f"{number},0" for number in range(self._count))

    def __getitem__(self, name: str) -> int:
        return int(name.partition(",")[0])


def nothing(number: int) -> Result:
    """Do nothing, and say so as a tile would."""
    return {"runtime": "null", "start": [number, 0, 0], "profiles": [[0] * 128, [0] * 128, [0]]}


@dataclass(slots=True)
class Readings:
    """Memory of one process against the number of finished jobs."""

    process: psutil.Process
    jobs: list[int] = field(default_factory=list)
    resident: list[int] = field(default_factory=list)

    def read(self, done: int) -> None:
        self.jobs.append(done)
        self.resident.append(self.process.memory_info().rss)

    def slope(self) -> float:
        """Return the bytes that a job adds, over the second half of the run."""
        half = len(self.jobs) // 2
        jobs, resident = (np.array(each[half:], float) for each in (self.jobs, self.resident))
        slope: NDArray[np.float64] = np.polyfit(jobs, resident, 1)
        return float(slope[0])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured.

    Parameters
    ----------
    per_s
        Jobs a second.
    driver_cpu, scheduler_cpu
        Seconds of processor time a job.
    driver, scheduler
        Memory.
    most
        Most bytes that driver and scheduler ever held.
    """

    per_s: float
    driver_cpu: float
    scheduler_cpu: float
    driver: Readings
    scheduler: Readings
    most: tuple[int, int]


def measure(count: int, workers: int) -> Outcome:
    """Run so many null jobs on a cluster of its own."""
    every, taken = max(1, count // SAMPLES), 0
    with (
        tempfile.TemporaryDirectory() as folder,
        own_cluster(Path(folder) / "cluster", workers) as cluster,
        connect(scheduler=cluster.address) as client,
        open_ledger(Path(folder) / "null.zarr", {"jobs": count}) as ledger,
    ):
        client.wait_for_workers(workers)
        driver = Readings(psutil.Process())
        scheduler = Readings(psutil.Process(cluster.scheduler.pid))

        def take(_name: str, _result: Result) -> None:
            nonlocal taken
            taken += 1
            if taken % every == 0:
                driver.read(taken)
                scheduler.read(taken)

        before = [_cpu(each.process) for each in (driver, scheduler)]
        began = time.perf_counter()
        stream_jobs(nothing, NullJobs(count), take, what="null", client=client, ledger=ledger)
        seconds = time.perf_counter() - began
        cpu = [
            (_cpu(each.process) - start) / count
            for each, start in zip((driver, scheduler), before, strict=True)
        ]
        most = high_water(os.getpid()), high_water(cluster.scheduler.pid)
    assert taken == count
    return Outcome(count / seconds, cpu[0], cpu[1], driver, scheduler, most)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="make bench-scheduler BENCH=...")
    parser.add_argument("--jobs", type=int, default=200_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    found = measure(options.jobs, options.workers)
    say = sys.stdout.write
    say(f"{options.jobs} null jobs, {options.workers} workers of one thread, ")
    say(f"{WINDOW_PER_THREAD * options.workers} futures at a time, a ledger line each: ")
    say(f"{found.per_s:.0f} jobs a second\n\n")
    say("| process | CPU ms a job | peak MB | MB at half | MB at the end | bytes a job |\n")
    say("| --- | --- | --- | --- | --- | --- |\n")
    rows = (
        ("driver", found.driver_cpu, found.most[0], found.driver),
        ("scheduler", found.scheduler_cpu, found.most[1], found.scheduler),
    )
    for name, cpu, most, readings in rows:
        half, end = readings.resident[len(readings.resident) // 2], readings.resident[-1]
        cells = (f"{1e3 * cpu:.2f}", *(f"{size / 1e6:.0f}" for size in (most, half, end)))
        say(f"| {name} | {' | '.join(cells)} | {readings.slope():.0f} |\n")
    return 0


if __name__ == "__main__":
    # Workers know the job by this module's name, not as the one that was started.
    from tests.benchmarks import scheduler

    sys.exit(scheduler.main())
