"""Compiled loop of the shares: every arc of every circle, once."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.wells.kernels import (
    FULL_TURN,
    VALUE,
    Float,
    Grid,
    cover_by,
    neighbours_of,
    walk_arc,
    widest_of,
)


@njit(cache=True, nogil=True)
def part_of(wells: int, existing: int) -> float:
    """Return what part of its value ground gives to each of the wells above it."""
    return 1.0 / wells if wells > 0 and existing == 0 else 0.0


@njit(cache=True, nogil=True)
def share_out(
    grid: Grid, x: Float, y: Float, radii: Float, weights: Float,
    several: NDArray[np.int64], fixed: NDArray[np.bool_],
) -> Float:  # fmt: skip
    """Return what each well collects where ground under k circles gives each of them a k-th.

    The share of a well is worth 1/k of the value where it is one of k, so it jumps at every arc: by
    1/k at its own, by 1/k - 1/(k - 1) at one of another circle within it. Along a circle the jumps are
    summed up once; what another circle covers of it is the difference between two states of the sum.
    Circles that hide each other are nested by `cover_by`, which comes to the same.

    Parameters
    ----------
    grid, x, y, radii, weights
        As for `integrate`; no two circles alike.
    several
        How many wells stand for each circle; the share returned is that of one of them.
    fixed
        Which circles are of existing wells: ground under them gives nothing.
    """
    shares = np.zeros(x.size)
    reach = widest_of(radii)
    widest = reach.max()
    arc, entered = np.zeros(4), np.zeros(x.size)
    for i in range(x.size):
        near = neighbours_of(i, x, y, reach, widest)
        angles, owners = np.empty(4 * near.size + 1), np.empty(4 * near.size + 1, np.int64)
        own, old = (0, several[i]) if fixed[i] else (several[i], 0)
        for period in range(weights.size):
            if radii[i, period] <= 0.0:
                continue
            circle, count = (x[i], y[i], radii[i, period]), 0
            for j in near:
                other = (x[j], y[j], radii[j, period])
                count = cover_by(circle, other, j < i, j, count, angles, owners)
            angles[count], owners[count] = FULL_TURN, 0
            wells, existing, at, jumps = 0, 0, 0.0, 0.0
            for event in np.argsort(angles[: count + 1]):
                if angles[event] > at:
                    arc[:] = 0.0
                    walk_arc(grid, circle, at, angles[event], arc)
                    value = weights[period] * arc[VALUE]
                    inside = part_of(wells + own, existing + old)
                    if not fixed[i]:
                        shares[i] += value * inside
                    jumps += value * (inside - part_of(wells, existing))
                    at = angles[event]
                owner = abs(owners[event]) - 1
                if owners[event] == 0:
                    continue
                change = several[owner] if owners[event] > 0 else -several[owner]
                if fixed[owner]:
                    existing += change
                else:
                    wells += change
                if owners[event] > 0:
                    entered[owner] = jumps
                elif not fixed[owner]:
                    shares[owner] += jumps - entered[owner]
    return shares
