"""Stops, kills, tile memory, worker processes: the bytes are those of one undisturbed run."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed import Client
from numpy.typing import NDArray

from models.runtime.protocol import Lateral
from storage.volume import attributes_of
from tasks.fan_out import JobsFailedError
from tasks.infer import infer
from tasks.plan import plan
from tasks.scan import scan_survey
from tests.stand_in import Farthest
from tests.surveys import PLAIN, write_segy
from tests.tasks.volume_runs import IDENTITY, SMALL, TIGHT, contents, probability, run


@pytest.mark.parametrize("memory", [3 << 30, TIGHT * 5 // 8])
def test_the_memory_of_a_tile_changes_no_bit(
    wide: Path, clean: Path, tmp_path: Path, memory: int
) -> None:
    survey = scan_survey(wide)
    tiling = plan(survey.geometry, SMALL.facts, memory).tiling
    used = attributes_of(clean / "faults.zarr")["tiling"]
    assert (tiling.shards, tiling.depth_patch) != (used["shards"], used["depth_patch"])
    infer(
        clean / "volume.zarr",
        tmp_path / "faults.zarr",
        SMALL,
        identity=IDENTITY,
        tiling=tiling,
        threshold=0.5,
    )
    np.testing.assert_array_equal(probability(tmp_path), probability(clean))


@dataclass(frozen=True, slots=True)
class Failing(Farthest):
    """Fails from some call on, as a worker that runs out of memory does."""

    after: int = 0

    def load(self) -> "Failing":
        _calls.clear()
        return self

    def predict(
        self, amplitude: NDArray[np.float32], _core: Lateral | None = None
    ) -> NDArray[np.float32]:
        with _lock:
            _calls.append(1)
            if len(_calls) > self.after:
                msg = "no memory"
                raise MemoryError(msg)
        return Farthest.predict(self, amplitude)


_calls: list[int] = []
_lock = threading.Lock()


def failing_after(calls: int, function: Callable[..., Any]) -> Callable[..., Any]:
    left: Iterator[int] = iter(range(calls))

    def sometimes(*args: Any, **kwargs: Any) -> Any:
        if next(left, None) is None:
            msg = "disk gone"
            raise OSError(msg)
        return function(*args, **kwargs)

    return sometimes


@pytest.mark.parametrize("jobs", [0, 3])
def test_a_run_stopped_in_every_stage_ends_with_the_same_bytes(
    wide: Path, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    out = tmp_path / "out"
    for place in ("tasks.ingest.write_region", "tasks.export.write_records"):
        module, _, name = place.rpartition(".")
        original = getattr(__import__(module, fromlist=[name]), name)
        monkeypatch.setattr(place, failing_after(jobs, original))
    with pytest.raises(JobsFailedError, match=r"ingest: .* disk gone"):
        run(wide, out, memory=TIGHT)
    assert attributes_of(out / "volume.zarr")["complete"] is False
    monkeypatch.undo()
    with pytest.raises(JobsFailedError, match=r"infer: .* no memory"):
        run(wide, out, network=Failing(stride=8, halo=8, after=jobs), memory=TIGHT)
    assert attributes_of(out / "faults.zarr")["complete"] is False
    monkeypatch.setattr("tasks.export.write_records", failing_after(jobs, original))
    with pytest.raises(JobsFailedError, match=r"export: .* disk gone"):
        run(wide, out, memory=TIGHT)
    assert not (out / "faults.sgy").exists()
    monkeypatch.undo()
    run(wide, out, memory=TIGHT)
    assert contents(out) == contents(clean)


def test_a_run_killed_before_its_ledger_was_removed_leaves_none_when_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = write_segy(tmp_path / "made.sgy", PLAIN()), tmp_path / "out"
    monkeypatch.setattr("storage.ledger._LocalLedger.close_complete", lambda _: None)
    run(path, out)
    assert len(list(out.glob("*.ledger"))) == 3
    before = (out / "faults.sgy").read_bytes()
    monkeypatch.undo()
    run(path, out)
    assert list(out.glob("*.ledger")) == []
    assert (out / "faults.sgy").read_bytes() == before


def test_a_store_that_is_complete_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = write_segy(tmp_path / "made.sgy", PLAIN()), tmp_path / "out"
    run(path, out)
    before = contents(out)
    for stage in ("ingest", "infer"):
        monkeypatch.setattr(f"tasks.{stage}.stream_jobs", failing_after(0, print))
    run(path, out)
    assert contents(out) == before


@pytest.mark.parametrize("lost", [True, False])
def test_a_shard_that_is_lost_or_torn_spoils_the_tiles_that_need_it_and_no_others(
    wide: Path, clean: Path, tmp_path: Path, lost: bool
) -> None:
    out = tmp_path / "out"
    shutil.copytree(clean / "volume.zarr", out / "volume.zarr")
    shard = out / "volume.zarr" / "amplitude" / "c" / "0" / "0" / "0"
    whole = shard.read_bytes()
    if lost:
        shard.unlink()
    else:
        shard.write_bytes(whole[:-9])
    with pytest.raises(JobsFailedError) as caught:
        run(wide, out, memory=TIGHT)
    failures = caught.value.failures
    assert set(failures) == {"0,0", "0,128", "128,0", "128,128"}
    assert all(str(shard) in reason for reason in failures.values())
    assert "remove the volume" in str(caught.value)
    shard.write_bytes(whole)
    predicted = _calls_of(run, wide, out)
    assert predicted == len(failures)
    assert contents(out) == contents(clean)


def _calls_of(go: Callable[..., Any], wide: Path, out: Path) -> int:
    """Return how many tiles a run predicts."""
    _calls.clear()  # the network may still be loaded from before
    go(wide, out, network=Failing(stride=8, halo=8, after=1000), memory=TIGHT)
    return len(_calls)


@pytest.mark.slow
def test_two_processes_give_the_bytes_of_threads(
    wide: Path, clean: Path, tmp_path: Path, client: Client
) -> None:
    run(wide, tmp_path / "out", memory=TIGHT, client=client)
    assert contents(tmp_path / "out") == contents(clean)
