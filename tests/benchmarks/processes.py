"""What a whole process costs, with all that it starts: time, processor time, memory. Linux only."""

import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

SAMPLING_S = 0.025


class RunError(Exception):
    """A command that failed: its exit code and the end of what it said."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds and bytes of one run.

    Parameters
    ----------
    wall
        From the start of the process to its end; nothing is asked to be on the disk by then.
    cpu
        User and system seconds of the process and of all descendants.
    peak, own
        Largest resident memory, summed over the descendants: all of it, and without mapped files.
    """

    wall: float
    cpu: float
    peak: int
    own: int


def run(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a command to its end and return what it cost.

    Raises
    ------
    RunError
        If it exits with anything but 0.
    """
    with tempfile.TemporaryFile() as said:
        begun = perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, **environment},
        )
        with _Memory(process.pid) as memory:
            _, status, usage = os.wait4(process.pid, 0)
            wall = perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            last = said.read().decode(errors="replace").split("\n")
            words = next((line.strip() for line in reversed(last) if line.strip()), "")
            raise RunError(f"exit code {process.returncode}: {words[-200:]}")
    # Not ru_maxrss: it begins with what this interpreter held when it made the process.
    return Cost(wall, usage.ru_utime + usage.ru_stime, memory.peak, memory.own)


def warm(path: Path) -> None:
    """Read a file or every file of a folder, so that it lies in the page cache."""
    os.sync()  # what the run before left to write does not burden the next
    buffer = bytearray(1 << 22)
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            with file.open("rb", buffering=0) as opened:
                while opened.readinto(buffer):
                    pass


def size_of(path: Path) -> int:
    """Return the bytes of a file or of all files of a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


class _Memory(threading.Thread):
    """Looks at a process and its descendants now and then, and keeps the largest sums."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.peak = self.own = 0
        self._ended = threading.Event()

    def __enter__(self) -> "_Memory":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        looking = True
        while looking:
            sizes = [_resident(process) for process in _family(self.root)]
            now, own, highest = (sum(column) for column in zip(*sizes, strict=True))
            alone = highest if len(sizes) == 1 else 0
            self.peak = max(self.peak, now, alone)
            self.own = max(self.own, own)
            looking = not self._ended.wait(SAMPLING_S)


def _family(root: int) -> list[int]:
    """Return a process and its descendants; those that have ended are left out."""
    found = [root]
    for process in found:  # grows while it is walked
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:  # it ended meanwhile
                continue
    return found


def _resident(process: int) -> tuple[int, int, int]:
    """Return resident bytes of a process: now, of no file, and at the highest so far."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:  # it ended meanwhile
        return 0, 0, 0
    sizes = dict.fromkeys(("VmRSS", "RssAnon", "VmHWM"), 0)
    for line in status.splitlines():
        name, _, rest = line.partition(":")
        if name in sizes:
            sizes[name] = int(rest.split()[0]) * 1024
    return sizes["VmRSS"], sizes["RssAnon"], sizes["VmHWM"]
