"""The workers that a run's settings ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flows.settings.reading import Cluster
from flows.terminal import say

if TYPE_CHECKING:
    from distributed import Client

    from tasks.plan import Plan


@contextmanager
def workers(
    settings: Cluster, planned: "Plan | None" = None, *, worker_bytes: int = 0
) -> "Iterator[Client]":
    """Yield a client of the workers, its dashboard told.

    Parameters
    ----------
    settings
        How many, how large, or whose.
    planned
        What they will do, if its size is known.
    worker_bytes
        What a worker may come to need, where no plan tells: no more are started than there is memory for.

    Raises
    ------
    ClusterError
        If no workers answer.
    ParameterError
        If they cannot hold a tile of the plan.
    """
    from deploy.cluster import connect  # what runs in threads need not wait for Dask

    with connect(
        workers=settings.workers,
        scheduler=settings.scheduler,
        worker_memory=settings.worker_memory,
        worker_bytes=planned.worker_bytes if planned else worker_bytes,
    ) as client:
        if planned:
            from tasks.plan import check_workers

            check_workers(client, planned)
        say(f"Dask dashboard: {client.dashboard_link}")
        yield client


@contextmanager
def workers_if_asked(settings: Cluster) -> "Iterator[Client | None]":
    """Yield a client where the settings name workers or a scheduler; None: threads of this process."""
    if settings.workers is None and settings.scheduler is None:
        yield None
        return
    with workers(settings) as client:
        yield client
