"""How fine a picture is along one of its axes."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def quantile(samples: Samples, axis: int, share: float) -> float:
    """Return the frequency along an axis, cycles a pixel, below which so much of the power lies.

    What is constant along the axis counts for nothing.
    """
    frequencies, power = spectrum(samples, axis)
    total = np.cumsum(power)
    return float(frequencies[np.searchsorted(total, share * total[-1])])


def spectrum(samples: Samples, axis: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies above 0, cycles a pixel, and the mean power at each along an axis."""
    tapered = np.moveaxis(samples, axis, -1)
    tapered = (tapered - tapered.mean(axis=-1, keepdims=True)) * np.hanning(tapered.shape[-1])
    power: NDArray[np.float64] = np.mean(np.abs(np.fft.rfft(tapered, axis=-1)) ** 2, axis=0)
    return np.asarray(np.fft.rfftfreq(tapered.shape[-1])[1:]), power[1:]
