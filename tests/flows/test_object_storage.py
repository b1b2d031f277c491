"""Conversion with an S3 server of our own: the store lies there, and the SEG-Y file too."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from moto.server import ThreadedMotoServer

import storage.locations
import tasks.ingest
from flows.__main__ import run
from storage.files import RemoteFile
from tests.surveys import Form, grid_traces, holes, shuffled, write_segy

COMPLETE, WRONG_INPUT, IN_PART = 0, 2, 3
BUCKET = "surveys"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(scope="module")
def system(server: str) -> Iterator[Any]:
    """The file system of our server; whoever opens s3:// in this module reaches it."""
    patch = pytest.MonkeyPatch()
    for name, value in (
        ("AWS_ENDPOINT_URL", server),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        patch.setenv(name, value)
    yield storage.locations.system_of(f"s3://{BUCKET}")[0]
    patch.undo()


@pytest.fixture
def bucket(system: Any) -> Iterator[Any]:
    """An empty bucket."""
    system.mkdir(BUCKET)
    yield system
    system.rm(BUCKET, recursive=True)


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """Several shards, holes, another order, IBM words."""
    traces = shuffled(holes(grid_traces((150, 140, 20), first=(1, 1), seed=3)))
    return write_segy(tmp_path / "in.sgy", traces, Form(code=1))


def test_a_survey_goes_to_object_storage_and_comes_back(
    bucket: Any, survey: Path, tmp_path: Path
) -> None:
    bucket.put(str(survey), f"{BUCKET}/in.sgy")
    store, back = f"s3://{BUCKET}/volume.zarr", tmp_path / "back.sgy"
    assert run(["ingest", f"s3://{BUCKET}/in.sgy", store]) == COMPLETE
    assert run(["export", store, str(back), "--verify"]) == COMPLETE
    assert back.read_bytes() == survey.read_bytes()
    assert run(["ingest", f"s3://{BUCKET}/in.sgy", store]) == COMPLETE
    assert not bucket.exists(f"{BUCKET}/volume.zarr.ledger")

    local = tmp_path / "volume.zarr"
    assert run(["ingest", str(survey), str(local)]) == COMPLETE
    remote = xr.open_zarr(store, chunks=None).load()
    xr.testing.assert_equal(remote, xr.open_zarr(local, chunks=None).load())
    assert remote["amplitude"].shape == (150, 140, 20)


def test_a_file_in_object_storage_is_read_in_ranges(
    bucket: Any, survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put(str(survey), f"{BUCKET}/in.sgy")
    sizes: list[int] = []
    read = RemoteFile.read

    def noted(self: RemoteFile, offset: int, count: int) -> bytes:
        sizes.append(count)
        return read(self, offset, count)

    monkeypatch.setattr(RemoteFile, "read", noted)
    assert run(["ingest", f"s3://{BUCKET}/in.sgy", str(tmp_path / "v.zarr")]) == COMPLETE
    # Shuffled traces are read in spans: no request for each trace, nor the file for each of them.
    assert 1 < len(sizes) < 200
    assert 0.9 < sum(sizes) / survey.stat().st_size < 8


def test_a_stopped_ingest_goes_on_from_the_objects_of_its_ledger(
    bucket: Any, survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not bucket.ls(BUCKET)
    store = f"s3://{BUCKET}/volume.zarr"
    ingest_block = tasks.ingest.ingest_block
    done: list[str] = []

    def failing(job: tasks.ingest.IngestJob) -> dict[str, Any]:
        if len(done) >= 2:
            msg = "the machine goes"
            raise RuntimeError(msg)
        done.append(str(job.block))
        return ingest_block(job)

    with monkeypatch.context() as patch:
        patch.setattr(tasks.ingest, "ingest_block", failing)
        assert run(["ingest", str(survey), store]) == IN_PART
    assert run(["ingest", str(survey), store]) == WRONG_INPUT
    again: list[str] = []

    def noted(job: tasks.ingest.IngestJob) -> dict[str, Any]:
        again.append(str(job.block))
        return ingest_block(job)

    monkeypatch.setattr(tasks.ingest, "ingest_block", noted)
    assert run(["ingest", str(survey), store, "--resume"]) == COMPLETE
    assert not set(again) & set(done)
    assert len(again) + len(done) == 4
    assert run(["export", store, str(tmp_path / "back.sgy"), "--verify"]) == COMPLETE
    assert (tmp_path / "back.sgy").read_bytes() == survey.read_bytes()


def test_what_is_not_there_is_said_in_one_line(
    bucket: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not bucket.ls(BUCKET)
    missing = f"s3://{BUCKET}/none.sgy"
    assert run(["ingest", missing, str(tmp_path / "v.zarr")]) == WRONG_INPUT
    line = capsys.readouterr().err
    assert line.startswith(f"graben: {missing}: ")
    assert line.count("\n") == 1
    assert not (tmp_path / "v.zarr").exists()
