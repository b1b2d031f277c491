"""Compiled loops over the few samples that may lie on a fault: normals, ridges, links, sums.

Positions are whole samples and displacements are added to them at last, so an answer does not depend on
where a tile begins, to the bit; for the same reason sums are whole numbers.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Probability = NDArray[np.float32]
Positions = NDArray[np.int32]

FARTHEST = 3.0
"""Samples along its normal over which a sample looks for the crest of its ridge."""

ROUNDS = 4


@njit(cache=True, nogil=True)
def _slope(further: float, before: float, here: float, after: float, beyond: float) -> float:
    """Return the derivative at a sample of five in a row, as well as those that are live allow.

    With two neighbours to a side a ridge two or three samples wide is turned by a tenth of a degree, with
    one by three degrees towards the nearest axis (Fornberg, B., 1988, Mathematics of Computation, 51(184)).
    """
    best = (8.0 * (after - before) - (beyond - further)) / 12.0
    if not math.isnan(best):
        return best
    if not math.isnan(after - before):
        return 0.5 * (after - before)
    if not math.isnan(after):
        return after - here
    if not math.isnan(before):
        return here - before
    return 0.0


@njit(cache=True, nogil=True)
def _principal(tensor: Float, normal: Float) -> bool:
    """Fill in the unit eigenvector of the largest eigenvalue; False where there is none.

    ``tensor`` holds xx, yy, zz, xy, xz, yz. Smith, O. K. (1961). Eigenvalues of a symmetric 3 x 3 matrix.
    Communications of the ACM, 4(4), 168.
    """
    xx, yy, zz, xy, xz, yz = tensor
    mean = (xx + yy + zz) / 3.0
    x, y, z = xx - mean, yy - mean, zz - mean
    spread = math.sqrt((x * x + y * y + z * z + 2.0 * (xy * xy + xz * xz + yz * yz)) / 6.0)
    if not spread > 1e-12:
        return False
    det = x * (y * z - yz * yz) - xy * (xy * z - yz * xz) + xz * (xy * yz - y * xz)
    turn = math.acos(min(1.0, max(-1.0, 0.5 * det / spread**3))) / 3.0
    above = 2.0 * spread * math.cos(turn)
    x, y, z = x - above, y - above, z - above
    # The rows of (tensor - eigenvalue) span the plane across the eigenvector: the longest product wins.
    longest = 0.0
    for which in range(3):
        if which == 0:
            a, b, c = xy * yz - xz * y, xz * xy - x * yz, x * y - xy * xy
        elif which == 1:
            a, b, c = xy * z - xz * yz, xz * xz - x * z, x * yz - xy * xz
        else:
            a, b, c = y * z - yz * yz, yz * xz - xy * z, xy * yz - y * xz
        length = a * a + b * b + c * c
        if length > longest:
            longest = length
            normal[0], normal[1], normal[2] = a, b, c
    if not longest > 0.0:
        return False
    scale = 1.0 / math.sqrt(longest)
    for axis in range(3):
        normal[axis] *= scale
    return True


@njit(cache=True, nogil=True)
def normals_at(
    probability: Probability, positions: Positions, taps: Positions, weights: Float
) -> Float:
    """Return the unit normal of the ridge at every position, in samples, NaN where there is none.

    Parameters
    ----------
    probability
        NaN where not live; no tap and none of its neighbours lies outside.
    positions
        Whole samples, shape (n, 3).
    taps, weights
        Displacements over which the structure tensor is summed, shape (m, 3), and their weights.
    """
    found = np.full((positions.shape[0], 3), np.nan)
    normal, tensor = np.zeros(3), np.zeros(6)
    for number in range(positions.shape[0]):
        tensor[:] = 0.0
        for tap in range(taps.shape[0]):
            i = positions[number, 0] + taps[tap, 0]
            j = positions[number, 1] + taps[tap, 1]
            k = positions[number, 2] + taps[tap, 2]
            p = probability
            here = p[i, j, k]
            if math.isnan(here):
                continue
            x = _slope(p[i - 2, j, k], p[i - 1, j, k], here, p[i + 1, j, k], p[i + 2, j, k])
            y = _slope(p[i, j - 2, k], p[i, j - 1, k], here, p[i, j + 1, k], p[i, j + 2, k])
            z = _slope(p[i, j, k - 2], p[i, j, k - 1], here, p[i, j, k + 1], p[i, j, k + 2])
            weight = weights[tap]
            tensor[0] += weight * x * x
            tensor[1] += weight * y * y
            tensor[2] += weight * z * z
            tensor[3] += weight * x * y
            tensor[4] += weight * x * z
            tensor[5] += weight * y * z
        if _principal(tensor, normal):
            found[number] = normal
    return found


@njit(cache=True, nogil=True)
def _interpolated(
    probability: Probability, i: int, j: int, k: int, x: float, y: float, z: float
) -> float:
    """Return the probability at a displacement from a sample, linear along every axis."""
    fx, fy, fz = math.floor(x), math.floor(y), math.floor(z)
    x, y, z = x - fx, y - fy, z - fz
    i, j, k = i + int(fx), j + int(fy), k + int(fz)
    total = 0.0
    for a in range(2):
        wa = x if a else 1.0 - x
        for b in range(2):
            wb = wa * (y if b else 1.0 - y)
            for c in range(2):
                weight = wb * (z if c else 1.0 - z)
                if weight > 0.0:
                    total += weight * probability[i + a, j + b, k + c]
    return total


@njit(cache=True, nogil=True)
def crest_offsets(
    probability: Probability, positions: Positions, normals: Float, half_width: int
) -> Float:
    """Return how far the crest of the ridge lies from every position, samples along the normal.

    The centroid of a short profile is moved to, again and again, until it stays (mean shift: Comaniciu
    and Meer, 2002, IEEE Transactions on Pattern Analysis and Machine Intelligence, 24(5), 603-619).
    """
    offsets = np.full(positions.shape[0], np.nan)
    profile = np.zeros(2 * half_width + 1)
    for number in range(positions.shape[0]):
        i, j, k = positions[number]
        x, y, z = normals[number]
        if math.isnan(x):
            continue
        offset = 0.0
        for _ in range(ROUNDS):
            lowest = math.inf
            for place in range(profile.size):
                t = offset + place - half_width
                value = _interpolated(probability, i, j, k, t * x, t * y, t * z)
                profile[place] = value
                if not math.isnan(value):
                    lowest = min(lowest, value)
            mass, moment = 0.0, 0.0
            for place in range(profile.size):
                if not math.isnan(profile[place]):
                    mass += profile[place] - lowest
                    moment += (profile[place] - lowest) * (place - half_width)
            if not mass > 0.0:
                break
            offset += moment / mass
            if abs(offset) > FARTHEST or abs(moment) < 0.02 * mass:
                break
        offsets[number] = offset
    return offsets


@njit(cache=True, nogil=True)
def _root(parents: NDArray[np.int32], number: int) -> int:
    """Return the smallest number of a set; what was passed points nearer to it."""
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


@njit(cache=True, nogil=True)
def _belong(
    first: int, second: int, offset: Positions, axes: Float, tangents: Float, cosine: float
) -> bool:
    """Tell whether two samples with these attitudes lie on one surface."""
    dot = 0.0
    for axis in range(3):
        dot += axes[first, axis] * axes[second, axis]
    if abs(dot) < cosine:
        return False
    if max(abs(offset[0]), abs(offset[1]), abs(offset[2])) == 1:
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
    cosine: float,
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
    cosine
        Of the largest angle between normals of one surface.
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
                attitude[i, j, k], attitude[a, b, c], offsets[other], axes, tangents, cosine
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
    cosine: float,
) -> NDArray[np.int64]:
    """Return the joined samples of different owners as rows of (owner, segment, owner, segment).

    Parameters
    ----------
    attitude, positions, offsets, axes, tangents, cosine
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
                attitude[i, j, k], attitude[a, b, c], offsets[other], axes, tangents, cosine
            ):
                if count == pairs.shape[0]:
                    pairs = np.concatenate((pairs, pairs))
                pairs[count, 0], pairs[count, 1] = owner[i, j], segment[i, j, k]
                pairs[count, 2], pairs[count, 3] = owner[a, b], segment[a, b, c]
                count += 1
    return pairs[:count]
