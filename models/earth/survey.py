"""What a survey looks like: spectrum, level and histogram by depth, noise, how disordered it is.

Blocks are measured apart, each to a small dictionary of JSON values, and merged in any grouping.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.earth.layering import disorder, smooth_along_layers
from models.earth.presets import Preset

Samples = NDArray[np.float32]

LONGEST_WINDOW = 64
"""Samples of a depth window; the next begins half a window lower."""

LEVELS = np.linspace(-6, 6, 601)
"""Edges of the histogram of amplitudes over the deviation at their depth."""

DISORDERS = np.linspace(0, 1, 101)
"""Edges of the histogram of disorder, which is one less the semblance."""

WAVENUMBERS = np.linspace(0, 0.5, 33)
"""Cycles per sample or trace at which spectra of noise are kept."""

LEFTOVER = 0.95
"""Of all samples of the survey this share is less disordered than what may be a fault."""

QUIET_SHARE = 1 / 3
"""Share of the blocks, the most orderly ones, that count as confidently unfaulted."""

LEAST_LIVE = 0.95
"""Share of samples that a block needs to serve as a background."""

MEDIAN_TO_DEVIATION = 1.4826
"""Deviation of normal noise over the median of its absolute values."""

RICKER_MEAN = 1.128
"""Mean frequency of a Ricker's amplitude spectrum over its peak frequency: 2 / sqrt(pi)."""


@dataclass(frozen=True, slots=True, eq=False)
class SurveyCharacter:
    """What examples are made like; amplitudes are those of the survey over its one scale.

    Attributes
    ----------
    window
        Samples of a depth window.
    centers
        Depth of the middle of each window, samples, shape (w,).
    spectra
        Mean amplitude spectrum of Hann-tapered windows, shape (w, window // 2 + 1).
    levels
        Deviation of the amplitudes in each window, shape (w,).
    quantiles
        Of amplitudes over the deviation at their depth, at equally spaced shares, both ends included.
    noise_spectra
        Power along each axis at `WAVENUMBERS`, of what structure-oriented smoothing takes away.
    noise_ratio
        Deviation of that noise over the deviation of the rest.
    peak_frequency
        Of the Ricker wavelet with the survey's mean frequency, cycles per sample.
    leftover
        Disorder from which a sample of a background may be a fault that nobody labelled.
    """

    window: int
    centers: NDArray[np.float64]
    spectra: NDArray[np.float64]
    levels: NDArray[np.float64]
    quantiles: NDArray[np.float64]
    noise_spectra: tuple[NDArray[np.float64], ...]
    noise_ratio: float
    peak_frequency: float
    leftover: float

    def spectra_at(self, depths: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the spectra at depths, samples, shape (n, window // 2 + 1)."""
        columns = [np.interp(depths, self.centers, column) for column in self.spectra.T]
        return np.stack(columns, axis=-1)

    def levels_at(self, depths: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the deviation at depths, samples, shape (n,)."""
        return np.interp(depths, self.centers, self.levels)

    def narrow(self, ranges: Preset) -> Preset:
        """Return ranges with the survey's band and noise, so that labels fit what can be seen in it."""
        peak, ratio = self.peak_frequency, self.noise_ratio
        return replace(
            ranges,
            peak_frequency=(0.8 * peak, min(1.25 * peak, 0.24)),
            # What smoothing takes away is noise at most: small structures are in it too.
            noise_levels=((1.0, 0.4 * ratio, ratio),),
        )


def window_of(depth: int) -> int:
    """Return the samples of a depth window for blocks of a depth; even."""
    return min(LONGEST_WINDOW, depth // 2 * 2)


def taper(window: int) -> Samples:
    """Return a Hann taper that sums to one when the next begins half a window later."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window), np.float32)


def starts_of(depth: int, window: int) -> range:
    """Return where the windows of a block begin."""
    return range(0, depth - window + 1, window // 2)


def measure_block(block: Samples, top: int, window: int) -> dict[str, Any]:
    """Return what one block says of its survey, as JSON values that `merge` takes.

    Parameters
    ----------
    block
        Normalized amplitude, shape (n0, n1, n2); 0 where there is none.
    top
        Depth of its first sample in the survey, a multiple of half a window.
    window
        From `window_of`.
    """
    live = block != 0
    windows = {}
    for start in starts_of(block.shape[2], window):
        part = block[..., start : start + window].reshape(-1, window)
        part = part[(part != 0).any(axis=1)]
        if part.size:
            spectrum = np.abs(np.fft.rfft(part * taper(window), axis=1)).sum(axis=0)
            squares = float(np.square(part, dtype=np.float64).sum())
            windows[str(top + start)] = [spectrum.tolist(), squares, len(part)]
    level = _own_level(block, window)
    residual = (block - smooth_along_layers(block)) * live
    disordered = disorder(block)[live]
    return {
        "live": float(live.mean()),
        "windows": windows,
        "histogram": _counts((block / level)[live], LEVELS),
        "disorder": _counts(disordered, DISORDERS),
        "power": float(np.square(block, dtype=np.float64).sum()),
        "noise_power": _robust_power(residual[live]),
        "noise_spectra": [_power_along(residual, axis).tolist() for axis in range(3)],
    }


def merge(blocks: Sequence[Mapping[str, Any]], window: int) -> SurveyCharacter:
    """Return the character of a survey from what its blocks say."""
    sums: dict[int, list[Any]] = {}
    for block in blocks:
        for top, (spectrum, squares, traces) in block["windows"].items():
            sums.setdefault(int(top), []).append((np.array(spectrum), squares, traces))
    centers, spectra, levels = [], [], []
    for top in sorted(sums):
        traces = sum(part[2] for part in sums[top])
        centers.append(top + window / 2)
        spectra.append(sum(part[0] for part in sums[top]) / traces)
        levels.append(np.sqrt(sum(part[1] for part in sums[top]) / (traces * window)))
    chosen = [blocks[number] for number in quiet(blocks)] or list(blocks)
    power, noise = (sum(block[name] for block in chosen) for name in ("power", "noise_power"))
    mean = np.mean(spectra, axis=0)
    frequencies = np.fft.rfftfreq(window)
    peak = float((mean * frequencies).sum() / mean.sum() / RICKER_MEAN)
    return SurveyCharacter(
        window,
        np.array(centers),
        np.array(spectra),
        np.array(levels),
        _quantiles(_sum(blocks, "histogram"), LEVELS),
        tuple(
            np.sum([block["noise_spectra"][axis] for block in chosen], axis=0) for axis in range(3)
        ),
        float(np.clip(np.sqrt(noise / max(power - noise, 1e-9)), 0.01, 0.6)),
        float(np.clip(peak, 0.03, 0.19)),
        _leftover(blocks),
    )


def quiet(blocks: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the numbers of the blocks that are confidently unfaulted, the most orderly first.

    They are whole, and among the third with the fewest samples above `LEFTOVER` of the survey.
    """
    first = int(np.searchsorted(DISORDERS, _leftover(blocks)))
    whole = [number for number, block in enumerate(blocks) if block["live"] >= LEAST_LIVE]
    disordered = {
        number: sum(blocks[number]["disorder"][first:]) / sum(blocks[number]["disorder"])
        for number in whole
    }
    count = max(1, round(QUIET_SHARE * len(blocks)))
    return sorted(whole, key=lambda number: (disordered[number], number))[:count]


def _leftover(blocks: Sequence[Mapping[str, Any]]) -> float:
    counts = np.cumsum(_sum(blocks, "disorder"))
    return float(DISORDERS[1 + int(np.searchsorted(counts, LEFTOVER * counts[-1]))])


def _sum(blocks: Sequence[Mapping[str, Any]], name: str) -> NDArray[np.int64]:
    return np.asarray(np.sum([block[name] for block in blocks], axis=0), dtype=np.int64)


def _counts(samples: Samples, edges: NDArray[np.float64]) -> list[int]:
    counts, _ = np.histogram(np.clip(samples, edges[0], edges[-1]), edges)
    return [int(count) for count in counts]


def _quantiles(counts: NDArray[np.int64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1001 quantiles of a histogram."""
    share = np.concatenate([[0], np.cumsum(counts)]) / max(1, counts.sum())
    rising = np.concatenate([[True], np.diff(share) > 0])
    quantiles = np.interp(np.linspace(0, 1, 1001), share[rising], edges[rising])
    return np.asarray(quantiles, dtype=np.float64)


def _own_level(block: Samples, window: int) -> Samples:
    """Return the deviation of a block at each depth, above zero."""
    squares = [
        np.mean(np.square(part[part != 0], dtype=np.float64)) if part.any() else 1.0
        for part in (block[..., s : s + window] for s in starts_of(block.shape[2], window))
    ]
    centers = np.array(starts_of(block.shape[2], window)) + window / 2
    level = np.interp(np.arange(block.shape[2]), centers, np.sqrt(squares))
    return np.asarray(level + 1e-6, dtype=np.float32)


def _robust_power(residual: Samples) -> float:
    """Return the sum of squares of normal noise with the median of this; steep events do not count."""
    if not residual.size:
        return 0.0
    return float((MEDIAN_TO_DEVIATION * np.median(np.abs(residual))) ** 2 * residual.size)


def _power_along(residual: Samples, axis: int) -> NDArray[np.float64]:
    """Return the mean power spectrum along an axis; flat where it has a single sample."""
    count = residual.shape[axis]
    if count < 4:
        return np.ones(WAVENUMBERS.size)
    shape = [-1 if other == axis else 1 for other in range(3)]
    power = np.abs(np.fft.rfft(residual * np.hanning(count).reshape(shape), axis=axis)) ** 2
    mean = power.mean(axis=tuple(other for other in range(3) if other != axis))
    return np.asarray(np.interp(WAVENUMBERS, np.fft.rfftfreq(count), mean), dtype=np.float64)
