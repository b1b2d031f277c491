"""Wells as GeoJSON: a point each, and the circles of the first and the last period."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.locations import write_text

CORNERS = 90
"""Of the polygon that stands for a circle; it lies within it by less than a thousandth of the radius."""


def write_geojson(
    path: Path,
    wells: Sequence[Mapping[str, object]],
    *,
    radii_m: NDArray[np.float64],
    on_map: bool,
) -> None:
    """Write ``wells.geojson``, whole or not at all.

    Parameters
    ----------
    path
        The file.
    wells
        A row each as in ``wells.csv``; they become the properties of the points.
    radii_m
        Radius in the first and in the last period, shape (wells, 2), metres.
    on_map
        Whether coordinates are metres on the map, as nobody knows CDP X/Y.

    References
    ----------
    RFC 7946 asks for longitude and latitude; coordinates of a survey are not that, and what they are
    only the survey knows, so the file says it in a member of its own, ``coordinates_are``.
    """
    names = ("x_m", "y_m") if on_map else ("cdp_x", "cdp_y")
    features: list[dict[str, Any]] = []
    for row, radii in zip(wells, radii_m, strict=True):
        x, y = (float(str(row[name])) for name in names)
        properties = {"kind": "well"} | {name: _plain(value) for name, value in row.items()}
        features.append(_feature({"type": "Point", "coordinates": [x, y]}, properties))
        for kind, radius in zip(("first circle", "last circle"), radii, strict=True):
            shape = {"type": "Polygon", "coordinates": [_circle(x, y, float(radius))]}
            features.append(
                _feature(shape, {"kind": kind, "well": row["well"], "radius_m": radius})
            )
    content = {
        "type": "FeatureCollection",
        "coordinates_are": "metres on the map" if on_map else "CDP X/Y of the survey, metres",
        "features": features,
    }
    write_text(path, json.dumps(content) + "\n")


def _feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _circle(x: float, y: float, radius: float) -> list[list[float]]:
    """Return a closed ring, counter-clockwise."""
    turn = np.arange(CORNERS) * (2 * np.pi / CORNERS)
    ring = np.round(np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)]), 3)
    return [*ring.tolist(), ring[0].tolist()]


def _plain(value: object) -> object:
    """Return the number that a text of the table is."""
    return float(value) if isinstance(value, str) and value else value
