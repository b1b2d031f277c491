"""The network of a run, loaded once by every worker process, as soon as the process is there."""

from collections.abc import Hashable
from contextlib import suppress
from functools import lru_cache
from threading import Lock, Thread
from typing import Protocol

from distributed import Client, Worker, WorkerPlugin

from models.runtime.protocol import Runtime

NAME = "graben-network"


class Loadable(Hashable, Protocol):
    """A network that can be loaded; hashable, and it pickles."""

    def load(self) -> Runtime:
        """Load the network in this process."""


_loading = Lock()


def runtime_of(network: Loadable) -> Runtime:
    """Return this process's runtime; threads that ask at once wait for one load."""
    with _loading:
        return _load(network)


@lru_cache(maxsize=2)  # a page shows lines and slices in turn; a run has but one
def _load(network: Loadable) -> Runtime:
    return network.load()


class LoadNetwork(WorkerPlugin):
    """Begins to load a network when a worker starts, or starts again; the first tile waits for it.

    Parameters
    ----------
    network
        What the tiles will ask for.
    """

    name = NAME

    def __init__(self, network: Loadable) -> None:
        self.network = network

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - the signature is distributed's
        """Load beside the worker's own loop, which has heartbeats to send."""
        Thread(target=self._begin, daemon=True).start()

    def _begin(self) -> None:
        with suppress(Exception):  # the tile that needs the network says what is wrong
            runtime_of(self.network)


def preload(client: Client, network: Loadable) -> None:
    """Have all workers, and those that come later, load a network once."""
    with suppress(OSError):  # a worker that dies meanwhile loads when it is back
        client.register_plugin(LoadNetwork(network))


def end_preload(client: Client) -> None:
    """Have workers that come later load nothing any more: the scheduler may be another's."""
    with suppress(OSError, ValueError):  # ValueError: it was never registered
        client.unregister_worker_plugin(NAME)
