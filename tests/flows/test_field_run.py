"""The field-wide flow around its runs: who goes on, what is recorded, how it ends; no work, no server."""

import dataclasses
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flows import field_run
from flows.settings.reading import Cluster
from storage.errors import OtherRunError, SegyError
from tasks.fan_out import JobsFailedError
from tasks.plan import WORKER_BYTES

FIELD = """
[[survey]]
survey = "north.sgy"
[[survey]]
survey = "south.sgy"
[[map]]
map = "sand.txt"
faults = "north"
keep_out = 100
map_origin = "0,0"
"""


@dataclass
class Work:
    """What was run, by name, with the settings of each; and which errors are to come."""

    ran: dict[str, list[Any]] = dataclasses.field(default_factory=dict)
    errors: dict[str, Exception] = dataclasses.field(default_factory=dict)
    worker_bytes: int = -1

    def __call__(self, settings: Any, **_: object) -> None:
        name = settings.out.name
        settings.out.mkdir(parents=True, exist_ok=True)
        self.ran.setdefault(name, []).append(settings)
        error = self.errors.get(name)
        if error and not (isinstance(error, OtherRunError) and settings.overwrite):
            raise error


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Nothing is computed and nothing served."""

    work = Work()

    @contextmanager
    def workers(_: Cluster, *, worker_bytes: int) -> Iterator[SimpleNamespace]:
        work.worker_bytes = worker_bytes
        yield SimpleNamespace(dashboard_link="", scheduler=SimpleNamespace(address="tcp://here"))

    monkeypatch.setattr(field_run, "workers", workers)
    monkeypatch.setattr(field_run, "run_address", str)
    monkeypatch.setattr(field_run, "stage", lambda _, function: function)
    monkeypatch.setattr(field_run, "map_faults", work)
    monkeypatch.setattr(field_run, "place_wells", work)
    return work


def start(folder: Path, text: str = FIELD, **options: Any) -> None:
    (folder / "field.toml").write_text(text)
    field_run.field_run.fn(str(folder / "field.toml"), **options)


def states(folder: Path) -> dict[str, str]:
    record = json.loads((folder / "runs" / "run.json").read_text())
    return {name: run["state"] for name, run in record["runs"].items()}


def test_workers_are_as_many_as_can_hold_the_largest_tile_that_is_allowed(
    tmp_path: Path, work: Work
) -> None:
    start(
        tmp_path,
        "[faults]\ntile_memory = 2\n"
        + FIELD.replace('"south.sgy"', '"south.sgy"\ntile_memory = 3'),
    )
    assert work.worker_bytes == WORKER_BYTES + (3 << 30)
    start(tmp_path, '[[map]]\nmap = "sand.txt"\n')
    assert work.worker_bytes == 0


def test_wells_are_not_placed_on_a_survey_that_has_just_failed(tmp_path: Path, work: Work) -> None:
    work.errors = {"north": SegyError("north.sgy", "the file is empty", "Export it again.")}
    with pytest.raises(JobsFailedError, match=r"2 of 3 jobs failed.*; the next run") as caught:
        start(tmp_path)
    assert caught.value.failures["sand"] == "its faults failed"
    assert "--resume" not in str(caught.value)
    assert set(work.ran) == {"north", "south"}
    assert states(tmp_path) == {"north": "failed", "south": "complete", "sand": "failed"}


def test_a_defect_is_logged_and_ends_the_field_when_all_others_are_done(
    tmp_path: Path,
    work: Work,
    caplog: pytest.LogCaptureFixture,
) -> None:
    defect = TypeError("no such argument")
    work.errors = {
        "south": defect,
        "north": JobsFailedError("infer", {"0,0": "OSError: disk gone"}, 9),
    }
    with caplog.at_level(logging.ERROR), pytest.raises(TypeError, match="no such argument"):
        start(tmp_path)
    assert [each.exc_info[1] for each in caplog.records if each.exc_info] == [defect]
    assert states(tmp_path) == {"north": "failed", "south": "failed", "sand": "failed"}


def test_wrong_input_of_all_is_said_as_such(tmp_path: Path, work: Work) -> None:
    wrong = SegyError("north.sgy", "the file is empty", "Export it again.")
    work.errors = {"north": wrong, "south": wrong}
    with pytest.raises(SegyError, match="empty"):
        start(tmp_path)


def test_one_run_alone_leaves_the_record_of_the_others(tmp_path: Path, work: Work) -> None:
    work.errors = {"south": JobsFailedError("infer", {"0,0": "OSError: disk gone"}, 9)}
    with pytest.raises(JobsFailedError):
        start(tmp_path)
    work.errors = {}
    start(tmp_path, only="south")
    assert states(tmp_path) == dict.fromkeys(("north", "south", "sand"), "complete")
    assert json.loads((tmp_path / "runs" / "run.json").read_text())["complete"]
    start(tmp_path, FIELD.partition("[[map]]")[0])
    assert states(tmp_path) == dict.fromkeys(("north", "south"), "complete")


@pytest.mark.parametrize("renew", [False, True])
def test_what_another_input_made_is_started_anew_where_the_file_says_so(
    tmp_path: Path, work: Work, renew: bool
) -> None:
    work.errors = {
        "south": OtherRunError(tmp_path / "runs" / "south", "it holds another run", "Choose.")
    }
    text = f"renew = {str(renew).lower()}\n{FIELD}"
    if renew:
        start(tmp_path, text)
    else:
        with pytest.raises(JobsFailedError, match="another run"):
            start(tmp_path, text)
    assert [run.overwrite for run in work.ran["south"]] == [False, True][: 1 + renew]
    assert [run.overwrite for run in work.ran["north"]] == [False]
