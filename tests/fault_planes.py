"""Planes of known strike and dip as fault probability, in any frame."""

import numpy as np
from numpy.typing import NDArray

from models.surfaces.frame import Frame

Float = NDArray[np.float64]
Shape = tuple[int, int, int]

RIDGE_WIDTH = 1.3
"""Deviation of a ridge across its plane, samples."""


def turned_frame(turn_deg: float, inline_m: float, crossline_m: float, down_m: float) -> Frame:
    """Inlines step ``turn_deg`` north of east, crosslines at right angles to them."""
    turn = np.radians(turn_deg)
    along = (inline_m * np.cos(turn), inline_m * np.sin(turn), 0.0)
    across = (-crossline_m * np.sin(turn), crossline_m * np.cos(turn), 0.0)
    return Frame(along, across, (0.0, 0.0, down_m))


def unit_normal(strike_deg: float, dip_deg: float) -> Float:
    """Of a plane that dips to the right of its strike; east, north, down, pointing up."""
    azimuth, dip = np.radians(strike_deg + 90), np.radians(dip_deg)
    return np.array([np.sin(azimuth) * np.sin(dip), np.cos(azimuth) * np.sin(dip), -np.cos(dip)])


def distance_to(
    shape: Shape, frame: Frame, strike_deg: float, dip_deg: float, aside: float = 0.3
) -> Float:
    """Signed distance in samples, across the plane, of every sample to a plane near the middle."""
    across = frame.steps @ unit_normal(strike_deg, dip_deg)
    places = np.indices(shape).transpose(1, 2, 3, 0) - (np.array(shape) / 2 - aside)
    return np.asarray(places @ (across / np.linalg.norm(across)))


def probability_of(*distances: Float, noise: float = 0.0, seed: int = 0) -> NDArray[np.float32]:
    """Ridges on planes, with white noise."""
    ridges = np.max([np.exp(-0.5 * (each / RIDGE_WIDTH) ** 2) for each in distances], axis=0)
    drawn = np.random.default_rng(seed).standard_normal(ridges.shape)
    return np.asarray(np.clip(ridges + noise * drawn, 0, 1), dtype=np.float32)
