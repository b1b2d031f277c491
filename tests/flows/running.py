"""Start `graben` as a user does, in a process of its own, watch it, and stop it by its id."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import psutil

ROOT = Path(__file__).parent.parent.parent

_standing: list[str] = []
"""Address of the Prefect server that commands talk to at present, if any."""


def environment(home: Path) -> dict[str, str]:
    """A user's environment, with a Prefect of its own; `talking_to` names a server for it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    server = {"PREFECT_API_URL": _standing[-1]} if _standing else {}
    return kept | server | {"PREFECT_HOME": str(home), "PYTHONUNBUFFERED": "1"}


@contextmanager
def talking_to(server: str) -> Iterator[None]:
    """Let the commands that are started talk to a Prefect server instead of starting one each."""
    _standing.append(server)
    try:
        yield
    finally:
        _standing.pop()


@dataclass
class Running:
    """A command under way; its output goes to files, as what it started may outlive it."""

    process: subprocess.Popen[bytes]
    folder: Path

    def end(self, within: float) -> tuple[int, str]:
        """Wait for the end; return exit code and errors. A command that takes longer is killed."""
        try:
            code = self.process.wait(timeout=within)
        finally:
            if self.process.poll() is None:
                self.kill()
        return code, (self.folder / "err.txt").read_text(encoding="utf-8")

    def output(self) -> str:
        return (self.folder / "out.txt").read_text(encoding="utf-8")

    def kill(self) -> None:
        """Kill the command as a failing machine would, then what it leaves behind."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()


def start(*arguments: object, home: Path, module: tuple[object, ...] = ("flows",)) -> Running:
    """Start a command as a user does; ``module`` with its own arguments may run it in flows' place."""
    folder = Path(tempfile.mkdtemp(dir=home))
    with (folder / "out.txt").open("wb") as out, (folder / "err.txt").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", *map(str, (*module, *arguments))],
            stdout=out,
            stderr=err,
            cwd=ROOT,
            env=environment(home),
        )
    return Running(process, folder)


def let_in(entrance: str) -> str:
    """Return the address that the page server sends a browser to which was started with ``entrance``."""
    parts = urlsplit(entrance)
    connection = HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        assert answer.status == 302, answer.read().decode()
        return urljoin(entrance, str(answer.headers["Location"]))
    finally:
        connection.close()


@contextmanager
def serving(*arguments: object, home: Path, log: Path) -> Iterator[None]:
    """Run a command that does not end by itself, its output in a file; interrupt it at the end."""
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows", *map(str, arguments)],
            stdout=file,
            stderr=file,
            cwd=ROOT,
            env=environment(home),
        )
        try:
            yield
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        finally:
            process.kill()
            process.wait()


def graben(*arguments: object, home: Path) -> tuple[int, str, str]:
    """Run one command to its end; return exit code, output and errors."""
    home.mkdir(exist_ok=True)
    run = start(*arguments, home=home)
    code, err = run.end(within=240)
    return code, run.output(), err


def workers_of(driver: int) -> list[psutil.Process]:
    """Return the local worker processes of a process."""
    return [child for child in psutil.Process(driver).children() if _is_worker(child)]


def _is_worker(process: psutil.Process) -> bool:
    try:
        return any("spawn_main" in part for part in process.cmdline())
    except psutil.NoSuchProcess:  # it ended meanwhile
        return False


def wait_until(happened: Callable[[], bool], run: Running, within: float) -> None:
    deadline = time.monotonic() + within
    while not happened():
        assert run.process.poll() is None, f"ended early: {run.end(within=1)}"
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def jobs_done(ledger: Path) -> int:
    """Finished jobs in a ledger, apart from its identity and the template."""
    if not ledger.exists():
        return 0
    return max(0, ledger.read_text(encoding="utf-8").count("\n") - 2)


def contents(path: Path) -> dict[str, str]:
    """Hash of a file, or of every file of a folder by its name; folders without any are named too."""
    if path.is_file():
        return {path.name: sha256(path.read_bytes()).hexdigest()}
    return {
        str(each.relative_to(path)): sha256(each.read_bytes()).hexdigest()
        if each.is_file()
        else ""
        for each in sorted(path.rglob("*"))
    }


def high_water(process: int) -> int:
    """Return the most memory that a process ever held, bytes; 0 where it has ended.

    Not ``ru_maxrss``, which begins with what the process held that started this one.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) * 1024 if found else 0


def digests(folder: Path) -> dict[str, str]:
    """Hash of every file of the stores and of the SEG-Y file, by name."""
    files = [*folder.glob("*.zarr/**/*"), folder / "faults.sgy"]
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
        if path.is_file()
    }
