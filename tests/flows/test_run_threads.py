"""Threads of a worker's network: no core idle, and the same ones for all tiles of a run."""

import json
from pathlib import Path

import pytest

from deploy import cluster
from deploy.cluster import default_threads
from flows import map_faults
from flows.settings.faults import MapFaults
from tasks.export import export
from tasks.fan_out import JobsFailedError
from tests.planar_faults import Plane, plain_flow
from tests.stand_in import StandIn

GIB = 1 << 30


@pytest.fixture(autouse=True)
def _flow(monkeypatch: pytest.MonkeyPatch) -> None:
    plain_flow(monkeypatch)
    monkeypatch.setattr(map_faults, "write_report", lambda path, *_, **__: path.write_text("x"))


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Threads that networks were made for, in turn."""
    found: list[int] = []

    def with_threads(network: StandIn, threads: int) -> StandIn:
        found.append(threads)
        return network

    monkeypatch.setattr(StandIn, "with_threads", with_threads)
    return found


def of_machine(monkeypatch: pytest.MonkeyPatch, cores: int, gib: int = 64) -> None:
    monkeypatch.setattr(cluster, "CPU_COUNT", cores)
    monkeypatch.setattr(cluster, "MEMORY_LIMIT", gib * GIB)


def run(folder: Path, **options: object) -> dict[str, object]:
    survey = folder / "survey.sgy"
    if not survey.exists():
        Plane().write(survey)
    out = folder / "run"
    asked = {"survey": survey, "out": out, "surfaces": False, **options}
    map_faults.map_faults.fn(MapFaults.read(asked))
    return dict(json.loads((out / "run.json").read_text(encoding="utf-8")))


def _fail(*_: object, **__: object) -> None:
    raise JobsFailedError("export", {"0": "lost"}, 1)


@pytest.mark.parametrize(
    ("cores", "gib", "jobs", "threads"),
    [(8, 16, 100, 4), (8, 64, 100, 1), (16, 64, 6, 2), (2, 4, 9, 2), (8, 64, 1, 8), (1, 4, 1, 1)],
)
def test_cores_without_a_worker_or_a_job_of_their_own_help_the_others(
    monkeypatch: pytest.MonkeyPatch, cores: int, gib: int, jobs: int, threads: int
) -> None:
    of_machine(monkeypatch, cores, gib)
    assert default_threads(7 * GIB, jobs) == threads
    assert threads * min(cluster.default_workers(7 * GIB), jobs) <= cores


def test_the_only_tile_has_all_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[int]
) -> None:
    of_machine(monkeypatch, 8)
    assert run(tmp_path)["threads"] == 8
    assert given == [8]


@pytest.mark.parametrize(
    ("options", "threads"), [({"workers": 2}, 1), ({"threads": 3, "workers": 2}, 3)]
)
def test_who_says_how_many_workers_gets_one_thread_each_unless_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: list[int],
    options: dict[str, int],
    threads: int,
) -> None:
    of_machine(monkeypatch, 8)
    assert run(tmp_path, **options)["threads"] == threads
    assert given == ([threads] if threads > 1 else [])


def test_a_run_that_goes_on_elsewhere_keeps_its_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[int]
) -> None:
    of_machine(monkeypatch, 3)

    monkeypatch.setattr(map_faults, "export", _fail)
    with pytest.raises(JobsFailedError):
        run(tmp_path)
    monkeypatch.setattr(map_faults, "export", export)
    of_machine(monkeypatch, 8)
    assert run(tmp_path, resume=True)["threads"] == 3
    assert given == [3, 3]
    assert run(tmp_path, overwrite=True)["threads"] == 8


def test_on_workers_that_others_share_a_run_goes_on_with_one_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[int]
) -> None:
    of_machine(monkeypatch, 4)
    monkeypatch.setattr(map_faults, "export", _fail)
    with pytest.raises(JobsFailedError):
        run(tmp_path, threads=4)
    monkeypatch.setattr(map_faults, "export", export)
    assert run(tmp_path, resume=True, scheduler="tcp://127.0.0.1:1")["threads"] == 1
    assert given == [4]


def test_threads_make_no_other_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_machine(monkeypatch, 2)
    run(tmp_path, threads=4)
    assert run(tmp_path, threads=2)["threads"] == 4, "it was complete"
