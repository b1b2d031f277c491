"""Compiled loops over pairs of samples that may lie on one surface."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Positions = NDArray[np.int32]
Cosines = tuple[float, float]
"""Of the largest angle between normals of neighbours, and of samples further apart."""


@njit(cache=True, nogil=True)
def _root(parents: NDArray[np.int32], number: int) -> int:
    """Return the smallest number of a set; what was passed points nearer to it."""
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


@njit(cache=True, nogil=True)
def _belong(
    first: int, second: int, offset: Positions, axes: Float, tangents: Float, cosines: Cosines
) -> bool:
    """Tell whether two samples with these attitudes lie on one surface."""
    dot = 0.0
    for axis in range(3):
        dot += axes[first, axis] * axes[second, axis]
    beside = max(abs(offset[0]), abs(offset[1]), abs(offset[2])) == 1
    if abs(dot) < cosines[0 if beside else 1]:
        return False
    if beside:
        return True
    aside, other = 0.0, 0.0
    for axis in range(3):
        aside += tangents[first, axis] * offset[axis]
        other += tangents[second, axis] * offset[axis]
    return max(abs(aside), abs(other)) <= 1.0


@njit(cache=True, nogil=True)
def join(
    attitude: NDArray[np.uint16],
    positions: Positions,
    number_at: NDArray[np.int32],
    offsets: Positions,
    axes: Float,
    tangents: Float,
    cosines: Cosines,
) -> NDArray[np.int32]:
    """Return for every ridge sample the number of the first one that it is joined to.

    Parameters
    ----------
    attitude
        Code of the normal at every sample of a block.
    positions
        The samples on ridges, in order, shape (n, 3).
    number_at
        Row of each in ``positions``, -1 elsewhere; the shape of the block.
    offsets
        Displacements to the neighbours that come later, shape (m, 3).
    axes, tangents
        By code: unit normals in metres, and the normals per sample over their largest component.
    cosines
        Of the largest angles between normals of one surface.
    """
    parents = np.arange(positions.shape[0]).astype(np.int32)
    n0, n1, n2 = attitude.shape
    for number in range(positions.shape[0]):
        i, j, k = positions[number]
        for other in range(offsets.shape[0]):
            a, b, c = i + offsets[other, 0], j + offsets[other, 1], k + offsets[other, 2]
            if a < 0 or b < 0 or c < 0 or a >= n0 or b >= n1 or c >= n2:
                continue
            neighbor = number_at[a, b, c]
            if neighbor < 0:
                continue
            here, there = _root(parents, number), _root(parents, neighbor)
            if here != there and _belong(
                attitude[i, j, k], attitude[a, b, c], offsets[other], axes, tangents, cosines
            ):
                parents[max(here, there)] = min(here, there)
    for number in range(positions.shape[0]):
        parents[number] = _root(parents, number)
    return parents


@njit(cache=True, nogil=True)
def pairs_across(
    attitude: NDArray[np.uint16],
    positions: Positions,
    segment: NDArray[np.int32],
    owner: NDArray[np.int8],
    offsets: Positions,
    axes: Float,
    tangents: Float,
    cosines: Cosines,
) -> NDArray[np.int64]:
    """Return the joined samples of different owners as rows of (owner, segment, owner, segment).

    Parameters
    ----------
    attitude, positions, offsets, axes, tangents, cosines
        As in `join`.
    segment
        Number within its owner, 0 for none.
    owner
        Which tile a trace belongs to, shape of the first two axes.
    """
    pairs, count = np.empty((64, 4), np.int64), 0
    n0, n1, n2 = attitude.shape
    for number in range(positions.shape[0]):
        i, j, k = positions[number]
        for other in range(offsets.shape[0]):
            a, b, c = i + offsets[other, 0], j + offsets[other, 1], k + offsets[other, 2]
            if a < 0 or b < 0 or c < 0 or a >= n0 or b >= n1 or c >= n2:
                continue
            if segment[a, b, c] == 0 or owner[i, j] == owner[a, b]:
                continue
            if _belong(
                attitude[i, j, k], attitude[a, b, c], offsets[other], axes, tangents, cosines
            ):
                if count == pairs.shape[0]:
                    pairs = np.concatenate((pairs, pairs))
                pairs[count, 0], pairs[count, 1] = owner[i, j], segment[i, j, k]
                pairs[count, 2], pairs[count, 3] = owner[a, b], segment[a, b, c]
                count += 1
    return pairs[:count]
