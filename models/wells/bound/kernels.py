"""Compiled loop of the bound: what discs in many boxes collect at most."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]


# Sums may be taken in any order: that is what their rounding is accounted for.
@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def most_in_boxes(
    prices: Float,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    area: Float,
    by_x: Float,
    by_y: Float,
    halves: tuple[float, float],
) -> Float:
    """Return the bound of each box that a kernel describes, one in each given cell.

    All terms of the first sum are positive, so its relative error is below their number times that of
    one addition.
    """
    most = np.empty(rows.size)
    a, b = area.shape[0] // 2, area.shape[1] // 2
    for box in range(rows.size):
        row, column = rows[box], columns[box]
        left = b + max(-b, -column)
        right = b + min(b, prices.shape[1] - 1 - column) + 1
        total = along_x = along_y = 0.0
        for i in range(max(-a, -row), min(a, prices.shape[0] - 1 - row) + 1):
            # Slices from 0 on: indices that might be negative would keep the loop from vector units.
            line = prices[row + i, column - b + left : column - b + right]
            areas, slopes_x = area[a + i, left:right], by_x[a + i, left:right]
            slopes_y = by_y[a + i, left:right]
            for j in range(line.size):
                price = line[j]
                total += price * areas[j]
                along_x += price * slopes_x[j]
                along_y += price * slopes_y[j]
        most[box] = total + abs(along_x) * halves[0] + abs(along_y) * halves[1]
    return most
