"""Surveys with headers and lengths broken by chance, and a hunt for what graben does wrong with them.

A number decides the file, what is done to it, and the options, so a finding can be looked at again::

    python -m tests.hostile --count 10000
    python -m tests.hostile --first 4711 --count 1 --keep .

Every file must become a volume that gives its bytes back, or be refused in one line with nothing left
behind. Every second one is scanned before: that must give a page, or one line, and no command that ingest
refuses. Children import once and take number after number, each with an alarm that kills them and with
bounds on their memory and on the files that they write.
"""

import argparse
import faulthandler
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

import numpy as np

from tests.hostile_cases import case, command, examine, sources

ROOT = Path(__file__).parent.parent
SECONDS, MEMORY_BYTES, FILE_BYTES = 60, 1 << 30, 256 << 20


@dataclass
class Harvest:
    """What came of a hunt."""

    volumes: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)


def _hang() -> str:
    time.sleep(3600)
    return "woke up"


def _crash() -> str:
    os.kill(os.getpid(), signal.SIGSEGV)
    return "lived on"


def _hoard() -> str:
    return f"held {len(np.ones(8 * MEMORY_BYTES, np.uint8))} bytes"


REHEARSALS = {-1: _hang, -2: _crash, -3: _hoard}
"""Numbers of a child's own defects, to see that the hunt finds them."""


def serve(seconds: int) -> None:
    """Examine the numbers that come in, a line each, until they end; answer each with a line."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    faulthandler.enable()
    warnings.simplefilter("error")
    _warm_up()
    _set_limits()
    for line in sys.stdin:
        faulthandler.dump_traceback_later(seconds - 0.5)
        signal.alarm(seconds)
        with _folder() as folder:
            try:
                number = int(line)
                rehearsal = REHEARSALS.get(number)
                verdict = rehearsal() if rehearsal else examine(number, folder)
            except Exception:
                verdict = traceback.format_exc()
            signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()
        answers.write(json.dumps(verdict) + "\n")
        answers.flush()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _warm_up() -> None:
    """Import and compile what is needed, so that the bounds hold for the work alone."""
    with _folder() as folder:
        (folder / "in.sgy").write_bytes(sources()[0].content)
        command("scan", folder / "in.sgy")
        command("ingest", folder / "in.sgy", folder / "volume.zarr", "--as-line")
        command("export", folder / "volume.zarr", folder / "out.sgy", "--verify")


def _set_limits() -> None:
    """Bound what may be added to the memory that imports took."""
    pages = [int(number) for number in Path("/proc/self/statm").read_text().split()]
    for limit, used in ((resource.RLIMIT_AS, pages[0]), (resource.RLIMIT_DATA, pages[5])):
        resource.setrlimit(limit, (used * resource.getpagesize() + MEMORY_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES,) * 2)


def hunt(numbers: Iterable[int], *, workers: int = 2, seconds: int = SECONDS) -> Harvest:
    """Examine the files of these numbers in children side by side."""
    waiting: SimpleQueue[int] = SimpleQueue()
    for number in numbers:
        waiting.put(number)
    harvest = Harvest()
    with ThreadPoolExecutor(workers) as pool:
        for hunter in [pool.submit(_hunt, waiting, seconds, harvest) for _ in range(workers)]:
            hunter.result()
    harvest.faults.sort(key=lambda fault: int(fault.split(":")[0]))
    return harvest


def _hunt(waiting: SimpleQueue[int], seconds: int, harvest: Harvest) -> None:
    """Give number after number to a child, and to a new one when it has died."""
    while not waiting.empty():
        with tempfile.TemporaryFile("w+") as errors, _child(seconds, errors) as child:
            while (number := _next(waiting)) is not None:
                assert child.stdin
                assert child.stdout
                child.stdin.write(f"{number}\n")
                child.stdin.flush()
                answer = child.stdout.readline()
                verdict = json.loads(answer) if answer else _death(child, errors)
                if verdict == "volume":
                    harvest.volumes += 1
                elif verdict == "refused":
                    harvest.refused += 1
                else:
                    harvest.faults.append(f"{number}: {verdict}")
                if not answer:
                    break


def _next(waiting: SimpleQueue[int]) -> int | None:
    try:
        return waiting.get_nowait()
    except Empty:
        return None


@contextmanager
def _child(seconds: int, errors: IO[str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.hostile", "--serve", "--seconds", str(seconds)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT
    ) as child:
        try:
            yield child
        except BaseException:
            child.kill()
            raise


def _death(child: subprocess.Popen[str], errors: IO[str]) -> str:
    code = child.wait()
    errors.seek(0)
    cause = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
    return f"{cause}: {errors.read()[-3000:]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for one file")
    parser.add_argument(
        "--keep", type=Path, help="write the files to this folder, examine nothing"
    )
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.seconds)
        return 0
    numbers = range(given.first, given.first + given.count)
    if given.keep:
        for number in numbers:
            name, content, _ = case(number)
            (given.keep / f"hostile-{number}.sgy").write_bytes(content)
            sys.stdout.write(f"{number}: {name}\n")
        return 0
    harvest = hunt(numbers, workers=given.workers, seconds=given.seconds)
    for fault in harvest.faults:
        sys.stdout.write(fault + "\n")
    sys.stdout.write(
        f"{given.count} files: {harvest.volumes} volumes, {harvest.refused} refused, "
        f"{len(harvest.faults)} faults\n"
    )
    return min(1, len(harvest.faults))


if __name__ == "__main__":
    sys.exit(main())
