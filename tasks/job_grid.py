"""The jobs of a stage on the survey's grid, each made when its turn comes.

A survey of 200,000 tiles would else take hundreds of megabytes of jobs before the first one begins.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from tasks.fan_out import JobT

Block = tuple[slice, slice]


class GridJobs(Mapping[str, JobT]):
    """Jobs by the names of their blocks: where a block of (inline, crossline) begins, row by row.

    Parameters
    ----------
    shape
        Of the survey; its first two axes count.
    steps
        Bins of a block along these axes; the last blocks end with the survey.
    make
        Makes the job of a block.
    """

    def __init__(
        self, shape: Sequence[int], steps: Sequence[int], make: Callable[[Block], JobT]
    ) -> None:
        self._starts = tuple(range(0, n, step) for n, step in zip(shape[:2], steps, strict=False))
        self._make = make

    def __len__(self) -> int:
        rows, columns = self._starts
        return len(rows) * len(columns)

    def __iter__(self) -> Iterator[str]:
        return (f"{row},{column}" for row, column in product(*self._starts))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._corner(name) is not None

    def __getitem__(self, name: str) -> JobT:
        corner = self._corner(name)
        if corner is None:
            raise KeyError(name)
        rows, columns = (
            slice(start, min(start + starts.step, starts.stop))
            for start, starts in zip(corner, self._starts, strict=True)
        )
        return self._make((rows, columns))

    def _corner(self, name: str) -> tuple[int, int] | None:
        """Return where a block begins, None where the name is of none."""
        try:
            row, column = map(int, name.split(","))
        except ValueError:  # another entry of a ledger
            return None
        inside = row in self._starts[0] and column in self._starts[1]
        return (row, column) if inside else None
