"""A Prefect server on loopback, for runs and schedules where no other server is set up.

As a program this module is such a server, one that ends with the process that started it.
"""

import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

START_TIMEOUT_S, STOP_TIMEOUT_S = 120, 3
HOST = "127.0.0.1"

ALONE = ("--no-scheduler", "--no-late-runs")
"""Without schedules; what records stages and events stays."""

LOOK_S = 1.0
"""Between two looks whether the parent is there."""


class ServerError(Exception):
    """The Prefect server did not start."""


class StartingServer:
    """A Prefect server on a free port of loopback, on its way.

    Parameters
    ----------
    schedules
        Whether it looks after schedules and late runs as well; a run by itself needs none of that.

    Attributes
    ----------
    url
        Address of its API.
    """

    def __init__(self, *, schedules: bool) -> None:
        port = _free_port()
        self.url = f"http://{HOST}:{port}/api"
        options = ["--host", HOST, "--port", str(port), *(() if schedules else ALONE)]
        self._process = subprocess.Popen(
            # -P: what lies in the user's folder is no module of ours.
            [sys.executable, "-P", __file__, str(os.getpid()), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PREFECT_API_URL": self.url},
            # Ctrl-C is for the run, which has its end to tell the server first.
            start_new_session=True,
        )

    @property
    def process_id(self) -> int:
        """Number of the server's process."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How the process has ended; None while it runs."""
        return self._process.poll()

    def wait(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until the server says that it is well.

        Raises
        ------
        ServerError
            If it ends instead, or does not in this time.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and self.exit_code is None:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        code = self.exit_code
        end = f"within {timeout_s:g} s" if code is None else f"and ended with exit code {code}"
        msg = (
            f"the Prefect server at {self.url} did not start {end}. "
            "Start one with 'prefect server start' and set PREFECT_API_URL."
        )
        raise ServerError(msg)

    def stop(self) -> None:
        """End the server, whether or not it has started: at once, where somebody is in a hurry."""
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_TIMEOUT_S)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self._process.kill()
            self._process.wait()


@contextmanager
def prefect_server() -> Iterator[str]:
    """Start a Prefect server with schedules; yield its API's address, stop it at the end.

    Raises
    ------
    ServerError
        If it does not answer within two minutes.
    """
    server = StartingServer(schedules=True)
    try:
        server.wait()
        yield server.url
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _serve(parent: int, options: list[str]) -> None:
    """Be the server until the parent ends."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    sys.argv = ["prefect", "server", "start", *options]
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_TIMEOUT_S)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), sys.argv[2:])
