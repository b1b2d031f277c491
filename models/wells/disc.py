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
        # An arc sine, and a difference of squares, would lose half of the digits where x nears radius.
        root = np.sqrt((radius - x) * (radius + x))
        return 0.5 * (x * root + radius**2 * np.arctan2(x, root))

    low, high = np.clip(low, -radius, radius), np.clip(high, -radius, radius)
    half_chord = np.sqrt(np.maximum((radius - y) * (radius + y), 0.0))
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
    radii_m: Float,
    weights: Float,
    *,
    cell_width_m: float,
    cell_height_m: float,
    largest: tuple[int, int],
) -> Float:
    """Return the cell-disc areas of a well in the middle of a cell, summed over the periods by weight.

    A map correlated with it gives what a well in each cell would collect alone.

    Parameters
    ----------
    radii_m, weights
        Radius in every period, metres, 0 before the well begins, and what the period counts.
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
    last = float(np.max(radii_m))
    rows = min(math.ceil(last / cell_height_m + 0.5), largest[0]) + 1
    columns = min(math.ceil(last / cell_width_m + 0.5), largest[1]) + 1
    y = (np.arange(rows)[:, None] - 0.5) * cell_height_m
    x = (np.arange(columns)[None, :] - 0.5) * cell_width_m
    quarter = np.zeros((rows, columns))
    for radius, weight in zip(radii_m, weights, strict=True):
        if radius > 0:
            area = cell_disc_area(x, x + cell_width_m, y, y + cell_height_m, float(radius))
            quarter += weight * area
    upper = np.concatenate([quarter[:, :0:-1], quarter], axis=1)
    return np.concatenate([upper[:0:-1], upper], axis=0)


def cells_within(
    centre_m: Float,
    distance_m: float,
    shape: tuple[int, ...],
    cell_width_m: float,
    cell_height_m: float,
) -> tuple[slice, slice, NDArray[np.bool_]]:
    """Return the cells whose centres are nearer to a point than a distance.

    Parameters
    ----------
    centre_m
        x and y from the outer corner of cell 0, 0, metres.
    distance_m
        The distance, metres.
    shape
        Rows and columns of the grid.
    cell_width_m, cell_height_m
        Size of a cell.

    Returns
    -------
    rows, columns
        A rectangle of the grid that holds them.
    within
        Which cells of it they are.
    """
    spans, away = [], []
    for at, cell, count in zip(centre_m, (cell_width_m, cell_height_m), shape[::-1], strict=True):
        low, high = np.floor((at - distance_m) / cell), np.ceil((at + distance_m) / cell)
        span = slice(int(np.clip(low, 0, count)), int(np.clip(high, 0, count)))
        spans.append(span)
        away.append((np.arange(span.start, span.stop) + 0.5) * cell - at)
    return spans[1], spans[0], np.hypot(away[0][None, :], away[1][:, None]) < distance_m
