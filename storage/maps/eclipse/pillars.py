"""Where the columns of an Eclipse grid lie: from pillars, or from sizes of cells."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError

Float = NDArray[np.float64]
Shape = tuple[int, int, int]

METRES = {"": 1.0, "METRES": 1.0, "METRE": 1.0, "M": 1.0, "FEET": 0.3048, "FT": 0.3048, "CM": 0.01}


@dataclass(frozen=True, slots=True)
class EclipseGrid:
    """A grid of columns.

    Attributes
    ----------
    shape
        Cells along i, j, k.
    corners
        Corners of the columns, CDP X/Y in metres, shape (nj + 1, ni + 1, 2); None where only sizes are
        known.
    step_m
        Size of a cell along i and j where there are no corners.
    active
        Shape (nk, nj, ni); None: all.
    sha256
        Of the file.
    """

    shape: Shape
    corners: Float | None
    step_m: tuple[float, float] | None
    active: NDArray[np.bool_] | None
    sha256: str


def corners_of(
    path: Path,
    shape: Shape,
    coord: Float,
    zcorn: Float | None,
    mapaxes: Float | None,
    factors: tuple[float, float],
) -> Float:
    """Return the corners of the columns at the depth of the reservoir.

    A pillar is a line between two points; where it slopes, its place is taken at the mean depth of the
    columns beside it.

    Parameters
    ----------
    path
        The file, for messages.
    shape
        Cells along i, j, k.
    coord, zcorn
        As in the file; without depths pillars are taken in their middle.
    mapaxes
        A point on the y axis, the origin, a point on the x axis, in CDP X/Y; None: the same system.
    factors
        Metres in a unit of the grid, and of mapaxes.

    Raises
    ------
    MapError
        If sizes do not agree, or mapaxes are no axes.
    """
    ni, nj, nk = shape
    pillars = coord.reshape(nj + 1, ni + 1, 6).astype(np.float64)
    top, base = pillars[..., :3], pillars[..., 3:]
    part = np.full((nj + 1, ni + 1), 0.5)
    if zcorn is not None:
        columns = zcorn.reshape(nk, 2, nj, 2, ni, 2).mean(axis=(0, 1, 3, 5))
        padded = np.pad(columns, 1, mode="edge")
        depth = (padded[1:, 1:] + padded[:-1, 1:] + padded[1:, :-1] + padded[:-1, :-1]) / 4
        length = base[..., 2] - top[..., 2]
        upright = np.abs(length) < 1e-9
        part = np.where(upright, 0.0, (depth - top[..., 2]) / np.where(upright, 1.0, length))
    places = (top[..., :2] + part[..., None] * (base - top)[..., :2]) * factors[0]
    if mapaxes is None:
        return places
    y_point, origin, x_point = mapaxes.reshape(3, 2).astype(np.float64) * factors[1]
    axes = np.array([x_point - origin, y_point - origin])
    lengths = np.hypot(axes[:, 0], axes[:, 1])
    if not (lengths > 0).all():
        raise MapError(path, "its MAPAXES are no axes", "Export the grid again.")
    return np.asarray(origin + places @ (axes / lengths[:, None]))


def metres_in(path: Path, unit: str) -> float:
    """Return the metres in a unit of an Eclipse file.

    Raises
    ------
    MapError
        If the unit is not known.
    """
    factor = METRES.get(unit.strip().strip("'").strip().upper())
    if factor is None:
        raise MapError(path, f"its unit is {unit.strip()!r}", "Use METRES or FEET.")
    return factor
