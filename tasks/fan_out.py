"""The only way jobs run: threads of this process or a Dask client, in a bounded window.

A job is a small picklable value (paths and slices, never samples) and the work is a plain function of
one job. Results are small dictionaries of JSON values. `run_jobs` gives them back in the order of the jobs,
whatever order they finished in, so nothing downstream depends on the number of workers. `stream_jobs` hands
them on as they come and keeps none, for stages whose jobs are as many as the survey is large.
"""

import logging
import os
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from storage.errors import InputError, is_full
from storage.ledger import Finished

if TYPE_CHECKING:
    from distributed import Client

logger = logging.getLogger(__name__)

JobT = TypeVar("JobT")
Result = dict[str, Any]
Outcomes = Generator[tuple[str, Result | BaseException], None, None]

WINDOW_PER_THREAD = 4
"""Futures in existence for each thread of the cluster: enough to hide latency, few enough that the
scheduler's memory does not grow with the survey."""


class Progress(Protocol):
    """What a stage tells people while it runs."""

    def __call__(self, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` jobs are complete."""


class JobsFailedError(Exception):
    """Some jobs failed after their retries; the others are complete and recorded.

    Parameters
    ----------
    what
        The stage.
    failures
        Job name to the reason, one line each.
    total
        Number of jobs of the stage.
    mend
        What does the rest.
    """

    def __init__(
        self,
        what: str,
        failures: dict[str, str],
        total: int,
        mend: str = "--resume does the rest",
    ) -> None:
        super().__init__(what, failures, total, mend)
        self.what, self.failures, self.total, self.mend = what, failures, total, mend

    def __str__(self) -> str:
        return f"{self.summary}. The others are done; {self.mend}."

    @property
    def summary(self) -> str:
        """How many failed, and the first of them."""
        name, reason = next(iter(self.failures.items()))
        failed = f"{len(self.failures)} of {self.total} jobs failed"
        return f"{self.what}: {failed} (first: {name}: {reason})"


WAITING = "all that wait"
"""Stands for the jobs that were not tried, among the failures of a stage that was given up."""


class StageStoppedError(JobsFailedError):
    """A stage was given up: what went wrong would have met all jobs that were left.

    Its failures say why under `WAITING`, beside jobs that had failed before.
    """

    @property
    def summary(self) -> str:
        """Why, and how much is left."""
        return f"{self.what}: {self.failures[WAITING]}, {self.total} jobs are left"


class GiveUpError(Exception):
    """What runs the jobs finds that none of the others can succeed.

    Parameters
    ----------
    reason, mend
        In words for people; the mend ends a sentence on the jobs that are left.
    """

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason, mend)
        self.reason, self.mend = reason, mend


def run_jobs(
    work: Callable[[JobT], Result],
    jobs: Mapping[str, JobT],
    *,
    what: str,
    client: "Client | None" = None,
    ledger: Finished | None = None,
    progress: Progress | None = None,
    retries: int = 2,
    threads: int | None = None,
) -> dict[str, Result]:
    """Run every job that the ledger does not hold; return all results in the order of the jobs.

    Parameters and errors are those of `stream_jobs`.
    """
    results: dict[str, Result] = {}
    stream_jobs(
        work,
        jobs,
        results.__setitem__,
        what=what,
        client=client,
        ledger=ledger,
        progress=progress,
        retries=retries,
        threads=threads,
    )
    return {name: results[name] for name in jobs}


def stream_jobs(  # noqa: PLR0913 - what is run, and how every stage is run
    work: Callable[[JobT], Result],
    jobs: Mapping[str, JobT],
    take: Callable[[str, Result], object],
    *,
    what: str,
    client: "Client | None" = None,
    ledger: Finished | None = None,
    progress: Progress | None = None,
    retries: int = 2,
    threads: int | None = None,
) -> None:
    """Run every job that the ledger does not hold; hand on all results, its own first, and keep none.

    Parameters
    ----------
    work
        A function (or `functools.partial`) that workers can import; it takes one job.
    jobs
        Job name to job; asked for one after the other, so they may be made then (`tasks.job_grid`). Names are
        the ledger's keys, so they must not change between runs.
    take
        Called with name and result of every job, in whatever order they finish.
    what
        The stage, for messages and for the dashboard.
    client
        Where to run. None: threads of this process.
    ledger
        Finished jobs are skipped, and recorded as they finish.
    progress
        Told after every finished job.
    retries
        How often a cluster tries a failed job again, for machines that come and go. Threads of this
        process do not retry: what failed there fails again.
    threads
        Threads without a client; default is the number of processors.

    Raises
    ------
    InputError
        As soon as a job finds the input wrong; nothing more is started.
    StageStoppedError
        As soon as it is plain that all others would fail: the disk is full, the cluster is gone.
    JobsFailedError
        When all other jobs are complete, if any failed.
    """
    recorded = _take_recorded(jobs, ledger, take)
    done, failures = len(recorded), dict[str, str]()
    if progress:
        progress(done, len(jobs))
    names = (name for name in jobs if name not in recorded)
    if client is None:
        outcomes = _in_threads(work, jobs, names, threads or os.cpu_count() or 1)
    else:
        from tasks.on_cluster import on_cluster  # Dask takes longer to load than many a survey

        outcomes = on_cluster(client, work, jobs, names, retries=retries)
    try:
        with closing(outcomes):  # whatever ends this loop, nothing more is started
            for name, outcome in outcomes:
                if isinstance(outcome, BaseException):
                    _refuse_to_go_on(outcome)
                    failures[name] = _reason(outcome)
                    logger.error("%s: job %s failed", what, name, exc_info=outcome)
                    continue
                done += 1
                if ledger:
                    ledger.record(name, outcome)
                take(name, outcome)
                if progress:
                    progress(done + len(failures), len(jobs))
    except GiveUpError as error:
        reasons = failures | {WAITING: error.reason}
        raise StageStoppedError(what, reasons, len(jobs) - done, error.mend) from error
    if failures:
        raise JobsFailedError(what, failures, len(jobs))


def _take_recorded(
    jobs: Mapping[str, JobT], ledger: Finished | None, take: Callable[[str, Result], object]
) -> set[str]:
    """Hand on the results that the ledger holds; return the names of their jobs."""
    recorded: set[str] = set()
    for name, result in ledger.results() if ledger else ():
        if name in jobs:
            take(name, result)
            recorded.add(name)
    return recorded


def _refuse_to_go_on(error: BaseException) -> None:
    """Raise where an error of one job will meet all others too."""
    if isinstance(error, InputError):
        raise error
    if is_full(error):
        raise GiveUpError(_reason(error), "with room there, --resume does the rest") from error


def _reason(error: BaseException) -> str:
    """Return one line for people."""
    if type(error).__name__ == "KilledWorker":  # Dask's, which need not be loaded to tell
        return (
            "every worker that tried it died, most likely out of memory; "
            "see --worker-memory and --tile-memory"
        )
    if isinstance(error, OSError) and is_full(error):
        return f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _in_threads(
    work: Callable[[JobT], Result], jobs: Mapping[str, JobT], names: Iterator[str], threads: int
) -> Outcomes:
    """Yield (name, result or exception) as jobs finish on threads of this process."""
    with ThreadPoolExecutor(threads) as pool:
        running: dict[Future[Result], str] = {}
        try:
            while True:
                for name in islice(names, threads * WINDOW_PER_THREAD - len(running)):
                    running[pool.submit(work, jobs[name])] = name
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    yield name, future.exception() or future.result()
        finally:
            for future in running:
                future.cancel()
