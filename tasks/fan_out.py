"""The only way jobs run: threads of this process or a Dask client, in a bounded window.

A job is a small picklable value (paths and slices, never samples) and the work is a plain function of
one job. Results are small dictionaries of JSON values. They come back in the order of the jobs,
whatever order they finished in, so nothing downstream depends on the number of workers.
"""

import logging
import os
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from storage.errors import InputError
from storage.ledger import Ledger

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


def run_jobs(
    work: Callable[[JobT], Result],
    jobs: Mapping[str, JobT],
    *,
    what: str,
    client: "Client | None" = None,
    ledger: Ledger | None = None,
    progress: Progress | None = None,
    retries: int = 2,
    threads: int | None = None,
) -> dict[str, Result]:
    """Run every job that the ledger does not hold; return all results in the order of the jobs.

    Parameters
    ----------
    work
        A function (or `functools.partial`) that workers can import; it takes one job.
    jobs
        Job name to job. Names are the ledger's keys, so they must not change between runs.
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
    JobsFailedError
        When all other jobs are complete, if any failed.
    """
    results: dict[str, Result] = dict(ledger.done) if ledger else {}
    pending = {name: job for name, job in jobs.items() if name not in results}
    done, failures = len(jobs) - len(pending), dict[str, str]()
    if progress:
        progress(done, len(jobs))
    if client is None:
        outcomes = _in_threads(work, pending, threads or os.cpu_count() or 1)
    else:
        from tasks.on_cluster import on_cluster  # Dask takes longer to load than many a survey

        outcomes = on_cluster(client, work, pending, what=what, retries=retries)
    with closing(outcomes):  # whatever ends this loop, nothing more is started
        for name, outcome in outcomes:
            done += 1
            if isinstance(outcome, InputError):
                raise outcome
            if isinstance(outcome, BaseException):
                failures[name] = _reason(outcome)
                logger.error("%s: job %s failed", what, name, exc_info=outcome)
                continue
            if ledger:
                ledger.record(name, outcome)
            results[name] = outcome
            if progress:
                progress(done, len(jobs))
    if failures:
        raise JobsFailedError(what, failures, len(jobs))
    return {name: results[name] for name in jobs}


def _reason(error: BaseException) -> str:
    """Return one line for people."""
    if type(error).__name__ == "KilledWorker":  # Dask's, which need not be loaded to tell
        return (
            "every worker that tried it died, most likely out of memory; "
            "see --worker-memory and --tile-memory"
        )
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _in_threads(
    work: Callable[[JobT], Result], jobs: Mapping[str, JobT], threads: int
) -> Outcomes:
    """Yield (name, result or exception) as jobs finish on threads of this process."""
    names = iter(jobs)
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
