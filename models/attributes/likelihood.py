"""Fault likelihood: semblance gathered along every plane that a fault could lie in, and the worst kept."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from models.attributes.dips import Samples
from models.attributes.semblance import semblance_sums

HEIGHT = 6.0
"""Deviation of the Gaussian down the fault plane, samples; along its strike it is half of that."""

SECTION_TILTS = tuple(float(each) for each in range(-45, 46, 9))
"""Degrees from the vertical, as if samples and traces were equally far apart."""

VOLUME_TILTS = (-40.0, -20.0, 0.0, 20.0, 40.0)

STRIKES = 8
"""Directions over half a turn."""

POWER = 8
"""Of the semblance: spreads what is nearly 1."""

MARGIN = 24
"""Samples of reflection at each end, as a Fourier transform joins the ends."""


def fault_likelihood(amplitude: Samples) -> Samples:
    """Return 1 - semblance^8 along the fault plane on which it is largest, 0 to 1.

    Parameters
    ----------
    amplitude
        Shape (n0, n1, n2), normalized; n1 = 1 is a section, where planes of all dips are scanned; in a
        volume all strikes are, too.

    Notes
    -----
    Smoothing along a plane is one product in the Fourier domain, whatever its strike and dip.

    References
    ----------
    Hale, D. (2013). Methods to compute fault images, extract fault surfaces, and estimate fault throws
    from 3D seismic images. Geophysics, 78(2), O33-O43.
    """
    shape = amplitude.shape
    sides = [1 if n == 1 else fft.next_fast_len(n + 2 * MARGIN, real=True) for n in shape]
    before = [0 if n == 1 else MARGIN for n in shape]
    widths = [(a, side - n - a) for a, side, n in zip(before, sides, shape, strict=True)]
    inner = tuple(slice(a, a + n) for a, n in zip(before, shape, strict=True))
    stack, power = (
        fft.rfftn(np.pad(each, widths, mode="symmetric"))
        for each in semblance_sums(amplitude, reach=1)
    )
    semblance = np.ones(shape, dtype=np.float32)
    for plane in _planes(sides):
        alike, whole = (fft.irfftn(each * plane, sides)[inner] for each in (stack, power))
        np.minimum(semblance, np.clip(alike / np.maximum(whole, 1e-9), 0, 1), out=semblance)
    return np.asarray(1 - semblance**POWER, dtype=np.float32)


def _planes(sides: list[int]) -> Iterator[NDArray[np.float32]]:
    """Yield the Fourier transform of the Gaussian on each fault plane."""
    section = sides[1] == 1
    k0 = 2 * np.pi * fft.fftfreq(sides[0])[:, None, None]
    k1 = 2 * np.pi * fft.fftfreq(sides[1])[None, :, None]
    k2 = 2 * np.pi * fft.rfftfreq(sides[2])[None, None, :]
    for strike in [0.0] if section else np.pi * np.arange(STRIKES) / STRIKES:
        across = np.cos(strike) * k0 + np.sin(strike) * k1
        along = np.cos(strike) * k1 - np.sin(strike) * k0
        for tilt in np.radians(SECTION_TILTS if section else VOLUME_TILTS):
            down = np.sin(tilt) * across + np.cos(tilt) * k2
            spread = (HEIGHT * down) ** 2 + (HEIGHT / 2 * along) ** 2
            yield np.exp(-spread / 2).astype(np.float32)
