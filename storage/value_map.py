"""A map that was made from others, kept for the processes that search on it while they do."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.locations import whole_file

Float = NDArray[np.float64]


def write_value_map(path: Path, values: Float, cell_width_m: float, cell_height_m: float) -> None:
    """Write a map, whole or not at all.

    Parameters
    ----------
    path
        The file, ``.npz``.
    values
        Shape (rows, columns).
    cell_width_m, cell_height_m
        Size of a cell.
    """
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(file, values=values, cell_m=np.array([cell_width_m, cell_height_m]))


def read_value_map(path: Path) -> tuple[Float, float, float]:
    """Return values, cell width and cell height as they were written."""
    with np.load(path) as content:
        width, height = content["cell_m"].tolist()
        return content["values"], width, height
