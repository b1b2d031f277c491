"""From values of columns to a map: as they are where the grid is regular, else drawn on one that is.

Pillars of real grids follow faults. The map's cells are as wide as the columns in the middle, its axes
follow theirs, and every cell takes the value of the column that its centre lies in.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError
from storage.maps.eclipse import kernels
from storage.maps.grid import GridMap
from storage.maps.placement import SKEW, placed

Float = NDArray[np.float64]

REGULAR = 0.01
"""Part of a cell by which pillars may lie off a regular grid that counts as one."""

MOST_CELLS = 16
"""Cells of the raster to a column at most: beyond, some columns lie far from the others."""


def map_of_columns(
    path: Path, values: Float, corners: Float, *, kind: str, form: str, sha256: str
) -> GridMap:
    """Return the map of a grid of columns.

    Parameters
    ----------
    path
        The file, for messages.
    values
        Shape (nj, ni), NaN without a value.
    corners
        Of the columns, CDP X/Y in metres, shape (nj + 1, ni + 1, 2).
    kind, form, sha256
        As in `GridMap`.

    Raises
    ------
    MapError
        If no column has a value, or the columns lie too far apart.
    """
    held = ~np.isnan(values)
    if not held.any():
        raise MapError(path, "no column has a value", "Choose other --layers.")
    rings = np.stack(
        [corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2
    )
    rings = rings[held]
    along = np.median((rings[:, 1] - rings[:, 0] + rings[:, 2] - rings[:, 3]) / 2, axis=0)
    across = np.median((rings[:, 3] - rings[:, 0] + rings[:, 2] - rings[:, 1]) / 2, axis=0)
    if regular := _regular(corners, held):
        first, along, across = regular
        return placed(
            path, values, first=_pair(first), along=_pair(along), across=_pair(across),
            kind=kind, form=form, sha256=sha256,
        )  # fmt: skip
    return _drawn(path, values[held], rings, along, across, kind=kind, form=form, sha256=sha256)


def _regular(corners: Float, held: NDArray[np.bool_]) -> tuple[Float, Float, Float] | None:
    """Return place of the first column and steps where the pillars of columns with values are regular."""
    used = np.zeros(corners.shape[:2], bool)
    for rows in (slice(0, -1), slice(1, None)):
        for columns in (slice(0, -1), slice(1, None)):
            used[rows, columns] |= held
    j, i = np.nonzero(used)
    design = np.column_stack([np.ones(i.size), i, j])
    fit, *_ = np.linalg.lstsq(design, corners[used], rcond=None)
    off = np.abs(design @ fit - corners[used]).max()
    width, height = np.hypot(*fit[1]), np.hypot(*fit[2])
    # Results hold coordinates as float32, which are half a metre apart where CDP Y is large.
    allowed = REGULAR * min(width, height) + float(np.spacing(np.float32(np.abs(corners).max())))
    if off > allowed or abs(float(np.dot(fit[1], fit[2]))) > SKEW * width * height:
        return None
    return fit[0] + (fit[1] + fit[2]) / 2, fit[1], fit[2]


def _drawn(
    path: Path,
    values: Float,
    rings: Float,
    along: Float,
    across: Float,
    *,
    kind: str,
    form: str,
    sha256: str,
) -> GridMap:
    """Draw columns on a grid whose axes follow theirs in the middle."""
    width, height = float(np.hypot(*along)), float(np.hypot(*across))
    if not (width > 0 and height > 0):
        raise MapError(path, "its columns have no size", "Export the grid again.")
    x_axis = along / width
    left = np.sign(x_axis[0] * across[1] - x_axis[1] * across[0]) or 1.0
    y_axis = left * np.array([-x_axis[1], x_axis[0]])
    turned = rings @ np.column_stack([x_axis / width, y_axis / height])
    low = turned.min(axis=(0, 1))
    columns, rows = (int(n) for n in np.ceil(turned.max(axis=(0, 1)) - low - 1e-6))
    if columns * rows > MOST_CELLS * max(64, values.size):
        raise MapError(
            path,
            f"its columns lie on {columns} x {rows} cells of {width:.0f} x {height:.0f} m: too far apart",
            "Correct COORD of the columns that have values.",
        )
    out = np.full((max(1, rows), max(1, columns)), np.nan)
    kernels.draw(np.ascontiguousarray(turned - low), values, out)
    x, y = turned[..., 0], turned[..., 1]
    areas = np.abs((x[:, 2] - x[:, 0]) * (y[:, 3] - y[:, 1])
                   - (x[:, 3] - x[:, 1]) * (y[:, 2] - y[:, 0])) / 2  # fmt: skip
    whole = float((areas * values).sum())
    kept = float(np.nansum(out)) / whole if whole else 1.0
    along, across = x_axis * width, y_axis * height
    first = low[0] * along + low[1] * across + (along + across) / 2
    return placed(
        path,
        out,
        first=_pair(first),
        along=_pair(along),
        across=_pair(across),
        kind=kind,
        form=f"{form}, drawn on a regular grid (value times ground {kept - 1:+.2%})",
        sha256=sha256,
    )


def _pair(vector: Float) -> tuple[float, float]:
    return float(vector[0]), float(vector[1])
