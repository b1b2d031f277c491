"""Kill a command at its n-th write, for any n, and see whether it goes on to the same bytes.

Moments in time seldom hit the narrow places: a store half laid out, a file renamed and its ledger still
there. Here the n-th call that opens, writes, renames or removes something is the last one. Every run is a
fork of this process, which has loaded all that a run needs and started no thread.

    python -m tests.kill_points FOLDER KILLS COMMAND... OUTPUT

prints one line for every kill, and at the end how many there were after which ``--resume`` did not lead to
what an undisturbed run leaves. It fails if there was one, or if fewer than half of the traps sprang: then
nothing was tested. With ``--overwrite`` among the command an output is there before every run, and
``--overwrite`` must do again.
"""

import io
import os
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

import flows.convert  # noqa: F401 - loaded once, for all forks
from flows.__main__ import run
from tests.flows.running import contents

WRITES = {"open", "write", "pwrite", "truncate", "flush", "fsync", "__exit__"} | {
    "replace",
    "rename",
    "link",
    "unlink",
    "mkdir",
    "rmdir",
}
NOT_OURS = ("importlib", "/rich/", "threading.py", "/concurrent/", "/asyncio/")

SEED, MOST = 12, 1 << 30


class Trap:
    """Counts the calls of all threads that change files, and kills the process at one of them."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0
        self._lock = threading.Lock()

    def arm(self) -> None:
        threading.setprofile(self)
        sys.setprofile(self)

    def __call__(self, frame: FrameType, event: str, function: Any) -> None:
        if event != "c_call" or getattr(function, "__name__", "") not in WRITES:
            return
        owner = getattr(function, "__self__", None)
        file = isinstance(owner, io.IOBase) or getattr(owner, "__name__", "") in {"posix", "_io"}
        reads = isinstance(owner, io.BufferedReader) or function is os.open
        reads |= frame.f_locals.get("mode") in {"r", "rb"}
        if reads or not file or any(part in frame.f_code.co_filename for part in NOT_OURS):
            return
        with self._lock:
            self.count += 1
            if self.count == self.at:
                place = f"{function.__name__} {owner!r:.90} {frame.f_code.co_name}"
                os.write(1, f"{self.count}: {place}: ".encode())
                os.kill(os.getpid(), signal.SIGKILL)


def fork(work: Callable[[], int], log: Path, at: int = MOST) -> tuple[int, int]:
    """Do something in a fork; return its exit code, negative if it was killed, and its calls."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        code = 1
        try:
            err = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(err, 2)
            sys.stdout = sys.stderr
            trap = Trap(at)
            trap.arm()
            code = work()
            sys.setprofile(None)
            os.write(writing, str(trap.count).encode())
        except Exception:  # it is another process that asks why
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        count = int(pipe.read() or 0)
    return os.waitstatus_to_exitcode(status), count


def main(folder: Path, kills: int, command: list[str], output: str) -> bool:
    """Kill the command at so many of its writes, spread over all; tell whether all went well."""
    out, log, wrong, sprung = folder / output, folder.with_name("log.txt"), 0, 0

    def start_command(line: list[str], at: int = MOST) -> tuple[int, int]:
        return fork(partial(run, line), log, at)

    arguments = [*command, str(out)]
    over = "--overwrite" in command
    start = folder.with_name("start")
    start.mkdir()
    if over:
        prepared = [part for part in command if part != "--overwrite"]
        assert start_command([*prepared, str(start / output)])[0] == 0, log.read_text()
    shutil.copytree(start, folder)
    code, calls = start_command(arguments)
    assert code == 0, log.read_text()
    clean = contents(folder)
    shares = (np.arange(kills) + np.random.default_rng(SEED).random(kills)) / kills
    for at in np.unique((1 + shares * calls).astype(int)):
        shutil.rmtree(folder)
        shutil.copytree(start, folder)
        killed, _ = start_command(arguments, int(at))
        sprung += killed < 0
        if killed == 0 or contents(folder) == clean:
            continue  # threads do not count alike in every run, and the last calls write nothing
        again, _ = start_command(arguments if over else [*arguments, "--resume"])
        found = contents(folder)
        if again or found != clean:
            wrong += 1
            names = [name for name in {*found, *clean} if found.get(name) != clean.get(name)]
            sys.stdout.write(f"exit {again}, other: {names[:3]}, {log.read_text()[-200:]!r}\n")
        else:
            sys.stdout.write("fine\n")
        sys.stdout.flush()
    sys.stdout.write(f"{wrong} of {sprung} kills; {kills} were meant\n")
    return not wrong and sprung >= kills / 2


if __name__ == "__main__":
    sys.exit(not main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:-1], sys.argv[-1]))
