"""Simulations by OPM Flow: one process a deck, bounded in time, which ends with the process that asks."""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import numpy as np

from storage.eclipse_summary import read_summary
from storage.errors import InputError
from storage.locations import remove
from tasks.fan_out import Result

FLOW = "flow"

HOW_TO_GET = "Debian, Ubuntu: apt-get install libopm-simulators-bin; other systems: https://opm-project.org."

LOOK_EVERY_S = 0.1

_stopped = threading.Event()
"""Set when this process is interrupted, so that no thread of it waits for a simulation."""


class SimulationError(Exception):
    """A simulation did not come to its end: why, in one line."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """One deck to run.

    Parameters
    ----------
    deck
        Path of the deck; the results go into a folder beside it of the same name without suffix.
    days
        When to read what was made, from the beginning, rising.
    limit_s
        Time that it may take.
    """

    deck: Path
    days: tuple[float, ...]
    limit_s: float


def flow_version() -> str:
    """Return the name and version of the simulator on the PATH, such as ``flow 2022.10``.

    Raises
    ------
    InputError
        If it is absent, or another program of that name: how to get it.
    """
    path = shutil.which(FLOW)
    if path is None:
        raise InputError(
            "--verify flow",
            "the simulator OPM Flow is not on the PATH of this machine",
            HOW_TO_GET,
        )
    try:
        said = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    if not re.fullmatch(r"flow \d+\.\d+\S*", said):
        raise InputError("--verify flow", f"{path} is not OPM Flow", HOW_TO_GET)
    return said


def simulate(job: Simulation) -> Result:
    """Run a deck; its folder appears when it is whole.

    Returns
    -------
    dict
        ``oil_m3`` made until each of the days, ``in_place_m3`` at the beginning, ``seconds``.

    Raises
    ------
    SimulationError
        If the simulator is absent, fails, or takes longer than it may.
    """
    program = shutil.which(FLOW)
    if program is None:
        msg = f"there is no OPM Flow on the PATH of this worker. {HOW_TO_GET}"
        raise SimulationError(msg)
    folder = job.deck.with_suffix("")
    part = folder.with_name(folder.name + ".part")
    remove(part)
    part.mkdir(parents=True)
    began = time.monotonic()
    code = _run(
        [*_bound_to_us(), program, *_options(job.deck, part)], part / "said.txt", job.limit_s
    )
    if code != 0:
        msg = f"OPM Flow ended with {code}: {_last_words(part)}; see {part}"
        raise SimulationError(msg)
    try:
        vectors = read_summary(part / f"{job.deck.stem}.SMSPEC")
        made, days = vectors["FOPT"], vectors["TIME"]
        in_place = float(vectors["FOIP"][0] + made[0])
    except (InputError, KeyError) as error:
        msg = f"OPM Flow left no results that can be read: {error}"
        raise SimulationError(msg) from error
    # Linear from nothing at the beginning: the steps of the report are met exactly.
    oil = np.interp(job.days, np.append(0.0, days), np.append(0.0, made))
    (part / f"{job.deck.stem}.DBG").unlink(
        missing_ok=True
    )  # as long as all else, and says no more
    remove(folder)
    part.replace(folder)
    return {
        "oil_m3": oil.tolist(),
        "in_place_m3": in_place,
        "seconds": round(time.monotonic() - began, 3),
    }


@contextmanager
def interruptible() -> Iterator[None]:
    """Let an interrupt end simulations in threads of this process, which would be waited for else."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: FrameType | None) -> None:
        _stopped.set()
        if callable(before):
            before(number, frame)

    _stopped.clear()
    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _options(deck: Path, folder: Path) -> list[str]:
    return [
        str(deck),
        f"--output-dir={folder}",
        "--enable-terminal-output=false",
        "--threads-per-process=1",
    ]


def _bound_to_us() -> list[str]:
    """Return what makes a process end with its parent, whatever ends that one; where there is such."""
    path = shutil.which("setpriv")
    return [path, "--pdeathsig", "KILL", "--"] if path else []


def _run(command: list[str], log: Path, limit_s: float) -> int:
    """Run a command to its end; return its exit code.

    Raises
    ------
    SimulationError
        If it takes too long, or this process is interrupted meanwhile.
    """
    end = time.monotonic() + limit_s
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            start_new_session=True,
        )
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return process.wait(timeout=LOOK_EVERY_S)
                if _stopped.is_set():
                    msg = "interrupted"
                    raise SimulationError(msg)
                if time.monotonic() > end:
                    msg = f"OPM Flow took more than {limit_s:g} s; see --verify-limit"
                    raise SimulationError(msg)
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _last_words(folder: Path) -> str:
    """Return the line of a log that says what is wrong, as far as one does."""
    logs = [*folder.glob("*.PRT"), folder / "said.txt"]
    for log in logs:
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        wrong = [line for line in lines if re.match(r"(Error|Problem|terminate)", line)]
        if wrong or (lines and log.name == "said.txt"):
            return (wrong or lines)[-1][:200]
    return "it says nothing"
