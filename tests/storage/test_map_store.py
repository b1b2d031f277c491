from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from storage.errors import DamagedStoreError, MapError
from storage.map_store import (
    CHUNK_SIDE,
    create_map_store,
    is_map_store,
    read_map_store,
    rows_of_job,
    write_map_store,
)
from storage.maps.formats import STORE, form_of, read_any
from storage.maps.grid import GridMap


def grid(values: np.ndarray, corner: tuple[float, float] | None = (430_000.0, 6e6)) -> GridMap:
    return GridMap("PORO", values, 25.0, 12.5, 0, "ab" * 32, corner, 30.0, "IRAP text")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=6)
@given(
    values=arrays(
        np.float64,
        array_shapes(min_dims=2, max_dims=2, max_side=5),
        elements=st.floats(0, 1e300) | st.just(np.nan),
    )
)
def test_a_map_comes_back_bit_for_bit(tmp_path: Path, values: np.ndarray) -> None:
    write_map_store(tmp_path / "m.zarr", grid(values), {})
    assert form_of(tmp_path / "m.zarr") == STORE
    found = read_any(tmp_path / "m.zarr")
    np.testing.assert_array_equal(found.values, values)
    assert found.facts() == grid(values).facts()


def test_values_are_single_where_that_holds_them_and_the_store_opens_with_xarray(
    tmp_path: Path,
) -> None:
    values = np.array([[0.5, np.nan, 3.0]])
    write_map_store(tmp_path / "m.zarr", grid(values, None), {"key": "k"})
    with xr.open_zarr(tmp_path / "m.zarr") as found:
        assert found["value"].dtype == np.float32
        assert found["value"].dims == ("y", "x")
        np.testing.assert_array_equal(found["x"], [12.5, 37.5, 62.5])
        np.testing.assert_array_equal(found["y"], [6.25])
        np.testing.assert_array_equal(found["value"], values)
        assert found.attrs["corner"] is None
        assert found.attrs["without_value"] == 1
    write_map_store(tmp_path / "m.zarr", grid(values / 10), {})
    with xr.open_zarr(tmp_path / "m.zarr") as found:
        assert found["value"].dtype == np.float64


def test_a_store_under_way_or_torn_is_no_map(tmp_path: Path) -> None:
    path = tmp_path / "m.zarr"
    create_map_store(path, (4, 3), (1.0, 1.0), "float64")
    assert is_map_store(path)
    with pytest.raises(MapError, match="incomplete"):
        read_map_store(path)
    write_map_store(path, grid(np.ones((4, 3))), {})
    chunk = path / "value" / "c" / "0" / "0"
    whole = chunk.read_bytes()
    chunk.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DamagedStoreError):
        read_map_store(path)
    chunk.unlink()
    with pytest.raises(DamagedStoreError, match="chunk is missing"):
        read_map_store(path)


@given(columns=st.integers(1, 10**8))
def test_a_job_has_whole_rows_and_a_bounded_number_of_values(columns: int) -> None:
    rows = rows_of_job(columns)
    assert 1 <= rows <= CHUNK_SIDE
    assert rows * columns <= max(columns, 1 << 22)
