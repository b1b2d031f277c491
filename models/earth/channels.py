"""Channels: sinuous incisions along a layer, filled with other layers and sharp at their banks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.earth.draws import log_uniform, random_sign

Samples = NDArray[np.float32]

FILL_SHIFT = 350.0
"""Stratigraphic coordinate added inside a channel, so that other layers fill it."""


@dataclass(frozen=True, slots=True)
class Incised:
    """Stratigraphic coordinate of what lies in place, and of when it came there."""

    level: Samples
    deposited: Samples


def cut_channels(rng: np.random.Generator, level: Samples, period: float) -> Incised:
    """Return stratigraphic coordinates with one to three channels cut into the layers.

    Channels follow the layers, so folds bend them and faults break them.

    Parameters
    ----------
    rng
        Source of randomness.
    level
        Stratigraphic coordinate, samples, shape (n0, n1, n2).
    period
        Of the wavelet, samples; channels are 0.5 to 3 of it deep.
    """
    n0, n1, n2 = level.shape
    filled, deposited = level.copy(), level.copy()
    for _ in range(int(rng.integers(1, 4))):
        top = level[rng.integers(n0), rng.integers(n1), rng.integers(n2)]
        deepest = min(period * log_uniform(rng, 0.5, 3), 0.25 * n2)
        base = top + (deepest * _profile(rng, (n0, n1)))[..., None]
        inside = (level > top) & (level < base)
        filled[inside] = level[inside] + np.float32(FILL_SHIFT * random_sign(rng))
        deposited[inside] = top
    return Incised(filled, deposited)


def _profile(rng: np.random.Generator, shape: tuple[int, int]) -> Samples:
    """Return the depth of a channel over the map, 0 at its banks and beyond, 1 in its middle."""
    n0, n1 = shape
    width = max(shape)
    azimuth = np.pi / 2 + rng.normal(0, 0.3) if n1 == 1 else rng.uniform(0, np.pi)
    x, y = np.arange(n0)[:, None] - rng.uniform(0, n0), np.arange(n1)[None, :] - rng.uniform(0, n1)
    along = x * np.cos(azimuth) + y * np.sin(azimuth)
    across = -x * np.sin(azimuth) + y * np.cos(azimuth)
    wave_length = rng.uniform(0.3, 1.5) * width
    bend = rng.uniform(0.02, 0.15) * wave_length
    across = across - bend * np.sin(2 * np.pi * along / wave_length + rng.uniform(0, 2 * np.pi))
    half_width = max(log_uniform(rng, 0.02, 0.15) * width, 2.0)
    steepness = rng.uniform(1, 4)
    return np.asarray(
        1 - np.clip(np.abs(across) / half_width, 0, 1) ** (2 * steepness), np.float32
    )
