"""Runs that are killed, and go on to the same bytes."""

import signal
from pathlib import Path

import psutil
import pytest

from tests.flows.running import digests, graben, jobs_done, start, wait_until
from tests.plain_survey import write_regular

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine tiles for the network."""
    return write_regular(tmp_path_factory.mktemp("input") / "survey.sgy", shape=(300, 300, 24))


def command(survey: Path, out: Path) -> tuple[object, ...]:
    return ("map-faults", survey, "--out", out, "--workers", 2, "--tile-memory", 0.1)


@pytest.fixture(scope="module")
def clean(survey: Path, home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a run leaves that nothing disturbs."""
    out = tmp_path_factory.mktemp("clean") / "run"
    code, _, err = graben(*command(survey, out), home=home)
    assert code == 0, err
    return digests(out)


def test_a_killed_worker_changes_nothing(
    survey: Path, home: Path, clean: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    run = start(*command(survey, out), home=home)
    wait_until(lambda: jobs_done(out / "faults.zarr.ledger") >= 2, run, within=120)
    workers = [
        child
        for child in psutil.Process(run.process.pid).children()
        if any("spawn_main" in part for part in child.cmdline())
    ]
    assert len(workers) == 2
    workers[0].kill()
    code, err = run.end(within=180)
    assert code == 0, err
    assert digests(out) == clean


def test_a_killed_run_and_an_interrupted_one_go_on_where_they_stopped(
    survey: Path, home: Path, clean: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    ledger = out / "faults.zarr.ledger"
    run = start(*command(survey, out), home=home)
    wait_until(lambda: jobs_done(ledger) >= 2, run, within=120)
    run.kill()
    assert not (out / "faults.sgy").exists()
    done = jobs_done(ledger)
    assert 2 <= done < 9

    code, _, err = graben(*command(survey, out), home=home)
    assert code == 2
    assert "incomplete run" in err
    assert "--resume" in err
    assert err.count("\n") == 1

    run = start(*command(survey, out), "--resume", home=home)
    wait_until(lambda: jobs_done(ledger) > done, run, within=120)
    run.process.send_signal(signal.SIGINT)
    code, err = run.end(within=60)
    assert code == 130, err
    assert "--resume" in err.splitlines()[-1]

    code, _, err = graben(*command(survey, out), "--resume", home=home)
    assert code == 0, err
    assert digests(out) == clean
    assert not list(out.glob("*.ledger"))
    assert not list(out.glob("*part"))
