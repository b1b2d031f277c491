"""A reservoir map in memory, whatever file it came from."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError
from storage.maps.spread import counts_as_zero

Float = NDArray[np.float64]

UNNAMED = "MAP"
"""Kind of a map whose file does not say what its values are."""


@dataclass(frozen=True, slots=True)
class GridMap:
    """A reservoir map.

    ::

        y ^  row 1: values[1, 0], values[1, 1]     x and y start at the outer corner of cell 0, 0;
          |  row 0: values[0, 0], values[0, 1]     x points 90 degrees clockwise from y
          +------------------------------> x

    Attributes
    ----------
    kind
        What the values are, such as ``OIL`` or ``PORO``; `UNNAMED` where the file does not say.
    values
        Shape (rows, columns), float64; row 0 lies at y = 0. NaN, after `checked` 0, without a value.
    cell_width_m, cell_height_m
        Size of a cell, metres.
    without_value
        Number of cells that had no value and hold 0.
    sha256
        Of the file and of what was chosen from it, hexadecimal.
    corner
        CDP X/Y of the outer corner of cell 0, 0, metres; None where the file does not say.
    azimuth_deg
        Clockwise angle from north (CDP Y) to the y axis of the map, degrees.
    form
        What the file is, for people; what was made of it, where that is not plain.
    below_zero
        Number of cells that held a little less than 0 and hold 0.
    """

    kind: str
    values: Float
    cell_width_m: float
    cell_height_m: float
    without_value: int
    sha256: str
    corner: tuple[float, float] | None = None
    azimuth_deg: float = 0.0
    form: str = "text"
    below_zero: int = 0

    def facts(self) -> dict[str, Any]:
        """Return all but the values, as plain values."""
        return {
            "kind": self.kind,
            "cell_width_m": self.cell_width_m,
            "cell_height_m": self.cell_height_m,
            "corner": None if self.corner is None else list(self.corner),
            "azimuth_deg": self.azimuth_deg,
            "form": self.form,
            "sha256": self.sha256,
        }

    def checked(self, path: Path) -> Self:
        """Return the map with 0 and a count where cells have no value (NaN).

        Values a little below 0, as gridding leaves them beside steep ground, become 0 and are counted.

        Parameters
        ----------
        path
            The file, for messages.

        Raises
        ------
        MapError
            If no cell has a value, or one is infinite or negative.
        """
        missing = np.isnan(self.values)
        if missing.all():
            raise nothing_in(path)
        self.values[missing] = 0.0
        below = self.values < 0
        if below.any() and counts_as_zero(self.values.min(), self.values.max()):
            self.values[below] = 0.0
        wrong = np.isinf(self.values) | (self.values < 0)
        if wrong.any():
            row, column = (int(index[0]) for index in np.nonzero(wrong))
            raise MapError(
                path,
                f"{int(wrong.sum())} values are negative or infinite, the first "
                f"{self.values[row, column]:g} in row {row}, column {column} (from 0)",
                "Values are 0 or more; write NaN or -999.25 where there is none.",
            )
        return replace(
            self, without_value=int(missing.sum()), below_zero=int(np.count_nonzero(below))
        )


def nothing_in(path: Path) -> MapError:
    """Return the error of a map without any value."""
    return MapError(path, "no cell has a value", "Export the map again with its values.")


def say_map(
    form: str,
    shape: tuple[int, ...],
    cell_m: tuple[float, float],
    corner: tuple[float, float] | None,
    azimuth_deg: float,
) -> str:
    """Say what a map is: its form, size and place, for people."""
    place = "placed nowhere"
    if corner is not None:
        place = f"corner at CDP X/Y {corner[0]:.2f}, {corner[1]:.2f}, azimuth {azimuth_deg:.6g} degrees"
    size = f"{shape[1]} x {shape[0]} cells of {cell_m[0]:g} x {cell_m[1]:g} m"
    return f"{form}, {size}, {place}"
