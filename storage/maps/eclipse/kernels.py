"""The compiled loop that draws the columns of a grid on a regular one."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def draw(
    corners: NDArray[np.float64], values: NDArray[np.float64], out: NDArray[np.float64]
) -> None:
    """Give every cell of a raster the value of the column that its centre lies in.

    Parameters
    ----------
    corners
        Corners of the columns in their order round them, shape (n, 4, 2), in cells of the raster: its
        outer corner is 0, 0.
    values
        Of the columns.
    out
        Output, shape (rows, columns); cells in no column stay as they are.
    """
    rows, columns = out.shape
    for n in range(values.size):
        ring = corners[n]
        first = max(0, int(np.ceil(ring[:, 1].min() - 0.5)))
        last = min(rows - 1, int(np.floor(ring[:, 1].max() - 0.5)))
        left = max(0, int(np.ceil(ring[:, 0].min() - 0.5)))
        right = min(columns - 1, int(np.floor(ring[:, 0].max() - 0.5)))
        for row in range(first, last + 1):
            y = row + 0.5
            for column in range(left, right + 1):
                x, inside = column + 0.5, False
                for a in range(4):
                    b = (a + 1) % 4
                    if (ring[a, 1] > y) != (ring[b, 1] > y):
                        part = (y - ring[a, 1]) / (ring[b, 1] - ring[a, 1])
                        if x < ring[a, 0] + part * (ring[b, 0] - ring[a, 0]):
                            inside = not inside
                if inside:
                    out[row, column] = values[n]
