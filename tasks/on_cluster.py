"""Jobs on a Dask cluster: a bounded window of futures, and an end when no worker is left."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from queue import Empty, SimpleQueue

from distributed import Client, KilledWorker
from distributed import Future as DaskFuture

from tasks.fan_out import WINDOW_PER_THREAD, GiveUpError, JobT, Outcomes, Result

LOOK_EVERY_S, PATIENCE = 10.0, 6
"""While nothing finishes, the cluster is looked at; without a worker six times in a row, it is given up.
A nanny needs seconds to start a worker anew, so this is no hurry."""


def on_cluster(
    client: Client,
    work: Callable[[JobT], Result],
    jobs: Mapping[str, JobT],
    names: Iterator[str],
    *,
    retries: int,
) -> Outcomes:
    """Yield (name, result or exception) as jobs finish on the cluster; at most a window of them exists.

    Dask blames a worker's death on all jobs that it held, also on those that only waited there. Where several
    are blamed, each runs again with no other beside it, so that the innocent are done.

    Parameters
    ----------
    client, work, jobs, retries
        As in `tasks.fan_out.stream_jobs`.
    names
        The jobs to run, in this order.

    Raises
    ------
    GiveUpError
        If the scheduler is gone, or no worker is left.
    """
    blamed: dict[str, BaseException] = {}
    window = WINDOW_PER_THREAD * max(1, _threads(client))
    with closing(_within_window(client, work, jobs, names, retries, window)) as outcomes:
        for name, outcome in outcomes:
            if isinstance(outcome, KilledWorker):
                blamed[name] = outcome
            else:
                yield name, outcome
    if len(blamed) == 1:
        yield from blamed.items()
    else:
        yield from _within_window(client, work, jobs, iter(blamed), retries, 1)


def _within_window(
    client: Client,
    work: Callable[[JobT], Result],
    jobs: Mapping[str, JobT],
    names: Iterator[str],
    retries: int,
    window: int,
) -> Outcomes:
    """Yield (name, result or exception) as jobs finish; so many exist at a time."""
    running: dict[str, tuple[str, DaskFuture]] = {}
    finished: SimpleQueue[DaskFuture] = SimpleQueue()

    def submit(count: int) -> None:
        for name in islice(names, count):
            future = client.submit(work, jobs[name], pure=False, retries=retries)
            running[future.key] = (name, future)
            future.add_done_callback(finished.put)

    submit(window)
    try:
        while running:
            future = _next(finished, client)
            if client.status != "running":  # it cancels all futures when its scheduler is gone
                raise _lost()
            name, _ = running.pop(future.key)
            submit(1)
            if future.status == "finished":
                yield name, future.result()
            elif future.status == "cancelled":
                yield name, RuntimeError("the scheduler lost the job")
            else:
                yield name, future.exception()
            future.release()
    finally:
        if client.status == "running":
            client.cancel([future for _, future in running.values()])


def _next(finished: "SimpleQueue[DaskFuture]", client: Client) -> DaskFuture:
    """Return the next finished future; a cluster that stays without workers ends the wait."""
    alone = 0
    while alone < PATIENCE:
        try:
            return finished.get(timeout=LOOK_EVERY_S)
        except Empty:
            alone = 0 if _threads(client) else alone + 1
    raise GiveUpError(
        "the cluster has no workers left",
        "see their memory limit (--worker-memory); with workers, --resume does the rest",
    )


def _threads(client: Client) -> int:
    """Return the threads of all workers."""
    try:
        return sum(client.nthreads().values())
    except OSError as error:
        raise _lost() from error


def _lost() -> GiveUpError:
    return GiveUpError(
        "the scheduler does not answer any more",
        "with --scheduler of one that runs, --resume does the rest",
    )
