"""Statistics of amplitudes that blocks make apart and merge to the same numbers in the same order.

Quantiles and scale come from a histogram whose bins are the upper bits of a float32: sign, exponent and
four bits of the fraction, sixteen bins an octave. It needs no range in advance, its counts are exact, and
it merges to the same result in any grouping.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS_PER_OCTAVE = 16
SHIFT = np.uint32(19)
"""Bits of a float32 that a bin does not tell apart."""

SIGN_BIN = 1 << 12
FIRST_BIN, LAST_BIN = BINS_PER_OCTAVE, 255 * BINS_PER_OCTAVE - 1
"""Normal numbers; zeros, mutes and padding lie below, what is not finite above."""

BLOCK = 1 << 17
"""Samples counted at once: they stay in the processor's cache."""

QUIET, CALM = 1e-15, 1e15
"""Between these the sums of a block and of its squares stay far within float32."""

LARGEST = float(np.finfo(np.float32).max)
"""Larger samples, which doubles may be, count as this one in the histogram and the sums."""

QUANTILES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)

Histogram = dict[str, int]
"""Edge of a bin that lies nearer to zero -> number of samples; the edge as text, as JSON wants it.

A bin reaches from its edge a sixteenth of an octave further from zero.
"""


@dataclass(slots=True)
class AmplitudeStatistics:
    """What is known of samples seen so far; NaN and infinity are counted and else left out.

    Parameters
    ----------
    samples, finite, zeros
        Number of samples; of finite ones; of those that are exactly 0.
    least, most
        Smallest and largest finite sample.
    total, squares
        Sums of the finite samples and of their squares.
    """

    samples: int = 0
    finite: int = 0
    zeros: int = 0
    least: float = np.inf
    most: float = -np.inf
    total: float = 0.0
    squares: float = 0.0
    _counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2 * SIGN_BIN, np.int64))

    def add(self, amplitude: NDArray[np.generic]) -> None:
        """Take samples into account; any real type and shape."""
        flat = amplitude.reshape(-1)
        for start in range(0, flat.size, BLOCK):
            self._add_block(flat[start : start + BLOCK])

    def _add_block(self, block: NDArray[np.generic]) -> None:
        self.samples += block.size
        least, most = float(block.min()), float(block.max())
        if not (np.isfinite(least) and np.isfinite(most)):
            block = block[np.isfinite(block)]
            if not block.size:
                return
            least, most = float(block.min()), float(block.max())
        self.finite += block.size
        self.least, self.most = min(self.least, least), max(self.most, most)
        if max(-least, most) > LARGEST:
            block = np.clip(block, -LARGEST, LARGEST)
        calm = block.dtype == np.float32 and QUIET < max(-least, most) < CALM
        if calm:
            total, squares = float(block.sum()), float(np.dot(block, block))
            # Samples that lie about a level far from zero, as unsigned ones do, need all the digits.
            calm = total * total < 0.5 * squares * block.size
        if not calm:
            wide = block.astype(np.float64)
            total, squares = float(wide.sum()), float(np.dot(wide, wide))
        self.total += total
        self.squares += squares
        narrow = block.astype(np.float32, copy=False)
        counts = np.bincount(
            (narrow.view(np.uint32) >> SHIFT).astype(np.intp), minlength=2 * SIGN_BIN
        )
        self._counts += counts
        if counts[0] or counts[SIGN_BIN]:  # zeros, or numbers too small for a bin of their own
            self.zeros += block.size - int(np.count_nonzero(block))

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values that `merge_statistics` takes."""
        return {
            "samples": self.samples,
            "finite": self.finite,
            "zeros": self.zeros,
            "least": self.least if self.finite else None,
            "most": self.most if self.finite else None,
            "total": self.total,
            "squares": self.squares,
            "histogram": _as_histogram(self._counts),
        }


def _as_histogram(counts: NDArray[np.int64]) -> Histogram:
    filled = np.flatnonzero(counts)
    signed = np.where(filled < SIGN_BIN, filled, SIGN_BIN - filled)
    known = (np.abs(signed) >= FIRST_BIN) & (np.abs(signed) <= LAST_BIN)
    return {
        _name(float(edge)): int(count)
        for edge, count in zip(edges_of(signed[known]), counts[filled[known]], strict=True)
    }


@cache
def _name(edge: float) -> str:
    """Return the name of a bin; the histograms of many jobs share it."""
    return repr(edge)


def bins_of(histogram: Mapping[str, int]) -> NDArray[np.int64]:
    """Return the bins of a histogram: the upper bits of their edges, negative for negative samples."""
    edges = np.array([float(name) for name in histogram], np.float32)
    bins = (np.abs(edges).view(np.uint32) >> SHIFT).astype(np.int64)
    return np.asarray(np.copysign(bins, edges), np.int64)


def amplitude_histogram(amplitude: NDArray[np.generic]) -> Histogram:
    """Count finite samples that are not zero in bins of a sixteenth of an octave.

    Zeros are mutes and padding; they say nothing about the spread.

    Parameters
    ----------
    amplitude
        Samples of live traces, any real type and shape.
    """
    statistics = AmplitudeStatistics()
    statistics.add(amplitude)
    histogram: Histogram = statistics.as_dict()["histogram"]
    return histogram


def add_histogram(total: Histogram, histogram: Mapping[str, int]) -> None:
    """Add a histogram to a total, in place."""
    for name, count in histogram.items():
        total[name] = total.get(name, 0) + count


def merge(histograms: Sequence[Mapping[str, int]]) -> Histogram:
    """Add histograms."""
    total: Histogram = {}
    for histogram in histograms:
        add_histogram(total, histogram)
    return total


def merge_statistics(
    parts: Sequence[Mapping[str, Any]], histogram: Histogram | None = None
) -> dict[str, Any]:
    """Return what a store says of its samples.

    Parameters
    ----------
    parts
        From `AmplitudeStatistics.as_dict`, in an order that does not depend on who made them.
    histogram
        The sum of their histograms, where it was made before, in any order; they need none then.

    Returns
    -------
    dict
        ``samples, finite, zeros, min, max, mean, std, rms`` (None without finite samples), ``quantiles``
        (share -> value, interpolated within bins) and ``histogram``.
    """
    finite = sum(part["finite"] for part in parts)
    known = [part for part in parts if part["finite"]]
    if histogram is None:
        histogram = merge([part["histogram"] for part in parts])
    histogram = {name: histogram[name] for name in sorted(histogram, key=float)}
    facts: dict[str, Any] = {
        "samples": sum(part["samples"] for part in parts),
        "finite": finite,
        "zeros": sum(part["zeros"] for part in parts),
    }
    moments = dict.fromkeys(("min", "max", "mean", "std", "rms"))
    if finite:
        mean = sum(part["total"] for part in known) / finite
        power = sum(part["squares"] for part in known) / finite
        moments |= {
            "min": min(part["least"] for part in known),
            "max": max(part["most"] for part in known),
            "mean": mean,
            "std": float(np.sqrt(max(power - mean * mean, 0.0))),
            "rms": float(np.sqrt(power)),
        }
    quantiles = _quantiles(histogram, finite - sum(histogram.values()))
    return {**facts, **moments, "quantiles": quantiles, "histogram": histogram}


def _quantiles(histogram: Histogram, zeros: int) -> dict[str, float]:
    """Return quantiles of the finite samples, with the zeros among them."""
    if not histogram:
        return {}
    bins = bins_of(histogram)
    order = np.argsort(bins)
    bins, counts = bins[order], np.array(list(histogram.values()), np.float64)[order]
    edges = np.sort(np.stack([edges_of(bins), edges_of(bins + np.sign(bins))]), axis=0)
    at_zero = int(np.searchsorted(bins, 0))
    low = np.insert(edges[0], at_zero, 0.0)
    high = np.insert(edges[1], at_zero, 0.0)
    counts = np.insert(counts, at_zero, float(zeros))
    ends = np.cumsum(counts)
    wanted = np.array(QUANTILES) * ends[-1]
    at = np.minimum(np.searchsorted(ends, wanted), len(ends) - 1)
    within = (wanted - (ends[at] - counts[at])) / np.maximum(counts[at], 1)
    values = low[at] + np.clip(within, 0, 1) * (high[at] - low[at])
    return {
        f"{share:g}": float(f"{value:.6g}") for share, value in zip(QUANTILES, values, strict=True)
    }


def edges_of(bins: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the edge of every bin that lies nearer to zero."""
    bits = np.abs(bins).astype(np.uint32) << SHIFT
    values = bits.view(np.float32).astype(np.float64)
    return np.asarray(np.copysign(np.where(np.isfinite(values), values, 2.0**128), bins))
