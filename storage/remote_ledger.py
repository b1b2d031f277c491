"""A ledger in object storage: one object for each finished job, beside the one with the identity."""

import json
from collections.abc import Iterator, Mapping, Set
from typing import Any

from storage.locations import read_whole, remove, system_of, within, write_whole

JOB = "job-"
"""What the names of the objects begin with."""


class RemoteLedger:
    """The finished jobs of one output; see `storage.ledger.Ledger`.

    Parameters
    ----------
    folder
        Where the objects lie.
    anew
        Whether what lies at the output may go.
    """

    def __init__(self, folder: str, *, anew: bool) -> None:
        self.anew = anew
        self._folder = folder
        system, root = system_of(folder)
        names = [path.rsplit("/", 1)[-1] for path in system.find(root)]
        done = [name.removeprefix(JOB) for name in names if name.startswith(JOB)]
        self._done = dict.fromkeys(done)

    @property
    def done(self) -> Set[str]:
        """Names of the finished jobs."""
        return self._done.keys()

    def results(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the finished jobs with their results."""
        for job in self._done:
            yield job, json.loads(read_whole(within(self._folder, f"{JOB}{job}")))

    def record(self, job: str, result: Mapping[str, Any], *, durable: bool = True) -> None:  # noqa: ARG002
        """Note that a job is complete; an object always lasts."""
        write_whole(within(self._folder, f"{JOB}{job}"), [json.dumps(dict(result)).encode()])
        self._done[job] = None

    def forget(self) -> None:
        """Remove the objects of all jobs."""
        for job in self._done:
            remove(within(self._folder, f"{JOB}{job}"))
        self._done.clear()

    def close_complete(self) -> None:
        """Remove the objects."""
        remove(self._folder)
