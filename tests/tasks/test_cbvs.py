"""From Zarr to CBVS: several shards, holes, components of several stores; whole or not at all."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from storage.cbvs.reader import open_cbvs, read_traces
from storage.errors import OutputError
from storage.geometry import SampleAxis, SurveyGeometry, grid_geometry
from storage.volume import Variable, create_volume, finish, job_shape, write_region
from tasks.cbvs import write_cbvs
from tasks.fan_out import JobsFailedError
from tests.cbvs_parts import read_plain

ALL = (slice(None), slice(None), slice(None))
SHAPE = (150, 131, 6)


def survey(live: NDArray[np.bool_]) -> SurveyGeometry:
    lines = [np.arange(5, 5 + 2 * n, 2, dtype=np.int32) for n in SHAPE[:2]]
    axis = SampleAxis("time", 500.0, 4.0, SHAPE[2])
    return grid_geometry(lines[0], lines[1], axis, (0.0, 25.0, 0.0, 0.0, 0.0, 25.0), live)


def store(path: Path, geometry: SurveyGeometry, **volumes: NDArray[np.generic]) -> Path:
    variables = [Variable(name, each.dtype, "1", name) for name, each in volumes.items()]
    create_volume(path, geometry, variables, {"domain": "time", "affine": geometry.affine})
    for name, samples in volumes.items():
        for row in range(0, SHAPE[0], job_shape(path, name)[0]):
            region = (slice(row, min(row + 128, SHAPE[0])), slice(0, SHAPE[1]), slice(0, 6))
            write_region(path, name, region, samples[region], geometry.live_mask[region[:2]])
    finish(path, {})
    return path


@pytest.fixture(scope="module")
def live() -> NDArray[np.bool_]:
    mask = np.random.default_rng(2).random(SHAPE[:2]) > 0.2
    mask[128:, 128:] = False  # a shard without any trace
    mask[7] = False
    return mask


@pytest.fixture(scope="module")
def stores(
    tmp_path_factory: pytest.TempPathFactory, live: NDArray[np.bool_]
) -> tuple[Path, Path, dict[str, NDArray[np.generic]]]:
    folder, rng = tmp_path_factory.mktemp("stores"), np.random.default_rng(1)
    probability = np.where(live[..., None], rng.random(SHAPE), np.nan).astype(np.float32)
    strike = np.where(probability > 0.5, 360 * probability, np.nan).astype(np.float32)
    fault_id = np.where(probability > 0.7, 70_000, 0).astype(np.int32)
    geometry = survey(live)
    first = store(folder / "faults.zarr", geometry, probability=probability)
    second = store(folder / "surfaces.zarr", geometry, strike=strike, fault_id=fault_id)
    return first, second, {"probability": probability, "strike": strike, "fault_id": fault_id}


def test_components_of_several_stores_lie_in_one_volume(
    tmp_path: Path,
    stores: tuple[Path, Path, dict[str, NDArray[np.generic]]],
    live: NDArray[np.bool_],
) -> None:
    faults, surfaces, made = stores
    path = tmp_path / "three.cbvs"
    told: list[tuple[int, int]] = []
    write_cbvs(
        path,
        [(faults, "probability"), (surfaces, "strike"), (surfaces, "fault_id")],
        names=["Fault probability", "Strike", "Fault"],
        progress=lambda done, total: told.append((done, total)),
    )
    assert [each.name for each in tmp_path.iterdir()] == ["three.cbvs"]
    assert told[-1] == (4, 4)
    cbvs = open_cbvs(path)
    assert [each.name for each in cbvs.components] == ["Fault probability", "Strike", "Fault"]
    assert cbvs.samples == SampleAxis("time", 500.0, 4.0, 6)
    np.testing.assert_array_equal(cbvs.geometry.live_mask, live)
    for number, samples in enumerate(made.values()):
        np.testing.assert_array_equal(read_traces(cbvs, number, *ALL), samples)
    assert len(read_plain(path).traces) == live.sum()


def test_probability_fits_a_byte(
    tmp_path: Path, stores: tuple[Path, Path, dict[str, NDArray[np.generic]]]
) -> None:
    faults, _, made = stores
    path = tmp_path / "bytes.cbvs"
    write_cbvs(path, [(faults, "probability")], dtype="int8", factor=100)
    probability = np.nan_to_num(made["probability"].astype(np.float32))
    expected = np.rint(probability * np.float32(100)).astype(np.int8)
    np.testing.assert_array_equal(read_traces(open_cbvs(path), 0, *ALL), expected)


def test_a_stopped_export_goes_on_to_the_same_bytes(
    tmp_path: Path,
    stores: tuple[Path, Path, dict[str, NDArray[np.generic]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faults, _, _ = stores
    whole, path, identity = tmp_path / "whole.cbvs", tmp_path / "a.cbvs", {"volume": "x"}
    write_cbvs(whole, [(faults, "probability")])
    written: list[object] = []

    def write_one(*arguments: object) -> None:
        if len(written) == 2:
            raise RuntimeError
        written.append(arguments)
        write_block(*arguments)  # type: ignore[arg-type]

    from storage.cbvs.writer import write_block

    monkeypatch.setattr("tasks.cbvs.write_block", write_one)
    with pytest.raises(JobsFailedError):
        write_cbvs(path, [(faults, "probability")], identity=identity)
    assert not path.exists()
    monkeypatch.undo()
    with pytest.raises(OutputError, match="an unfinished run differs"):
        write_cbvs(path, [(faults, "probability")], identity={"volume": "y"})
    write_cbvs(path, [(faults, "probability")], identity=identity)
    assert path.read_bytes() == whole.read_bytes()
    assert {each.name for each in tmp_path.iterdir()} == {"whole.cbvs", "a.cbvs"}
    with pytest.raises(OutputError, match="it exists"):
        write_cbvs(path, [(faults, "probability")], identity=identity)


def test_what_cannot_be_written_is_said_before_anything_is(
    tmp_path: Path, stores: tuple[Path, Path, dict[str, NDArray[np.generic]]]
) -> None:
    faults, _, _ = stores
    other = tmp_path / "other.zarr"
    geometry = grid_geometry(
        np.arange(2, dtype=np.int32),
        np.arange(2, dtype=np.int32),
        SampleAxis("time", 0, 4, 3),
        (0, 25, 0, 0, 0, 25),
    )
    create_volume(
        other, geometry, [Variable("a", "f4", "1", "a")], {"domain": "time", "affine": None}
    )
    with pytest.raises(OutputError, match=r"shape \(2, 2, 3\)"):
        write_cbvs(tmp_path / "a.cbvs", [(faults, "probability"), (other, "a")])
    with pytest.raises(OutputError, match="no samples of type float16"):
        write_cbvs(tmp_path / "a.cbvs", [(other, "a")], dtype="f2")
    (tmp_path / "a^01.cbvs").write_bytes(b"")
    with pytest.raises(OutputError, match="would pass for a part"):
        write_cbvs(tmp_path / "a.cbvs", [(other, "a")])
    assert {each.name for each in tmp_path.iterdir()} == {"other.zarr", "a^01.cbvs"}
