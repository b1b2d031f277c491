"""Faults: surfaces that dip and bend, slip that fades to their rims, and sets of them.

Slip is greatest at a fault's center and zero on an ellipse around it; both walls move half of it,
less with distance (reverse drag). A throw is labelled only where it can be seen.

References
----------
Barnett et al. (1987). Displacement geometry in the volume containing a single normal fault. AAPG
Bulletin, 71(8), 925-937.
"""

import math

import numpy as np
from numpy.typing import NDArray

from models.earth.draws import log_uniform, random_sign
from models.earth.presets import Preset

FAULT = np.dtype(
    [
        # Center, samples; unit normal; horizontal unit vector of strike; unit vector down dip.
        ("x", "f8"), ("y", "f8"), ("z", "f8"),
        ("normal_x", "f8"), ("normal_y", "f8"), ("normal_z", "f8"),
        ("strike_x", "f8"), ("strike_y", "f8"),
        ("down_x", "f8"), ("down_y", "f8"), ("down_z", "f8"),
        # Half axes of the ellipse of slip, slip at the center, curvatures: samples.
        ("half_length", "f8"), ("half_height", "f8"), ("slip", "f8"),
        ("bend_strike", "f8"), ("bend_dip", "f8"),
        # Lateral decay of the movement, half width of drag, push-down in the fault zone.
        ("reach", "f8"), ("drag", "f8"), ("sag", "f8"), ("sag_half_width", "f8"),
        # Least throw that is labelled; distance in the section over distance in space.
        ("visible_from", "f8"), ("distance_scale", "f8"),
    ]
)  # fmt: skip

FAULTS_TOO_SMALL = 0.35
"""Throws up to here, samples, are never labelled."""


def visible_throw(period: float, noise_level: float) -> float:
    """Return the least throw, samples, that counts as a fault.

    Tied to the period of the wavelet and to noise: a throw that nobody could see is
    geology, but no label.
    """
    return max(FAULTS_TOO_SMALL, period * (0.05 + 0.3 * noise_level))


def draw_faults(
    rng: np.random.Generator,
    size: tuple[int, int, int],
    period: float,
    noise_level: float,
    preset: Preset,
) -> NDArray[np.void]:
    """Return a set of faults, youngest first.

    Parameters
    ----------
    rng
        Source of randomness.
    size
        Of the example, samples; a second axis of one sample makes a section.
    period
        Of the wavelet, samples.
    noise_level
        Noise deviation over signal deviation; decides what is visible.
    preset
        Ranges to draw from.

    Returns
    -------
    ndarray of FAULT records, shape (n,)
    """
    kinds = list(preset.fault_sets)
    kind = kinds[int(rng.choice(len(kinds), p=list(preset.fault_sets.values())))]
    low, high = preset.fault_counts[kind]
    faults = np.zeros(int(rng.integers(low, high + 1)), dtype=FAULT)
    _draw_orientations(rng, faults, kind, preset, is_section=size[1] == 1)
    _draw_slips(rng, faults, kind, size, period, preset)
    _draw_centers(rng, faults, kind, size)
    _draw_zones(rng, faults, size, period, kind, preset)
    faults["visible_from"] = visible_throw(period, noise_level)
    faults["distance_scale"] = 1.0
    if size[1] == 1:
        faults["distance_scale"] = 1 / np.hypot(faults["normal_x"], faults["normal_z"])
    return faults


def orient(
    faults: NDArray[np.void], azimuth: NDArray[np.float64], dip: NDArray[np.float64]
) -> None:
    """Set the unit vectors of faults that dip by ``dip`` towards ``azimuth``, both radians."""
    x, y = np.cos(azimuth), np.sin(azimuth)
    faults["strike_x"], faults["strike_y"] = -y, x
    faults["down_x"], faults["down_y"] = x * np.cos(dip), y * np.cos(dip)
    faults["down_z"] = np.sin(dip)
    faults["normal_x"], faults["normal_y"] = x * np.sin(dip), y * np.sin(dip)
    faults["normal_z"] = -np.cos(dip)


def _draw_orientations(
    rng: np.random.Generator,
    faults: NDArray[np.void],
    kind: str,
    preset: Preset,
    *,
    is_section: bool,
) -> None:
    """Draw azimuths and dips.

    Faults dip to one side in domino and listric sets, to both in conjugate ones, anywhere in polygonal ones.
    """
    count = faults.size
    spread = 0.12 if kind in ("domino", "conjugate", "listric") else 0.4
    base = rng.normal(0, 0.35) if is_section else rng.uniform(0, 2 * math.pi)
    azimuth = base + rng.normal(0, spread, count)
    if kind == "polygonal":
        turn = (-0.9, 0.9) if is_section else (0.0, 2 * math.pi)
        azimuth = rng.uniform(*turn, count)
    facing = rng.choice((-1, 1), count)
    if kind in ("domino", "listric"):
        facing = np.full(count, random_sign(rng))
    azimuth = np.where(facing > 0, azimuth, azimuth + math.pi)
    steep = rng.random() < preset.steep_share
    common = rng.uniform(70, 89) if steep else rng.uniform(45, 78)
    dip_deg = rng.uniform(*((68, 90) if steep else (42, 85)), count)
    if kind in ("domino", "polygonal", "conjugate"):
        dip_deg = common + rng.normal(0, 5, count)
    elif kind == "listric":
        dip_deg = rng.uniform(45, 62) + rng.normal(0, 4, count)
    orient(faults, azimuth, np.radians(np.clip(dip_deg, 40, 90)))


def _draw_slips(
    rng: np.random.Generator,
    faults: NDArray[np.void],
    kind: str,
    size: tuple[int, int, int],
    period: float,
    preset: Preset,
) -> None:
    """Draw slip and size: throws in periods of the wavelet, heights that can carry them."""
    n0, n1, n2 = size
    width = max(n0, n1)
    in_set = kind in ("domino", "polygonal")
    set_factor = rng.uniform(0.6, 1.4)
    set_height = rng.uniform(0.12, 0.45) * n2
    for fault in faults:
        periods = preset.small_throw_periods if in_set else preset.throw_periods
        throw = period * log_uniform(rng, *periods) * set_factor
        slip = min(max(throw, 0.4), 0.2 * n2) / max(fault["down_z"], 0.5) * 1.25
        if rng.random() < 0.1:
            slip *= -0.7  # a reverse fault
        large = not in_set and rng.random() < preset.large_share
        wide = large or n1 == 1
        fault["half_length"] = rng.uniform(*((1.2, 4.0) if wide else (0.25, 1.0))) * width
        height = rng.uniform(*((0.8, 3.5) if large else (0.12, 0.7))) * n2
        if in_set:
            height = min(height, set_height * rng.uniform(0.7, 1.3))
        fault["half_height"] = max(height, abs(slip) * 2.5, 12)
        fault["slip"] = slip


def _draw_centers(
    rng: np.random.Generator, faults: NDArray[np.void], kind: str, size: tuple[int, int, int]
) -> None:
    """Draw centers: anywhere, in a row (domino), in one depth interval (domino, polygonal)."""
    n0, n1, n2 = size
    count = faults.size
    is_section = n1 == 1
    faults["x"] = rng.uniform(0, n0, count)
    faults["y"] = 0.0 if is_section else rng.uniform(0, n1, count)
    faults["z"] = rng.uniform(0, n2, count)
    if kind == "domino":
        spacing = rng.uniform(9, 40)
        offset = (np.arange(count) - count / 2) * spacing + rng.normal(0, 0.12 * spacing, count)
        # The row runs across the strike of its first fault.
        across_x, across_y = faults["strike_y"][0], -faults["strike_x"][0]
        faults["x"] = rng.uniform(0, n0) + offset * across_x
        if not is_section:
            faults["y"] = rng.uniform(0.3, 0.7, count) * n1 + offset * across_y
    if kind in ("domino", "polygonal"):
        faults["z"] = rng.uniform(0, n2) + rng.normal(0, 0.1 * n2, count)


def _draw_zones(
    rng: np.random.Generator,
    faults: NDArray[np.void],
    size: tuple[int, int, int],
    period: float,
    kind: str,
    preset: Preset,
) -> None:
    """Draw curvature, decay, drag and push-down; all faults of a listric set flatten with depth."""
    n0, n1, n2 = size
    count, width = faults.size, max(n0, n1)
    faults["bend_strike"] = rng.normal(0, 0.001, count) * 96 / width
    gentle = rng.normal(0, 0.0004, count)
    listric = np.abs(rng.normal(0, 0.0012, count))
    faults["bend_dip"] = np.where(rng.random(count) < 0.35, listric, gentle) * 96 / n2
    if kind == "listric":
        faults["bend_dip"] = -rng.uniform(0.0015, 0.004, count) * 96 / n2
    faults["reach"] = [log_uniform(rng, 8, 3 * n0) for _ in range(count)]
    drag = rng.uniform(0.3, 2.5) if rng.random() < preset.drag else 0.0
    faults["drag"] = drag * rng.uniform(0.5, 1.5, count)
    sag = log_uniform(rng, 0.06, 0.4) * period if rng.random() < preset.sag else 0.0
    faults["sag"] = sag * rng.normal(0.6, 0.5, count)
    faults["sag_half_width"] = rng.uniform(1.5, 5.0) * rng.uniform(0.7, 1.4, count)
