"""Wavelets. Frequencies are in cycles per sample, so nothing here knows the sample interval."""

import math

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError

NYQUIST = 0.5


def ricker(peak_frequency: float, *, half_length: int) -> NDArray[np.float32]:
    """Return a zero-phase Ricker wavelet with unit peak.

    Parameters
    ----------
    peak_frequency
        Frequency at the maximum of the amplitude spectrum, cycles per sample.
    half_length
        Number of samples on either side of the peak.

    Returns
    -------
    ndarray of float32, shape (2 * half_length + 1,)
        The wavelet; its peak is at index ``half_length``.

    Raises
    ------
    ParameterError
        If the peak frequency is not below the Nyquist frequency.

    References
    ----------
    Ricker, N. (1953). The form and laws of propagation of seismic wavelets.
    Geophysics, 18(1), 10-40. https://doi.org/10.1190/1.1437843
    """
    _check(peak_frequency)
    square = (np.pi * peak_frequency * np.arange(-half_length, half_length + 1)) ** 2
    return np.asarray((1.0 - 2.0 * square) * np.exp(-square), dtype=np.float32)


def seismic_wavelet(
    peak_frequency: float, *, phase: float = 0.0, band: tuple[float, float] | None = None
) -> NDArray[np.float32]:
    """Return a wavelet of unit energy, with a constant phase rotation.

    Parameters
    ----------
    peak_frequency
        Cycles per sample; also sets the length.
    phase
        Rotation of every frequency, radians.
    band
        Low and high corner, cycles per sample, of a flat (Ormsby-like) band. None: a Ricker's.

    Returns
    -------
    ndarray of float32, odd length
        The center is time zero.
    """
    _check(peak_frequency)
    half = math.ceil(1.6 / peak_frequency)
    length = 8 * (2 * half + 1)
    frequency = np.fft.rfftfreq(length)
    if band is None:
        spectrum = (frequency / peak_frequency) ** 2 * np.exp(-((frequency / peak_frequency) ** 2))
    else:
        low, high = band
        rise = 1 + np.exp(-(frequency - low) / (0.15 * low))
        fall = 1 + np.exp((frequency - high) / (0.12 * high))
        spectrum = 1 / rise / fall
    wavelet = np.roll(np.fft.irfft(spectrum * np.exp(1j * phase), length), half)[: 2 * half + 1]
    wavelet *= np.hanning(2 * half + 3)[1:-1] ** 0.3
    return np.asarray(wavelet / np.sqrt((wavelet**2).sum()), dtype=np.float32)


def draw_band(rng: np.random.Generator, peak_frequency: float) -> tuple[float, float]:
    """Return the corners of a band of about two and a half octaves around a frequency."""
    low = peak_frequency * rng.uniform(0.3, 0.6)
    return low, min(peak_frequency * rng.uniform(1.4, 2.0), 0.46)


def _check(peak_frequency: float) -> None:
    if not 0 < peak_frequency < NYQUIST:
        raise ParameterError(
            name="peak_frequency",
            value=f"{peak_frequency:g} cycles per sample",
            mend="It must lie above 0 and below the Nyquist frequency of 0.5.",
        )
