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
        left = max(-b, -column)
        right = min(b, prices.shape[1] - 1 - column)
        total = along_x = along_y = 0.0
        for i in range(max(-a, -row), min(a, prices.shape[0] - 1 - row) + 1):
            for j in range(left, right + 1):
                price = prices[row + i, column + j]
                total += price * area[a + i, b + j]
                along_x += price * by_x[a + i, b + j]
                along_y += price * by_y[a + i, b + j]
        most[box] = total + abs(along_x) * halves[0] + abs(along_y) * halves[1]
    return most
