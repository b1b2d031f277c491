"""Noise: random, non-stationary, white or band-limited; coherent events that cut the layers."""

import numpy as np
from numpy.typing import NDArray

from models.earth.draws import random_sign, smooth_field
from models.earth.imaging import smear
from models.earth.kernels import convolve_traces
from models.earth.wavelet import draw_band, seismic_wavelet

Samples = NDArray[np.float32]


def random_noise(
    rng: np.random.Generator, shape: tuple[int, int, int], wavelet: Samples, peak_frequency: float
) -> Samples:
    """Return noise of unit deviation whose strength varies over the example.

    Parameters
    ----------
    rng
        Source of randomness.
    shape
        Of the example.
    wavelet
        Of the image: a part of the noise has its band.
    peak_frequency
        Of that wavelet, cycles per sample.
    """
    noise = rng.standard_normal(shape, dtype=np.float32)
    if rng.random() < 0.75:
        if rng.random() >= 0.5:
            other = min(peak_frequency * rng.uniform(0.8, 2), 0.24)
            wavelet = seismic_wavelet(other, band=draw_band(rng, other))
        noise = smear(convolve_traces(noise, wavelet), rng.uniform(0.01, 1.6))
    strength = np.exp(rng.uniform(0, 0.7) * smooth_field(rng, shape, (80, 80, 60)))
    noise = noise * strength
    return np.asarray(noise / (noise.std() + 1e-9), dtype=np.float32)


def coherent_noise(
    rng: np.random.Generator, shape: tuple[int, int, int], wavelet: Samples
) -> Samples:
    """Return one or two families of dipping events or smiles, 3 to 30% of unit deviation."""
    series = np.convolve(rng.standard_normal(1500), wavelet, mode="same")
    series = (series / (series.std() + 1e-9)).astype(np.float32)
    x, y, z = np.ogrid[: shape[0], : shape[1], : shape[2]]
    total = np.zeros(shape, dtype=np.float32)
    for _ in range(int(rng.integers(1, 3))):
        if rng.random() < 0.5:
            phase = z + rng.uniform(0.3, 2) * random_sign(rng) * x + rng.uniform(-1, 1) * y
        else:
            lateral = rng.uniform(0.3, 1.3) * (x - rng.uniform(-0.2, 1.2) * shape[0])
            crosswise = y - rng.uniform(0, shape[1])
            phase = np.sqrt(lateral**2 + crosswise**2 + (z + rng.uniform(0, shape[2])) ** 2)
        events = series[(np.abs(phase) % (series.size - 1)).astype(int)]
        where = np.clip(0.3 + smooth_field(rng, shape, (60, 60, 40)), 0, 1.5)
        total += np.float32(rng.uniform(0.03, 0.3)) * events * where
    return total
