"""What all tests share: data that nobody here made, a cluster, the effort of hypothesis."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client
from hypothesis import settings

from deploy.cluster import connect

SHARED_DATA = Path(__file__).parent.parent.parent / "shared" / "data"

# A shell that starts tests in the background has Ctrl-C ignored, and whatever they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run, as many as leave the whole suite quick.
settings.register_profile("graben", deadline=None, max_examples=30, derandomize=True)
settings.load_profile("graben")


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
