"""Folds, tilt, unconformity and rugged bands: how layers lie before they are faulted."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.earth.draws import log_uniform, smooth_field
from models.earth.presets import Preset

BUMP = np.dtype([("x", "f8"), ("y", "f8"), ("height", "f8"), ("narrowness", "f8")])
"""A Gaussian bump of the layers; narrowness is 1 / (2 sigma^2), sigma in traces."""

STRUCTURE = np.dtype(
    [
        # The unconformity: depth at the origin, dips, and a long wave on it.
        ("surface", "f8"), ("surface_x", "f8"), ("surface_y", "f8"),
        ("wave_height", "f8"), ("wave_x", "f8"), ("wave_y", "f8"), ("wave_phase", "f8"),
        # Above it: how much of the folding is left, and the tilt.
        ("upper_folding", "f8"), ("upper_tilt_x", "f8"), ("upper_tilt_y", "f8"),
        # Below it: folding, its growth with depth, and the tilt.
        ("folding", "f8"), ("folding_growth", "f8"), ("tilt_x", "f8"), ("tilt_y", "f8"),
        # The rugged band in stratigraphic coordinate.
        ("band_center", "f8"), ("band_half_width", "f8"),
    ]
)  # fmt: skip

UPPER_LAYERS = 700.0
"""Stratigraphic coordinate added above the unconformity, so that other layers lie there."""

NO_UNCONFORMITY = -1e9


@dataclass(frozen=True, slots=True)
class Folding:
    """How layers lie: bumps (n,), structure (1,), and relief of the rugged band (n0, n1)."""

    bumps: NDArray[np.void]
    structure: NDArray[np.void]
    relief: NDArray[np.float32]
    dome: NDArray[np.void] | None
    has_unconformity: bool


def draw_folding(
    rng: np.random.Generator,
    size: tuple[int, int, int],
    period: float,
    preset: Preset,
    *,
    with_dome: bool,
) -> Folding:
    """Return random folds, tilt and, sometimes, an unconformity and a rugged band.

    Parameters
    ----------
    rng
        Source of randomness.
    size
        Of the example, samples; a second axis of one sample makes a section.
    period
        Of the wavelet, samples.
    preset
        Ranges to draw from.
    with_dome
        Add a dome that pushes the layers up; its bump is returned in ``dome``.
    """
    bumps = _draw_bumps(rng, size)
    dome = None
    if with_dome:
        dome = _draw_dome(rng, size)
        bumps = np.concatenate([bumps, dome])
    structure = np.zeros(1, dtype=STRUCTURE)
    structure["surface"], structure["band_half_width"] = NO_UNCONFORMITY, 1.0
    has_unconformity = bool(rng.random() < preset.unconformity)
    if has_unconformity:
        _draw_unconformity(rng, size, structure)
    tilt = math.tan(math.radians(rng.uniform(0, 18))) * (rng.random() < 0.8)
    azimuth = rng.uniform(0, 2 * math.pi)
    structure["folding"] = rng.uniform(0.0, 0.7)
    structure["folding_growth"] = rng.uniform(0.2, 1.1) / size[2]
    structure["tilt_x"], structure["tilt_y"] = tilt * math.cos(azimuth), tilt * math.sin(azimuth)
    relief = np.zeros(size[:2], dtype=np.float32)
    if rng.random() < 0.35 * preset.hard_negatives:
        roughness = rng.uniform(2, 11)
        height = rng.uniform(0.05, 0.7) * period
        relief = (smooth_field(rng, size[:2], (roughness, roughness)) * height).astype(np.float32)
        upper = UPPER_LAYERS if has_unconformity and rng.random() < 0.4 else 0.0
        structure["band_center"] = rng.uniform(0.1, 0.9) * size[2] + upper
        structure["band_half_width"] = rng.uniform(0.02, 0.12) * size[2]
    return Folding(bumps, structure, relief, dome, has_unconformity)


def _draw_bumps(rng: np.random.Generator, size: tuple[int, int, int]) -> NDArray[np.void]:
    """Return 2 to 11 bumps in and around the example."""
    n0, n1, n2 = size
    width = max(n0, n1)
    bumps = np.zeros(int(rng.integers(2, 12)), dtype=BUMP)
    strength = rng.choice((0.3, 1.0), p=(0.4, 0.6))
    bumps["x"] = rng.uniform(-0.2 * n0, 1.2 * n0, bumps.size)
    around = (-0.3 * n0, 0.3 * n0) if n1 == 1 else (-0.2 * width, 1.2 * width)
    bumps["y"] = rng.uniform(*around, bumps.size)
    sigma = rng.uniform(0.08, 0.5, bumps.size) * width
    limit = np.minimum(0.35 * sigma, 0.16 * n2)
    bumps["height"] = rng.uniform(-1, 1, bumps.size) * limit * strength
    bumps["narrowness"] = 1 / (2 * sigma**2)
    return bumps


def _draw_dome(rng: np.random.Generator, size: tuple[int, int, int]) -> NDArray[np.void]:
    """Return the bump above a dome."""
    n0, n1, n2 = size
    dome = np.zeros(1, dtype=BUMP)
    dome["x"] = rng.uniform(0.1, 0.9) * n0
    dome["y"] = 0.0 if n1 == 1 else rng.uniform(0.1, 0.9) * n1
    dome["height"] = rng.uniform(0.15, 0.5) * n2 * rng.uniform(0.3, 0.8)
    dome["narrowness"] = 1 / (2 * (log_uniform(rng, 0.08, 0.2) * n0) ** 2)
    return dome


def _draw_unconformity(
    rng: np.random.Generator, size: tuple[int, int, int], structure: NDArray[np.void]
) -> None:
    """Fill in an unconformity, and the younger layers above it."""
    dip, azimuth = math.tan(math.radians(rng.uniform(0, 6))), rng.uniform(0, 2 * math.pi)
    structure["surface"] = rng.uniform(0.1, 0.8) * size[2]
    structure["surface_x"] = dip * math.cos(azimuth)
    structure["surface_y"] = dip * math.sin(azimuth)
    structure["wave_height"] = rng.uniform(0, 0.04) * size[2]
    structure["wave_x"], structure["wave_y"] = rng.uniform(0.01, 0.09), rng.uniform(0, 0.05)
    structure["wave_phase"] = rng.uniform(0, 2 * math.pi)
    contrast_deg = rng.uniform(0, 4) if rng.random() < 0.5 else rng.uniform(4, 17)
    contrast, azimuth = math.tan(math.radians(contrast_deg)), rng.uniform(0, 2 * math.pi)
    structure["upper_folding"] = rng.uniform(0, 0.4)
    structure["upper_tilt_x"] = contrast * math.cos(azimuth)
    structure["upper_tilt_y"] = contrast * math.sin(azimuth)
