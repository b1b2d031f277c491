"""A short climb on the exact gradient, compiled as a whole: what a step of the search does most of.

Limited-memory BFGS within boxes: variables at a side of their box that the gradient pushes against
stay there, a step is cut where it leaves the box and halved until it gains enough. For a climb of
hundreds of iterations `models.wells.polish` has a better method; here calls would cost more than they do.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.wells.kernels import BY_X, BY_Y, VALUE, Grid, integrate

Float = NDArray[np.float64]

MEMORY = 8
"""Steps that the curvature is learned from."""

FIRST = 0.1
"""Length of the first step along any axis, in the unit of length."""

ENOUGH_GAIN = 1e-4
"""A step has to gain this part of what the slope promises (Armijo)."""

HALVINGS = 8
"""A step is halved as often at most."""

LAST_GAIN = 1e-8
"""A step that gains less than this part of the value is the last."""


@njit(cache=True, nogil=True)
def slope_at(
    grid: Grid, place: Float, radii: Float, weights: Float, length: float
) -> tuple[float, Float]:
    """Return the value of wells at x, y (all x first, in units of length), and its gradient."""
    wells = radii.shape[0]
    order = np.argsort(place[:wells])
    x, y = place[:wells][order] * length, place[wells:][order] * length
    sums, _ = integrate(grid, x, y, radii[order], weights, False)
    slope = np.empty(2 * wells)
    for at in range(wells):
        slope[order[at]] = sums[at, BY_X] * length
        slope[wells + order[at]] = sums[at, BY_Y] * length
    return sums[:, VALUE].sum(), slope


@njit(cache=True, nogil=True)
def uphill(slope: Float, moves: Float, bends: Float, count: int) -> Float:
    """Return the direction of the quasi-Newton step: the two loops of L-BFGS."""
    direction = slope.copy()
    held = min(count, MEMORY)
    parts = np.empty(held)
    for back in range(held):
        at = (count - 1 - back) % MEMORY
        parts[back] = np.dot(moves[at], direction) / np.dot(moves[at], bends[at])
        direction -= parts[back] * bends[at]
    if held:
        at = (count - 1) % MEMORY
        direction *= np.dot(moves[at], bends[at]) / np.dot(bends[at], bends[at])
    else:
        direction *= FIRST / max(np.abs(direction).max(), 1e-300)
    for back in range(held - 1, -1, -1):
        at = (count - 1 - back) % MEMORY
        part = np.dot(bends[at], direction) / np.dot(moves[at], bends[at])
        direction += (parts[back] - part) * moves[at]
    return direction


@njit(cache=True, nogil=True)
def climb(
    grid: Grid,
    place: Float,
    radii: Float,
    weights: Float,
    box: tuple[Float, Float],
    length: float,
    iterations: int,
) -> tuple[Float, float]:
    """Climb from a place within a box.

    Parameters
    ----------
    grid
        The map.
    place
        All x, then all y, in units of length, within the box.
    radii
        Shape (wells, periods), metres.
    weights
        What each period counts.
    box
        Least and largest place; where both are equal a well stays.
    length
        Metres, about as far as the value bends.
    iterations
        Steps at most.

    Returns
    -------
    place, value
        Of the last step that gained.

    References
    ----------
    Nocedal, J. (1980). Updating quasi-Newton matrices with limited storage. Mathematics of
    Computation, 35, 773-782. https://doi.org/10.1090/S0025-5718-1980-0572855-7
    """
    (low, high), count = box, 0
    place = place.copy()
    moves, bends = np.zeros((MEMORY, place.size)), np.zeros((MEMORY, place.size))
    value, slope = slope_at(grid, place, radii, weights, length)
    for _ in range(iterations):
        held = ((place <= low) & (slope < 0)) | ((place >= high) & (slope > 0)) | (low >= high)
        free = np.where(held, 0.0, slope)
        direction = np.where(held, 0.0, uphill(free, moves, bends, count))
        if np.dot(direction, free) <= 0.0:
            count = 0
            direction = uphill(free, moves, bends, count)
        gained, step = 0.0, 1.0
        for _ in range(HALVINGS):
            tried = np.minimum(np.maximum(place + step * direction, low), high)
            there, then = slope_at(grid, tried, radii, weights, length)
            if there > value + ENOUGH_GAIN * max(np.dot(free, tried - place), 0.0):
                gained = there - value
                break
            step *= 0.5
        if gained <= 0.0:
            if count == 0:
                break
            # What was learned of the curvature no longer holds.
            count = 0
            continue
        move, bend = tried - place, slope - then
        if np.dot(move, bend) > 1e-10 * np.dot(bend, bend) > 0.0:
            moves[count % MEMORY], bends[count % MEMORY] = move, bend
            count += 1
        place, value, slope = tried, there, then
        if gained <= LAST_GAIN * abs(value):
            break
    return place, value
