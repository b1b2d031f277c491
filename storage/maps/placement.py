"""From grids as their files have them, of any order and rotation, to maps."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError
from storage.maps.grid import UNNAMED, GridMap

Pair = tuple[float, float]

SKEW = 1e-3
"""Cosine of the angle between the axes of a grid up to which they count as perpendicular."""

UNDEFINED = 1e29
"""From here on, mapping programs mean that there is no value, whatever they declare (1e30, 1.70141e38)."""


def placed(
    path: Path,
    values: NDArray[np.floating],
    *,
    first: Pair,
    along: Pair,
    across: Pair,
    sha256: str,
    form: str,
    kind: str = UNNAMED,
) -> GridMap:
    """Return the map of a grid; rows that run to the other side are turned round.

    ::

           across        values[1, 0]  values[1, 1]      a value belongs to the cell
             ^                                           around its place; the map ends
             |     first: values[0, 0]  values[0, 1]     half a cell beyond the places
             +----> along

    Parameters
    ----------
    path
        The file, for messages.
    values
        Shape (rows, columns); NaN, and what is beyond `UNDEFINED`, without a value.
    first
        CDP X/Y of ``values[0, 0]``, metres; 0, 0 with the axes of the map where nobody placed it.
    along, across
        Steps from a column to the next, and from a row to the next, in CDP X/Y, metres.
    sha256, form, kind
        As in `GridMap`.

    Raises
    ------
    MapError
        If the steps have no length, or are not perpendicular.
    """
    # Sines and cosines of a turned grid leave 99.99999999999999 m of 100.
    width, height = (float(f"{math.hypot(*step):.12g}") for step in (along, across))
    if not (0 < width < math.inf and 0 < height < math.inf and np.isfinite(first).all()):
        raise MapError(
            path,
            f"its cells measure {width:g} x {height:g} m",
            "Export it again with the size of its cells.",
        )
    if abs(along[0] * across[0] + along[1] * across[1]) > SKEW * width * height:
        raise MapError(path, "its axes are not perpendicular", "Resample it to a regular grid.")
    out = np.asarray(values, np.float64)
    if along[0] * across[1] < along[1] * across[0]:
        steps, out = len(out) - 1, out[::-1]
        first = first[0] + steps * across[0], first[1] + steps * across[1]
        across = -across[0], -across[1]
    out = np.ascontiguousarray(out)
    if out is values:
        out = out.copy()
    out[np.abs(out) >= UNDEFINED] = np.nan
    corner = tuple(float(f - (a + b) / 2) for f, a, b in zip(first, along, across, strict=True))
    local = np.allclose(corner, 0.0, atol=1e-9) or first == (0.0, 0.0)
    return GridMap(
        kind=kind,
        values=out,
        cell_width_m=width,
        cell_height_m=height,
        without_value=0,
        sha256=sha256,
        corner=None if local else (corner[0], corner[1]),
        azimuth_deg=0.0 if local else round(math.degrees(math.atan2(*across)), 10) + 0.0,
        form=form,
    )


def turned(angle_deg: float, width: float, height: float) -> tuple[Pair, Pair]:
    """Return the steps along and across of a grid turned counterclockwise from east."""
    turn = math.radians(angle_deg)
    sine, cosine = math.sin(turn), math.cos(turn)
    return (width * cosine, width * sine), (-height * sine, height * cosine)


def without(values: NDArray[np.float64], null: float) -> NDArray[np.float64]:
    """Return the values with NaN where they are the null value of their file."""
    values[np.isclose(values, null, rtol=1e-6, atol=1e-12)] = np.nan
    return values
