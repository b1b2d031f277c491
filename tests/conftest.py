"""What all tests share: data that nobody here made, a cluster, the effort of hypothesis."""

import faulthandler
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key  # where output is not captured
from distributed import Client
from hypothesis import settings

from deploy.cluster import connect

SHARED_DATA = Path(__file__).parent.parent.parent / "shared" / "data"

CLEANING_UP_S = 120
"""More than any fixture needs to stop what it started."""

# A shell that starts tests in the background has Ctrl-C ignored, and whatever they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run, as many as leave the whole suite quick.
settings.register_profile("graben", deadline=None, max_examples=30, derandomize=True)
settings.load_profile("graben")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell a failure as it comes: a run that is stopped before its end names it nowhere else."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stderr.write(f"\n{report.when} of {report.nodeid} failed:\n{report.longreprtext}\n")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """End what hangs in cleaning up: after a failure pytest watches over the test no longer."""
    told = item.config.stash[fault_handler_stderr_fd_key]
    faulthandler.dump_traceback_later(CLEANING_UP_S, file=told, exit=True)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


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
