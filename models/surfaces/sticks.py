"""Fault sticks: the samples of one fault on one plane as polylines.

::

    row 3      x x            runs of samples in each row, one after the other along the longer side of
    row 4        x x          the piece; a run goes on in the next row where they touch
    row 5         x   x       where a run has two to go on to, or two come from, a stick ends: sticks never
    row 6        x     x      join two pieces
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Float = NDArray[np.float64]

SHORTEST = 4
"""Rows of a stick; shorter pieces are left out."""

TOLERANCE = 0.5
"""Samples that a node may lie beside the stick to be left out."""

SMOOTHING = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16.0
FARTHEST = 1.0
"""Samples that smoothing may move a node."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Samples beside each other in one row."""

    row: int
    first: int
    last: int

    def touches(self, other: "_Run") -> bool:
        return self.first <= other.last + 1 and other.first <= self.last + 1


def sticks_on_plane(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> list[Float]:
    """Return the sticks of one fault on one plane.

    Parameters
    ----------
    rows, columns
        Samples of the fault, shape (n,); columns go down where the plane is vertical.

    Returns
    -------
    list of ndarray
        Nodes in order along each stick, shape (m, 2): row and column.
    """
    corner = np.array([rows.min(), columns.min()])
    picture = np.zeros((np.ptp(rows) + 1, np.ptp(columns) + 1), np.bool_)
    picture[rows - corner[0], columns - corner[1]] = True
    pieces, _ = ndimage.label(picture, np.ones((3, 3)))
    sticks = []
    for number, box in enumerate(ndimage.find_objects(pieces), start=1):
        piece = pieces[box] == number
        start = corner + [part.start for part in box]
        # Along columns where the sides are equal: faults are picked from top to bottom.
        turned = piece.shape[1] >= piece.shape[0]
        for chain in _chains(_runs(piece.T if turned else piece)):
            nodes = _simplified(_smoothed(_nodes(chain)))
            sticks.append(start + (nodes[:, ::-1] if turned else nodes))
    return sticks


def _runs(piece: NDArray[np.bool_]) -> list[_Run]:
    """Return the runs of a picture, row by row."""
    row, column = np.nonzero(piece)
    breaks = np.flatnonzero((np.diff(row) > 0) | (np.diff(column) > 1)) + 1
    first = np.concatenate([[0], breaks])
    last = np.concatenate([breaks, [len(row)]]) - 1
    return [
        _Run(*each)
        for each in zip(
            row[first].tolist(), column[first].tolist(), column[last].tolist(), strict=True
        )
    ]


def _chains(runs: Sequence[_Run]) -> list[list[_Run]]:
    """Return runs that go on into each other one to one; spurs of a few samples end no stick."""
    chains = _linked(runs)
    spurs = {run for chain in chains if len(chain) < SHORTEST and len(chains) > 1 for run in chain}
    # A spur hangs on a chain by one end; what lies between two chains is part of a way.
    hanging = {run for run in spurs if not _is_between(run, runs, spurs)}
    chains = _linked([run for run in runs if run not in hanging])
    return [chain for chain in chains if len(chain) >= SHORTEST]


def _is_between(run: _Run, runs: Sequence[_Run], spurs: set[_Run]) -> bool:
    """Tell whether a run touches rows above and below it that are no spurs."""
    beside = [each for each in runs if each not in spurs and abs(each.row - run.row) == 1]
    touching = {each.row for each in beside if each.touches(run)}
    return len(touching) == 2


def _linked(runs: Sequence[_Run]) -> list[list[_Run]]:
    """Return the chains of runs in adjacent rows that touch, each with one other alone."""
    by_row: dict[int, list[_Run]] = {}
    for run in runs:
        by_row.setdefault(run.row, []).append(run)
    after = {
        run: [each for each in by_row.get(run.row + 1, ()) if each.touches(run)] for run in runs
    }
    befores: dict[_Run, int] = {}
    for followers in after.values():
        for run in followers:
            befores[run] = befores.get(run, 0) + 1
    chains: list[list[_Run]] = []
    chain_of: dict[_Run, list[_Run]] = {}
    for run in runs:
        chain = chain_of.get(run)
        if chain is None:
            chain = []
            chains.append(chain)
        chain.append(run)
        if len(after[run]) == 1 and befores[after[run][0]] == 1:
            chain_of[after[run][0]] = chain
    return chains


def _nodes(chain: Sequence[_Run]) -> Float:
    """Return the middle of every run, shape (n, 2)."""
    return np.array([(run.row, 0.5 * (run.first + run.last)) for run in chain])


def _smoothed(nodes: Float) -> Float:
    """Return nodes moved across the rows, by a sample at most, so that steps between samples go."""
    half = len(SMOOTHING) // 2
    across = nodes[:, 1]
    for _ in range(2):
        # Ends are continued by their reflection at the end itself, which keeps straight lines.
        before = 2 * across[0] - across[half:0:-1]
        after = 2 * across[-1] - across[-2 : -half - 2 : -1]
        across = np.convolve(np.concatenate([before, across, after]), SMOOTHING, mode="valid")
    moved = np.clip(across - nodes[:, 1], -FARTHEST, FARTHEST)
    return np.stack([nodes[:, 0], nodes[:, 1] + moved], axis=1)


def _simplified(nodes: Float) -> Float:
    """Return the nodes that a polyline needs to stay within `TOLERANCE` of all.

    References
    ----------
    Douglas, D. and Peucker, T. (1973). Algorithms for the reduction of the number of points required to
    represent a digitized line. Cartographica, 10(2), 112-122.
    """
    needed = np.zeros(len(nodes), np.bool_)
    needed[[0, -1]] = True
    stack = [(0, len(nodes) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        way = nodes[last] - nodes[first]
        aside = nodes[first + 1 : last] - nodes[first]
        distance = np.abs(way[0] * aside[:, 1] - way[1] * aside[:, 0]) / np.hypot(*way)
        farthest = int(distance.argmax())
        if distance[farthest] > TOLERANCE:
            middle = first + 1 + farthest
            needed[middle] = True
            stack += [(first, middle), (middle, last)]
    return nodes[needed]
