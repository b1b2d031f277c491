"""Where a reservoir map lies in CDP X/Y."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MapFrame:
    """A shift and a turn between positions on the map and CDP X/Y, both in metres.

    ::

          CDP Y (north)
            ^   y of the map
            |  /
            | /  azimuth, clockwise from north
            |/
            O------> CDP X (east)
             `--. x of the map, 90 degrees clockwise from its y axis

    With azimuth 0 the map's x axis points east and its y axis north.

    Parameters
    ----------
    origin_x, origin_y
        CDP X/Y of the outer corner of cell 0, 0 (point O).
    azimuth_deg
        Clockwise angle from north (CDP Y) to the map's y axis, degrees.
    """

    origin_x: float
    origin_y: float
    azimuth_deg: float = 0.0

    @property
    def _axes(self) -> Float:
        """Unit vectors of the map's x and y axes in CDP X/Y, one a row."""
        turn = math.radians(self.azimuth_deg)
        return np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])

    def to_cdp(self, positions_m: Float) -> Float:
        """Return CDP X/Y of positions on the map, shape (n, 2) as given."""
        return np.array([self.origin_x, self.origin_y]) + positions_m @ self._axes

    def to_map(self, cdp: Float) -> Float:
        """Return positions on the map of CDP X/Y, shape (n, 2) as given."""
        return np.asarray((cdp - np.array([self.origin_x, self.origin_y])) @ self._axes.T)
