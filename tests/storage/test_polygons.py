import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapefile

from storage.errors import InputError
from storage.polygons import read_polygons

OUTER = [[0.0, 0.0], [10.0, 0.0], [10.0, 8.0], [0.0, 8.0], [0.0, 0.0]]
HOLE = [[2.0, 2.0], [2.0, 4.0], [4.0, 4.0], [2.0, 2.0]]
OTHER = [[20.0, 0.0], [30.0, 0.0], [25.0, 9.0], [20.0, 0.0]]
POLYGON = {"type": "Polygon", "coordinates": [OUTER, HOLE]}
FEATURE = {"type": "Feature", "properties": {"name": "Ø"}, "geometry": POLYGON}
POINT = {"type": "Point", "coordinates": [1, 2]}

DOCUMENTS: dict[str, Any] = {
    "bare": POLYGON,
    "feature": FEATURE,
    "features": {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": None, "geometry": POINT}, FEATURE],
    },
    "collection": {"type": "GeometryCollection", "geometries": [POINT, POLYGON]},
    "multi": {"type": "MultiPolygon", "coordinates": [[OUTER, HOLE]]},
    "heights": {
        "type": "Polygon",
        "coordinates": [[[*corner, 7.0] for corner in ring] for ring in (OUTER, HOLE)],
    },
}


@pytest.mark.parametrize("form", DOCUMENTS)
def test_polygons_are_found_wherever_geojson_has_them(form: str, tmp_path: Path) -> None:
    path = tmp_path / "lease.json"
    path.write_text("\ufeff" + json.dumps(DOCUMENTS[form]), encoding="utf-8")
    ((outer, hole),) = read_polygons(path)
    np.testing.assert_array_equal(outer, OUTER)
    np.testing.assert_array_equal(hole, HOLE)


@pytest.mark.parametrize("kind", ["poly", "polyz", "polym"])
def test_a_shapefile_comes_back_without_its_companions(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "lease.shp"
    with shapefile.Writer(str(path)) as writer:
        writer.field("name", "C")
        for rings in ([OUTER, HOLE], [OTHER]):
            more = [] if kind == "poly" else [7.0]
            getattr(writer, kind)([[[*corner, *more] for corner in ring] for ring in rings])
            writer.record("x")
    for suffix in (".shx", ".dbf"):
        path.with_suffix(suffix).unlink()
    path = path.rename(tmp_path / "lease.of-any-name")
    first, second = read_polygons(path)
    np.testing.assert_array_equal(first[0], OUTER)
    np.testing.assert_array_equal(first[1], HOLE)
    np.testing.assert_array_equal(second[0], OTHER)


BAD = {
    "missing": (None, "No such file"),
    "empty": ("", "neither GeoJSON"),
    "text": ("lease of block 7", "neither GeoJSON"),
    "a number": ("7", "holds no polygon"),
    "points": (json.dumps(POINT), "holds no polygon"),
    "a line": (json.dumps({"type": "LineString", "coordinates": OUTER}), "holds no polygon"),
    "no features": (json.dumps({"type": "FeatureCollection"}), "not as GeoJSON has them"),
    "two corners": (
        json.dumps({"type": "Polygon", "coordinates": [OUTER[:2]]}),
        "a ring has 2 corners",
    ),
    "the same corner": (
        json.dumps({"type": "Polygon", "coordinates": [[[1, 1]] * 5]}),
        "a ring has 5 corners",
    ),
    "text for a corner": (
        json.dumps({"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}),
        "not as GeoJSON has them",
    ),
    "infinite": (
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1e999, 1], [0, 1]]]}',
        "not finite",
    ),
    "deep": ("[" * 100_000, "neither GeoJSON"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_holds_no_polygon_is_one_clear_line(case: str, tmp_path: Path) -> None:
    content, said = BAD[case]
    path = tmp_path / "lease.geojson"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=said) as caught:
        read_polygons(path)
    assert len(str(caught.value).splitlines()) == 1


def test_a_shapefile_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lease.shp"
    with shapefile.Writer(str(path), shapeType=shapefile.POLYGON) as writer:
        writer.field("name", "C")
        for _ in range(2):
            writer.poly([OUTER, HOLE])
            writer.record("x")
    whole = path.read_bytes()
    for length in range(4, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"damaged|no polygons"):
            read_polygons(path)


def test_a_shapefile_of_points_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wells.shp"
    with shapefile.Writer(str(path), shapeType=shapefile.POINT) as writer:
        writer.field("name", "C")
        writer.point(1, 2)
        writer.record("x")
    with pytest.raises(InputError, match="no polygons"):
        read_polygons(path)


def test_without_pyshp_a_shapefile_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lease.shp"
    path.write_bytes((9994).to_bytes(4, "big") + bytes(96))
    monkeypatch.setitem(__import__("sys").modules, "shapefile", None)
    with pytest.raises(InputError, match=r"pip install -e '\.\[shapes\]'"):
        read_polygons(path)
