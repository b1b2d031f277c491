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
)


@njit(cache=True, nogil=True)
def share_out(
    grid: Grid, x: Float, y: Float, radii: Float, growth: float, periods: int,
    several: NDArray[np.int64],
) -> Float:  # fmt: skip
    """Return what each well collects where ground under k circles gives each of them a k-th.

    The share of a well is worth 1/k of the value where it is one of k, so it jumps at every arc: by
    1/k at its own, by 1/k - 1/(k - 1) at one of another circle within it. Along a circle the jumps are
    summed up once; what another circle covers of it is the difference between two states of the sum.
    Circles that hide each other are nested by `cover_by`, which comes to the same.

    Parameters
    ----------
    grid, x, y, radii, growth, periods
        As for `integrate`; no two circles alike.
    several
        How many wells stand for each circle; the share returned is that of one of them.
    """
    shares = np.zeros(x.size)
    reach = radii + (periods - 1) * growth
    widest = reach.max()
    arc, entered = np.zeros(4), np.zeros(x.size)
    for i in range(x.size):
        near = neighbours_of(i, x, y, reach, widest)
        angles, owners = np.empty(4 * near.size + 1), np.empty(4 * near.size + 1, np.int64)
        for period in range(periods):
            grown = period * growth
            circle, count = (x[i], y[i], radii[i] + grown), 0
            for j in near:
                other = (x[j], y[j], radii[j] + grown)
                count = cover_by(circle, other, j < i, j, count, angles, owners)
            angles[count], owners[count] = FULL_TURN, 0
            outside, at, jumps = 0, 0.0, 0.0
            for event in np.argsort(angles[: count + 1]):
                if angles[event] > at:
                    arc[:] = 0.0
                    walk_arc(grid, circle, at, angles[event], arc)
                    inside = outside + several[i]
                    shares[i] += arc[VALUE] / inside
                    if outside > 0:
                        jumps += arc[VALUE] * (1.0 / inside - 1.0 / outside)
                    at = angles[event]
                owner = abs(owners[event]) - 1
                if owners[event] > 0:
                    outside += several[owner]
                    entered[owner] = jumps
                elif owners[event] < 0:
                    outside -= several[owner]
                    shares[owner] += jumps - entered[owner]
    return shares
