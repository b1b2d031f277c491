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
import io
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
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

import numpy as np

from tests.breakage import Source, broken, read_source

ROOT = Path(__file__).parent.parent
FOREIGN = ROOT.parent / "shared" / "data" / "segy"
LARGEST_SOURCE = 2 << 20
SECONDS, MEMORY_BYTES, FILE_BYTES = 60, 1 << 30, 256 << 20

OPTIONS = (
    "--salvage",
    "--as-line",
    "--salvage --as-line",
    "--duplicates last",
    "--duplicates error",
    "--samples 50",
    "--format 5",
    "--byte-order little",
    "--sample-interval 4",
    "--inline-byte 9 --crossline-byte 21",
    "--inline-byte 237 --crossline-byte 240",
    "--domain depth",
    "--codec small",
)


@dataclass
class Harvest:
    """What came of a hunt."""

    volumes: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)


@cache
def sources() -> list[Source]:
    """Return the files to break: those of others, or where they are not at hand some of ours."""
    paths = sorted(path for path in FOREIGN.rglob("*") if path.is_file())
    small = [path for path in paths if path.stat().st_size <= LARGEST_SOURCE]
    if small:
        return [read_source(path.name, path.read_bytes()) for path in small]
    from tests.surveys import GOOD, write_segy

    with tempfile.TemporaryDirectory() as folder:
        made = {
            name: write_segy(Path(folder) / "made.sgy", make(), form).read_bytes()
            for name, (make, form) in GOOD.items()
        }
    return [read_source(name, content) for name, content in made.items()]


def case(number: int) -> tuple[str, bytes, list[str]]:
    """Return the name of the file and what was done to it, its content, and the options."""
    rng = np.random.default_rng(number)
    source = sources()[rng.integers(len(sources()))]
    content, done = broken(source, rng)
    options = OPTIONS[rng.integers(len(OPTIONS))].split() if rng.random() < 0.4 else []
    return f"{source.name}, {', '.join(done)} {' '.join(options)}".rstrip(), content, options


def examine(number: int, folder: Path) -> str:
    """Return ``volume``, ``refused``, or what is wrong."""
    if number in REHEARSALS:
        return REHEARSALS[number]()
    name, content, options = case(number)
    (folder / "in.sgy").write_bytes(content)
    try:
        recommended = None if number % 2 else _recommended(folder, options)
        verdict = _round_trip(folder, options)
        if recommended not in (None, options) and _round_trip(folder, recommended) == "refused":
            return f"{name}: scan recommends {recommended}, and ingest refuses"
    except WrongError as error:
        return f"{name}: {error}"
    return verdict


class WrongError(Exception):
    """What graben did wrong with a file."""


def _recommended(folder: Path, options: list[str]) -> list[str] | None:
    """Return the options that a scan recommends, None where it gives the file up."""
    reading = options if "--codec" not in options else []
    code, page, said = _command("scan", folder / "in.sgy", "--json", *reading)
    if code not in (0, 2) or (code == 2 and not _is_one_line(said)):
        raise WrongError(f"scan ends with {code}: {said[-900:]}")
    command = json.loads(page)["command"] if page else None
    if (command is None) != (code == 2):
        raise WrongError(f"scan ends with {code} and recommends {command}")
    return command[4:] if command else None


def _round_trip(folder: Path, options: list[str]) -> str:
    """Make a volume, and the file again; return ``volume`` or ``refused``."""
    survey, volume, out = folder / "in.sgy", folder / "volume.zarr", folder / "out.sgy"
    code, _, said = _command("ingest", survey, volume, *options)
    if code == 2:
        if (left := [path.name for path in folder.iterdir()]) != ["in.sgy"]:
            raise WrongError(f"left {sorted(left)} behind")
        if not _is_one_line(said):
            raise WrongError(f"said not one line: {said[-900:]}")
        return "refused"
    if code:
        raise WrongError(f"ingest {options} ends with {code}: {said[-900:]}")
    code, _, said = _command("export", volume, out, "--verify")
    if code:
        raise WrongError(f"export ends with {code}: {said[-900:]}")
    if out.read_bytes() != survey.read_bytes():
        raise WrongError("other bytes came back")
    shutil.rmtree(volume)
    out.unlink()
    return "volume"


def _is_one_line(said: str) -> bool:
    return said.startswith("graben: ") and said.count("\n") == 1


def _command(*arguments: object) -> tuple[int, str, str]:
    """Return exit code, output and errors of a command."""
    from flows.__main__ import run

    out, errors = io.StringIO(), io.StringIO()
    with redirect_stderr(errors), redirect_stdout(out):
        code = run([str(argument) for argument in arguments])
    return code, out.getvalue(), errors.getvalue()


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
                verdict = examine(int(line), folder)
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
        _command("scan", folder / "in.sgy")
        _command("ingest", folder / "in.sgy", folder / "volume.zarr", "--as-line")
        _command("export", folder / "volume.zarr", folder / "out.sgy", "--verify")


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
