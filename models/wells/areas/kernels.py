"""Compiled loops of areas: how far inside of a polygon a point is, and what a disc covers of cells."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]


@njit(cache=True, nogil=True)
def nearest_on(edge: Float, x: float, y: float) -> tuple[float, float]:
    """Return the point of an edge x0, y0, x1, y1 that is nearest to a point."""
    along_x, along_y = edge[2] - edge[0], edge[3] - edge[1]
    square = along_x * along_x + along_y * along_y
    part = 0.0
    if square > 0.0:
        part = ((x - edge[0]) * along_x + (y - edge[1]) * along_y) / square
        part = min(1.0, max(0.0, part))
    return edge[0] + part * along_x, edge[1] + part * along_y


@njit(cache=True, nogil=True)
def inside_by(
    points: Float, edges: Float, first: NDArray[np.int64], boxes: Float
) -> tuple[Float, Float]:
    """Return how far each point is inside the polygon it is deepest in, and the nearest point of its edge.

    Parameters
    ----------
    points
        Shape (n, 2).
    edges
        Shape (k, 4): x0, y0, x1, y1; all rings of one polygon stand together. A point is inside where a
        line from it crosses an odd number of them, so rings in a ring are holes.
    first
        Number of the first edge of each polygon, and k.
    boxes
        Lowest x and y, highest x and y of each polygon, shape (polygons, 4).

    Returns
    -------
    depth of shape (n,)
        Distance to the edge, negative outside of all polygons.
    nearest of shape (n, 2)
        Where that is.
    """
    depth, nearest = np.empty(len(points)), np.empty((len(points), 2))
    for at in range(len(points)):
        x, y = points[at]
        best, best_x, best_y = -np.inf, np.nan, np.nan
        for polygon in range(len(boxes)):
            low_x, low_y, high_x, high_y = boxes[polygon]
            beside = max(low_x - x, x - high_x, low_y - y, y - high_y)
            # No point is deeper in this polygon than in its box.
            if -beside <= best:
                continue
            odd, least, on_x, on_y = False, np.inf, np.nan, np.nan
            for number in range(first[polygon], first[polygon + 1]):
                edge = edges[number]
                if (edge[1] > y) != (edge[3] > y):
                    slope = (edge[2] - edge[0]) / (edge[3] - edge[1])
                    odd ^= x < edge[0] + slope * (y - edge[1])
                near_x, near_y = nearest_on(edge, x, y)
                square = (near_x - x) ** 2 + (near_y - y) ** 2
                if square < least:
                    least, on_x, on_y = square, near_x, near_y
            found = math.sqrt(least) if odd else -math.sqrt(least)
            if found > best:
                best, best_x, best_y = found, on_x, on_y
        depth[at] = best
        nearest[at] = best_x, best_y
    return depth, nearest


@njit(cache=True, nogil=True)
def fill_polygon(
    inside: NDArray[np.bool_], edges: Float, box: Float, width: float, height: float
) -> None:
    """Mark the cells whose centre is inside a polygon, by where each row of centres crosses its edges.

    A centre is inside by the same crossings as in `inside_by`.

    Parameters
    ----------
    inside
        Shape (rows, columns); others are left as they are.
    edges
        Of all rings of the polygon, shape (k, 4): x0, y0, x1, y1.
    box
        Its lowest x and y, highest x and y.
    width, height
        Size of a cell.
    """
    rows, columns = float(inside.shape[0]), float(inside.shape[1])
    top, bottom = box[1] / height - 1.0, box[3] / height + 1.0
    left, right = box[0] / width - 1.0, box[2] / width + 1.0
    crossings = np.empty(len(edges))
    for row in range(int(min(max(top, 0.0), rows)), int(min(max(bottom, 0.0), rows))):
        y, count = (row + 0.5) * height, 0
        for number in range(len(edges)):
            edge = edges[number]
            if (edge[1] > y) != (edge[3] > y):
                slope = (edge[2] - edge[0]) / (edge[3] - edge[1])
                crossings[count] = edge[0] + slope * (y - edge[1])
                count += 1
        crossed = np.sort(crossings[:count])
        # With so many crossings to the right as are not passed yet.
        passed = 0
        for column in range(int(min(max(left, 0.0), columns)), int(min(max(right, 0.0), columns))):
            x = (column + 0.5) * width
            while passed < count and crossed[passed] <= x:
                passed += 1
            if (count - passed) % 2 == 1:
                inside[row, column] = True


@njit(cache=True, nogil=True)
def mark_near(
    near: NDArray[np.bool_], edges: Float, distance: float, width: float, height: float
) -> None:
    """Mark all cells whose centre is no farther than a distance from an edge, and some beside them.

    Parameters
    ----------
    near
        Shape (rows, columns); others are left as they are.
    edges
        Shape (k, 4): x0, y0, x1, y1.
    distance
        Not negative, metres.
    width, height
        Size of a cell.
    """
    rows, columns = near.shape
    for number in range(len(edges)):
        x0, y0, x1, y1 = edges[number]
        first = min(max((min(y0, y1) - distance) / height - 1.5, 0.0), float(rows))
        last = min(max((max(y0, y1) + distance) / height + 1.5, 0.0), float(rows))
        for row in range(int(first), int(last)):
            y = (row + 0.5) * height
            # The part of the edge that is no farther up or down: nothing else of it is near this row.
            low, high = 0.0, 1.0
            if y0 != y1:
                one, two = (y - distance - y0) / (y1 - y0), (y + distance - y0) / (y1 - y0)
                low, high = max(low, min(one, two)), min(high, max(one, two))
            low, high = min(low, 1.0), max(high, 0.0)
            left = min(x0 + low * (x1 - x0), x0 + high * (x1 - x0)) - distance
            right = max(x0 + low * (x1 - x0), x0 + high * (x1 - x0)) + distance
            begin = min(max(left / width - 1.5, 0.0), float(columns))
            end = min(max(right / width + 1.5, 0.0), float(columns))
            near[row, int(begin) : int(end)] = True


@njit(cache=True, nogil=True)
def take_disc(
    left: NDArray[np.float32], x: float, y: float, radius: float, width: float, height: float
) -> None:
    """Take off what a disc about x, y covers, metres from the outer corner of cell 0, 0."""
    reach, side = radius + max(width, height), np.sqrt(width * height)
    for row in range(
        max(0, int((y - reach) / height)), min(left.shape[0], int((y + reach) / height) + 1)
    ):
        up = (row + 0.5) * height - y
        for column in range(
            max(0, int((x - reach) / width)), min(left.shape[1], int((x + reach) / width) + 1)
        ):
            across = (column + 0.5) * width - x
            within = 0.5 + (radius - np.sqrt(up * up + across * across)) / side
            left[row, column] *= np.float32(1.0 - min(max(within, 0.0), 1.0))
