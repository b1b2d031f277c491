"""Metres east, north and down of one step along each axis of a volume."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError

Float = NDArray[np.float64]

BIN_M = 25.0
"""Distance of lines where nothing is known of it."""

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """How the axes of a volume lie in space.

    ::

          north (CDP Y)
            ^   inline step
            |  /
            | /
            |/      crossline step
            O------=------------> east (CDP X)          down is positive

    Parameters
    ----------
    inline, crossline, sample
        Metres (east, north, down) from a sample to the next one along each axis.
    missing
        Axis along which there is but one trace, 0 or 1: dips are apparent ones in the plane of the line, and
        there is no strike. None in a volume.
    known
        False where the distance of the lines was not known and is `BIN_M`.
    """

    inline: Vector
    crossline: Vector
    sample: Vector
    missing: int | None = None
    known: bool = True

    @property
    def steps(self) -> Float:
        """One step along each axis a row: metres east, north, down; shape (3, 3)."""
        return np.array([self.inline, self.crossline, self.sample])

    @property
    def to_space(self) -> Float:
        """Matrix that takes a gradient per sample to one per metre (up to its length), shape (3, 3)."""
        return np.asarray(np.linalg.inv(self.steps))

    @property
    def cell_m3(self) -> float:
        """Volume of a sample, cubic metres."""
        return float(abs(np.linalg.det(self.steps)))


def down_step(interval: float, *, domain: str, velocity: float) -> float:
    """Return the metres that one sample goes down.

    Parameters
    ----------
    interval
        Two-way time in ms, or depth in metres.
    domain
        ``time`` or ``depth``.
    velocity
        Of the rock, m/s; for time only.

    Raises
    ------
    ParameterError
        If the velocity is not positive.
    """
    if domain == "depth":
        return interval
    if not 0 < velocity < np.inf:
        raise ParameterError("--velocity", f"{velocity:g} m/s", "It must be positive.")
    return velocity * interval / 2000.0
