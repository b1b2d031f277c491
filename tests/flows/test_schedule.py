"""A scheduled run on a real Prefect server: the combinations of versions that only fail here are known."""

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.running import serving
from tests.plain_survey import write_regular

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

FIELD = """
out = "runs"
[cluster]
workers = 2
[[survey]]
name = "north"
survey = "survey.sgy"
tile_memory = 0.4
[[map]]
name = "sand"
map = "sand.txt"
wells = 3
radius = 150
periods = 3
growth = 5
"""


def printed(log: Path, pattern: str, within: float) -> str:
    """Return what a pattern finds in a growing log."""
    deadline = time.monotonic() + within
    while not (found := re.search(pattern, log.read_text())):
        assert time.monotonic() < deadline, f"no {pattern} in {log.read_text()}"
        time.sleep(0.05)
    return found.group(1)


def fetch(url: str, body: dict[str, Any] | None = None) -> str:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_regular(tmp_path / "survey.sgy", shape=(300, 300, 64))
    (tmp_path / "sand.txt").write_text("OIL\n20 20\n50 50\n" + "1.5 " * 400)
    (tmp_path / "field.toml").write_text(FIELD)
    return tmp_path


@pytest.fixture
def log(folder: Path) -> Iterator[Path]:
    """What a server of schedules prints, while it runs."""
    path = folder / "log.txt"
    arguments = ("serve", folder / "field.toml", "--interval", 10)
    with serving(*arguments, home=folder / "prefect", log=path):
        yield path


def test_a_scheduled_run_is_seen_on_both_dashboards_and_completes(folder: Path, log: Path) -> None:
    api = printed(log, r"Prefect: (\S+)", within=130) + "/api"
    dashboard = printed(log, r"Dask dashboard: (\S+)/status", within=130)
    while_running = json.loads(fetch(f"{api}/flow_runs/filter", {"sort": "START_TIME_ASC"}))
    field_runs = [run for run in while_running if run["auto_scheduled"]]
    run = next(run for run in field_runs if run["state_type"] == "RUNNING")
    assert "status" in fetch(f"{dashboard}/status").lower()
    seen = ""
    deadline = time.monotonic() + 120
    while "infer_tile" not in seen:
        assert time.monotonic() < deadline
        seen = fetch(f"{dashboard}/metrics")
    stages = json.loads(fetch(f"{api}/task_runs/filter", {}))
    assert "infer" in {stage["name"] for stage in stages}

    state, deadline = "", time.monotonic() + 150
    while state != "COMPLETED":
        assert time.monotonic() < deadline
        state = json.loads(fetch(f"{api}/flow_runs/{run['id']}"))["state_type"]
        assert state in {"RUNNING", "COMPLETED"}, log.read_text()
        time.sleep(0.2)
    assert (folder / "runs" / "north" / "faults.sgy").stat().st_size > 3600
    assert (folder / "runs" / "sand" / "wells.csv").read_text().count("\n") == 4
    artifacts = json.loads(fetch(f"{api}/artifacts/filter", {}))
    progress = {
        each["description"]: each["data"] for each in artifacts if each["type"] == "progress"
    }
    assert progress["infer"] == 100.0
