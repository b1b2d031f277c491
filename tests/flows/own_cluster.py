"""A Dask scheduler and its workers as processes of their own, as on a user's cluster."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.flows.running import ROOT, environment


@dataclass(frozen=True, slots=True)
class OwnCluster:
    """A scheduler that can be killed, and where it listens."""

    scheduler: subprocess.Popen[bytes]
    address: str


@contextmanager
def own_cluster(folder: Path, workers: int = 2) -> Iterator[OwnCluster]:
    """Start a scheduler and workers of one thread each; end what is left of them."""
    folder.mkdir()
    file = folder / "scheduler.json"
    where = ("--scheduler-file", str(file))
    started = [
        _dask(folder, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *where)
    ]
    try:
        deadline = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        options = ("--nworkers", str(workers), "--nthreads", "1", "--no-dashboard")
        started.append(_dask(folder, "worker", *options, "--death-timeout", "10", *where))
        yield OwnCluster(started[0], json.loads(file.read_text())["address"])
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(timeout=60)


def _dask(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    with (folder / f"{arguments[0]}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            stdout=log,
            stderr=log,
            cwd=ROOT,
            env=environment(folder),
        )
