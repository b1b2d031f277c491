"""Stores: they open with xarray as documented, and only whole shards are written."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from storage.errors import InputError, RegionError
from storage.geometry import Domain, SampleAxis, SurveyGeometry, grid_geometry
from storage.volume import (
    Variable,
    attributes_of,
    create_volume,
    finish,
    geometry_of,
    is_complete,
    open_volume,
    read_region,
    whole,
    write_region,
)

IDENTITY = {"source_sha256": "ab"}


def survey(
    shape: tuple[int, int, int] = (5, 6, 7), domain: Domain = "time", interval: float = 4.0
) -> SurveyGeometry:
    live = np.ones(shape[:2], bool)
    live[1, 2 % shape[1]] = shape[0] * shape[1] < 4
    return grid_geometry(
        100 + 2 * np.arange(shape[0], dtype=np.int32),
        7 + np.arange(shape[1], dtype=np.int32),
        SampleAxis(domain, 1000.0, interval, shape[2]),
        (5e5, -0.7, 25.0, 6e6, 25.0, 0.7),
        live,
    )


def lay_out(path: Path, geometry: SurveyGeometry, dtype: str = "f4") -> Path:
    attributes = {"domain": geometry.samples.domain, "affine": geometry.affine}
    amplitude = Variable("amplitude", dtype, "1", "seismic amplitude")
    create_volume(path, geometry, [amplitude], {**attributes, "key": "0" * 64})
    return path


@pytest.mark.parametrize(("domain", "unit"), [("time", "ms"), ("depth", "m")])
@pytest.mark.parametrize("dtype", ["f4", "i2", "u1", "f8"])
def test_a_complete_store_opens_with_xarray_without_a_warning(
    tmp_path: Path, domain: Domain, unit: str, dtype: str
) -> None:
    geometry = survey(domain=domain)
    path = lay_out(tmp_path / "volume.zarr", geometry, dtype)
    amplitude = np.arange(210).reshape(5, 6, 7).astype(dtype)
    write_region(path, "amplitude", (slice(0, 5), slice(0, 6), slice(0, 7)), amplitude)
    finish(path, {"statistics": {"live_traces": 29}})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = xr.open_zarr(path)
        opened = open_volume(path)
    vertical = "twt" if domain == "time" else "depth"
    for data in (dataset, opened):
        assert data["amplitude"].dims == ("inline", "crossline", vertical)
        assert set(data.data_vars) == {"amplitude"}
        assert set(data.coords) == {"inline", "crossline", vertical, "cdp_x", "cdp_y", "live_mask"}
        assert data["amplitude"].dtype == np.dtype(dtype)
        np.testing.assert_array_equal(data["amplitude"].values, amplitude)
    assert dataset[vertical].dtype == np.float64
    assert dataset[vertical].attrs["units"] == unit
    assert dataset["inline"].dtype == dataset["crossline"].dtype == np.int32
    assert dataset["live_mask"].dtype == bool
    np.testing.assert_array_equal(dataset[vertical].values, geometry.samples.values())
    np.testing.assert_array_equal(dataset["cdp_x"].values, geometry.cdp_x)
    assert dataset.attrs["complete"] is True
    assert dataset.attrs["statistics"] == {"live_traces": 29}
    one = dataset["amplitude"].sel(inline=104, crossline=9).values
    np.testing.assert_array_equal(one, amplitude[2, 2])


@pytest.mark.parametrize(("dtype", "empty"), [("f4", np.nan), ("i2", 0), ("u1", 0)])
def test_cells_that_nobody_wrote_are_nan_or_zero(tmp_path: Path, dtype: str, empty: float) -> None:
    path = lay_out(tmp_path / "volume.zarr", survey(), dtype)
    samples = read_region(path, "amplitude", (slice(0, 2), slice(1, 3), slice(0, 7)))
    np.testing.assert_array_equal(samples, np.full((2, 2, 7), empty))


def test_an_incomplete_store_says_so_and_is_refused(tmp_path: Path) -> None:
    path = lay_out(tmp_path / "volume.zarr", survey())
    assert attributes_of(path)["complete"] is False
    assert not is_complete(path)
    with pytest.raises(InputError, match=r"volume\.zarr: the store is not complete.*--resume"):
        open_volume(path)
    with pytest.raises(InputError, match="no such store"):
        open_volume(tmp_path / "nowhere.zarr")
    finish(path, {})
    assert is_complete(path)
    assert not is_complete(path, IDENTITY)


@pytest.mark.parametrize(
    "geometry",
    [
        survey(),
        survey((5, 6, 1), interval=2.0),
        survey(domain="depth", interval=0.1),
        survey((2, 1, 3)),
    ],
    ids=["plain", "one-sample", "depth", "line"],
)
def test_the_geometry_of_a_store_is_the_one_it_was_made_with(
    tmp_path: Path, geometry: SurveyGeometry
) -> None:
    found = geometry_of(lay_out(tmp_path / "volume.zarr", geometry))
    assert found.samples == geometry.samples
    assert found.affine == geometry.affine
    for name in ("inlines", "crosslines", "live_mask", "cdp_x", "cdp_y"):
        np.testing.assert_array_equal(getattr(found, name), getattr(geometry, name))


def region(*bounds: tuple[int, int]) -> tuple[slice, ...]:
    return tuple(slice(*pair) for pair in bounds)


ON_GRID = [
    region((0, 128), (0, 128), (0, 9)),
    region((128, 140), (256, 260), (0, 9)),
    region((0, 140), (128, 260), (0, 9)),
]
OFF_GRID = [
    region((0, 64), (0, 128), (0, 9)),
    region((64, 128), (0, 128), (0, 9)),
    region((0, 128), (0, 130), (0, 9)),
    region((0, 128), (0, 128), (0, 8)),
    region((128, 256), (0, 128), (0, 9)),
    region((-128, 128), (0, 128), (0, 9)),
    region((128, 128), (0, 128), (0, 9)),
]


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("wide") / "volume.zarr", survey((140, 260, 9)))


@pytest.mark.parametrize("written", ON_GRID)
def test_whole_shards_are_written(wide: Path, written: tuple[slice, ...]) -> None:
    values = np.full([part.stop - part.start for part in written], 3, np.float32)
    write_region(wide, "amplitude", written, values)
    np.testing.assert_array_equal(read_region(wide, "amplitude", written), values)


@pytest.mark.parametrize("written", OFF_GRID)
def test_a_region_off_the_shard_grid_is_refused(wide: Path, written: tuple[slice, ...]) -> None:
    values = np.zeros([max(0, part.stop - part.start) for part in written], np.float32)
    with pytest.raises(RegionError, match="amplitude: region"):
        write_region(wide, "amplitude", written, values)


def test_a_lateral_block_reaches_over_the_full_depth() -> None:
    assert whole((slice(0, 5), slice(3, 9)), 77) == (slice(0, 5), slice(3, 9), slice(0, 77))


def test_laying_out_again_replaces_what_was_there(tmp_path: Path) -> None:
    path = lay_out(tmp_path / "volume.zarr", survey())
    ones: Any = np.ones((5, 6, 7), np.float32)
    write_region(path, "amplitude", region((0, 5), (0, 6), (0, 7)), ones)
    finish(path, {"old": 1})
    lay_out(path, survey((3, 3, 3)))
    assert "old" not in attributes_of(path)
    assert np.isnan(read_region(path, "amplitude", region((0, 3), (0, 3), (0, 3)))).all()
