"""A Prefect server on loopback, for schedules where no other server is set up."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

START_TIMEOUT_S = 120
HOST = "127.0.0.1"


class ServerError(Exception):
    """The Prefect server did not start."""


@contextmanager
def prefect_server() -> Iterator[str]:
    """Start a Prefect server on a free port of loopback; yield its API's address, stop it at the end.

    Raises
    ------
    ServerError
        If it does not answer within two minutes.
    """
    port = _free_port()
    url = f"http://{HOST}:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start"]
    process = subprocess.Popen(
        [*command, "--host", HOST, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PREFECT_API_URL": url},
    )
    try:
        _wait(process, url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    """Wait until the server says that it is well."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    msg = (
        f"the Prefect server at {url} did not start within {START_TIMEOUT_S} s. "
        "Start one with 'prefect server start' and set PREFECT_API_URL."
    )
    raise ServerError(msg)
