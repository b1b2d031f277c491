"""Test-time averaging: the mean of predictions of one block, zoomed and mirrored.

Zooms are halves, so that every sample of a block keeps its place whatever the block: a tile that begins on a
whole stride begins on one in every pass, and the mean is as free of seams as one pass is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError

Samples = NDArray[np.float32]
Predict = Callable[[Samples], Samples]
Zoom = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Averaging:
    """Which passes are averaged: each zoom, mirrored and not.

    Attributes
    ----------
    zooms
        (lateral, vertical) factors, 1, 1.5, 2 and so on, as if the survey were sampled more finely.
    mirror
        Each pass again with the first axis reversed.
    """

    zooms: tuple[Zoom, ...] = ((1.0, 1.0),)
    mirror: bool = False

    def __post_init__(self) -> None:
        halves = [2 * factor for zoom in self.zooms for factor in zoom]
        if not halves or any(half < 2 or half != int(half) for half in halves):
            raise ParameterError("zooms", self.zooms, "They are 1, 1.5, 2 and so on.")

    @property
    def passes(self) -> int:
        """Number of predictions."""
        return len(self.zooms) * (1 + self.mirror)

    def cost(self, lateral_axes: int) -> float:
        """Return the samples predicted for each sample of a survey with so many lateral axes."""
        each = sum(lateral**lateral_axes * vertical for lateral, vertical in self.zooms)
        return each * (1 + self.mirror)

    def largest(self, lateral_axes: int) -> float:
        """Return the samples of the largest pass for each sample of a survey."""
        return max(lateral**lateral_axes * vertical for lateral, vertical in self.zooms)

    def stride(self, stride: int) -> int:
        """Return the multiple of samples on which blocks begin on the network's stride in every pass."""
        steps = [stride]
        for factor in {factor for zoom in self.zooms for factor in zoom}:
            halves = round(2 * factor)
            steps.append(2 * stride // gcd(halves, 2 * stride))
        return lcm(*steps)


ONE_PASS = Averaging()


def averaged(predict: Predict, amplitude: Samples, averaging: Averaging) -> Samples:
    """Return the mean probability over all passes.

    Parameters
    ----------
    predict
        From normalized amplitude to probability, any shape.
    amplitude
        Normalized, (n0, n1, n2), sides even; an axis of one sample is not zoomed.
    averaging
        Which passes.

    References
    ----------
    Krizhevsky, A. et al. (2012). ImageNet classification with deep convolutional neural networks.
    NeurIPS (the practice of averaging over crops and flips).
    """
    if averaging == ONE_PASS:
        return predict(amplitude)
    total = np.zeros(amplitude.shape, dtype=np.float32)
    for zoom in averaging.zooms:
        seen = enlarge(amplitude, zoom)
        total += reduce(predict(seen), zoom, amplitude.shape)
        if averaging.mirror:
            mirrored = predict(np.ascontiguousarray(seen[::-1]))[::-1]
            total += reduce(mirrored, zoom, amplitude.shape)
    return total / np.float32(averaging.passes)


def enlarge(samples: Samples, zoom: Zoom) -> Samples:
    """Return samples between the samples, by cubic convolution; sample i comes to lie at i times the zoom.

    Each value depends on the four samples around it; at the ends the last one is repeated.

    References
    ----------
    Keys, R. (1981). Cubic convolution interpolation for digital image processing. IEEE ASSP 29.
    """
    for axis, factor in enumerate(_factors(zoom)):
        n = samples.shape[axis]
        if n > 1 and factor != 1:
            samples = _cubic(samples, axis, np.arange(round(n * factor)) / factor)
    return samples


def reduce(samples: Samples, zoom: Zoom, shape: tuple[int, ...]) -> Samples:
    """Return what lies where the samples of a block of ``shape`` were before it was enlarged, linearly."""
    for axis, factor in enumerate(_factors(zoom)):
        if samples.shape[axis] != shape[axis]:
            place = np.arange(shape[axis]) * factor
            near = place.astype(int)
            part = _along(axis, place - near)
            after = np.minimum(near + 1, samples.shape[axis] - 1)
            lower, upper = np.take(samples, near, axis), np.take(samples, after, axis)
            samples = lower + (upper - lower) * part
    return samples


def _cubic(samples: Samples, axis: int, place: NDArray[np.float64]) -> Samples:
    """Return values at places along an axis, by the kernel of Keys with a = -1/2."""
    near = place.astype(int)
    t = place - near
    weights = (
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    )
    last, total = samples.shape[axis] - 1, np.float32(0)
    for offset, weight in zip((-1, 0, 1, 2), weights, strict=True):
        index = np.clip(near + offset, 0, last)
        total = total + np.take(samples, index, axis) * _along(axis, weight)
    return np.asarray(total, dtype=np.float32)


def _factors(zoom: Zoom) -> tuple[float, float, float]:
    return zoom[0], zoom[0], zoom[1]


def _along(axis: int, values: NDArray[np.float64]) -> Samples:
    """Return values laid along one of three axes."""
    shape = [1, 1, 1]
    shape[axis] = values.size
    return values.astype(np.float32).reshape(shape)
