"""Traces of any length: narrow shards lie on one grid for samples and headers, and all comes back."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from storage.volume import job_shape
from tasks.ingest import ingest
from tasks.restore import restore
from tasks.scan import scan_survey
from tests.surveys import Form, grid_traces, write_segy

SHAPE = (20, 70, 300)


@pytest.mark.parametrize(("largest", "side"), [(1 << 20, 16), (1 << 18, 8)])
def test_long_traces_come_back_from_narrow_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, largest: int, side: int
) -> None:
    monkeypatch.setattr("storage.layout.LARGEST_SHARD_BYTES", largest)
    traces = grid_traces(SHAPE)
    path = write_segy(tmp_path / "long.sgy", traces, Form(code=1))
    volume, out = tmp_path / "long.zarr", tmp_path / "out.sgy"
    ingest(scan_survey(path), volume, identity={})
    for name in ("amplitude", "segy/trace_header"):
        assert job_shape(volume, name)[:2] == (side, side), name
    restore(volume, out, verify=True)
    assert out.read_bytes() == path.read_bytes()
    amplitude = xr.open_zarr(volume, chunks=None).amplitude.values
    np.testing.assert_array_equal(amplitude.reshape(len(traces), -1), traces.amplitude)
