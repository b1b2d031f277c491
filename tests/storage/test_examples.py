"""Example stores: what is written comes back, and what lies there is respected."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

from storage.errors import InputError, OutputError
from storage.examples import (
    ExampleStore,
    end_examples,
    lay_out_examples,
    look_at_examples,
    write_example,
)

SIZE = (16, 16, 24)
RECIPE: dict[str, Any] = {"seed": 1, "count": 2, "size": list(SIZE), "preset": "mixed"}


def write(path: Path, index: int) -> np.ndarray:
    rng = np.random.default_rng(index)
    amplitude = rng.standard_normal(SIZE).astype(np.float32)
    distance = rng.uniform(0, 15, SIZE).astype(np.float32)
    write_example(path, index, amplitude, (distance <= 1).astype(np.uint8), distance)
    return distance


def test_examples_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "examples.zarr"
    lay_out_examples(path, RECIPE)
    distances = [write(path, index) for index in range(2)]
    end_examples(path, {"fault_share": 0.1})
    store = ExampleStore(path)
    assert (len(store), store.size, store.recipe["seed"]) == (2, SIZE, 1)
    for index, distance in enumerate(distances):
        example = store.read(index)
        amplitude = np.random.default_rng(index).standard_normal(SIZE).astype(np.float32)
        np.testing.assert_allclose(example.amplitude, amplitude, rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(example.fault_distance, distance, atol=1 / 32 + 1e-6)


def test_one_example_is_one_shard_and_xarray_opens_the_store(tmp_path: Path) -> None:
    path = tmp_path / "examples.zarr"
    lay_out_examples(path, RECIPE)
    write(path, 1)
    group = zarr.open_group(path, mode="r")
    for name in ("amplitude", "fault_label", "fault_distance"):
        array = group[name]
        assert isinstance(array, zarr.Array)
        assert array.shards == (1, *SIZE)
        assert sum(each.is_file() for each in (path / name / "c").rglob("*")) == 1
    opened = xr.open_zarr(path, consolidated=False)
    assert opened["fault_label"].dims == ("example", "inline", "crossline", "twt")


def test_a_store_that_is_missing_or_incomplete_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "examples.zarr"
    with pytest.raises(InputError, match="no example store"):
        ExampleStore(path)
    lay_out_examples(path, RECIPE)
    with pytest.raises(InputError, match="incomplete"):
        ExampleStore(path)


def test_what_lies_there_decides(tmp_path: Path) -> None:
    path = tmp_path / "examples.zarr"
    assert not look_at_examples(path, RECIPE)
    lay_out_examples(path, RECIPE)
    with pytest.raises(OutputError, match="incomplete"):
        look_at_examples(path, RECIPE)
    assert not look_at_examples(path, RECIPE, resume=True)
    with pytest.raises(OutputError, match="seed was 1 and is 2"):
        look_at_examples(path, RECIPE | {"seed": 2}, resume=True)
    end_examples(path, {})
    assert look_at_examples(path, RECIPE)
    assert not look_at_examples(path, RECIPE | {"seed": 2}, overwrite=True)


def test_a_store_laid_out_anew_holds_nothing_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "examples.zarr"
    lay_out_examples(path, RECIPE)
    write(path, 0)
    end_examples(path, {})
    lay_out_examples(path, RECIPE | {"seed": 2})
    assert not look_at_examples(path, RECIPE | {"seed": 2}, resume=True)
    end_examples(path, {})
    assert not ExampleStore(path).read(0).amplitude.any()
    assert [each.name for each in tmp_path.iterdir()] == ["examples.zarr"]


def test_what_a_killed_writer_left_does_not_stay(tmp_path: Path) -> None:
    path = tmp_path / "examples.zarr"
    lay_out_examples(path, RECIPE)
    (path / "amplitude" / "0.cafe.partial").touch()
    end_examples(path, {})
    assert not list(path.rglob("*.partial"))


def test_a_strangers_folder_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="no example store"):
            look_at_examples(tmp_path, RECIPE, overwrite=overwrite)
    assert (tmp_path / "note.txt").exists()
