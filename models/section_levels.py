"""Planes of samples as a page draws them: at most as many as a screen shows, in levels of one byte.

A browser gets a byte a sample in place of four, and nothing that it could not show.
"""

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.uint8]

LARGEST = 1600
"""Samples along a side of what is drawn; longer sides are thinned, as no screen shows more."""

DEAD = 255
"""Level of a sample that is not there."""

LOUDEST = 254
"""Level of the loudest positive amplitude; the loudest negative one is 0, none is between."""

CERTAIN = 250
"""Level of probability 1."""

CLIPPED = 0.01
"""Share of the amplitudes that is drawn as loud as the colours reach: spikes leave nothing to see."""


def amplitude_levels(samples: NDArray[np.generic]) -> Levels:
    """Return amplitudes as levels around their median, the loudest percent clipped.

    Parameters
    ----------
    samples
        Shape (down, across), any real type; NaN and infinity are dead.

    Returns
    -------
    ndarray of uint8
        The same shape or a thinner one: 0 to `LOUDEST`, `DEAD` where there is no sample.
    """
    shown = samples[thinning(samples.shape)].astype(np.float32)
    live = np.isfinite(shown)
    levels = np.full(shown.shape, DEAD, np.uint8)
    if live.any():
        center = np.float32(np.median(shown[live]))
        away = shown[live] - center
        loud = float(np.quantile(np.abs(away), 1 - CLIPPED)) or float(np.abs(away).max()) or 1.0
        half = LOUDEST / 2
        levels[live] = np.rint(np.clip(away / loud, -1, 1) * half + half).astype(np.uint8)
    return levels


def probability_levels(probability: NDArray[np.float32]) -> Levels:
    """Return probabilities as levels; of samples that are drawn as one, the largest counts.

    Parameters
    ----------
    probability
        Shape (down, across), 0 to 1; NaN is dead.

    Returns
    -------
    ndarray of uint8
        0 to `CERTAIN`, `DEAD` where there is none; of the shape that `amplitude_levels` has.
    """
    live = np.isfinite(probability)
    whole = np.where(live, np.rint(np.clip(probability, 0, 1) * CERTAIN), -1).astype(np.int16)
    for axis, part in enumerate(thinning(probability.shape)):
        whole = np.maximum.reduceat(whole, np.arange(0, whole.shape[axis], part.step), axis=axis)
    return np.where(whole < 0, DEAD, whole).astype(np.uint8)


def thinning(shape: tuple[int, ...]) -> tuple[slice, ...]:
    """Return how a plane is thinned: slices with steps."""
    return tuple(slice(None, None, max(1, -(-n // LARGEST))) for n in shape)
