"""Random draws that the earth's parts share: log-uniform numbers and smooth fields."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a number whose logarithm is uniform between those of ``low`` and ``high``."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def random_sign(rng: np.random.Generator) -> int:
    """Return -1 or 1."""
    return int(rng.choice((-1, 1)))


def smooth_field(
    rng: np.random.Generator, shape: tuple[int, ...], scales: tuple[float, ...]
) -> NDArray[np.float32]:
    """Return a random field that varies over given lengths, with zero mean and unit deviation.

    Parameters
    ----------
    rng
        Source of randomness.
    shape
        Shape of the field; axes of length one stay constant.
    scales
        Length of variation along each axis, in samples.

    Returns
    -------
    ndarray of float32, shape ``shape``
    """
    coarse = [
        max(2, int(size / scale) + 3) if size > 1 else 1
        for size, scale in zip(shape, scales, strict=True)
    ]
    knots = rng.standard_normal(coarse).astype(np.float32)
    zoom = [size / count for size, count in zip(shape, coarse, strict=True)]
    field = np.asarray(ndimage.zoom(knots, zoom, order=1), dtype=np.float32)
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), dtype=np.float32)
