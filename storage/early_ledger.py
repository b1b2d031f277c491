"""The finished jobs of a run that may still be refused, while nothing of it is on the disk."""

from collections.abc import Iterator, Mapping, Set
from typing import Any


class EarlyLedger:
    """A `storage.ledger.Ledger` in memory.

    Parameters
    ----------
    jobs
        Where results are kept by the names of their jobs.
    """

    anew = True

    def __init__(self, jobs: dict[str, dict[str, Any]]) -> None:
        self._jobs = jobs

    @property
    def done(self) -> Set[str]:
        """Names of the finished jobs, in the order in which they were recorded."""
        return self._jobs.keys()

    def results(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the finished jobs with their results, in the same order."""
        yield from self._jobs.items()

    def record(self, job: str, result: Mapping[str, Any], *, durable: bool = False) -> None:  # noqa: ARG002
        """Note that a job is complete."""
        self._jobs[job] = dict(result)

    def forget(self) -> None:
        """Drop all jobs."""
        self._jobs.clear()

    def close_complete(self) -> None:
        """Keep what there is: whoever gave the dictionary has it."""
