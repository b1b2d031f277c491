"""`graben ingest` and `graben export` as a user meets them: outputs in every state, wrong options."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import segyio
import xarray as xr

from flows.__main__ import COMPLETE, DEFECT, INTERRUPTED, WRONG_INPUT, run
from tests.flows.running import ROOT, contents
from tests.segy_torture import VARIANTS


def ingest(source: Path, volume: Path, *options: str) -> int:
    return run(["ingest", str(source), str(volume), *options])


def export(volume: Path, out: Path, *options: str) -> int:
    return run(["export", str(volume), str(out), *options])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Surveys, stores in every state, and things of others."""
    folder = tmp_path_factory.mktemp("made")
    survey = VARIANTS["ieee"].write(folder / "survey.sgy")
    VARIANTS["clean"].write(folder / "other.sgy")
    for name, options in {"whole": (), "lossy": ("--codec", "lossy")}.items():
        assert ingest(survey, folder / f"{name}.zarr", *options) == COMPLETE
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.ingest.finish", _interrupted)
        assert ingest(survey, folder / "half.zarr") == INTERRUPTED
    (folder / "foreign").mkdir()
    (folder / "foreign" / "survey.sgy").write_bytes(survey.read_bytes())
    (folder / "text.txt").write_text("not of graben's")
    (folder / "empty").mkdir()
    return folder


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def files(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same for one test to work in, with the times that a fingerprint sees."""
    folder = tmp_path / "files"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="module")
def in_place(made: Path) -> Iterator[Path]:
    """The same for tests that leave everything as it is."""
    before = Path.cwd()
    os.chdir(made)
    yield made
    os.chdir(before)


REFUSED = [
    # Inputs.
    ("ingest none.sgy NEW", "none.sgy", "no such file"),
    ("ingest foreign NEW", "foreign", "not a file"),
    ("ingest text.txt NEW", "text.txt", "not a SEG-Y file"),
    ("export none.zarr NEW", "none.zarr", "no such store"),
    ("export half.zarr NEW", "half.zarr", "not complete"),
    ("export foreign NEW", "foreign", "graben ingest"),
    ("export survey.sgy NEW", "survey.sgy", "graben ingest"),
    # An output that is, holds or lies in its own input.
    ("ingest survey.sgy survey.sgy", "survey.sgy", "own input"),
    ("ingest survey.sgy survey.sgy --overwrite", "survey.sgy", "own input"),
    ("ingest foreign/survey.sgy foreign", "foreign", "own input"),
    ("ingest foreign/survey.sgy foreign --overwrite", "foreign", "own input"),
    ("ingest foreign/survey.sgy . --overwrite", "", "own input"),
    ("ingest survey.sgy survey.sgy/new.zarr --overwrite", "survey.sgy", ""),
    ("export whole.zarr whole.zarr --overwrite", "whole.zarr", "own input"),
    ("export whole.zarr whole.zarr/new.sgy", "whole.zarr", "own input"),
    ("export whole.zarr . --overwrite", "", "own input"),
    # Outputs of others.
    ("ingest survey.sgy foreign", "foreign", "no store of graben's"),
    ("ingest survey.sgy foreign --overwrite", "foreign", "no store of graben's"),
    ("ingest survey.sgy foreign --resume", "foreign", "no store of graben's"),
    ("ingest survey.sgy other.sgy --overwrite", "other.sgy", "no store of graben's"),
    ("ingest survey.sgy text.txt/new.zarr", "text.txt", ""),
    ("export whole.zarr other.sgy", "other.sgy", "--overwrite"),
    ("export whole.zarr other.sgy --resume", "other.sgy", "--overwrite"),
    ("export whole.zarr foreign", "foreign", ""),
    ("export whole.zarr foreign --overwrite", "foreign", ""),
    ("export whole.zarr lossy.zarr --overwrite", "lossy.zarr", ""),
    ("export whole.zarr text.txt/new.sgy", "text.txt", ""),
    # Outputs of other runs.
    ("ingest other.sgy whole.zarr", "whole.zarr", "survey was survey.sgy and is other.sgy"),
    ("ingest survey.sgy whole.zarr --codec small", "whole.zarr", "codec was fast and is small"),
    ("ingest survey.sgy whole.zarr --domain depth --resume", "whole.zarr", "domain was time"),
    ("ingest survey.sgy half.zarr", "half.zarr", "--resume"),
    ("ingest other.sgy half.zarr --resume", "half.zarr", "survey was survey.sgy"),
    ("ingest survey.sgy half.zarr --resume --codec small", "half.zarr", "codec was fast"),
    # What a store cannot give.
    ("export lossy.zarr NEW --profile same --overwrite", "lossy.zarr", "--codec lossy"),
    ("export whole.zarr NEW --variable live_mask", "whole.zarr", "live_mask"),
    ("export whole.zarr NEW --variable none", "whole.zarr", "none"),
    ("export whole.zarr NEW --variable none --profile opendtect", "whole.zarr", "none"),
    ("export whole.zarr NEW --variable live_mask --profile opendtect", "whole.zarr", "live_mask"),
    ("export whole.zarr NEW --variable twt --profile opendtect", "whole.zarr", "twt"),
    ("export whole.zarr NEW --variable segy --profile opendtect", "whole.zarr", "segy"),
    # Options.
    ("ingest", "SURVEYS", "Missing"),
    ("ingest survey.sgy", "SURVEYS", "Missing"),
    ("export whole.zarr", "OUT", "Missing"),
    ("ingest survey.sgy NEW --codec best", "--codec", "'fast', 'small' or 'lossy'"),
    ("ingest survey.sgy NEW --inline-byte 0", "--inline-byte", "1"),
    ("ingest survey.sgy NEW --inline-byte 240", "--inline-byte", "237"),
    ("ingest survey.sgy NEW --samples 39", "survey.sgy", "--samples"),
    ("ingest survey.sgy NEW --sample-interval 0", "--sample-interval", "greater"),
    ("ingest survey.sgy NEW --sample-interval inf", "--sample-interval", "finite"),
    ("ingest survey.sgy NEW --sample-interval nan", "--sample-interval", "finite"),
    ("ingest survey.sgy NEW --format 99", "99", "format"),
    ("ingest survey.sgy NEW --format 4", "4", "format"),
    ("ingest survey.sgy NEW --duplicates all", "--duplicates", "'first', 'last' or 'error'"),
    ("ingest survey.sgy NEW --workers 0", "--workers", "greater"),
    ("ingest survey.sgy NEW --worker-memory much", "--worker-memory", "much"),
    ("ingest survey.sgy NEW --scheduler nowhere:1", "--scheduler", "nowhere:1"),
    ("ingest survey.sgy NEW --colour red", "--colour", "No such option"),
    ("export whole.zarr s3://bucket/new.sgy", "out", "a path is needed"),
    ("export whole.zarr NEW --profile opendtect --verify", "new", "--profile same"),
    ("export whole.zarr NEW --profile round", "--profile", "'same' or 'opendtect'"),
    ("export whole.zarr NEW --scheduler nowhere:1", "--scheduler", "nowhere:1"),
]


@pytest.mark.parametrize(("line", "where", "what"), REFUSED, ids=[line for line, _, _ in REFUSED])
def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    in_place: Path,
    line: str,
    where: str,
    what: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("deploy.cluster.CONNECT_S", 1)
    before = contents(in_place)
    code = run(line.replace("NEW", "new").split())
    said = capsys.readouterr().err
    after = contents(in_place)
    for name in set(after) - set(before):
        (in_place / name).unlink()  # or all the other lines would fail too
    assert (code, said.count("\n")) == (WRONG_INPUT, 1), said
    assert said.startswith("graben: ")
    assert where in said
    assert what in said
    assert after == before


@pytest.mark.parametrize("options", [(), ("--resume",)])
def test_a_store_that_is_complete_is_left_alone(
    files: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(files)
    assert ingest(files / "survey.sgy", files / "whole.zarr", *options) == COMPLETE
    assert "is complete" in capsys.readouterr().out
    assert contents(files) == before


@pytest.mark.parametrize("name", ["whole", "half", "lossy", "empty", "new"])
def test_overwrite_starts_anew_and_the_result_does_not_tell(files: Path, name: str) -> None:
    clean, volume = files / "clean.zarr", files / f"{name}.zarr"
    if name == "empty":
        volume.mkdir()
    assert ingest(files / "survey.sgy", clean, "--codec", "small") == COMPLETE
    assert ingest(files / "survey.sgy", volume, "--codec", "small", "--overwrite") == COMPLETE
    assert contents(volume) == contents(clean)
    assert not (files / f"{name}.zarr.ledger").exists()


def test_resume_needs_nothing_to_go_on_with(files: Path) -> None:
    assert ingest(files / "survey.sgy", files / "new.zarr", "--resume") == COMPLETE
    assert ingest(files / "survey.sgy", files / "half.zarr", "--resume") == COMPLETE
    assert contents(files / "new.zarr") == contents(files / "whole.zarr")
    assert contents(files / "half.zarr") == contents(files / "whole.zarr")
    assert export(files / "new.zarr", files / "new.sgy", "--resume", "--verify") == COMPLETE
    assert (files / "new.sgy").read_bytes() == (files / "survey.sgy").read_bytes()


def test_a_folder_that_stands_ready_is_not_replaced_by_a_file(files: Path) -> None:
    for options in ((), ("--overwrite",)):
        assert export(files / "whole.zarr", files / "empty", *options) == WRONG_INPUT
        assert (files / "empty").is_dir()


def test_an_export_over_the_survey_itself_gives_it_back(files: Path) -> None:
    before = (files / "survey.sgy").read_bytes()
    assert export(files / "whole.zarr", files / "survey.sgy", "--overwrite") == COMPLETE
    assert (files / "survey.sgy").read_bytes() == before


@pytest.mark.parametrize("profile", ["same", "opendtect"])
def test_an_export_that_fails_leaves_the_file_that_it_would_replace(
    files: Path, profile: str
) -> None:
    before = (files / "survey.sgy").read_bytes()
    shard = files / "whole.zarr" / "amplitude" / "c" / "0" / "0" / "0"
    shard.write_bytes(shard.read_bytes()[:-10])
    options = ("--overwrite", "--profile", profile)
    assert export(files / "whole.zarr", files / "survey.sgy", *options) not in {COMPLETE, DEFECT}
    assert (files / "survey.sgy").read_bytes() == before


def test_a_file_for_opendtect_opens_elsewhere(tmp_path: Path) -> None:
    source = VARIANTS["shuffled"].write(tmp_path / "in.sgy")
    volume, out = tmp_path / "volume.zarr", tmp_path / "out.sgy"
    assert ingest(source, volume) == COMPLETE
    assert export(volume, out, "--profile", "opendtect") == COMPLETE
    amplitude = xr.open_zarr(volume, chunks=None).amplitude
    with segyio.open(out) as file:
        np.testing.assert_array_equal(segyio.tools.cube(file), amplitude)
        np.testing.assert_array_equal(file.ilines, amplitude.inline)
        np.testing.assert_array_equal(file.xlines, amplitude.crossline)
        np.testing.assert_array_equal(file.samples, amplitude.twt)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("ingest", ["in ms or m", "(default: fast)", "(default: 189, 9, then 5)", "dB", "GiB"]),
        ("ingest", ["Example: graben ingest survey.sgy volume.zarr", "(default: first)"]),
        ("export", ["Example: graben export volume.zarr back.sgy --verify", "GiB"]),
        (
            "export",
            ["(default: same for amplitude)", "(default: amplitude, or fault_probability)"],
        ),
        ("scan", ["Example: graben scan survey.sgy", "in ms or m"]),
    ],
)
def test_help_names_units_defaults_and_an_example(
    command: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--help"]) == COMPLETE
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for word in words:
        assert word in shown


HEAVY = {"tensorflow", "keras", "prefect", "dask", "distributed", "xarray", "numba", "matplotlib"}


@pytest.mark.parametrize(
    "line", ["ingest survey.sgy new.zarr", "export whole.zarr new.sgy --verify", "scan survey.sgy"]
)
def test_conversions_load_no_heavy_library(files: Path, line: str) -> None:
    code = "import sys; from flows.__main__ import run; print(run(sys.argv[1:]), *sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code, *line.split()],
        capture_output=True,
        text=True,
        cwd=files,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    code, *modules = answer.stdout.splitlines()[-1].split()
    assert int(code) == COMPLETE
    assert not HEAVY & {name.split(".")[0] for name in modules}
