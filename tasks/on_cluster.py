"""Jobs on a Dask cluster: a bounded window of futures, and an end when no worker is left."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from queue import Empty, SimpleQueue

from distributed import Client
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
    running: dict[str, tuple[str, DaskFuture]] = {}
    finished: SimpleQueue[DaskFuture] = SimpleQueue()

    def submit(count: int) -> None:
        for name in islice(names, count):
            future = client.submit(work, jobs[name], pure=False, retries=retries)
            running[future.key] = (name, future)
            future.add_done_callback(finished.put)

    submit(WINDOW_PER_THREAD * max(1, _threads(client)))
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
