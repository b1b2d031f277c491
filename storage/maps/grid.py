"""A reservoir map in memory, whatever file it came from."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError

Float = NDArray[np.float64]


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
        ``OIL`` or ``PORO``.
    values
        Shape (rows, columns), float64; row 0 lies at y = 0.
    cell_width_m, cell_height_m
        Size of a cell, metres.
    without_value
        Number of cells that had no value and hold 0.
    sha256
        Of the file, hexadecimal.
    """

    kind: str
    values: Float
    cell_width_m: float
    cell_height_m: float
    without_value: int
    sha256: str

    def checked(self, path: Path) -> Self:
        """Return the map with 0 and a count where cells have no value (NaN).

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
            raise MapError(path, "no cell has a value", "Export the map again with its values.")
        self.values[missing] = 0.0
        wrong = np.isinf(self.values) | (self.values < 0)
        if wrong.any():
            row, column = (int(index[0]) for index in np.nonzero(wrong))
            raise MapError(
                path,
                f"{int(wrong.sum())} values are negative or infinite, the first "
                f"{self.values[row, column]:g} in row {row}, column {column} (from 0)",
                "Values are 0 or more; write NaN or -999.25 where there is none.",
            )
        return replace(self, without_value=int(missing.sum()))
