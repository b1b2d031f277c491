"""Compiled loops over the few samples that may lie on a fault: their normals and the crests beside them.

Positions are whole samples and displacements are added to them at last, so an answer does not depend on
where a tile begins, to the bit. Blocks are flat here: with three indices a sample the loops take twice as
long.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Probability = NDArray[np.float32]
Positions = NDArray[np.int32]
Strides = tuple[int, int]
"""Places in a flat block from one sample to the next along its first and its second axis."""

FARTHEST = 3.0
"""Samples along its normal over which a sample looks for the crest of its ridge."""

ROUNDS = 4

MIXED = 0.1
"""Second over first eigenvalue from which a tensor is taken as that of two surfaces that meet."""

TURNS, BREADTH, LENGTH = 16, 6, 4
"""Planes tried through the line on which they meet, and samples that they reach across it and along it."""


@njit(cache=True, nogil=True)
def _slope(block: Probability, place: int, step: int) -> float:
    """Return twelve times the derivative along an axis, as well as what is live allows.

    With two neighbours to a side a ridge two or three samples wide is turned by a tenth of a degree, with
    one by three degrees towards the nearest axis (Fornberg, B., 1988, Mathematics of Computation, 51(184)).
    """
    here, before, after = block[place], block[place - step], block[place + step]
    best = 8.0 * (after - before) - (block[place + 2 * step] - block[place - 2 * step])
    if not math.isnan(best):
        return float(best)
    if not math.isnan(after - before):
        return float(6.0 * (after - before))
    if not math.isnan(after):
        return float(12.0 * (after - here))
    if not math.isnan(before):
        return float(12.0 * (here - before))
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
    if not spread > 1e-10:
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
def _interpolated(
    block: Probability, strides: Strides, place: int, x: float, y: float, z: float
) -> float:
    """Return the probability at a displacement from a sample, linear along every axis.

    What is not live takes no part; NaN where that is more than half of it.
    """
    fx, fy, fz = math.floor(x), math.floor(y), math.floor(z)
    x, y, z = x - fx, y - fy, z - fz
    corner = place + int(fx) * strides[0] + int(fy) * strides[1] + int(fz)
    total, live = 0.0, 0.0
    for a in range(2):
        wa = x if a else 1.0 - x
        for b in range(2):
            wb = wa * (y if b else 1.0 - y)
            at = corner + a * strides[0] + b * strides[1]
            for c in range(2):
                weight = wb * (z if c else 1.0 - z)
                value = block[at + c]
                if weight > 0.0 and not math.isnan(value):
                    total += weight * value
                    live += weight
    return total / live if live >= 0.5 else math.nan


@njit(cache=True, nogil=True)
def _second(tensor: Float, first: Float, second: Float) -> float:
    """Fill in the eigenvector of the second eigenvalue; return how large that is beside the first."""
    xx, yy, zz, xy, xz, yz = tensor
    # Any two directions across the first eigenvector, and the tensor in their plane.
    thin = 0 if abs(first[0]) < 0.7 else 1
    along = first[thin]
    u0, u1, u2 = -along * first[0], -along * first[1], -along * first[2]
    if thin == 0:
        u0 += 1.0
    else:
        u1 += 1.0
    length = math.sqrt(u0 * u0 + u1 * u1 + u2 * u2)
    u0, u1, u2 = u0 / length, u1 / length, u2 / length
    v0, v1, v2 = (
        first[1] * u2 - first[2] * u1,
        first[2] * u0 - first[0] * u2,
        first[0] * u1 - first[1] * u0,
    )
    t0, t1, t2 = (
        xx * u0 + xy * u1 + xz * u2,
        xy * u0 + yy * u1 + yz * u2,
        xz * u0 + yz * u1 + zz * u2,
    )
    uu, uv = u0 * t0 + u1 * t1 + u2 * t2, v0 * t0 + v1 * t1 + v2 * t2
    trace = xx + yy + zz
    t0, t1, t2 = (
        xx * v0 + xy * v1 + xz * v2,
        xy * v0 + yy * v1 + yz * v2,
        xz * v0 + yz * v1 + zz * v2,
    )
    vv = v0 * t0 + v1 * t1 + v2 * t2
    turn = 0.5 * math.atan2(2.0 * uv, uu - vv)
    cosine, sine = math.cos(turn), math.sin(turn)
    second[0], second[1], second[2] = (
        cosine * u0 + sine * v0,
        cosine * u1 + sine * v1,
        cosine * u2 + sine * v2,
    )
    larger = 0.5 * (uu + vv) + math.hypot(0.5 * (uu - vv), uv)
    return float(larger / (trace - uu - vv))


@njit(cache=True, nogil=True)
def _turn_to_one(
    block: Probability, strides: Strides, place: int, first: Float, second: Float, sums: Float
) -> None:
    """Turn a normal within the plane of two eigenvectors to that of the plane with most probability.

    Where two surfaces meet, the eigenvectors lie between their normals; the planes through the line on
    which they meet are tried, as all planes are by Hale (2013, Geophysics, 78(2), O33-O43).
    """
    line0 = first[1] * second[2] - first[2] * second[1]
    line1 = first[2] * second[0] - first[0] * second[2]
    line2 = first[0] * second[1] - first[1] * second[0]
    best = 0
    for turn in range(TURNS):
        cosine, sine = math.cos(math.pi * turn / TURNS), math.sin(math.pi * turn / TURNS)
        across0 = cosine * second[0] - sine * first[0]
        across1 = cosine * second[1] - sine * first[1]
        across2 = cosine * second[2] - sine * first[2]
        sums[turn] = 0.0
        for b in range(-BREADTH, BREADTH + 1, 2):
            for a in range(-LENGTH, LENGTH + 1, 4):
                x = a * line0 + b * across0
                y = a * line1 + b * across1
                z = a * line2 + b * across2
                value = _interpolated(block, strides, place, x, y, z) if b else 0.0
                if not math.isnan(value):
                    sums[turn] += value
        if sums[turn] > sums[best]:
            best = turn
    # A parabola through the best and its neighbours finds the angle between those tried.
    before, after = sums[(best - 1) % TURNS], sums[(best + 1) % TURNS]
    bend = before - 2.0 * sums[best] + after
    part = 0.5 * (before - after) / bend if bend < 0.0 else 0.0
    cosine, sine = (
        math.cos(math.pi * (best + part) / TURNS),
        math.sin(math.pi * (best + part) / TURNS),
    )
    for axis in range(3):
        first[axis] = cosine * first[axis] + sine * second[axis]


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
    normal, second, tensor, sums = np.zeros(3), np.zeros(3), np.zeros(6), np.zeros(TURNS)
    row, plane = probability.shape[2], probability.shape[1] * probability.shape[2]
    block = probability.ravel()
    for number in range(positions.shape[0]):
        i, j, k = positions[number]
        xx, yy, zz, xy, xz, yz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for tap in range(taps.shape[0]):
            c = (i + taps[tap, 0]) * plane + (j + taps[tap, 1]) * row + k + taps[tap, 2]
            x = 8.0 * (block[c + plane] - block[c - plane]) - (
                block[c + 2 * plane] - block[c - 2 * plane]
            )
            y = 8.0 * (block[c + row] - block[c - row]) - (block[c + 2 * row] - block[c - 2 * row])
            z = 8.0 * (block[c + 1] - block[c - 1]) - (block[c + 2] - block[c - 2])
            if math.isnan(x + y + z):
                if math.isnan(block[c]):
                    continue
                x, y, z = _slope(block, c, plane), _slope(block, c, row), _slope(block, c, 1)
            weight = weights[tap]
            xx += weight * x * x
            yy += weight * y * y
            zz += weight * z * z
            xy += weight * x * y
            xz += weight * x * z
            yz += weight * y * z
        tensor[0], tensor[1], tensor[2], tensor[3], tensor[4], tensor[5] = xx, yy, zz, xy, xz, yz
        if _principal(tensor, normal):
            if _second(tensor, normal, second) > MIXED:
                place = i * plane + j * row + k
                _turn_to_one(block, (plane, row), place, normal, second, sums)
            found[number] = normal
    return found


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
    strides = (probability.shape[1] * probability.shape[2], probability.shape[2])
    block = probability.ravel()
    for number in range(positions.shape[0]):
        i, j, k = positions[number]
        at = i * strides[0] + j * strides[1] + k
        x, y, z = normals[number]
        if math.isnan(x):
            continue
        offset = 0.0
        for _ in range(ROUNDS):
            lowest = math.inf
            for place in range(profile.size):
                t = offset + place - half_width
                value = _interpolated(block, strides, at, t * x, t * y, t * z)
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
