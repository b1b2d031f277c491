"""Changes of an example that keep its label true, and the normalization in training.

Geometry moves amplitudes and distances to faults together; amplitude changes leave distances
alone. The label is made from the distance at the very end, so it is thin in a zoomed example too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.normalize import CLIP, TAIL

Samples = NDArray[np.float32]
Size = tuple[int, int, int]

LABEL_WIDTH = 1.3
"""Width of the soft label, samples."""

VERSION = 2
"""Of the ranges below, which decide a training as much as its seed does."""

LATERAL_STEPS = (0.8, 2.25)
"""Old traces a new one, log-uniform: traces of real surveys are further apart than those of our earths,
measured in the width of what is seen on them."""

VERTICAL_STEPS = (0.55, 1.6)
"""Old samples a new one, log-uniform; half of the crops keep theirs."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Amplitudes and distances to the nearest visible fault in samples, (n0, n1, n2) float32.

    A distance is NaN where nobody knows it; what is interpolated from it is not known either.
    """

    amplitude: Samples
    fault_distance: Samples


def soft_label(fault_distance: Samples) -> Samples:
    """Return exp(-(d / 1.3)^2): 1 on a fault, 0.55 a sample away, 0.09 two samples away."""
    return np.asarray(np.exp(-((fault_distance / LABEL_WIDTH) ** 2)), dtype=np.float32)


def label_and_known(fault_distance: Samples) -> tuple[Samples, Samples]:
    """Return the soft label, and 1 where it is one: a distance of NaN says that nobody knows."""
    known = np.isfinite(fault_distance)
    label = soft_label(np.where(known, fault_distance, np.float32(1e3)))
    return label, known.astype(np.float32)


def crop(pair: Pair, start: tuple[int, int, int], size: Size) -> Pair:
    """Return ``size`` samples from ``start``."""
    region = tuple(slice(first, first + count) for first, count in zip(start, size, strict=True))
    return Pair(pair.amplitude[region], pair.fault_distance[region])


def flip(pair: Pair, axis: int) -> Pair:
    """Return the pair mirrored along an axis."""
    return Pair(np.flip(pair.amplitude, axis), np.flip(pair.fault_distance, axis))


def swap_lateral(pair: Pair) -> Pair:
    """Return the pair with inlines and crosslines swapped."""
    return Pair(pair.amplitude.swapaxes(0, 1), pair.fault_distance.swapaxes(0, 1))


def extrude(pair: Pair, width: int) -> Pair:
    """Return a section, shape (n0, 1, n2), repeated along the crossline axis."""
    return Pair(
        np.repeat(pair.amplitude, width, axis=1), np.repeat(pair.fault_distance, width, axis=1)
    )


def zoom_crop(
    pair: Pair, start: tuple[float, float, float], size: Size, *, lateral: float, vertical: float
) -> Pair:
    """Return a crop that is sampled anew, ``lateral`` and ``vertical`` old samples a step.

    Parameters
    ----------
    pair
        Holds ``start + step * size`` samples along each axis; an axis of one sample stays.
    start
        First sample, fractions allowed.
    size
        Samples of the result.
    lateral, vertical
        Sampling steps; below 1 enlarges. Distances are divided by the lateral step, since faults
        are steep.
    """
    amplitude, distance = pair.amplitude, pair.fault_distance
    steps = (lateral, lateral, vertical)
    for axis, (first, step, count) in enumerate(zip(start, steps, size, strict=True)):
        if amplitude.shape[axis] > 1:
            amplitude = _resample(amplitude, axis, first, step, count)
            distance = _resample(distance, axis, first, step, count)
    return Pair(amplitude, distance / np.float32(lateral))


def shear(pair: Pair, slope: float) -> Pair:
    """Return the pair with traces shifted down by ``slope`` samples for each inline."""
    n0, _, n2 = pair.amplitude.shape
    shift = (slope * (np.arange(n0) - n0 / 2)).astype(np.float32)
    position = np.clip(np.arange(n2)[None, :] + shift[:, None], 0, n2 - 1)
    near = np.minimum(position.astype(int), n2 - 2)
    part = (position - near).astype(np.float32)[:, None, :]

    def shifted(samples: Samples) -> Samples:
        index = np.broadcast_to(near[:, None, :], samples.shape)
        upper = np.take_along_axis(samples, index, axis=2)
        lower = np.take_along_axis(samples, index + 1, axis=2)
        return np.asarray(upper * (1 - part) + lower * part, dtype=np.float32)

    return Pair(shifted(pair.amplitude), shifted(pair.fault_distance))


def balance(amplitude: Samples, window: int) -> Samples:
    """Return amplitudes over their root mean square in a cube of ``window`` samples (AGC)."""
    power = amplitude * amplitude
    for axis in range(3):
        for _ in range(2):
            power = ndimage.uniform_filter1d(power, window, axis=axis, mode="nearest")
    return np.asarray(amplitude / np.sqrt(power + 1e-3 * power.mean() + 1e-6), dtype=np.float32)


def robust_deviation(amplitude: Samples) -> float:
    """Return the standard deviation of non-zero samples, the outermost 0.1% on each side clipped.

    The same rule as `models.normalize` has for a survey, on samples instead of a histogram.
    """
    live = amplitude[amplitude != 0]
    if live.size == 0:
        return 1.0
    low, high = np.quantile(live[:: max(1, live.size // 20_000)], (TAIL, 1 - TAIL))
    return float(max(np.clip(live, low, high).std(), 1e-6))


def normalize(amplitude: Samples, deviation: float | None = None) -> Samples:
    """Return amplitudes less their mean, in robust deviations, clipped: what training feeds.

    The mean is the plain one, zeros and tails included, of one crop. `models.normalize`, which feeds
    surveys, leaves zeros out and clips the tails first, as a whole survey may be muted in large part.
    The two agree where the mean is small against the deviation, as it is in seismic amplitudes.

    Parameters
    ----------
    amplitude
        Any scale.
    deviation
        To divide by; None: the amplitudes' own.
    """
    scale = np.float32(deviation or robust_deviation(amplitude))
    scaled = (amplitude - amplitude.mean()) / scale
    return np.asarray(np.clip(scaled, -CLIP, CLIP), dtype=np.float32)


def vary_amplitude(rng: np.random.Generator, amplitude: Samples) -> Samples:
    """Return normalized amplitudes after random polarity, noise, curve, AGC and gain."""
    if rng.random() < 0.5:
        amplitude = -amplitude
    if rng.random() < 0.25:
        strength = np.float32(rng.uniform(0, 0.35))
        amplitude = amplitude + strength * rng.standard_normal(amplitude.shape, dtype=np.float32)
    if rng.random() < 0.25:
        power = np.float32(rng.uniform(0.65, 1.25))
        amplitude = np.sign(amplitude) * np.abs(amplitude) ** power
    if rng.random() < 0.5:
        sigma = float(np.exp(rng.uniform(np.log(6), np.log(40))))
        amplitude = balance(amplitude, max(3, int(1.1 * sigma)))
    gain = np.float32(np.exp(rng.uniform(np.log(0.7), np.log(1.3))))
    return np.asarray(np.clip(normalize(amplitude) * gain, -CLIP, CLIP), dtype=np.float32)


def draw_pair(rng: np.random.Generator, pair: Pair, size: Size) -> Pair:
    """Return a random crop of an example, zoomed, sheared, flipped, and varied in amplitude.

    Parameters
    ----------
    rng
        Source of randomness.
    pair
        A cube, or a section with one crossline, no smaller than ``size``; sections give sections.
    size
        Of the crop; its second entry is ignored for a section.
    """
    size = (size[0], 1 if pair.amplitude.shape[1] == 1 else size[1], size[2])
    lateral = _draw_step(rng, pair, size, (0, 1), LATERAL_STEPS)
    vertical = 1.0
    if rng.random() < 0.5:
        vertical = _draw_step(rng, pair, size, (2,), VERTICAL_STEPS)
    steps = (lateral, lateral, vertical)
    room = [
        have - 1 - step * (want - 1)
        for have, want, step in zip(pair.amplitude.shape, size, steps, strict=True)
    ]
    start = [rng.uniform(0, max(left, 0)) for left in room]
    if lateral == vertical == 1:
        pair = crop(pair, (round(start[0]), round(start[1]), round(start[2])), size)
    else:
        pair = zoom_crop(
            pair, (start[0], start[1], start[2]), size, lateral=lateral, vertical=vertical
        )
    if rng.random() < 0.2:
        pair = shear(pair, rng.uniform(-0.25, 0.25))
    for axis, share in ((0, 0.5), (1, 0.5), (2, 0.25)):
        if rng.random() < share:
            pair = flip(pair, axis)
    return Pair(vary_amplitude(rng, pair.amplitude), pair.fault_distance)


def _draw_step(
    rng: np.random.Generator,
    pair: Pair,
    size: Size,
    axes: tuple[int, ...],
    steps: tuple[float, float],
) -> float:
    """Return a log-uniform sampling step, no longer than the example has room for."""
    step = float(np.exp(rng.uniform(*np.log(steps))))
    limits = [
        (pair.amplitude.shape[axis] - 1) / max(size[axis] - 1, 1)
        for axis in axes
        if size[axis] > 1
    ]
    return float(min([step, *limits]))


def _resample(samples: Samples, axis: int, first: float, step: float, count: int) -> Samples:
    """Return ``count`` linear interpolations along an axis."""
    position = first + step * np.arange(count)
    near = np.clip(position.astype(int), 0, samples.shape[axis] - 2)
    shape = [1, 1, 1]
    shape[axis] = count
    part = (position - near).astype(np.float32).reshape(shape)
    upper, lower = np.take(samples, near, axis=axis), np.take(samples, near + 1, axis=axis)
    return np.asarray(upper * (1 - part) + lower * part, dtype=np.float32)
