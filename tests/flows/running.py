"""Start `graben` as a user does, in a process of its own, watch it, and stop it by its id."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def environment(home: Path) -> dict[str, str]:
    """A user's environment, with a Prefect of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    return kept | {"PREFECT_HOME": str(home), "PYTHONUNBUFFERED": "1"}


def start(*arguments: object, home: Path) -> subprocess.Popen[str]:
    """Start a command; its output is read by ``communicate``."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(home),
    )


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
    process = start(*arguments, home=home)
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[str], within: float) -> None:
    deadline = time.monotonic() + within
    while not happened():
        assert process.poll() is None, f"ended early: {process.communicate()}"
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def jobs_done(ledger: Path) -> int:
    """Finished jobs in a ledger, apart from its identity and the template."""
    if not ledger.exists():
        return 0
    return max(0, ledger.read_text(encoding="utf-8").count("\n") - 2)


def digests(folder: Path) -> dict[str, str]:
    """Hash of every file of the stores and of the SEG-Y file, by name."""
    files = [*folder.glob("*.zarr/**/*"), folder / "faults.sgy"]
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
        if path.is_file()
    }
