"""One robust scale per survey, from the histogram of its amplitudes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.statistics import bins_of, edges_of

CLIP = 4.0
"""Normalized amplitudes are clipped here: what is louder says nothing more about faults."""

TAIL = 0.001
"""Share of the samples on either side that does not count for the scale: spikes and bright spots."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What is subtracted from amplitudes, and what they are divided by."""

    center: float
    spread: float


def scale_of(histogram: Mapping[str, int]) -> Scale:
    """Return mean and standard deviation of the samples, the outermost 0.1 % on each side clipped.

    A survey without a live sample has the scale (0, 1); one of a single value is spread by that value.
    """
    if not histogram:
        return Scale(0.0, 1.0)
    bins = bins_of(histogram)
    counts = np.array(list(histogram.values()), dtype=np.float64)
    values = (edges_of(bins) + edges_of(bins + np.sign(bins))) / 2
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
        wide -= scale.center  # in place: a tile is large
        wide /= scale.spread
        np.clip(wide, -CLIP, CLIP, out=wide)
    scaled = wide.astype(np.float32, copy=False)
    scaled[~np.isfinite(amplitude)] = 0.0
    return scaled
