"""Runs that lose workers, their scheduler, memory, disk or shards: what is missing is named, and made up for.

The network is a stand-in; everything else is what a user runs, in processes of its own.
"""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from flows.__main__ import COMPLETE, IN_PART, INTERRUPTED
from tests.flows.own_cluster import own_cluster
from tests.flows.running import Running, digests, jobs_done, start, wait_until
from tests.plain_survey import write_regular

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280), pytest.mark.usefixtures("quick_starts")]

TILES = 9
KILLS = 3


@dataclass(frozen=True, slots=True)
class Runs:
    """One survey, the folder that disturbs its runs, and what an undisturbed run leaves."""

    survey: Path
    home: Path
    clean: dict[str, str]

    def start(self, out: Path, switches: Path, *options: object) -> Running:
        command = ("map-faults", self.survey, "--out", out, "--tile-memory", 0.045)
        return start(
            *(*command, "--no-surfaces", *(options or ("--workers", 2))),
            home=self.home,
            module=("tests.disturbed_run", switches),
        )

    def end(self, out: Path, switches: Path, *options: object) -> tuple[int, str]:
        return self.start(out, switches, *options).end(within=200)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("undisturbed")
    survey = write_regular(folder / "survey.sgy", shape=(300, 300, 24))
    (home := folder / "prefect").mkdir()
    (switches := folder / "switches").mkdir()
    runs = Runs(survey, home, {})
    code, err = runs.end(folder / "run", switches)
    assert code == COMPLETE, err
    assert len(predicted(switches)) == TILES
    return Runs(survey, home, digests(folder / "run"))


@pytest.fixture
def switches(tmp_path: Path) -> Path:
    (folder := tmp_path / "switches").mkdir()
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def predicted(switches: Path) -> list[str]:
    """Return the tiles that were predicted since this was last asked."""
    path = switches / "predicted"
    found = path.read_text().split() if path.exists() else []
    path.unlink(missing_ok=True)
    return found


def one_line(err: str) -> str:
    assert err.count("\n") == 1, err
    return err


def failed(out: Path) -> dict[str, str]:
    """Return what the record of a run names."""
    record = json.loads((out / "run.json").read_text())
    assert record["complete"] is False
    found: dict[str, str] = record["failed"]
    return found


def test_workers_killed_within_a_shard_change_nothing(
    runs: Runs, out: Path, switches: Path
) -> None:
    (switches / "halts").write_text(str(KILLS))
    run = runs.start(out, switches)
    killed: set[str] = set()
    while len(killed) < KILLS:
        wait_until(lambda: any(switches.glob("half-*")), run, within=200)
        for half in switches.glob("half-*"):
            psutil.Process(int(half.name.split("-")[1])).kill()
            killed.add(half.name)
            half.unlink()
    code, err = run.end(within=200)
    assert (code, err) == (COMPLETE, "")
    assert digests(out) == runs.clean


def test_a_run_whose_scheduler_is_killed_says_so_and_goes_on_with_another(
    runs: Runs, out: Path, switches: Path, tmp_path: Path
) -> None:
    with own_cluster(tmp_path / "first") as cluster:
        run = runs.start(out, switches, "--scheduler", cluster.address)
        wait_until(lambda: jobs_done(out / "faults.zarr.ledger") >= 2, run, within=200)
        cluster.scheduler.kill()
        code, err = run.end(within=60)
    assert code == IN_PART, err
    assert "the scheduler does not answer any more" in one_line(err)
    assert "--resume does the rest" in err
    assert len(failed(out)) == 1
    done = jobs_done(out / "faults.zarr.ledger")
    assert 2 <= done < TILES
    predicted(switches)
    with own_cluster(tmp_path / "second") as cluster:
        code, err = runs.end(out, switches, "--scheduler", cluster.address, "--resume")
    assert code == COMPLETE, err
    assert len(predicted(switches)) == TILES - done
    assert digests(out) == runs.clean


def test_a_tile_that_takes_all_memory_is_named_and_the_others_are_done(
    runs: Runs, out: Path, switches: Path
) -> None:
    (switches / "hungry").write_text("128,0")
    limited = ("--workers", 2, "--worker-memory", "1GiB")
    code, err = runs.end(out, switches, *limited)
    assert code == IN_PART, err
    assert "128,0: every worker that tried it died" in one_line(err)
    assert "--worker-memory" in err
    assert list(failed(out)) == ["128,0"]
    assert jobs_done(out / "faults.zarr.ledger") == TILES - 1
    predicted(switches)
    (switches / "hungry").unlink()
    code, err = runs.end(out, switches, *limited, "--resume")
    assert code == COMPLETE, err
    assert predicted(switches) == ["128,0"]
    assert digests(out) == runs.clean


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own that holds the amplitudes and not the faults."""
    (place := tmp_path / "disk").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("no disk may be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_is_said_in_one_line_and_with_room_the_run_goes_on(
    runs: Runs, small_disk: Path, switches: Path
) -> None:
    out = small_disk / "run"
    code, err = runs.end(out, switches)
    assert code == IN_PART, err
    assert "No space left on device" in one_line(err)
    assert "--resume" in err
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    code, err = runs.end(out, switches, "--workers", 2, "--resume")
    assert code == COMPLETE, err
    assert digests(out) == runs.clean


def test_tiles_of_a_damaged_shard_are_named_and_alone_done_again(
    runs: Runs, out: Path, switches: Path
) -> None:
    run = runs.start(out, switches)
    wait_until(lambda: jobs_done(out / "faults.zarr.ledger") >= 1, run, within=200)
    run.process.send_signal(signal.SIGINT)
    code, err = run.end(within=60)
    assert code == INTERRUPTED
    assert "--resume" in one_line(err)
    shard = out / "volume.zarr" / "amplitude" / "c" / "2" / "2" / "0"
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-9])

    code, err = runs.end(out, switches, "--workers", 2, "--resume")
    assert code == IN_PART, err
    assert f"{shard}: its index does not match its checksum" in one_line(err)
    spoiled = failed(out)
    assert set(spoiled) == {"128,128", "128,256", "256,128", "256,256"}
    assert jobs_done(out / "faults.zarr.ledger") == TILES - len(spoiled)
    predicted(switches)

    shard.write_bytes(whole)
    code, err = runs.end(out, switches, "--workers", 1, "--resume")
    assert code == COMPLETE, err
    assert sorted(predicted(switches)) == sorted(spoiled)
    assert digests(out) == runs.clean
