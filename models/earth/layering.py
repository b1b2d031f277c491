"""How layers run through a real block: their dip, what is smooth along them, where they break."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Samples = NDArray[np.float32]

STEEPEST = 3.0
"""Dips are cut off here, samples a trace."""

DIP_SIGMA = 3.0
"""Gaussian over which the dip is one, traces and samples."""

DISORDER_SAMPLES = 9
"""Samples of depth over which traces are compared."""


def layer_dips(block: Samples) -> list[Samples]:
    """Return the dip along each of the first two axes, samples a trace, by least squares of gradients."""
    down = ndimage.gaussian_filter(block, 1.0, order=(0, 0, 1))
    power = ndimage.gaussian_filter(down * down, DIP_SIGMA) + np.float32(1e-9)
    dips = []
    for axis in range(2):
        if block.shape[axis] == 1:
            dips.append(np.zeros_like(block))
            continue
        aside = ndimage.gaussian_filter(block, 1.0, order=[int(axis == n) for n in range(3)])
        dip = -ndimage.gaussian_filter(aside * down, DIP_SIGMA) / power
        dips.append(np.asarray(np.clip(dip, -STEEPEST, STEEPEST), dtype=np.float32))
    return dips


def smooth_along_layers(block: Samples, reach: int = 2) -> Samples:
    """Return the mean of traces up to ``reach`` aside along both axes, read along the layers.

    Parameters
    ----------
    block
        Shape (n0, n1, n2); a section has n1 = 1.
    reach
        Traces to each side.
    """
    smooth = block
    for axis, dip in enumerate(layer_dips(block)):
        if block.shape[axis] > 1:
            steps = [step for step in range(-reach, reach + 1) if step]
            total = smooth + sum(_aside(smooth, axis, step, step * dip) for step in steps)
            smooth = np.asarray(total / np.float32(2 * reach + 1), dtype=np.float32)
    return smooth


def disorder(block: Samples) -> Samples:
    """Return one less the semblance of neighbouring traces along the layers, 0 to 1.

    Each trace is compared with its neighbours along both axes, over `DISORDER_SAMPLES` of depth.

    References
    ----------
    Marfurt et al. (1998). 3-D seismic attributes using a semblance-based coherency algorithm.
    Geophysics, 63(4), 1150-1165.
    """
    traces = [block]
    for axis, dip in enumerate(layer_dips(block)):
        if block.shape[axis] > 1:
            traces += [_aside(block, axis, step, step * dip) for step in (-1, 1)]
    stack = np.mean(traces, axis=0) ** 2
    power = np.mean(np.square(traces), axis=0)
    over_depth = [
        ndimage.uniform_filter1d(each, DISORDER_SAMPLES, axis=2, mode="nearest")
        for each in (stack, power)
    ]
    semblance = over_depth[0] / (over_depth[1] + np.float32(1e-9))
    return np.asarray(1 - np.clip(semblance, 0, 1), dtype=np.float32)


def _aside(block: Samples, axis: int, step: int, shift: Samples) -> Samples:
    """Return the trace ``step`` aside, read ``shift`` samples lower by Catmull-Rom interpolation.

    Linear interpolation would take high frequencies away and so count them as noise.
    """
    n2 = block.shape[2]
    rows = np.clip(np.arange(block.shape[axis]) + step, 0, block.shape[axis] - 1)
    aside = np.take(block, rows, axis=axis)
    place = np.arange(n2, dtype=np.float32) + shift
    first = np.floor(place)
    t = place - first
    entry = first.astype(np.intp)
    weights = (
        ((-0.5 * t + 1) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1,
        ((-1.5 * t + 2) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    )
    out = np.zeros_like(block)
    for lag, weight in enumerate(weights, start=-1):
        out += weight * np.take_along_axis(aside, np.clip(entry + lag, 0, n2 - 1), 2)
    return out
