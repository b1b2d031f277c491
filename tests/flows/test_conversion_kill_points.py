"""A small conversion, killed between any two of its writes, goes on to the same bytes."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from flows.__main__ import COMPLETE, run
from tests.flows.running import ROOT
from tests.kill_points import main
from tests.segy_parts import Variant, put_words
from tests.segy_torture import ODD_IBM
from tests.surveys import Form, grid_traces

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

KILLS = 30


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A survey of two shards in three files, with duplicates and words for a patch."""
    traces = grid_traces((140, 9, 4))
    traces, paths = traces.take(np.r_[: len(traces), 5, 40:50]), []
    for number, part in enumerate(np.array_split(np.arange(len(traces)), 3)):
        change = put_words(ODD_IBM[:4])
        variant = Variant(change, partial(traces.take, part), Form(code=1, texts=number))
        paths.append(variant.write(tmp_path / f"part-{number}.sgy"))
    return paths


def check(tmp_path: Path, *command: object) -> None:
    line = [sys.executable, "-m", "tests.kill_points", tmp_path / "work", KILLS, *command]
    answer = subprocess.run(
        list(map(str, line)), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_an_ingest_may_end_before_any_write(files: list[Path], tmp_path: Path) -> None:
    check(tmp_path, "ingest", *files, "out.zarr")


def test_an_ingest_that_starts_anew_may_end_before_any_write(
    files: list[Path], tmp_path: Path
) -> None:
    check(tmp_path, "ingest", *files, "--overwrite", "out.zarr")


def test_an_export_of_many_files_may_end_before_any_write(
    files: list[Path], tmp_path: Path
) -> None:
    assert run(["ingest", *map(str, files), str(tmp_path / "volume.zarr")]) == COMPLETE
    check(tmp_path, "export", tmp_path / "volume.zarr", "out")


def test_an_export_of_one_file_may_end_before_any_write(files: list[Path], tmp_path: Path) -> None:
    assert run(["ingest", str(files[0]), str(tmp_path / "volume.zarr")]) == COMPLETE
    check(tmp_path, "export", tmp_path / "volume.zarr", "out.sgy")


def test_an_export_that_starts_anew_may_end_before_any_write(
    files: list[Path], tmp_path: Path
) -> None:
    assert run(["ingest", str(files[0]), str(tmp_path / "volume.zarr")]) == COMPLETE
    command = ("export", tmp_path / "volume.zarr", "--profile", "opendtect", "--overwrite")
    check(tmp_path, *command, "out.sgy")


def test_traps_that_never_spring_prove_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unharmed(work: partial[int], *_: object) -> tuple[int, int]:
        Path(work.args[0][-1]).write_text("as ever")
        return 0, 9

    monkeypatch.setattr("tests.kill_points.fork", unharmed)
    assert not main(tmp_path / "work", 6, ["ingest", "in.sgy"], "out")
