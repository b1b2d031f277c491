"""From reflectivity to a migrated image: wavelet, frequency loss, lateral smear, fault zones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.earth.kernels import convolve_traces
from models.earth.wavelet import draw_band, seismic_wavelet

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Imaged:
    """An image, shape (n0, n1, n2), and the wavelet it was made with."""

    amplitude: Samples
    wavelet: Samples


def smear(samples: Samples, sigma: float) -> Samples:
    """Return samples smoothed along both lateral axes by a Gaussian of ``sigma`` traces."""
    out = ndimage.gaussian_filter1d(samples, sigma, axis=0)
    if samples.shape[1] > 1:
        out = ndimage.gaussian_filter1d(out, sigma, axis=1)
    return np.asarray(out, dtype=np.float32)


def draw_image(
    rng: np.random.Generator, reflectivity: Samples, peak_frequency: float, noise_level: float
) -> Imaged:
    """Return the image of reflectivity with a random wavelet around a peak frequency.

    Parameters
    ----------
    rng
        Source of randomness.
    reflectivity
        Shape (n0, n1, n2).
    peak_frequency
        Cycles per sample.
    noise_level
        Noise over signal; 0.4 of it is added to the reflectivity as scatter.
    """
    scatter = rng.standard_normal(reflectivity.shape, dtype=np.float32)
    reflectivity = reflectivity + np.float32(0.4 * noise_level * reflectivity.std()) * scatter
    phase = (0.0, rng.normal(0, 0.4), rng.uniform(-np.pi, np.pi))[int(rng.integers(3))]
    wide = rng.random() < 0.5

    def draw_wavelet(frequency: float) -> Samples:
        band = draw_band(rng, frequency) if wide else None
        return seismic_wavelet(frequency, phase=phase, band=band)

    wavelet = draw_wavelet(peak_frequency)
    amplitude = convolve_traces(reflectivity, wavelet)
    if rng.random() < 0.4:
        deep = convolve_traces(reflectivity, draw_wavelet(peak_frequency * rng.uniform(0.5, 0.85)))
        share = np.linspace(0, 1, reflectivity.shape[2], dtype=np.float32)
        amplitude = amplitude * (1 - share) + deep * share
    if rng.random() < 0.6:
        amplitude = smear(amplitude, rng.uniform(0.3, 1.6))
    return Imaged(amplitude, wavelet)


def blur_fault_zones(rng: np.random.Generator, amplitude: Samples, distance: Samples) -> Samples:
    """Return the image with the zones along faults blurred, dimmed, both or neither.

    Parameters
    ----------
    rng
        Source of randomness.
    amplitude, distance
        Image and distance to the nearest visible fault in samples, shape (n0, n1, n2).
    """
    zone = np.exp(-((distance / np.float32(rng.uniform(1, 4))) ** 2))
    if rng.random() < 0.6:
        amplitude = amplitude * (1 - zone) + zone * smear(amplitude, rng.uniform(1, 3.5))
    if rng.random() < 0.6:
        amplitude = amplitude * (1 - np.float32(rng.uniform(0.1, 0.7)) * zone)
    return amplitude
