"""Strike and dip of fault probability where it is high, true ones in metres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.surfaces.frame import Frame
from models.surfaces.kernels import normals_at

Float = NDArray[np.float64]

REACH = (4, 4, 6)
"""Samples along each axis over which products of derivatives are averaged."""

WIDTH = (2.0, 2.0, 3.0)
"""Deviations of the Gaussian, samples."""

HALO = 8
"""Samples beyond its core that a tile has to read, for normals and for ridges."""

AZIMUTHS = 360
NONE = 0


def _window() -> tuple[NDArray[np.int32], Float]:
    """Return the taps of the structure tensor with their weights.

    Every other sample along each axis: the central differences between them see all samples, at an eighth
    of the cost.
    """
    axes = [np.arange(-reach // 2 * 2, reach + 1, 2) for reach in REACH]
    taps = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    weights = np.exp(-0.5 * ((taps / np.array(WIDTH)) ** 2).sum(axis=1))
    kept = weights > 0.03
    return taps[kept].astype(np.int32), weights[kept]


TAPS, WEIGHTS = _window()


def around(
    probability: NDArray[np.float32], before: tuple[int, int, int], after: tuple[int, int, int]
) -> NDArray[np.float32]:
    """Return a block with not live samples around it; an axis of one sample is repeated instead."""
    inner = probability.shape
    sides = [a + n + b for a, n, b in zip(before, inner, after, strict=True)]
    block = np.full(sides, np.nan, np.float32)
    # One sample is spread over its whole axis: then there is no slope along it.
    places = (
        slice(None) if n == 1 else slice(a, a + n) for a, n in zip(before, inner, strict=True)
    )
    block[tuple(places)] = probability
    return block


@dataclass(frozen=True, slots=True, eq=False)
class Normals:
    """Normals at candidates.

    Attributes
    ----------
    in_samples
        Unit normals as if samples were equally far apart along all axes, shape (n, 3).
    in_space
        Unit normals in metres east, north, down, pointing up, shape (n, 3).
    """

    in_samples: Float
    in_space: Float


def normals_of(
    probability: NDArray[np.float32], positions: NDArray[np.int32], frame: Frame
) -> Normals:
    """Return the normals of the ridges of probability; NaN where it is flat.

    Parameters
    ----------
    probability
        NaN where not live, with `HALO` samples around all positions.
    positions
        Whole samples, shape (n, 3).
    frame
        Of the survey.

    Notes
    -----
    The normal is the eigenvector of the structure tensor's largest eigenvalue, taken in samples, in which
    the network's ridges are about equally thick; as a covector it then goes to metres, which is exact for
    planes. In metres the tensor would weigh the noise along the finest axis highest.

    References
    ----------
    Hale, D. (2009). Structure-oriented smoothing and semblance. CWP report 635.
    """
    found = normals_at(probability, positions, TAPS, WEIGHTS)
    in_space = found @ frame.to_space.T
    in_space /= np.linalg.norm(in_space, axis=1, keepdims=True)
    in_space[in_space[:, 2] > 0] *= -1
    return Normals(found, in_space)


def strike_and_dip(in_space: Float, frame: Frame) -> tuple[Float, Float]:
    """Return strike and dip of unit normals that point up, degrees.

    Parameters
    ----------
    in_space
        Metres east, north, down; shape (n, 3).
    frame
        Of the survey; on a line there is no strike, and the dip is the apparent one.

    Returns
    -------
    strike_deg
        0 to 360, clockwise from grid north (CDP Y); the surface dips to the right of it.
    dip_deg
        0 to 90 from the horizontal.
    """
    azimuth = np.degrees(np.arctan2(in_space[:, 0], in_space[:, 1]))
    strike = (azimuth - 90.0) % 360.0
    if frame.missing is not None:
        strike = np.full_like(strike, np.nan)
    dip = np.degrees(np.arccos(np.clip(-in_space[:, 2], 0.0, 1.0)))
    return strike, dip


def encoded(in_space: Float) -> NDArray[np.uint16]:
    """Return codes of unit normals that point up, to whole degrees; `NONE` for NaN.

    Both sides of a tile's face then compare the same numbers, at two bytes a sample.
    """
    dip = np.rint(np.degrees(np.arccos(np.clip(-in_space[:, 2], 0.0, 1.0))))
    azimuth = np.rint(np.degrees(np.arctan2(in_space[:, 0], in_space[:, 1]))) % AZIMUTHS
    code = 1 + dip * AZIMUTHS + azimuth
    return np.where(np.isnan(code), NONE, code).astype(np.uint16)


def decoded() -> Float:
    """Return the unit normals of all codes, shape (codes, 3); that of `NONE` is zero."""
    number = np.arange(91 * AZIMUTHS)
    dip, azimuth = np.radians(number // AZIMUTHS), np.radians(number % AZIMUTHS)
    normals = np.stack(
        [np.sin(azimuth) * np.sin(dip), np.cos(azimuth) * np.sin(dip), -np.cos(dip)], axis=1
    )
    return np.concatenate([np.zeros((1, 3)), normals])
