"""ESRI ASCII grids: a map that every geographic system opens."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.locations import whole_file


def write_ascii_grid(
    path: Path, values: NDArray[np.floating], cell_width_m: float, cell_height_m: float
) -> None:
    """Write a grid, whole or not at all.

    Parameters
    ----------
    path
        The file, ``.asc``.
    values
        Shape (rows, columns), row 0 in the south; the file has the northernmost row first.
    cell_width_m, cell_height_m
        Size of a cell. Cells that are not square are written with ``dx`` and ``dy``, as GDAL knows them.

    References
    ----------
    Esri grid format, https://desktop.arcgis.com/en/arcmap/latest/manage-data/raster-and-images/
    esri-ascii-raster-format.htm; dx, dy: https://gdal.org/en/stable/drivers/raster/aaigrid.html
    """
    rows, columns = values.shape
    if cell_width_m == cell_height_m:
        size = f"cellsize {cell_width_m:.12g}"
    else:
        size = f"dx {cell_width_m:.12g}\ndy {cell_height_m:.12g}"
    header = f"ncols {columns}\nnrows {rows}\nxllcorner 0\nyllcorner 0\n{size}"
    with whole_file(path) as part, part.open("w", encoding="ascii", newline="\n") as file:
        np.savetxt(file, values[::-1], fmt="%.6g", header=header, comments="")
