"""What a codec costs: nothing but time, or what a lossy store says of itself."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from flows.__main__ import COMPLETE, run
from tests.segy_torture import VARIANTS
from tests.surveys import PLAIN, Form, grid_traces, write_segy


def ingest(source: Path, volume: Path, *options: str) -> int:
    return run(["ingest", str(source), str(volume), *options])


def test_a_lossy_store_states_how_far_it_is_from_the_survey(tmp_path: Path) -> None:
    source = VARIANTS["ieee"].write(tmp_path / "survey.sgy")
    for codec in ("fast", "lossy"):
        assert ingest(source, tmp_path / f"{codec}.zarr", "--codec", codec) == COMPLETE
    exact, rounded = (
        xr.open_zarr(tmp_path / f"{codec}.zarr", chunks=None) for codec in ("fast", "lossy")
    )
    before, after = (each.amplitude.values.astype(float) for each in (exact, rounded))
    measured = 10 * np.log10(np.sum(before**2) / np.sum((after - before) ** 2))
    assert 80 < measured < 95
    assert rounded.attrs["signal_to_noise_db"] == pytest.approx(measured, abs=0.06)
    assert "signal_to_noise_db" not in exact.attrs


def test_a_lossy_store_rounds_no_number_to_infinity(tmp_path: Path) -> None:
    traces = PLAIN()
    traces.amplitude[0] = np.finfo(np.float32).max
    source = write_segy(tmp_path / "made.sgy", traces, Form(code=5))
    assert ingest(source, tmp_path / "lossy.zarr", "--codec", "lossy") == COMPLETE
    volume = xr.open_zarr(tmp_path / "lossy.zarr", chunks=None)
    assert np.isfinite(volume.amplitude).all()
    assert volume.attrs["signal_to_noise_db"] > 60


def test_a_lossy_store_of_integers_lost_nothing(tmp_path: Path) -> None:
    source = VARIANTS["int16"].write(tmp_path / "in.sgy")
    for codec in ("fast", "lossy"):
        assert ingest(source, tmp_path / f"{codec}.zarr", "--codec", codec) == COMPLETE
    fast, lossy = (xr.open_zarr(tmp_path / f"{c}.zarr", chunks=None) for c in ("fast", "lossy"))
    np.testing.assert_array_equal(lossy.amplitude, fast.amplitude)
    assert "signal_to_noise_db" not in lossy.attrs


def test_codecs_differ_in_size_and_in_nothing_else(tmp_path: Path) -> None:
    traces = grid_traces((70, 66, 130))  # amplitudes that compress
    source = write_segy(tmp_path / "in.sgy", traces, Form(code=1))
    sizes = []
    for codec in ("fast", "small"):
        assert ingest(source, tmp_path / f"{codec}.zarr", "--codec", codec) == COMPLETE
        shards = (tmp_path / f"{codec}.zarr" / "amplitude" / "c").rglob("*")
        sizes.append(sum(path.stat().st_size for path in shards if path.is_file()))
    fast, small = (xr.open_zarr(tmp_path / f"{c}.zarr", chunks=None) for c in ("fast", "small"))
    xr.testing.assert_identical(fast.drop_attrs(deep=False), small.drop_attrs(deep=False))
    assert fast.attrs["statistics"] == small.attrs["statistics"]
    assert sizes[1] < sizes[0]
