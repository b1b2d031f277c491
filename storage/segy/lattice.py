"""Line numbers for traces that have coordinates and none: the bin grid read off the map.

The two steps of the grid are the shortest differences between neighbours that are not parallel; every
trace must then lie near a whole number of steps.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

NEIGHBOURS = 9
SAMPLE = 4000
"""Traces whose neighbours are looked at, taken in one piece so that neighbours are among them."""

NEAREST = 0.25
"""How far from a whole number of steps a trace may lie, in steps."""

NEAR = 2.0
"""Lines from the first trace within which steps read off neighbours are good enough."""

MOST_FITTED = 100_000
"""Traces that a fit needs; all are held against it."""

PARALLEL = 0.26
"""Sine of the angle below which two steps count as one direction: 15 degrees."""


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
    points = np.stack([x, y], axis=1)
    if len(points) < 4 or not np.isfinite(points).all():
        return None
    steps = _steps(points)
    exact = None if steps is None else _in_steps(points, steps)
    if exact is None:
        return None
    cells = np.rint(exact)
    if np.abs(exact - cells).max() > NEAREST:
        return None
    cells -= cells.min(axis=0)
    if cells.max() >= 2**31 - 1:
        return None
    numbers = cells.astype(np.int32) + 1
    fast = int(np.abs(np.diff(numbers[: min(len(numbers), SAMPLE)], axis=0)).sum(axis=0).argmax())
    return Lattice(numbers[:, 1 - fast], numbers[:, fast])


def _in_steps(points: Points, steps: Points) -> Points | None:
    """Return points counted in steps from an origin, both fitted to all of them; None without a fit.

    Steps that few neighbours give are good for a few lines: the fit goes outwards, twice as far each time.
    """
    origin, reach = points[0], NEAR
    inverse = _inverse(steps)
    while inverse is not None:
        exact = (points - origin) @ inverse
        distance = np.abs(exact).max(axis=1)
        chosen = np.flatnonzero(distance <= reach)
        chosen = chosen[:: max(1, len(chosen) // MOST_FITTED)]
        design = np.concatenate([np.ones((len(chosen), 1)), np.rint(exact[chosen])], axis=1)
        solution, _, rank, _ = np.linalg.lstsq(design, points[chosen])
        if rank == 3:
            origin, inverse = solution[0], _inverse(solution[1:])
        if distance.max() <= reach:
            fitted = rank == 3 and inverse is not None
            return np.asarray((points - origin) @ inverse) if fitted else None
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

    tree = KDTree(points)
    middle = len(points) // 2
    chosen = points[max(0, middle - SAMPLE // 2) : middle + SAMPLE // 2]
    distance, index = tree.query(chosen, k=min(NEIGHBOURS, len(points)))
    if (distance[:, 1] == 0).any():
        return None  # two traces in one place: no grid tells them apart
    differences = (points[index] - chosen[:, None]).reshape(-1, 2)
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
