"""What one disc can collect at most when its centre moves within a small box, cell by cell.

The area a(x) that a cell shares with a disc centred at x is, by the inequality of Brunn and Minkowski,
the square of a concave function, so it lies under the tangent of its root: with d the largest of
gradient times move, a(x) <= a + gradient * (x - centre) + d^2 / (4 a). The gradient is the difference
of the lengths that opposite sides of the cell have within the disc. The middle term is summed over the
cells before its sign is dropped: that makes the bound one of second order in the size of the box.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.wells.disc import cell_disc_area
from models.wells.objective import ValueMap

Float = NDArray[np.float64]

ROUNDING = 1e-14
"""Error of a cell's area, in squared radii: some sums and angles of terms no larger than that."""


OUTSET = 1e-10
"""Added in proportion at least: sums over a map, whose parts are summed before they are put together."""


@dataclass(frozen=True, slots=True)
class BoxKernel:
    """Areas and their gradients for the cells around a well, summed over the periods by weight.

    Attributes
    ----------
    area
        Area at the box's centre plus the second-order term, square metres; the cell that holds the
        well is in the middle.
    by_x, by_y
        Gradient of the areas at the centre, metres.
    half_x, half_y
        Half sides of the box, metres.
    """

    area: Float
    by_x: Float
    by_y: Float
    half_x: float
    half_y: float

    def mirrored(self, x: bool, y: bool) -> "BoxKernel":
        """Return the kernel of the box on the other side of the cell's centre."""
        step_x, step_y = (-1 if x else 1), (-1 if y else 1)
        area, by_x, by_y = (
            field[::step_y, ::step_x] for field in (self.area, self.by_x, self.by_y)
        )
        return BoxKernel(area, step_x * by_x, step_y * by_y, self.half_x, self.half_y)


def box_kernel(
    value_map: ValueMap,
    radii_m: Float,
    weights: Float,
    part: int,
    offset: tuple[float, float],
) -> BoxKernel:
    """Return the kernel of a box within a cell.

    Parameters
    ----------
    value_map
        The cells.
    radii_m, weights
        Radius in every period, metres, 0 before the well begins, and what the period counts.
    part
        The box's sides are so many times smaller than the cell's.
    offset
        Centre of the box x, y from the centre of the cell, in cells.
    """
    width, height = value_map.cell_width_m, value_map.cell_height_m
    half_x, half_y = width / part / 2, height / part / 2
    wider = float(np.hypot(half_x, half_y))
    last = float(np.max(radii_m)) + wider
    rows, columns = _reach(last, value_map.values.shape, (width, height))
    left = (np.arange(-columns, columns + 1, dtype=np.float64) - 0.5 - offset[0])[None, :] * width
    bottom = (np.arange(-rows, rows + 1, dtype=np.float64) - 0.5 - offset[1])[:, None] * height
    right, top = left + width, bottom + height
    total = np.zeros((2 * rows + 1, 2 * columns + 1))
    by_x, by_y = np.zeros_like(total), np.zeros_like(total)
    for radius, weight in zip(radii_m, weights, strict=True):
        if radius <= 0:
            continue
        slack = ROUNDING * radius**2
        area = np.maximum(cell_disc_area(left, right, bottom, top, radius), 0.0)
        grown = cell_disc_area(left, right, bottom, top, radius + wider)
        slope_x = _within(left, bottom, top, radius) - _within(right, bottom, top, radius)
        slope_y = _within(bottom, left, right, radius) - _within(top, left, right, radius)
        move = np.abs(slope_x) * half_x + np.abs(slope_y) * half_y
        tangent = move**2 / (4 * np.maximum(area - slack, slack))
        capped = np.minimum(grown, width * height) - area + move
        # A cell hardly touched has no tangent to speak of; there and elsewhere the disc that holds
        # all discs of the box is a bound as well, and so is the cell.
        beyond = np.where(area > 2 * slack, np.minimum(tangent, capped), capped)
        touched = (grown > -slack) & (move + grown > 0)
        total += weight * np.where(touched, area + np.maximum(beyond, 0.0) + slack, 0.0)
        by_x += weight * slope_x
        by_y += weight * slope_y
    return BoxKernel(total, by_x, by_y, half_x, half_y)


def cells_under(radius_m: float, shape: tuple[int, ...], cell_m: tuple[float, float]) -> int:
    """Return how many cells a box kernel has at most, whatever the size of the box within its cell.

    Parameters
    ----------
    radius_m
        The largest radius, metres.
    shape
        Rows and columns of the map.
    cell_m
        Width and height of a cell, metres.
    """
    rows, columns = _reach(radius_m + float(np.hypot(*cell_m)) / 2, shape, cell_m)
    return (2 * rows + 1) * (2 * columns + 1)


def outset_of(radius_m: float, shape: tuple[int, ...], cell_m: tuple[float, float]) -> float:
    """Return what is to be added to a bound, in proportion, for the rounding of its sums.

    A sum of n positive products errs by less than n units in proportion, and so does that of the slopes
    of a box kernel, whose absolute values times half the box are no larger than the areas. Twice their
    sum is added.

    Parameters
    ----------
    radius_m
        The largest radius of a well, metres.
    shape
        Rows and columns of the map.
    cell_m
        Width and height of a cell, metres.
    """
    terms = cells_under(radius_m, shape, cell_m)
    return max(OUTSET, 4 * terms * float(np.finfo(np.float64).eps))


def _reach(
    radius_m: float, shape: tuple[int, ...], cell_m: tuple[float, float]
) -> tuple[int, int]:
    """Return rows and columns from the cell of a centre to the farthest that its circle may touch."""
    width, height = cell_m
    return min(int(radius_m / height) + 2, shape[0]), min(int(radius_m / width) + 2, shape[1])


def _within(across: Float, low: Float, high: Float, radius: float) -> Float:
    """Return the length that a side has within the disc."""
    half = np.sqrt(np.maximum((radius - across) * (radius + across), 0.0))
    return np.asarray(np.maximum(np.minimum(high, half) - np.maximum(low, -half), 0.0))
