"""Pictures that were enlarged give it away: every so many pixels one lies where a pixel of the original lay.

A pixel between two others is a mean of them or a copy, so it changes less than its neighbours: how much
columns change has the period of the enlargement (Gallagher, Detection of linear and cubic interpolation in
JPEG compressed images, Canadian Conference on Computer and Robot Vision, 2005). And what fills in between
mirrors the spectrum of the original at multiples of one cycle an original pixel, row for row, which nothing
in a section does by itself.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.pictures.spectra import Samples

REPEATED = 0.3
"""Share of columns that repeat their neighbour, from which a picture was enlarged by repetition."""

STILL = 0.05
"""Of the largest changes from column to column: what changes less is a copy."""

MOST = 16.0
"""Largest factor that is looked for; beyond it the changes are those of the section itself."""

ROWS = 512
"""Rows by which a factor is measured, at most."""

FEWEST = 16
"""Columns without copies of which a picture has more."""

STANDS_OUT = 10.0
"""Least strength of a period, over the median of all, at which its coherence is looked at."""

MIRRORED = 0.3
"""Least coherence of a spectrum and its mirror image: .39 and more in nine sections that were enlarged 1.5 to
5 times by straight lines or cubics, .25 and less in the same before."""

NEAR_BEST = 0.6
"""So coherent, over the best, the largest factor counts: half of it is coherent too."""


def without_copies(samples: Samples) -> tuple[Samples, float]:
    """Return the columns that do not repeat their neighbour, and over how many columns each was repeated.

    Parameters
    ----------
    samples
        (rows, columns). They are returned as they are where few are repeated.
    """
    if samples.shape[1] <= FEWEST:
        return samples, 1.0
    steps = np.sqrt(np.mean(np.diff(samples, axis=1) ** 2, axis=0))
    moved = steps >= STILL * np.quantile(steps, 0.95)
    spread = samples.std(axis=0)[1:]
    drawn = spread > STILL * np.quantile(spread, 0.95)  # water and muted parts are no copies
    if np.sum(moved & drawn) < FEWEST or np.mean(~moved[drawn]) < REPEATED:
        return samples, 1.0
    return samples[:, np.append(True, moved | ~drawn)], float(1 / np.mean(moved[drawn]))


def enlargement(samples: Samples) -> float:
    """Return by which factor a picture was enlarged sideways, 1 where nothing tells.

    Parameters
    ----------
    samples
        (rows, columns) without unknown ones.
    """
    if samples.shape[1] < 4 * MOST:
        return 1.0
    samples = samples[:: -(-samples.shape[0] // ROWS)]
    frequencies, strength = _periods(samples)
    around = ndimage.maximum_filter1d(strength, 7)
    stand_out = (strength == around) & (strength >= STANDS_OUT) & (frequencies > 1 / MOST)
    peaks = frequencies[stand_out]
    factors = np.concatenate([1 / peaks, 1 / (1 - peaks)])  # they have the same period in pixels
    spectra = _spectra(samples)
    coherent = [(_coherence(spectra, samples.shape[1], each), float(each)) for each in factors]
    enough = max([MIRRORED, *(NEAR_BEST * each for each, _ in coherent)])
    return max([1.0, *(factor for each, factor in coherent if each >= enough)])


def _periods(samples: Samples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies, cycles a column, and how much stronger than most changes have them."""
    count = samples.shape[1] - 2
    frequencies = np.asarray(np.fft.rfftfreq(count), np.float64)
    strength = np.zeros(frequencies.size)
    for order in (1, 2):  # a factor of two leaves second differences alike
        change = np.sqrt(np.mean(np.diff(samples, order, axis=1) ** 2, axis=0))[:count]
        level = np.log(change + 0.01 * change.mean() + 1e-12)
        level = (level - ndimage.uniform_filter1d(level, 31, mode="nearest")) * np.hanning(count)
        found = np.abs(np.fft.rfft(level))
        usual = float(np.median(found[frequencies > 1 / MOST]))
        strength = np.maximum(strength, found / max(usual, 1e-9))
    return frequencies, strength


def _spectra(samples: Samples) -> NDArray[np.complexfloating]:
    """Return the spectrum of each row."""
    level = samples - samples.mean(axis=1, keepdims=True)
    spectra: NDArray[np.complexfloating] = np.fft.rfft(
        level * np.hanning(samples.shape[1]), axis=1
    )
    return spectra


def _coherence(spectra: NDArray[np.complexfloating], count: int, factor: float) -> float:
    """Return how far spectra of so many columns are mirrored at half a cycle an original pixel, 0 to 1."""
    place = np.arange(int(np.ceil(0.25 / factor * count)), int(0.45 / factor * count) + 1)
    mirror = round(count / factor) - place
    folded = spectra[:, np.minimum(mirror, count - mirror)]
    image = np.where(mirror <= count // 2, folded, folded.conj())
    own = spectra[:, place]
    both = np.sum(np.abs(own) ** 2, axis=0) * np.sum(np.abs(image) ** 2, axis=0)
    return float(np.mean(np.abs(np.sum(own * image, axis=0)) / np.sqrt(both + 1e-30)))
