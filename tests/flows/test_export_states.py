"""An export that was stopped says nothing of bytes that it does not have, and touches no file of others."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import segyio

from flows.__main__ import COMPLETE, INTERRUPTED, WRONG_INPUT, run
from storage.export_files import ExportFiles, part_of
from storage.volume import read_region, whole, write_region
from tests.flows.running import contents
from tests.segy_parts import Variant
from tests.segy_torture import VARIANTS
from tests.surveys import Form, grid_traces, write_segy

BLOCK = (slice(0, 20), slice(0, 24))
PROFILES = ["same", "opendtect"]


def ingest(source: Path, volume: Path, *options: str) -> int:
    return run(["ingest", str(source), str(volume), *options])


def export(volume: Path, out: Path, *options: str) -> int:
    return run(["export", str(volume), str(out), *options])


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """The store of a survey that lies beside it as `in.sgy`, with a trailer."""
    source = VARIANTS["ieee"].write(tmp_path / "in.sgy")
    source.write_bytes(source.read_bytes() + b"trailer")
    assert ingest(source, tmp_path / "v.zarr", "--salvage") == COMPLETE
    return tmp_path / "v.zarr"


def interrupt(volume: Path, out: Path, *options: str) -> None:
    """Stop an export when all of its jobs are in the ledger, and the file has not its name yet."""

    def stop(_: ExportFiles) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExportFiles, "finish", stop)
        assert export(volume, out, *options) == INTERRUPTED


def bend_sample(volume: Path) -> None:
    """Change one sample of a store, with checksums that are right."""
    region = whole(BLOCK, 40)
    samples = read_region(volume, "amplitude", region)
    samples[3, 4, 5] += 1
    write_region(volume, "amplitude", region, samples)


def bend_file_header(volume: Path) -> None:
    _flip(volume, "file_header")


def bend_number(volume: Path) -> None:
    """Give one trace the number of the one before, which changes no order."""
    import zarr

    zarr.open_array(volume / "segy" / "trace_number")[0, 10] = 9


def bend_trailer(volume: Path) -> None:
    _flip(volume, "trailer")


def _flip(volume: Path, name: str) -> None:
    import zarr

    array = zarr.open_array(volume / "segy" / name)
    array[3] = np.asarray(array[3]) ^ 1


BENT: dict[str, Callable[[Path], None]] = {
    "block 0,0": bend_sample,
    "file headers": bend_file_header,
    "trailers": bend_trailer,
    "trace numbers": bend_number,
}


@pytest.mark.parametrize("what", BENT)
def test_what_was_written_without_proof_is_proven_when_the_export_goes_on(
    volume: Path, tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, before = tmp_path / "out.sgy", contents(volume)
    BENT[what](volume)
    assert contents(volume) != before
    interrupt(volume, out)
    capsys.readouterr()
    assert export(volume, out, "--resume", "--verify") == WRONG_INPUT
    said = capsys.readouterr().err
    assert said.startswith(f"graben: {volume}: ")
    assert said.count("\n") == 1
    assert what in said
    assert not out.exists()


def test_what_was_written_of_a_store_that_was_mended_since_is_written_again(
    volume: Path, tmp_path: Path
) -> None:
    out, source = tmp_path / "out.sgy", tmp_path / "in.sgy"
    bend_sample(volume)
    assert export(volume, out, "--verify") == WRONG_INPUT
    assert ingest(source, volume, "--salvage", "--overwrite") == COMPLETE
    assert export(volume, out, "--verify", "--resume") == COMPLETE
    assert out.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("old", [False, True])
def test_an_export_that_lost_its_file_begins_anew(
    volume: Path, tmp_path: Path, profile: str, old: bool
) -> None:
    out, clean = tmp_path / "out.sgy", tmp_path / "clean.sgy"
    assert export(volume, clean, "--profile", profile) == COMPLETE
    if old:
        out.write_text("an older file")
    interrupt(volume, out, "--profile", profile, *(["--overwrite"] if old else []))
    part_of(out).unlink()
    assert export(volume, out, "--profile", profile, "--resume") == COMPLETE
    assert out.read_bytes() == clean.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "clean.sgy",
        "in.sgy",
        "out.sgy",
        "v.zarr",
    ]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_file_that_came_while_an_export_lay_still_stays(
    volume: Path, tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.sgy"
    interrupt(volume, out, "--profile", profile)
    part_of(out).unlink()
    out.write_text("of somebody else")
    assert export(volume, out, "--profile", profile, "--resume") == WRONG_INPUT
    assert "--overwrite" in capsys.readouterr().err
    assert out.read_text() == "of somebody else"


@pytest.mark.parametrize("profile", PROFILES)
def test_neither_an_export_nor_its_ledger_touches_files_with_names_like_its_own(
    volume: Path, tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.sgy"
    for path in (part_of(out), tmp_path / "out.sgy.ledger"):
        path.write_text("three years of work")
        before = contents(tmp_path)
        for options in ((), ("--resume",)):
            capsys.readouterr()
            assert export(volume, out, "--profile", profile, *options) == WRONG_INPUT
            said = capsys.readouterr().err
            assert said.count("\n") == 1
            assert path.name in said
            assert contents(tmp_path) == before
        path.unlink()
    for name in ("out.sgy.part", "out.sgy.partial"):
        (tmp_path / name).write_text("three years of work")
    assert export(volume, out, "--profile", profile) == COMPLETE
    for name in ("out.sgy.part", "out.sgy.partial"):
        assert (tmp_path / name).read_text() == "three years of work"


def test_files_of_a_survey_may_be_called_parts(tmp_path: Path) -> None:
    traces = grid_traces((4, 5, 6))
    files = [
        write_segy(tmp_path / name, traces.take(traces.inline % 2 == k))
        for k, name in enumerate(("x.sgy", "x.sgy.part"))
    ]
    volume, out = tmp_path / "v.zarr", tmp_path / "out"
    assert run(["ingest", *map(str, files), str(volume)]) == COMPLETE
    assert export(volume, out, "--verify") == COMPLETE
    for file in files:
        assert (out / file.name).read_bytes() == file.read_bytes()


def test_a_survey_whose_file_has_the_name_of_another_under_way_is_not_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    traces = grid_traces((4, 5, 6))
    files = [
        write_segy(tmp_path / name, traces.take(traces.inline % 2 == k))
        for k, name in enumerate(("x.sgy", part_of(Path("x.sgy")).name))
    ]
    volume, out = tmp_path / "v.zarr", tmp_path / "out"
    assert run(["ingest", *map(str, files), str(volume)]) == COMPLETE
    for options in ((), ("--overwrite",)):
        assert export(volume, out, *options) == WRONG_INPUT
        assert files[1].name in capsys.readouterr().err
        assert not out.exists()


@pytest.mark.parametrize("options", [(), ("--overwrite",), ("--resume",)])
def test_no_input_is_taken_for_the_ledger_of_its_output(
    volume: Path, tmp_path: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    survey = (tmp_path / "in.sgy").rename(tmp_path / "x.zarr.ledger")
    store = volume.rename(tmp_path / "x.sgy.ledger")
    before = contents(tmp_path)
    capsys.readouterr()
    for code in (
        ingest(survey, tmp_path / "x.zarr", "--salvage", *options),
        export(store, tmp_path / "x.sgy", *options),
    ):
        assert code == WRONG_INPUT
    said = capsys.readouterr().err
    assert said.count("\n") == said.count("its ledger would lie on its own input") == 2
    assert contents(tmp_path) == before


LATE = Variant(traces=partial(grid_traces, (4, 5, 6)), form=Form(delay=32_000, fields={215: 10}))
UNHELD: dict[str, tuple[Variant, tuple[str, ...]]] = {
    "70000 samples": (VARIANTS["more-than-65535"], ()),
    "first sample lies at 320000": (LATE, ()),
    "interval of 70 ": (VARIANTS["ieee"], ("--sample-interval", "70")),
    "interval of 1e+306 ": (VARIANTS["ieee"], ("--sample-interval", "1e306")),
}


@pytest.mark.parametrize("what", UNHELD)
def test_an_axis_that_no_header_holds_is_refused_for_opendtect_alone(
    tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    variant, options = UNHELD[what]
    source, volume = variant.write(tmp_path / "in.sgy"), tmp_path / "v.zarr"
    assert ingest(source, volume, *options) == COMPLETE
    before = contents(tmp_path)
    capsys.readouterr()
    assert export(volume, tmp_path / "new.sgy", "--profile", "opendtect") == WRONG_INPUT
    said = capsys.readouterr().err
    assert what in said
    assert said.count("\n") == 1
    assert contents(tmp_path) == before
    assert export(volume, tmp_path / "new.sgy", "--verify") == COMPLETE


def test_numbers_beyond_those_of_the_file_are_cut_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    traces = grid_traces((4, 5, 6))
    traces.amplitude[:3, 2] = 1e300, -np.inf, np.nan
    source = write_segy(tmp_path / "in.sgy", traces, Form(code=6))
    volume, out = tmp_path / "v.zarr", tmp_path / "out.sgy"
    assert ingest(source, volume) == COMPLETE
    capsys.readouterr()
    assert export(volume, out, "--profile", "opendtect") == COMPLETE
    said = capsys.readouterr()
    assert "Note: 2 samples beyond 3.4e38" in said.out
    assert said.err == ""
    largest = np.finfo(np.float32).max
    traces.amplitude[:3, 2] = largest, -largest, 0
    with segyio.open(out) as file:
        np.testing.assert_array_equal(file.trace.raw[:], traces.amplitude.astype(np.float32))
