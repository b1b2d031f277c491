"""Domain, units, coordinates and times: stores and fault cube say what the survey says."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import segyio
import xarray as xr

from storage.errors import InputError
from storage.segy.lines import Places
from storage.segy.scan import Axis
from storage.volume import geometry_of
from tasks.infer import FAULT_PROBABILITY
from tasks.keep_out import fault_source
from tests.surveys import PLAIN, Form, near_the_equator, write_segy
from tests.tasks.volume_runs import run


def test_depth_stays_depth(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "made.sgy", PLAIN(), Form(interval=12500, delay=200))
    run(path, tmp_path / "out", axis=Axis("depth"))
    faults = xr.open_zarr(tmp_path / "out" / "faults.zarr", chunks=None)
    assert faults[FAULT_PROBABILITY].dims == ("inline", "crossline", "depth")
    np.testing.assert_array_equal(faults["depth"].values, 200 + 12.5 * np.arange(21))
    with segyio.open(tmp_path / "out" / "faults.sgy") as file:
        assert file.bin[3217] == 12500
        assert file.header[0][109] == 200


@pytest.mark.parametrize(("measurement", "unit"), [(0, "m"), (1, "m"), (2, "ft")])
def test_feet_stay_feet(tmp_path: Path, measurement: int, unit: str) -> None:
    path = write_segy(tmp_path / "made.sgy", PLAIN(), Form(measurement=measurement))
    run(path, tmp_path / "out", axis=Axis("depth"))
    for name in ("volume.zarr", "faults.zarr"):
        store = xr.open_zarr(tmp_path / "out" / name, chunks=None)
        assert [store[c].attrs["units"] for c in ("cdp_x", "cdp_y", "depth")] == [unit] * 3
    assert geometry_of(tmp_path / "out" / "faults.zarr").samples.length_unit == unit
    with segyio.open(tmp_path / "out" / "faults.sgy") as file:
        assert file.bin[3255] == (2 if unit == "ft" else 1)
        assert f"80 {unit}, inc: 4" in file.text[0].decode()


def test_angles_stay_angles_and_wells_cannot_be_kept_from_them(tmp_path: Path) -> None:
    form = Form(measurement=2, fields={89: 3})
    path = write_segy(tmp_path / "made.sgy", near_the_equator(), form)
    run(path, tmp_path / "out", axis=Axis("depth"))
    geometry = geometry_of(tmp_path / "out" / "faults.zarr")
    assert (geometry.angle_unit, geometry.samples.length_unit) == ("degrees", "ft")
    with segyio.open(tmp_path / "out" / "faults.sgy") as file:
        assert (file.attributes(89)[:] == 3).all()
    with pytest.raises(InputError, match="coordinates are in degrees"):
        fault_source(tmp_path / "out" / "faults.zarr", interval=None, threshold=None)


def test_line_numbers_are_never_written_as_coordinates(tmp_path: Path) -> None:
    form = Form(line_bytes=(181, 185), coordinate_bytes=None)
    path = write_segy(tmp_path / "made.sgy", PLAIN(), form)
    survey = run(path, tmp_path / "out", places=Places(181, 185))
    assert survey.coordinate_bytes is None
    with segyio.open(tmp_path / "out" / "faults.sgy") as file:
        for byte in (73, 77, 181, 185):
            assert not file.attributes(byte)[:].any(), byte


def test_a_time_scalar_is_applied_and_not_written_again(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "made.sgy", PLAIN(), Form(delay=15000, fields={215: -10}))
    run(path, tmp_path / "out")
    with segyio.open(tmp_path / "out" / "faults.sgy") as file:
        assert (file.header[5][109], file.header[5][105], file.header[5][215]) == (1500, -1500, 0)


def test_a_named_interval_reaches_the_fault_cube(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "made.sgy", PLAIN(), Form(interval=0))
    run(path, tmp_path / "out", axis=Axis(sample_interval=50.0))
    with segyio.open(tmp_path / "out" / "faults.sgy", ignore_geometry=True) as file:
        assert file.bin[3217] & 0xFFFF == file.header[0][117] & 0xFFFF == 50000


def test_stores_open_without_a_warning_and_say_what_they_are(tmp_path: Path) -> None:
    run(write_segy(tmp_path / "made.sgy", PLAIN()), tmp_path / "out")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        volume, faults = (
            xr.open_zarr(tmp_path / "out" / name) for name in ("volume.zarr", "faults.zarr")
        )
    assert faults[FAULT_PROBABILITY].dims == ("inline", "crossline", "twt")
    assert faults[FAULT_PROBABILITY].dtype == np.float32
    assert set(faults.coords) == {"inline", "crossline", "twt", "cdp_x", "cdp_y", "live_mask"}
    attributes = {"threshold", "normalization", "weights_sha256", "runtime", "tiling", "affine"}
    assert attributes <= set(faults.attrs)
    assert volume.attrs["complete"] is faults.attrs["complete"] is True
    assert volume["cdp_x"].equals(faults["cdp_x"])
