"""What tests of whole commands share: a Prefect server, for those that are not about starting one."""

from collections.abc import Iterator

import pytest

from deploy.prefect_server import prefect_server
from tests.flows.running import talking_to


@pytest.fixture(scope="session")
def standing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prefect server that stands as long as the tests do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
        with prefect_server() as url:
            yield url


@pytest.fixture(scope="module")
def quick_starts(standing_server: str) -> Iterator[None]:
    """Commands of a module find a server; each would take ten seconds to start one of its own."""
    with talking_to(standing_server):
        yield
