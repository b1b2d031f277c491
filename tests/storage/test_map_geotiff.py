import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.errors import MapError
from storage.maps.chosen import Reading
from storage.maps.formats import form_of, read_any
from tests.storage.test_map_formats import hold_the_same

CRS = "EPSG:32631"
"""UTM, metres."""


def write(path: Path, values: np.ndarray, transform: Any, **more: Any) -> Path:
    rasterio = pytest.importorskip("rasterio")
    bands = values if values.ndim == 3 else values[None]
    form = {"crs": CRS, "nodata": -9999.0, "compress": "deflate"} | more
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=len(bands),
        height=bands.shape[1],
        width=bands.shape[2],
        dtype=bands.dtype,
        transform=transform,
        **form,
    ) as raster:
        raster.write(bands)
    return path


@pytest.mark.parametrize("turn", [0, 30, -75, 180])
@pytest.mark.parametrize("up", [False, True])
def test_every_place_has_the_value_of_its_pixel(tmp_path: Path, turn: int, up: bool) -> None:
    """Rows run from north to south as rasters have them, or the other way, turned."""
    affine = pytest.importorskip("affine")
    values = np.arange(1.0, 13, dtype=np.float32).reshape(3, 4)
    values[1, 2] = -9999
    step = 40.0 if up else -40.0
    sine, cosine = math.sin(math.radians(turn)), math.cos(math.radians(turn))
    transform = affine.Affine(
        *(50 * cosine, -step * sine, 430_000), *(50 * sine, step * cosine, 6_500_000)
    )
    path = write(tmp_path / "map.tif", values, transform)
    assert form_of(path) == "GeoTIFF"
    found = read_any(path)
    j, i = np.indices(values.shape) + 0.5
    x, y, angle = i * 50.0, j * step, math.radians(turn)
    where = np.stack(
        [
            430_000 + x * math.cos(angle) - y * math.sin(angle),
            6_500_000 + x * math.sin(angle) + y * math.cos(angle),
        ],
        axis=-1,
    )
    hold_the_same(found, np.where(values == -9999, np.nan, values), where, 0.01)
    assert (found.cell_width_m, found.cell_height_m) == pytest.approx((50, 40))


def test_a_band_is_chosen(tmp_path: Path) -> None:
    affine = pytest.importorskip("affine")
    values = np.arange(24.0).reshape(2, 3, 4)
    path = write(tmp_path / "map.tif", values, affine.Affine(50, 0, 1000, 0, -50, 2000))
    np.testing.assert_array_equal(read_any(path, Reading(layers="2")).values, values[1][::-1])
    with pytest.raises(MapError, match="2 bands"):
        read_any(path)
    with pytest.raises(MapError, match="bands 1 to 2"):
        read_any(path, Reading(layers="3"))


def test_rasters_that_are_not_in_metres_are_refused(tmp_path: Path) -> None:
    affine = pytest.importorskip("affine")
    values, path = np.ones((3, 4)), tmp_path / "map.tif"
    write(path, values, affine.Affine(0.1, 0, 5, 0, -0.1, 60), crs="EPSG:4326")
    with pytest.raises(MapError, match="in degrees"):
        read_any(path)
    write(path, values, affine.Affine(50, 0, 5, 0, -50, 60), crs="EPSG:2277")
    with pytest.raises(MapError, match="foot"):
        read_any(path)
    write(path, values.astype(np.complex64), affine.Affine(50, 0, 5, 0, -50, 60), nodata=None)
    with pytest.raises(MapError, match="complex64"):
        read_any(path)


def test_a_raster_that_lies_nowhere_or_is_cut_is_refused(tmp_path: Path) -> None:
    affine = pytest.importorskip("affine")
    path = write(tmp_path / "map.tif", np.ones((30, 40)), affine.Affine(50, 0, 5, 0, -50, 60))
    whole = path.read_bytes()
    for length in range(5, len(whole) - 1, 53):
        path.write_bytes(whole[:length])
        with pytest.raises(MapError) as caught:
            read_any(path)
        assert "\n" not in str(caught.value)


def test_without_rasterio_a_geotiff_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rasterio", None)
    path = tmp_path / "map.tif"
    path.write_bytes(b"II*\0" + bytes(20))
    with pytest.raises(MapError, match=r"pip install -e '\.\[maps\]'"):
        read_any(path)
