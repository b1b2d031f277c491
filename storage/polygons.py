"""Polygons from files of geographic systems: GeoJSON, and shapefiles with the extra ``shapes``."""

import itertools
import json
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.errors import InputError

Float = NDArray[np.float64]
Rings = tuple[Float, ...]
"""Corners of the rings of one polygon, shape (n, 2) each: the outline, and holes."""

SHAPEFILE = (9994).to_bytes(4, "big")
"""What every ``.shp`` begins with."""

OF_POLYGONS = (5, 15, 25)
"""Shape types: polygons without more, with depth, with measures."""

MEND = "Name a GeoJSON file or a shapefile (.shp) with polygons."


def read_polygons(path: Path) -> tuple[Rings, ...]:
    """Read the polygons of a file; what it is, is told by its content.

    Parameters
    ----------
    path
        GeoJSON: polygons alone, in features or in collections of any depth; or a ``.shp``. Heights
        are passed over, as is what else is drawn there.

    Returns
    -------
    tuple of tuples of ndarray of float64, shape (n, 2)
        Rings of each polygon, in the coordinates of the file, which are for the caller to know.

    Raises
    ------
    InputError
        If the file cannot be read, is of another kind, or holds no polygon.

    References
    ----------
    Butler, H. et al. (2016). The GeoJSON Format. RFC 7946. https://www.rfc-editor.org/rfc/rfc7946
    ESRI (1998). Shapefile technical description.
    """
    try:
        with path.open("rb") as file:
            content = file.read(len(SHAPEFILE))
            if content != SHAPEFILE:
                content += file.read()
    except OSError as error:
        raise InputError(path, error.strerror or str(error), MEND) from None
    found = _from_shapefile(path) if content == SHAPEFILE else _from_geojson(path, content)
    if not found:
        raise InputError(path, "it holds no polygon", MEND)
    return tuple(found)


def _from_geojson(path: Path, content: bytes) -> list[Rings]:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(path, f"neither GeoJSON nor a shapefile ({reason})", MEND) from None
    try:
        return [tuple(_ring(path, ring) for ring in polygon) for polygon in _polygons_in(document)]
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError):
        raise InputError(path, "a polygon of it is not as GeoJSON has them", MEND) from None


def _polygons_in(node: Any) -> Iterator[Any]:  # noqa: ANN401 - whatever the file holds
    """Yield the coordinates of all polygons below a GeoJSON object."""
    kind = node.get("type") if isinstance(node, dict) else None
    if kind == "FeatureCollection":
        for feature in node["features"]:
            yield from _polygons_in(feature)
    elif kind == "Feature":
        yield from _polygons_in(node["geometry"])
    elif kind == "GeometryCollection":
        for geometry in node["geometries"]:
            yield from _polygons_in(geometry)
    elif kind == "Polygon" and node["coordinates"]:
        yield node["coordinates"]
    elif kind == "MultiPolygon":
        yield from node["coordinates"]


def _ring(path: Path, corners: Any) -> Float:  # noqa: ANN401 - whatever the file holds
    """Return a ring, refused where it encloses nothing."""
    ring = np.array([[float(corner[0]), float(corner[1])] for corner in corners])
    if len(ring) and not np.isfinite(ring).all():
        raise InputError(path, "a corner of a polygon is not finite", "Export it again.")
    if len(np.unique(ring, axis=0)) < 3:
        raise InputError(
            path, f"a ring has {len(ring)} corners", "A ring has three corners or more."
        )
    return ring


def _from_shapefile(path: Path) -> list[Rings]:
    try:
        import shapefile  # an extra, which GeoJSON does without
    except ImportError:
        raise InputError(
            path,
            "reading a shapefile needs pyshp",
            "Install it with: pip install -e '.[shapes]', or export GeoJSON.",
        ) from None
    try:
        # The outline alone: neither index nor attributes are needed, nor missed.
        with warnings.catch_warnings(), path.open("rb") as file:
            # What it only warns of is a file that was cut short.
            warnings.simplefilter("error")
            with shapefile.Reader(shp=file) as reader:
                kind, shapes = reader.shapeType, list(reader.iterShapes())
    except (
        shapefile.ShapefileException,
        Warning,
        struct.error,
        OSError,
        ValueError,
        IndexError,
    ) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            path, f"the shapefile is damaged ({reason})", "Export it again."
        ) from None
    if kind not in OF_POLYGONS:
        raise InputError(path, f"the shapefile holds no polygons (its type is {kind})", MEND)
    found = []
    for shape in shapes:
        parts = [*shape.parts, len(shape.points)] if shape.points else []
        rings = tuple(
            _ring(path, shape.points[start:stop]) for start, stop in itertools.pairwise(parts)
        )
        if rings:
            found.append(rings)
    return found
