"""What all tests share: data that nobody here made, a cluster, the effort of hypothesis."""

import faulthandler
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key  # where output is not captured
from distributed import Client
from hypothesis import settings

from deploy.cluster import connect

SHARED_DATA = Path(__file__).parent.parent.parent / "shared" / "data"

DEAF_S = 60
"""After its time limit a test is given so long to end by itself, and to stop what it started."""

CLEANING_UP_S = 300
"""More than any fixture waits for what it stops."""

# As models.runtime.quiet says; some tests import Keras before it.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

# A shell that starts tests in the background has Ctrl-C ignored, and whatever they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run, as many as leave the whole suite quick.
settings.register_profile("graben", deadline=None, max_examples=30, derandomize=True)
settings.load_profile("graben")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell a failure as it comes: a run that is stopped before its end names it nowhere else."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stderr.write(f"\n{report.when} of {report.nodeid} failed:\n{report.longreprtext}\n")


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> None:
    """End a test that is deaf to its time limit, in native code or joining threads that hang."""
    end_after(settings.timeout + DEAF_S, item)


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_cancel_timer(item: pytest.Item) -> None:  # noqa: ARG001 - named by the plugin
    """A test that came to its end in time is ended by nobody."""
    faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """End what hangs in cleaning up: after a failure no time limit is left."""
    end_after(CLEANING_UP_S, item)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


def end_after(seconds: float, item: pytest.Item) -> None:
    """End this process then, with the stacks of all its threads: pytest-xdist names the test."""
    told = item.config.stash[fault_handler_stderr_fd_key]
    faulthandler.dump_traceback_later(seconds, file=told, exit=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real and foreign files that are not part of the repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip("foreign test data (../shared/data) is not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    """A client of two worker processes; tests that use it are slow."""
    with connect(workers=2) as connected:
        yield connected
