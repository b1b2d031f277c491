"""What looks like a fault and is none: bright spots with sharp ends, salt and slumps."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.earth.draws import log_uniform, smooth_field

Samples = NDArray[np.float32]


def vary_amplitude(rng: np.random.Generator, reflectivity: Samples) -> Samples:
    """Return reflectivity times a smooth lateral change of up to e^0.35."""
    lateral = rng.uniform(20, 120)
    scales = (lateral, lateral, rng.uniform(10, 60))
    change = rng.uniform(0, 0.35) * smooth_field(rng, reflectivity.shape, scales)
    return np.asarray(reflectivity * np.exp(change), dtype=np.float32)


def add_bright_spots(
    rng: np.random.Generator, reflectivity: Samples, level: Samples, period: float
) -> Samples:
    """Return reflectivity with one or two bright patches that end abruptly along a layer.

    Parameters
    ----------
    rng
        Source of randomness.
    reflectivity, level
        Reflectivity and stratigraphic coordinate, shape (n0, n1, n2).
    period
        Of the wavelet, samples; patches are 0.3 to 2 of it thick.
    """
    n0, n1, n2 = reflectivity.shape
    for _ in range(int(rng.integers(1, 3))):
        layer = level[rng.integers(n0), rng.integers(n1), rng.integers(n2)]
        x = (np.arange(n0) - rng.uniform(0, n0)) / (rng.uniform(0.05, 0.25) * n0)
        y = (np.arange(n1) - rng.uniform(0, n1)) / (rng.uniform(0.05, 0.25) * max(n1, 8))
        if n1 == 1:
            y = np.zeros(1)
        inside = (x[:, None] ** 2 + y[None, :] ** 2 < 1)[..., None]
        near = np.abs(level - layer) < rng.uniform(0.3, 2) * period
        reflectivity = reflectivity * (1 + np.float32(rng.uniform(0.5, 4)) * (inside & near))
    return np.asarray(reflectivity, dtype=np.float32)


def draw_dome_body(
    rng: np.random.Generator, size: tuple[int, int, int], dome: NDArray[np.void]
) -> NDArray[np.bool_]:
    """Return where a salt dome is: below the bump that it pushes up."""
    n0, n1, n2 = size
    x, y = np.arange(n0)[:, None], np.arange(n1)[None, :]
    bump = dome[0]
    square = (x - bump["x"]) ** 2 + (y - bump["y"]) ** 2
    height = bump["height"] * rng.uniform(1.25, 3.3)
    top = n2 * rng.uniform(0.75, 1.1) - height * np.exp(-square * bump["narrowness"])
    top = top + _wobble(rng, (n0, n1))
    return np.asarray(np.arange(n2) > top[..., None])


def draw_slump_body(rng: np.random.Generator, size: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Return where a slump lens is: between a wavy top and a base that pinches out."""
    n0, n1, n2 = size
    top = rng.uniform(0.1, 0.8) * n2 + _wobble(rng, (n0, n1))
    across = (np.arange(n0)[:, None] - rng.uniform(0, n0)) / (rng.uniform(0.15, 0.6) * n0)
    thickness = rng.uniform(0.05, 0.25) * n2 * np.clip(1 - across**2, 0, 1)
    depth = np.arange(n2)
    return np.asarray((depth > top[..., None]) & (depth < (top + thickness)[..., None]))


def fill_chaotic(
    rng: np.random.Generator, reflectivity: Samples, body: NDArray[np.bool_]
) -> Samples:
    """Return reflectivity with a body replaced by chaotic texture."""
    chaos = rng.standard_normal(reflectivity.shape, dtype=np.float32)
    sigma = rng.uniform(0.4, 3)
    lateral = 0.0 if reflectivity.shape[1] == 1 else sigma
    chaos = ndimage.gaussian_filter(chaos, (sigma, lateral, rng.uniform(0, 1)))
    chaos *= reflectivity.std() / (chaos.std() + 1e-9) * log_uniform(rng, 0.15, 1.2)
    return np.where(body, chaos, reflectivity).astype(np.float32)


def _wobble(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return the relief of a body's surface, samples."""
    scale = rng.uniform(6, 40)
    return (smooth_field(rng, shape, (scale, scale)) * rng.uniform(0.5, 5)).astype(np.float32)
