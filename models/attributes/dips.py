"""Local dip of reflectors from the structure tensor, with what follows it from trace to trace."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Samples = NDArray[np.float32]

GRADIENT_WIDTH = 1.0
"""Gaussian of the derivatives, samples."""

TENSOR_WIDTH = 4.0
"""Gaussian over which the products of derivatives are averaged, samples."""

STEEPEST = 3.0
"""Dips are clipped to this many samples a trace."""


def gradients(amplitude: Samples) -> list[Samples]:
    """Return the derivatives along the three axes of (n0, n1, n2); those along an axis of 1 are 0."""
    return [
        np.asarray(
            ndimage.gaussian_filter(amplitude, GRADIENT_WIDTH, order=order, mode="nearest"),
            dtype=np.float32,
        )
        for order in ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    ]


def averaged(samples: Samples, width: float = TENSOR_WIDTH) -> Samples:
    """Return samples smoothed by a Gaussian along every axis that has more than one of them."""
    widths = [width if side > 1 else 0.0 for side in samples.shape]
    return np.asarray(ndimage.gaussian_filter(samples, widths, mode="nearest"), dtype=np.float32)


def lateral_dips(amplitude: Samples) -> tuple[Samples, Samples]:
    """Return the dip of reflectors along inline and crossline number, samples a trace.

    Parameters
    ----------
    amplitude
        Shape (n0, n1, n2), time last; n1 = 1 is a section.

    References
    ----------
    Fomel, S. (2002). Applications of plane-wave destruction filters. Geophysics, 67(6), 1946-1960
    (the least-squares slope of two derivatives).
    """
    along_0, along_1, along_2 = gradients(amplitude)
    power = averaged(along_2 * along_2) + np.float32(1e-6)

    def dip(lateral: Samples) -> Samples:
        slope = -averaged(lateral * along_2) / power
        return np.asarray(np.clip(slope, -STEEPEST, STEEPEST), dtype=np.float32)

    return dip(along_0), dip(along_1)


def neighbour(amplitude: Samples, steps: tuple[int, int], shift: Samples) -> Samples:
    """Return the trace ``steps`` aside at every sample, read ``shift`` samples lower.

    Parameters
    ----------
    amplitude
        Shape (n0, n1, n2); at the sides the outermost trace serves again.
    steps
        Traces along inline and crossline number.
    shift
        Samples, the shape of ``amplitude``; between samples it is interpolated linearly.
    """
    n0, n1, n2 = amplitude.shape
    rows = np.clip(np.arange(n0) + steps[0], 0, n0 - 1)
    columns = np.clip(np.arange(n1) + steps[1], 0, n1 - 1)
    aside = amplitude[rows[:, None], columns]
    place = np.clip(np.arange(n2, dtype=np.float32) + shift, 0, n2 - 1)
    upper = np.minimum(place.astype(np.intp), max(n2 - 2, 0))
    part = place - upper
    lower = np.minimum(upper + 1, n2 - 1)
    values = np.take_along_axis(aside, upper, 2) * (1 - part)
    return np.asarray(values + np.take_along_axis(aside, lower, 2) * part, dtype=np.float32)
