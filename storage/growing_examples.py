"""A store of examples that is read while it is made."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from storage.examples import ExampleStore, StoredExample, is_whole
from storage.ledger import ledger_of

LOOK_EVERY_S = 0.1


class GrowingExamples(ExampleStore):
    """An example store under way: reading an example waits until it is there.

    Parameters
    ----------
    path
        The Zarr group, laid out.
    check
        Called while waiting; raises what has ended the making of the examples.
    """

    def __init__(self, path: Path, *, check: Callable[[], None]) -> None:
        super().__init__(path, growing=True)
        self._check = check
        self._there: set[int] = set()

    def read(self, index: int) -> StoredExample:
        """Return one example, as soon as it is complete."""
        while index not in self._there:
            self._look()
            if index not in self._there:
                self._check()
                time.sleep(LOOK_EVERY_S)
        return super().read(index)

    def _look(self) -> None:
        """Learn which examples are complete, from the ledger; without one, from the store itself."""
        try:
            lines = (
                Path(ledger_of(self.path)).read_text(encoding="utf-8").splitlines(keepends=True)
            )
        except FileNotFoundError:
            if is_whole(self.path):
                self._there = set(range(len(self)))
            return
        done = (json.loads(line) for line in lines[1:] if line.endswith("\n"))
        self._there = {int(entry["job"]) for entry in done}
