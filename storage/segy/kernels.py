"""Compiled loops over SEG-Y samples."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

# IBM System/360 single precision: sign bit, 7 bits exponent of 16 biased by 64, 24 bits fraction.
# One table entry for each first byte: sign and scale at once. float64, since 16**63 overflows float32.
_SIGNS = np.where(np.arange(256) < 128, 1.0, -1.0)
SCALES = _SIGNS * np.float64(16.0) ** (np.arange(256) % 128 - 64) * 2.0**-24


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def decode_ibm(
    raw: NDArray[np.uint8], scales: NDArray[np.float64], big: bool, out: NDArray[np.float32]
) -> None:
    """Decode IBM floats: raw bytes, shape (n, 4 * m), into ``out``, float32, shape (n, m).

    Exact for every normalized word whose value float32 can hold; words beyond become infinity or
    zero as IEEE rounding has it.
    """
    rows, columns = out.shape
    for i in range(rows):
        for j in range(columns):
            k = 4 * j
            if big:
                a, b, c, d = raw[i, k], raw[i, k + 1], raw[i, k + 2], raw[i, k + 3]
            else:
                a, b, c, d = raw[i, k + 3], raw[i, k + 2], raw[i, k + 1], raw[i, k]
            fraction = (np.int64(b) << 16) | (np.int64(c) << 8) | np.int64(d)
            out[i, j] = np.float32(fraction * scales[a])
