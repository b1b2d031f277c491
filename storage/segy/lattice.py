"""Line numbers for traces that have coordinates and none: the bin grid read off the map.

The two steps of the grid are the shortest differences between neighbours that are not parallel. They are
fitted to some of the traces; every trace must then lie near a whole number of steps.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.geometry import drawn

Points = NDArray[np.float64]
Some = slice | NDArray[np.int64]
At = Callable[[Some], tuple[Points, Points]]
"""Gives x and y of some traces, each shape (n,); NaN where unknown."""

NEIGHBOURS = 9
SAMPLE = 4000
"""Traces whose neighbours are looked at; they lie about one place."""

NEAREST = 0.25
"""How far from a whole number of steps a trace may lie, in steps."""

NEAR = 2.0
"""Lines from the first trace within which steps read off neighbours are good enough."""

PARALLEL = 0.26
"""Sine of the angle below which two steps count as one direction: 15 degrees."""

FARTHEST = 2**30
"""Steps from the middle trace that int32 holds with room for those of the other side."""

BLOCK = 1 << 17
"""Traces in work at once, so that a fit takes little beside its result."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """Line numbers of all traces, from 1, int32."""

    inline: NDArray[np.int32]
    crossline: NDArray[np.int32]


def fit_lattice(x: Points, y: Points) -> Lattice | None:
    """Return line numbers that a regular grid gives the traces, None where there is no such grid.

    Parameters
    ----------
    x, y
        Coordinates of the traces, float64, shape (n,); NaN where unknown.
    """
    return fit_lattice_at(lambda some: (x[some], y[some]), len(x))


def fit_lattice_at(at: At, count: int) -> Lattice | None:
    """Do the same for so many traces, whose coordinates need never be there all at once."""
    near = _around_middle(at, count) if count >= 4 else None
    steps = None if near is None else _steps(near)
    if near is None or steps is None:
        return None
    chosen = np.concatenate([near, np.stack(at(drawn(count)), axis=1)])
    grid = _fit(chosen, steps)
    return None if grid is None else _number(at, count, *grid)


def _blocks(count: int) -> Iterator[slice]:
    for start in range(0, count, BLOCK):
        yield slice(start, min(start + BLOCK, count))


def _around_middle(at: At, count: int) -> Points | None:
    """Return the traces about the middle one, nearest first; None where not all traces have a place."""
    middle = np.stack(at(np.array([count // 2])), axis=1)
    near = np.empty((0, 2))
    for block in _blocks(count):
        points = np.concatenate([near, np.stack(at(block), axis=1)])
        distance = np.abs(points - middle).max(axis=1)
        if not np.isfinite(distance).all():
            return None
        near = points[np.argsort(distance, kind="stable")[:SAMPLE]]
    return near


def _number(at: At, count: int, origin: Points, inverse: Points) -> Lattice | None:
    """Return the lines of all traces on a grid, None where one is off it."""
    numbers = np.empty((2, count), np.int32)
    for block in _blocks(count):
        exact = (np.stack(at(block), axis=1) - origin) @ inverse
        cells = np.rint(exact)
        if np.abs(exact - cells).max() > NEAREST or np.abs(cells).max() >= FARTHEST:
            return None
        numbers[:, block] = cells.T
    falling = numbers[:, 0] > numbers[:, -1]
    numbers[falling] *= -1  # lines rise with the file
    numbers -= numbers.min(axis=1, keepdims=True) - 1
    fast = int(np.abs(np.diff(numbers[:, :SAMPLE])).sum(axis=1).argmax())
    return Lattice(numbers[1 - fast], numbers[fast])


def _fit(points: Points, steps: Points) -> tuple[Points, Points] | None:
    """Return origin and inverse steps of the grid of some traces; None without a fit.

    Steps that few neighbours give are good for a few lines about the first trace: the fit goes outwards,
    twice as far each time.
    """
    origin, reach = points[0], NEAR
    inverse = _inverse(steps)
    while inverse is not None:
        exact = (points - origin) @ inverse
        distance = np.abs(exact).max(axis=1)
        chosen = distance <= reach
        design = np.concatenate([np.ones((chosen.sum(), 1)), np.rint(exact[chosen])], axis=1)
        solution, _, rank, _ = np.linalg.lstsq(design, points[chosen])
        if rank == 3:
            origin, inverse = solution[0], _inverse(solution[1:])
        if distance.max() <= reach:
            return (origin, inverse) if rank == 3 and inverse is not None else None
        reach *= 2
    return None


def _inverse(steps: Points) -> Points | None:
    """Return the inverse of two steps, None where they are as good as parallel."""
    (a, b), (c, d) = steps
    if not abs(a * d - b * c) > PARALLEL / 10 * np.hypot(a, b) * np.hypot(c, d):
        return None
    return np.asarray(np.linalg.inv(steps))


def _steps(points: Points) -> Points | None:
    """Return the two shortest differences between neighbours that are not parallel, shape (2, 2)."""
    from scipy.spatial import KDTree  # slow to load, and seldom needed

    distance, index = KDTree(points).query(points, k=min(NEIGHBOURS, len(points)))
    if (distance[:, 1] == 0).any():
        return None  # two traces in one place: no grid tells them apart
    differences = (points[index] - points[:, None]).reshape(-1, 2)
    lengths = np.hypot(*differences.T)
    differences, lengths = differences[lengths > 0], lengths[lengths > 0]
    first = _typical(differences, lengths)
    if first is None:
        return None
    across = np.abs(differences @ np.array([-first[1], first[0]])) / np.hypot(*first) / lengths
    slanted = across > PARALLEL
    second = _typical(differences[slanted], lengths[slanted])
    return None if second is None else np.stack([first, second])


def _typical(differences: Points, lengths: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the median of the differences that are about the shortest there are."""
    if not len(lengths):
        return None
    shortest = differences[lengths <= 1.2 * np.percentile(lengths, 1)]
    lead = shortest[np.hypot(*shortest.T).argmin()]
    along, across = shortest @ lead, shortest @ np.array([-lead[1], lead[0]])
    alike = np.abs(across) <= PARALLEL * np.hypot(along, across)
    # A step and its opposite are one.
    return np.asarray(np.median(shortest[alike] * np.sign(along[alike])[:, None], axis=0))
