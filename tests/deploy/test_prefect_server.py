"""A server of a run answers, has no schedules, and ends with the process that started it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.prefect_server import STOP_TIMEOUT_S, ServerError, StartingServer
from tests.flows.running import ROOT, environment
from tests.interrupts import ctrl_c_after

DRIVER = """
from deploy.prefect_server import STOP_TIMEOUT_S, ServerError, StartingServer
server = StartingServer(schedules=False)
print(server.process_id, flush=True)
server.wait()
print("well", flush=True)
input()
"""


PREPARED = "from flows.settings.environment import prepare_environment\nprepare_environment()\n"


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(tmp_path),
    )
    with process:
        yield process
        process.kill()


def ends(server: psutil.Process, within: float) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        # In a container nobody may take a dead process off the list.
        if not server.is_running() or server.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    "when", ["at once", pytest.param("when it answers", marks=pytest.mark.slow)]
)
def test_a_killed_driver_leaves_no_server(when: str, driver: subprocess.Popen[str]) -> None:
    assert driver.stdout is not None
    server = psutil.Process(int(driver.stdout.readline()))
    if when == "when it answers":
        assert driver.stdout.readline() == "well\n"
    driver.send_signal(signal.SIGKILL)
    assert ends(server, within=20)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartingServer]:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    server = StartingServer(schedules=False)
    yield server
    server.stop()


def test_a_server_that_is_no_longer_wanted_is_stopped_before_it_answers(
    server: StartingServer,
) -> None:
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < STOP_TIMEOUT_S - 1
    assert not psutil.pid_exists(server.process_id)


def test_a_server_that_does_not_hear_is_killed_also_by_a_second_ctrl_c(
    server: StartingServer,
) -> None:
    process = psutil.Process(server.process_id)
    process.suspend()
    while (
        process.status() != psutil.STATUS_STOPPED
    ):  # one that runs yet would end as it is told to
        time.sleep(0.01)
    began = time.monotonic()
    with ctrl_c_after(0.5) as pressed:
        server.stop()
    assert pressed.is_set()
    assert time.monotonic() - began < STOP_TIMEOUT_S - 1
    assert not psutil.pid_exists(server.process_id)


def test_a_server_that_ends_is_not_waited_for(server: StartingServer) -> None:
    os.kill(server.process_id, signal.SIGKILL)
    with pytest.raises(ServerError, match="did not start and ended with exit code -9"):
        server.wait()


def test_what_lies_in_the_users_folder_is_not_taken_for_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("prefect", "deploy", "uvicorn"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    server = StartingServer(schedules=False)
    time.sleep(1.0)
    server.stop()
    assert server.exit_code != 3


FLOW = """
from flows.prefect_ahead import prefect_ahead
prefect_ahead()()
from prefect import flow
from flows.stages import stage
@flow(name="two stages")
def both() -> None:
    for name in ("first", "second"):
        stage(name, lambda progress: progress(1, 1))()
both()
import os, time
from urllib.request import Request, urlopen
asked = os.environ["PREFECT_API_URL"] + "/task_runs/filter"
for _ in range(60):  # the server records what it is told a little later
    found = urlopen(Request(asked, b"{}", {"Content-Type": "application/json"})).read().decode()
    if found.count("COMPLETED") >= 2:
        break
    time.sleep(0.5)
print(found)
"""


@pytest.mark.slow
def test_stages_of_a_run_are_on_its_page(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PREPARED + FLOW],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment(tmp_path),
    )
    assert answer.returncode == 0, answer.stderr
    stages = json.loads(answer.stdout.splitlines()[-1])
    assert sorted((each["name"], each["state_type"]) for each in stages) == [
        ("first", "COMPLETED"),
        ("second", "COMPLETED"),
    ]
