"""Areas that cells and discs have in common, and the kernel that sums them over periods."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]


def _strip_area(low: Float, high: Float, y: Float, radius: float) -> Float:
    """Return the signed area between the x axis and y within a disc at the origin, x in low..high.

    The integrand is y held between the lower and the upper half of the circle: a rectangle where the
    circle is farther from the axis than y, caps of the circle elsewhere.
    """

    def under_circle(x: Float) -> Float:
        root = np.sqrt(np.maximum(radius**2 - x**2, 0.0))
        return 0.5 * (x * root + radius**2 * np.arcsin(np.clip(x / radius, -1.0, 1.0)))

    low, high = np.clip(low, -radius, radius), np.clip(high, -radius, radius)
    half_chord = np.sqrt(np.maximum(radius**2 - y**2, 0.0))
    left, right = np.clip(-half_chord, low, high), np.clip(half_chord, low, high)
    caps = under_circle(left) - under_circle(low) + under_circle(high) - under_circle(right)
    return np.asarray(y * (right - left) + np.sign(y) * caps)


def cell_disc_area(
    x0: ArrayLike, x1: ArrayLike, y0: ArrayLike, y1: ArrayLike, radius_m: float
) -> Float:
    """Return the area that rectangles share with a disc centred at the origin.

    Parameters
    ----------
    x0, x1, y0, y1
        Sides of the rectangles, metres, ``x0 <= x1`` and ``y0 <= y1``; they broadcast.
    radius_m
        Radius of the disc, metres.

    Returns
    -------
    ndarray of float64
        Square metres, in the shape that the sides broadcast to.
    """
    left, right, bottom, top = np.broadcast_arrays(
        *(np.asarray(side, np.float64) for side in (x0, x1, y0, y1))
    )
    return _strip_area(left, right, top, radius_m) - _strip_area(left, right, bottom, radius_m)


def disc_kernel(
    radius_m: float,
    *,
    periods: int,
    growth_m: float,
    cell_width_m: float,
    cell_height_m: float,
    largest: tuple[int, int],
) -> Float:
    """Return the cell-disc areas of a well in the middle of a cell, summed over the periods.

    A map correlated with it gives what a well in each cell would collect alone.

    Parameters
    ----------
    radius_m, periods, growth_m
        Radius in period 0, number of periods, gain of the radius after each, metres.
    cell_width_m, cell_height_m
        Size of a cell.
    largest
        Rows and columns of the map: no offset between two of its cells is larger, so the kernel is
        cut there, however far the circle reaches.

    Returns
    -------
    ndarray of float64, shape (2 * a + 1, 2 * b + 1)
        Square metres; the well is in the middle.
    """
    last = radius_m + (periods - 1) * growth_m
    rows = min(math.ceil(last / cell_height_m + 0.5), largest[0]) + 1
    columns = min(math.ceil(last / cell_width_m + 0.5), largest[1]) + 1
    y = (np.arange(rows)[:, None] - 0.5) * cell_height_m
    x = (np.arange(columns)[None, :] - 0.5) * cell_width_m
    quarter = np.zeros((rows, columns))
    for period in range(periods):
        radius = radius_m + period * growth_m
        quarter += cell_disc_area(x, x + cell_width_m, y, y + cell_height_m, radius)
    upper = np.concatenate([quarter[:, :0:-1], quarter], axis=1)
    return np.concatenate([upper[:0:-1], upper], axis=0)
