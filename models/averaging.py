"""Test-time averaging: the mean of predictions of one survey, zoomed, balanced, mirrored.

A pass more costs what the first cost, times the zoom along each axis.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.augment import balance, normalize

Samples = NDArray[np.float32]
Predict = Callable[[Samples], Samples]


@dataclass(frozen=True, slots=True)
class Averaging:
    """Which passes are averaged: each zoom with each normalization, mirrored and not.

    Attributes
    ----------
    zooms
        (lateral, vertical) factors; above 1 enlarges, as if the survey were sampled more finely.
    windows
        Of the gain control before the network, samples; None: as it comes.
    mirror
        Each pass again with inlines reversed.
    """

    zooms: tuple[tuple[float, float], ...] = ((1.0, 1.0), (1.4, 1.0), (1.4, 1.4))
    windows: tuple[int | None, ...] = (None, 33)
    mirror: bool = True

    @property
    def passes(self) -> int:
        """Number of predictions."""
        return len(self.zooms) * len(self.windows) * (1 + self.mirror)

    def cost(self, lateral_axes: int) -> float:
        """Return the samples predicted for each sample of a survey with so many lateral axes."""
        each = sum(lateral**lateral_axes * vertical for lateral, vertical in self.zooms)
        return each * len(self.windows) * (1 + self.mirror)


def averaged(predict: Predict, amplitude: Samples, averaging: Averaging) -> Samples:
    """Return the mean probability over all passes.

    Parameters
    ----------
    predict
        From normalized amplitude to probability, any shape.
    amplitude
        Normalized, (n0, n1, n2); an axis of one sample is not zoomed.
    averaging
        Which passes.

    References
    ----------
    Krizhevsky, A. et al. (2012). ImageNet classification with deep convolutional neural networks.
    NeurIPS (the practice of averaging over crops and flips).
    """
    total = np.zeros(amplitude.shape, dtype=np.float64)
    for window, (lateral, vertical) in product(averaging.windows, averaging.zooms):
        seen = amplitude if window is None else normalize(balance(amplitude, window))
        sides = zoomed_sides(amplitude.shape, lateral, vertical)
        seen = resample(seen, sides, order=3)
        total += resample(predict(seen), amplitude.shape, order=1)
        if averaging.mirror:
            reversed_ = predict(np.ascontiguousarray(seen[::-1]))[::-1]
            total += resample(reversed_, amplitude.shape, order=1)
    return (total / averaging.passes).astype(np.float32)


def zoomed_sides(shape: tuple[int, ...], lateral: float, vertical: float) -> tuple[int, ...]:
    """Return the sides of a zoomed survey; an axis of one sample stays."""
    factors = (lateral, lateral, vertical)
    return tuple(
        n if n == 1 else round(n * factor) for n, factor in zip(shape, factors, strict=True)
    )


def resample(samples: Samples, sides: tuple[int, ...], *, order: int) -> Samples:
    """Return splines through the samples at so many places, first and last sample kept.

    Parameters
    ----------
    samples, sides
        Three axes.
    order
        Of the spline: 1 keeps probabilities between 0 and 1.
    """
    if samples.shape == sides:
        return samples
    factors = [side / n for side, n in zip(sides, samples.shape, strict=True)]
    return np.asarray(ndimage.zoom(samples, factors, order=order, mode="nearest"), np.float32)
