"""Fault sticks: the samples of one fault on one plane as polylines.

::

    row 3      x x            runs of samples in each row, one after the other along the longer side of
    row 4        x x          the piece; a run goes on in the next row where they touch
    row 5         x   x       where a run has two to go on to, or two come from, a stick ends: sticks never
    row 6        x     x      join two pieces; a gap as wide as those that segments are joined over is none
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Float = NDArray[np.float64]

SHORTEST = 4
"""Rows of a stick; shorter pieces are left out."""

GAP = 2
"""Rows without a sample that a stick passes over."""

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
        """Tell whether a run goes on in the other; over a gap it may go aside as far as down."""
        slack = abs(self.row - other.row)
        return self.first <= other.last + slack and other.first <= self.last + slack


_Links = dict[_Run, list[_Run]]


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
    around = ndimage.binary_dilation(picture, np.ones((3, 3)), iterations=GAP // 2)
    pieces, _ = ndimage.label(around, np.ones((3, 3)))
    pieces[~picture] = 0
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
    after, before = _graph(runs)
    spurs = {
        run
        for chain in _one_to_one(runs, after, before)
        # What lies between two chains is part of a way; a spur hangs on one of them.
        if len(chain) < SHORTEST and not (before[chain[0]] and after[chain[-1]])
        for run in chain
    }
    kept = [run for run in runs if run not in spurs]
    return [chain for chain in _one_to_one(kept, *_graph(kept)) if len(chain) >= SHORTEST]


def _graph(runs: Sequence[_Run]) -> tuple[_Links, _Links]:
    """Return for each run those that go on from it, and those that it goes on from."""
    by_row: dict[int, list[_Run]] = {}
    for run in runs:
        by_row.setdefault(run.row, []).append(run)
    after = {run: _followers(run, by_row) for run in runs}
    before: _Links = {run: [] for run in runs}
    for run, followers in after.items():
        for each in followers:
            before[each].append(run)
    return after, before


def _one_to_one(runs: Sequence[_Run], after: _Links, before: _Links) -> list[list[_Run]]:
    """Return the chains of runs that have each other alone."""
    chains: list[list[_Run]] = []
    chain_of: dict[_Run, list[_Run]] = {}
    for run in runs:
        chain = chain_of.get(run)
        if chain is None:
            chain = []
            chains.append(chain)
        chain.append(run)
        if len(after[run]) == 1 and len(before[after[run][0]]) == 1:
            chain_of[after[run][0]] = chain
    return chains


def _followers(run: _Run, by_row: Mapping[int, Sequence[_Run]]) -> list[_Run]:
    """Return the runs that go on from one: in the next row, or else past a gap."""
    for ahead in range(1, GAP + 2):
        found = [each for each in by_row.get(run.row + ahead, ()) if each.touches(run)]
        if found:
            return found
    return []


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
