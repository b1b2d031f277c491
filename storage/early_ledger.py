"""The finished jobs of a run that may still be refused, while nothing of it is on the disk."""

from collections.abc import Iterator, Mapping
from typing import Any


class EarlyLedger:
    """A `storage.ledger.Finished` in memory.

    Parameters
    ----------
    jobs
        Where results are kept by the names of their jobs.
    """

    def __init__(self, jobs: dict[str, dict[str, Any]]) -> None:
        self._jobs = jobs

    def results(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the finished jobs with their results, in the order in which they were recorded."""
        yield from self._jobs.items()

    def record(self, job: str, result: Mapping[str, Any]) -> None:
        """Note that a job is complete."""
        self._jobs[job] = dict(result)
