"""Pictures made smaller by the mean over areas, larger by straight lines between centers; strip by strip.

Pixel i of a side of n covers [i/n, (i+1)/n] of it, whatever n is, so nothing moves there and back.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Samples = NDArray[np.float32]
ReadRows = Callable[[slice], Samples]

STRIP = 256
"""Rows made at once."""


def weights(n: int, wanted: int) -> sparse.csr_matrix:
    """Return the matrix that takes a side of ``n`` pixels to one of ``wanted``; its rows sum to 1.

    Parameters
    ----------
    n, wanted
        Pixels before and after.
    """
    factor = n / wanted
    if factor <= 1:
        place = np.clip((np.arange(wanted) + 0.5) * factor - 0.5, 0, n - 1)
        near = np.minimum(place.astype(int), max(n - 2, 0))
        part = place - near
        values = np.stack([1 - part, part], axis=1)
        columns = np.stack([near, np.minimum(near + 1, n - 1)], axis=1)
    else:
        edges = np.arange(wanted + 1) * factor
        columns = np.floor(edges[:-1, None]).astype(int) + np.arange(int(np.ceil(factor)) + 1)
        covered = np.minimum(columns + 1, edges[1:, None]) - np.maximum(columns, edges[:-1, None])
        values = np.maximum(covered, 0) / factor
        columns = np.minimum(columns, n - 1)
    ends = np.arange(wanted + 1) * columns.shape[1]
    matrix = (values.ravel().astype(np.float32), columns.ravel(), ends)
    return sparse.csr_matrix(matrix, shape=(wanted, n))


def resampled_strips(
    read: ReadRows, shape: tuple[int, int], wanted: tuple[int, int]
) -> Iterator[tuple[slice, Samples]]:
    """Yield the rows of a picture at another size, some at a time.

    Parameters
    ----------
    read
        From rows of the picture to their samples, float32 (rows, columns). NaN is unknown: it counts for
        nothing in a mean, and a mean of nothing else is NaN.
    shape, wanted
        (rows, columns) before and after.
    """
    down, across = weights(shape[0], wanted[0]), weights(shape[1], wanted[1])
    for first in range(0, wanted[0], STRIP):
        part = down[first : first + STRIP]
        used = slice(int(part.indices.min()), int(part.indices.max()) + 1)
        yield slice(first, first + part.shape[0]), _mean(part[:, used], read(used), across)


def _mean(down: sparse.csr_matrix, strip: Samples, across: sparse.csr_matrix) -> Samples:
    """Return the weighted means of what is known."""
    known = np.isfinite(strip)
    if known.all():
        return np.ascontiguousarray((across @ (down @ strip).T).T, dtype=np.float32)
    weight = (across @ (down @ known.astype(np.float32)).T).T
    total = (across @ (down @ np.where(known, strip, np.float32(0))).T).T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0.5, total / weight, np.nan).astype(np.float32)


def resampled(
    samples: NDArray[np.float16 | np.float32], wanted: tuple[int, int]
) -> NDArray[np.float16 | np.float32]:
    """Return a picture that lies in memory at another size, in its own type; see `resampled_strips`."""
    if samples.shape == wanted:
        return samples
    shape = samples.shape[0], samples.shape[1]
    found = np.empty(wanted, samples.dtype)
    strips = resampled_strips(lambda rows: samples[rows].astype(np.float32), shape, wanted)
    for rows, strip in strips:
        found[rows] = strip
    return found
