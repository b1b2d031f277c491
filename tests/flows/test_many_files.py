"""A survey in many files: one volume, and every file again; or one line that names the odd one out."""

import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from flows.__main__ import COMPLETE, INTERRUPTED, WRONG_INPUT, run
from tests.flows.running import contents
from tests.segy_parts import Variant, put_tail, put_text
from tests.surveys import Form, Traces, grid_traces, shuffled, write_segy

SHAPE = (6, 24, 30)
LINES = range(SHAPE[0])
IBM = Form(code=1)


def line(number: int) -> Traces:
    """One inline of the survey."""
    traces = grid_traces(SHAPE)
    return traces.take(traces.inline == traces.inline[0] + number)


def write_lines(folder: Path) -> list[Path]:
    """Write one file an inline."""
    folder.mkdir(parents=True)
    return [
        Variant(traces=partial(line, number)).write(folder / f"line-{number}.sgy")
        for number in LINES
    ]


def ingest(files: list[Path], volume: Path, *options: str) -> int:
    return run(["ingest", *map(str, files), str(volume), *options])


def export(volume: Path, out: Path, *options: str) -> int:
    return run(["export", str(volume), str(out), *options])


def check(files: list[Path], out: Path) -> None:
    """The files lie in the folder, and nothing else."""
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        path.name: path.read_bytes() for path in files
    }


def test_one_file_an_inline_is_one_volume_in_any_order(tmp_path: Path) -> None:
    files = write_lines(tmp_path / "lines")
    orders = {"named": files, "drawn": [files[k] for k in (3, 0, 5, 1, 4, 2)]}
    for name, order in orders.items():
        assert ingest(order, tmp_path / f"{name}.zarr") == COMPLETE
        assert export(tmp_path / f"{name}.zarr", tmp_path / name, "--verify") == COMPLETE
        check(files, tmp_path / name)
    named, drawn = (xr.open_zarr(tmp_path / f"{name}.zarr", chunks=None) for name in orders)
    assert named.amplitude.shape == SHAPE
    assert named.live_mask.values.all()
    xr.testing.assert_identical(named.drop_attrs(deep=False), drawn.drop_attrs(deep=False))


def test_more_files_than_a_process_may_open_are_one_volume(tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    whole = grid_traces((1, 100, 8))
    files = [
        write_segy(tmp_path / "traces" / f"{n:03}.sgy", whole.take(np.array([n])), IBM)
        for n in range(len(whole))
    ]
    # What loads lazily opens files too: a first run of another survey has it loaded.
    assert ingest(files[:2], tmp_path / "two.zarr") == COMPLETE
    highest = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    with descriptors_below(highest + 60):
        assert run(["scan", *map(str, files)]) == COMPLETE
        assert ingest(files, tmp_path / "volume.zarr") == COMPLETE
        assert export(tmp_path / "volume.zarr", tmp_path / "out", "--verify") == COMPLETE
    check(files, tmp_path / "out")


@contextmanager
def descriptors_below(most: int) -> Iterator[None]:
    """Let this process open few files."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def repeated(traces: Traces) -> Traces:
    """One trace twice."""
    return traces.take(np.r_[: len(traces), 7])


ODD: dict[int, Variant] = {
    0: Variant(put_text(b"ASCII, and another text"), partial(line, 0)),
    1: Variant(put_tail(b"words after the last trace"), partial(line, 1)),
    2: Variant(traces=lambda: repeated(line(2))),
    3: Variant(traces=lambda: shuffled(line(3)), form=Form(code=1, texts=2)),
    4: Variant(traces=lambda: line(4).take(np.r_[2:20]), form=Form(code=1, revision=0)),
    # A bin that another file has too.
    5: Variant(traces=lambda: _joined(line(5), line(0).take(np.r_[3:5]))),
}


def _joined(one: Traces, other: Traces) -> Traces:
    whole = grid_traces(SHAPE)
    rows = [
        int(np.flatnonzero((whole.inline == il) & (whole.crossline == xl))[0])
        for part in (one, other)
        for il, xl in zip(part.inline, part.crossline, strict=True)
    ]
    return whole.take(rows)


@pytest.mark.parametrize("number", ODD)
def test_odd_files_come_back_each_as_it_was(tmp_path: Path, number: int) -> None:
    """Other texts, trailers, duplicates within a file and between files, holes."""
    files = write_lines(tmp_path / "lines")
    ODD[number].write(files[number])
    options = ("--salvage",) if number == 1 else ()
    assert ingest(files, tmp_path / "volume.zarr", *options) == COMPLETE
    assert export(tmp_path / "volume.zarr", tmp_path / "out", "--verify") == COMPLETE
    check(files, tmp_path / "out")


def test_all_that_is_odd_may_come_at_once(tmp_path: Path) -> None:
    files = write_lines(tmp_path / "lines")
    for number, variant in ODD.items():
        variant.write(files[number])
    assert ingest(files[::-1], tmp_path / "volume.zarr", "--salvage") == COMPLETE
    assert export(tmp_path / "volume.zarr", tmp_path / "out", "--verify") == COMPLETE
    check(files, tmp_path / "out")


@dataclass(frozen=True, slots=True)
class Stranger:
    """A file that is no part of the survey, and the word for what is other."""

    form: Form
    word: str
    traces: Callable[[], Traces] = lambda: line(5)


STRANGERS = {
    "byte order": Stranger(Form(code=1, order="little"), "order"),
    "format": Stranger(Form(code=5), "format"),
    "interval": Stranger(Form(code=1, interval=2000), "interval"),
    "samples": Stranger(
        IBM,
        "samples",
        lambda: grid_traces((1, 24, 31), first=(106, 2001)),
    ),
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_a_file_of_another_kind_is_refused_by_name(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files, stranger = write_lines(tmp_path / "lines"), STRANGERS[kind]
    Variant(traces=stranger.traces, form=stranger.form).write(files[5])
    before = contents(tmp_path)
    assert ingest(files, tmp_path / "volume.zarr") == WRONG_INPUT
    said = capsys.readouterr().err
    assert said.startswith(f"graben: {files[5]}: ")
    assert said.count("\n") == 1
    assert str(files[0]) in said
    assert stranger.word in said
    assert contents(tmp_path) == before


def test_two_files_of_one_name_are_refused_since_one_folder_cannot_hold_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = write_lines(tmp_path / "lines")
    (tmp_path / "more").mkdir()
    other = files[5].rename(tmp_path / "more" / files[0].name)
    for order in ([*files[:5], other], [other, *files[:5]]):
        assert ingest(order, tmp_path / "volume.zarr") == WRONG_INPUT
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert str(files[0]) in said
        assert str(other) in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lines", "more"]


@pytest.fixture
def stored(tmp_path: Path) -> tuple[list[Path], Path]:
    """Files and their volume."""
    files = write_lines(tmp_path / "lines")
    ODD[1].write(files[1])
    assert ingest(files, tmp_path / "volume.zarr", "--salvage") == COMPLETE
    return files, tmp_path / "volume.zarr"


@pytest.mark.parametrize("name", ["out", "out/", "deep/er/out"])
def test_a_folder_is_made_where_there_is_none(
    tmp_path: Path, stored: tuple[list[Path], Path], name: str
) -> None:
    assert run(["export", str(stored[1]), f"{tmp_path}/{name}"]) == COMPLETE
    check(stored[0], tmp_path / name)


def test_a_folder_with_nothing_in_it_is_filled(
    tmp_path: Path, stored: tuple[list[Path], Path]
) -> None:
    (tmp_path / "out").mkdir()
    assert export(stored[1], tmp_path / "out") == COMPLETE
    check(stored[0], tmp_path / "out")


def test_what_others_have_in_a_folder_stays(
    tmp_path: Path, stored: tuple[list[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    # The folder of the survey itself, whose files have the very names.
    folder = tmp_path / "lines"
    (folder / "notes.txt").write_text("not of graben's")
    before = contents(tmp_path)
    for options in ((), ("--resume",)):
        assert export(stored[1], folder, *options) == WRONG_INPUT
        said = capsys.readouterr().err
        assert said.startswith(f"graben: {folder}")
        assert said.count("\n") == 1
        assert contents(tmp_path) == before
    assert export(stored[1], folder, "--overwrite") == COMPLETE
    assert contents(tmp_path) == before


def test_a_file_where_a_folder_is_needed_stays(
    tmp_path: Path, stored: tuple[list[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("not of graben's")
    for options in ((), ("--overwrite",), ("--resume",)):
        assert export(stored[1], tmp_path / "out", *options) == WRONG_INPUT
        assert "folder" in capsys.readouterr().err
        assert (tmp_path / "out").read_text() == "not of graben's"


@pytest.fixture
def half_out(
    tmp_path: Path, stored: tuple[list[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder whose export was interrupted when two of its files were whole."""
    done: list[Path] = []
    rename = Path.replace

    def replace(part: Path, target: Path) -> Path:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(target)
        return rename(part, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        assert export(stored[1], tmp_path / "out") == INTERRUPTED
    return tmp_path / "out"


def test_an_interrupted_export_goes_on(
    stored: tuple[list[Path], Path], half_out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert export(stored[1], half_out) == WRONG_INPUT
    assert "--resume" in capsys.readouterr().err
    assert export(stored[1], half_out, "--resume", "--verify") == COMPLETE
    check(stored[0], half_out)


def test_an_interrupted_export_starts_anew(
    stored: tuple[list[Path], Path], half_out: Path
) -> None:
    assert export(stored[1], half_out, "--overwrite") == COMPLETE
    check(stored[0], half_out)


def test_verify_finds_that_a_trailer_was_lost(
    tmp_path: Path, stored: tuple[list[Path], Path]
) -> None:
    shutil.rmtree(stored[1] / "segy" / "trailer")
    assert export(stored[1], tmp_path / "out", "--verify") == WRONG_INPUT
    assert not list((tmp_path / "out").glob("*.sgy"))
