"""A Dask client: local worker processes, or a scheduler somewhere else."""

import logging
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from threading import current_thread, main_thread

import dask
from dask.system import CPU_COUNT
from distributed import Client, LocalCluster, Status
from distributed.system import MEMORY_LIMIT

CONNECT_S, WAIT_FOR_WORKERS_S = 8, 60

NOT_STARTED = "can only join a started process"
"""What Dask says, closing a worker that is started again because another died as it started."""

LOCAL_WORKERS = {
    # A tile takes gigabytes and gives them back, again and again: kept, they make a network a fifth faster.
    "distributed.nanny.pre-spawn-environ": {
        "MALLOC_MMAP_THRESHOLD_": 1 << 33,
        "MALLOC_TRIM_THRESHOLD_": 1 << 34,
        "OMP_NUM_THREADS": 1,
        "MKL_NUM_THREADS": 1,
        "OPENBLAS_NUM_THREADS": 1,
    },
    # Workers hold no results that could be spilled, and one that paused above its kept memory never went on.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
}
"""Settings of Dask for the workers of this machine; others have those of whoever started them."""


class ClusterError(Exception):
    """The cluster asked for cannot be reached; the user can mend it."""


@contextmanager
def connect(
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    worker_memory: str = "auto",
    worker_bytes: int = 0,
) -> Iterator[Client]:
    """Yield a client of local worker processes, or of a scheduler by address.

    Local workers have one thread each: decoding and inference hold their own threads, and a process
    a core keeps a killed one's loss small. All servers bind to loopback.

    Parameters
    ----------
    workers
        Number of local worker processes; default one a core, or as many as the memory holds.
    scheduler
        Address such as ``tcp://host:8786``; then no local process is started.
    worker_memory
        Limit of one local worker, such as ``4GiB``; ``auto`` shares the machine's memory equally.
    worker_bytes
        What a worker will need, where that is known.

    Raises
    ------
    ClusterError
        If the scheduler does not answer or has no workers.
    """
    if scheduler:
        try:
            client = Client(scheduler, timeout=CONNECT_S)
            client.wait_for_workers(1, timeout=WAIT_FOR_WORKERS_S)
        except (OSError, TimeoutError, ValueError) as error:
            msg = (
                f"--scheduler {scheduler}: no scheduler with workers answers there ({error}). "
                "Start one, or leave the option out to use this machine."
            )
            raise ClusterError(msg) from error
        # That its scheduler is gone is said once, by who waits for the jobs.
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        with client, _quietly_interrupted():
            yield client
        return
    with warnings.catch_warnings():
        # The next free port is taken when 8787 is busy; the address is shown to the user anyway.
        warnings.filterwarnings("ignore", message="Port .* is already in use")
        cluster = _uninterrupted(
            n_workers=workers or default_workers(worker_bytes),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            memory_limit=worker_memory,
            dashboard_address="127.0.0.1:8787",
        )
    with _closing(cluster), Client(cluster) as client, _quietly_interrupted():
        try:
            yield client
        finally:
            # A worker with TensorFlow takes longer to end than its nanny waits; nothing is lost.
            logging.getLogger("distributed.nanny").setLevel(logging.ERROR)


@contextmanager
def _closing(cluster: LocalCluster) -> Iterator[None]:
    """Close the cluster at the end, also where a worker died as it started.

    Its nanny then takes the next process for one that runs before it has begun, and Dask gives up closing
    with an assertion: the work is done by then, so what is left is closed.
    """
    try:
        yield
    finally:
        try:
            cluster.close()
        except AssertionError as error:
            if str(error) != NOT_STARTED:
                raise
            cluster.status = Status.failed  # not "closing", for whose end another close would wait
            cluster.close()


@contextmanager
def _quietly_interrupted() -> Iterator[None]:
    """Let Ctrl-C end work in silence: what Dask says of work cut off is no news to who cut it off."""
    # Dask says these on a thread of its own, before they have come up to here.
    logging.getLogger("tornado.application").addFilter(_is_news)
    try:
        yield
    except KeyboardInterrupt:
        for name in ("distributed", "tornado", "tornado.application", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        raise


def _is_news(record: logging.LogRecord) -> bool:
    """Drop what loses nothing: the error of a wait cut off before it began, and that of ``_closing``."""
    error = record.exc_info[1] if record.exc_info else None
    # What ``distributed.utils.sync`` lacks, where the wait was cut off.
    cut_off = isinstance(error, NameError) and error.name == "future"
    return not (cut_off or (isinstance(error, AssertionError) and str(error) == NOT_STARTED))


def _uninterrupted(**options: object) -> LocalCluster:
    """Start local workers that leave Ctrl-C to the driver, which stops them in order.

    Threads and processes inherit that a signal is blocked, so workers that are started again later have it
    too. Ctrl-C meanwhile counts once the workers can be stopped.
    """
    dask.config.set(LOCAL_WORKERS)  # for good: a worker that is started again reads it once more
    if current_thread() is not main_thread():
        return LocalCluster(**options)
    resource_tracker.ensure_running()  # started with the first worker, it would unblock the signal again
    pressed: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _frame: pressed.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        cluster = LocalCluster(**options)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    try:
        if pressed:
            signal.raise_signal(signal.SIGINT)  # for whoever handles it
    except BaseException:
        cluster.close()
        raise
    return cluster


def default_workers(worker_bytes: int) -> int:
    """Return how many workers this machine, or the part of it that a container gives, has room for."""
    room = MEMORY_LIMIT // worker_bytes if worker_bytes else CPU_COUNT
    return int(max(1, min(CPU_COUNT, room)))


def default_threads(worker_bytes: int, jobs: int) -> int:
    """Return the threads that leave no core of this machine idle, where workers or jobs are too few."""
    return int(max(1, CPU_COUNT // max(1, min(default_workers(worker_bytes), jobs))))
