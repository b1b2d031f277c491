"""One robust scale per survey, from statistics that shards can make apart and merge.

The statistics are a histogram over logarithmic bins, so they need no range in advance, are exact
counts, and merge to the same result in any grouping.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS_PER_OCTAVE = 16
SMALLEST_EXPONENT, LARGEST_EXPONENT = -126, 128
BINS = (LARGEST_EXPONENT - SMALLEST_EXPONENT) * BINS_PER_OCTAVE + 1
BLOCK = 1 << 20
"""Samples counted at once, so that counting takes no memory to speak of."""

CLIP = 4.0
"""Normalized amplitudes are clipped here: what is louder says nothing more about faults."""

TAIL = 0.001
"""Share of the samples on either side that does not count for the scale: spikes and bright spots."""

Histogram = dict[str, int]
"""Bin -> number of samples; bins are signed and text, so that a histogram is plain JSON."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What is subtracted from amplitudes, and what they are divided by."""

    center: float
    spread: float


def amplitude_histogram(amplitude: NDArray[np.generic]) -> Histogram:
    """Count finite samples that are not zero in logarithmic bins of 1/16 octave.

    Zeros are mutes and padding; they say nothing about the spread.

    Parameters
    ----------
    amplitude
        Samples of live traces, any real type and shape.
    """
    counts = np.zeros(2 * BINS + 1, dtype=np.int64)
    flat = amplitude.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        block = flat[start : start + BLOCK].astype(np.float64)
        values = block[np.isfinite(block) & (block != 0)]
        exponent = np.clip(np.log2(np.abs(values)), SMALLEST_EXPONENT, LARGEST_EXPONENT)
        # From 1 upwards, so that the sign of the amplitude can be the sign of the bin.
        bins = 1 + ((exponent - SMALLEST_EXPONENT) * BINS_PER_OCTAVE).astype(np.int64)
        counts += np.bincount(np.where(values < 0, -bins, bins) + BINS, minlength=len(counts))
    filled = np.flatnonzero(counts)
    return {str(b - BINS): int(counts[b]) for b in filled}


def merge(histograms: list[Mapping[str, int]]) -> Histogram:
    """Add histograms."""
    total: Histogram = {}
    for histogram in histograms:
        for name, count in histogram.items():
            total[name] = total.get(name, 0) + count
    return total


def scale_of(histogram: Mapping[str, int]) -> Scale:
    """Return mean and standard deviation of the samples, the outermost 0.1 % on each side clipped.

    A survey without a live sample has the scale (0, 1); one of a single value is spread by that value.
    """
    if not histogram:
        return Scale(0.0, 1.0)
    bins = np.array([int(name) for name in histogram])
    counts = np.array(list(histogram.values()), dtype=np.float64)
    values = np.sign(bins) * 2.0 ** ((np.abs(bins) - 0.5) / BINS_PER_OCTAVE + SMALLEST_EXPONENT)
    order = np.argsort(values)
    values, counts = values[order], counts[order]
    share = np.cumsum(counts) / counts.sum()
    low, high = values[np.searchsorted(share, [TAIL, 1 - TAIL])]
    if low == high:
        return Scale(float(low), abs(float(low)))
    clipped = np.clip(values, low, high)
    center = float(np.average(clipped, weights=counts))
    spread = float(np.sqrt(np.average((clipped - center) ** 2, weights=counts)))
    return Scale(center, spread)


def normalize(amplitude: NDArray[np.generic], scale: Scale) -> NDArray[np.float32]:
    """Return (amplitude - center) / spread clipped to 4, float32; what is not finite becomes 0."""
    wide = amplitude.astype(np.result_type(amplitude.dtype, np.float32))
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is clipped
        scaled = np.clip((wide - scale.center) / scale.spread, -CLIP, CLIP).astype(np.float32)
    scaled[~np.isfinite(amplitude)] = 0.0
    return scaled
