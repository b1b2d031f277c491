"""Runs that are killed, and go on to the same bytes."""

import json
import signal
from pathlib import Path

import pytest

from tests.flows.running import digests, graben, jobs_done, start, wait_until, workers_of
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
    workers = workers_of(run.process.pid)
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


FIELD = """
out = "runs"
[cluster]
workers = 2
[faults]
tile_memory = 0.1
[[survey]]
name = "north"
survey = "{north}"
[[survey]]
name = "south"
survey = "{south}"
"""


def test_a_field_run_that_is_killed_twice_goes_on_where_it_stopped(
    survey: Path, home: Path, clean: dict[str, str], tmp_path: Path
) -> None:
    south = write_regular(tmp_path / "south.sgy", shape=(150, 40, 24))
    file = tmp_path / "field.toml"
    file.write_text(FIELD.format(north=survey, south=south))
    runs = tmp_path / "runs"

    run = start("run", file, home=home)
    wait_until(lambda: jobs_done(runs / "north" / "faults.zarr.ledger") >= 2, run, within=120)
    run.kill()
    assert not (runs / "run.json").exists()

    run = start("run", file, home=home)
    wait_until((runs / "south" / "volume.zarr").exists, run, within=180)
    run.kill()
    assert digests(runs / "north") == clean
    written = (runs / "north" / "faults.sgy").stat().st_mtime_ns
    assert not (runs / "south" / "faults.sgy").exists()

    code, _, err = graben("run", file, home=home)
    assert code == 0, err
    assert (runs / "north" / "faults.sgy").stat().st_mtime_ns == written
    record = json.loads((runs / "run.json").read_text())
    assert {name: each["state"] for name, each in record["runs"].items()} == {
        "north": "complete",
        "south": "complete",
    }
    assert (runs / "south" / "faults.sgy").exists()
    assert not list(runs.rglob("*.ledger"))
