"""Rectangles of a map that a step of the search looks at, and what wells take away within them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.wells.areas.kernels import take_disc
from models.wells.disc import cells_within
from models.wells.objective import ValueMap

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of cells of a map."""

    rows: slice
    columns: slice
    width_m: float
    height_m: float

    @classmethod
    def around(cls, value_map: ValueMap, centre: Float, half_m: float) -> "Window":
        """Return the cells within so many metres of a point along x and y."""
        width, height = value_map.cell_width_m, value_map.cell_height_m
        rows, columns = value_map.values.shape
        top, left = int((centre[1] - half_m) / height), int((centre[0] - half_m) / width)
        bottom, right = (
            int((centre[1] + half_m) / height) + 1,
            int((centre[0] + half_m) / width) + 1,
        )
        return cls(
            slice(max(0, top), min(rows, bottom)), slice(max(0, left), min(columns, right)),
            width, height,
        )  # fmt: skip

    @property
    def corners_m(self) -> tuple[Float, Float]:
        """Lower left and upper right corner, metres."""
        low = np.array([self.columns.start * self.width_m, self.rows.start * self.height_m])
        return low, np.array([self.columns.stop * self.width_m, self.rows.stop * self.height_m])

    def forbid(self, gain: NDArray[np.float32], centre: Float, distance_m: float) -> None:
        """Let no well stand nearer to a point than a distance."""
        rows, columns, near = cells_within(
            centre - self.corners_m[0], distance_m, gain.shape, self.width_m, self.height_m
        )
        gain[rows, columns][near] = -np.inf

    def take(self, left: NDArray[np.float32], centre: Float, radius_m: float) -> None:
        """Take off what a disc covers, about: a cell at its rim by how far its centre is within."""
        x, y = centre - self.corners_m[0]
        take_disc(left, float(x), float(y), float(radius_m), self.width_m, self.height_m)
