"""The command line as a user meets it: help, wrong input, exit codes; no server, no network."""

from pathlib import Path

import pytest

from flows.__main__ import COMPLETE, WRONG_INPUT, run
from flows.settings.compare import CompareModels
from flows.settings.faults import MapFaults
from flows.settings.field import Demo, FieldRun, Serve
from flows.settings.reading import Settings, option_name
from flows.settings.runtimes import ConvertWeights
from flows.settings.training import Evaluate, Synthesize, Train
from flows.settings.values import Positional
from flows.settings.wells import PlaceWells

COMMANDS: dict[str, type[Settings]] = {
    "map-faults": MapFaults,
    "place-wells": PlaceWells,
    "synthesize": Synthesize,
    "train": Train,
    "evaluate": Evaluate,
    "compare-models": CompareModels,
    "convert-weights": ConvertWeights,
    "run": FieldRun,
    "serve": Serve,
    "demo": Demo,
}

MAP = "OIL\n4 3\n50 50\n" + "1 " * 12


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Files of every wrong kind, and a right map."""
    (tmp_path / "empty.sgy").write_bytes(b"")
    (tmp_path / "text.sgy").write_text("this is no SEG-Y file\n" * 500)
    (tmp_path / "cut.sgy").write_bytes(_segy_of_three_traces()[:-50])
    (tmp_path / "whole.sgy").write_bytes(_segy_of_three_traces())
    (tmp_path / "map.txt").write_text(MAP)
    (tmp_path / "few.txt").write_text(MAP[:-4])
    (tmp_path / "many.txt").write_text(MAP + "1 1")
    (tmp_path / "noise.txt").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "bad.toml").write_text("[[survey]\n")
    return tmp_path


def _segy_of_three_traces() -> bytes:
    binary = bytearray(400)
    binary[16:18], binary[20:22], binary[24:26] = b"\x0f\xa0", b"\x00\x0a", b"\x00\x05"
    traces = b""
    for crossline in (1, 2, 3):
        header = bytearray(240)
        header[188:192], header[192:196] = b"\0\0\0\1", bytes((0, 0, 0, crossline))
        traces += bytes(header) + b"\x3f\x80\0\0" * 10
    return b"C01".ljust(3200) + bytes(binary) + traces


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--help"]) == COMPLETE
    shown = capsys.readouterr().out
    assert f"Example: graben {command}" in " ".join(shown.split())
    said = options(shown)
    for field, info in COMMANDS[command].model_fields.items():
        if any(isinstance(mark, Positional) for mark in info.metadata):
            assert field.upper() in shown
            continue
        words = said[option_name(field)]
        assert str(info.description).split()[0] in words
        assert ("(needed)" in words) == info.is_required()
        if not info.is_required() and info.default not in (None, False):
            assert "(default: " in words


def options(shown: str) -> dict[str, str]:
    """Return what a help text says of every option: its own lines, without the frame."""
    said: dict[str, str] = {}
    name = ""
    for line in shown.splitlines():
        words = line.strip("│ ").split()
        if words and words[0].startswith("--"):
            name = words[0]
        elif not line.startswith("│"):
            name = ""
        if name:
            said[name] = " ".join([*said.get(name, "").split(), *words])
    return said


@pytest.mark.parametrize(
    ("command", "units"),
    [
        ("map-faults", {"--tile-memory": "GiB", "--threshold": "Probability"}),
        ("map-faults", {"--sample-interval": "ms or m"}),
        ("place-wells", {"--radius": ", m", "--keep-out": ", m", "--map-azimuth": "degrees"}),
        ("place-wells", {"--growth": ", m;", "--interval": "ms or m", "--map-origin": ", m"}),
    ],
)
def test_lengths_and_times_have_units(
    command: str, units: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    run([command, "--help"])
    said = options(capsys.readouterr().out)
    for option, unit in units.items():
        assert unit in said[option]


WRONG = [
    ("map-faults none.sgy --out OUT", "none.sgy", "no such file"),
    ("map-faults empty.sgy --out OUT", "empty.sgy", "empty"),
    ("map-faults text.sgy --out OUT", "text.sgy", "not a SEG-Y file"),
    ("map-faults cut.sgy --out OUT", "cut.sgy", "truncated"),
    ("map-faults . --out OUT", "not a file", "Name a SEG-Y file"),
    ("map-faults whole.sgy --out OUT --weights none.keras", "none", "card"),
    ("map-faults whole.sgy --out OUT --tile-memory 0.000001 --dry-run", "--tile-memory", "GiB"),
    (
        "map-faults whole.sgy --out OUT --inline-byte 17 --crossline-byte 17 --dry-run",
        "17/17",
        "zero",
    ),
    ("map-faults whole.sgy", "--out", "is needed"),
    ("map-faults whole.sgy --out OUT --workers many", "--workers", "integer"),
    ("map-faults whole.sgy --out OUT --colour red", "--colour", "No such option"),
    ("place-wells none.txt --out OUT", "none.txt", "No such file"),
    ("place-wells few.txt --out OUT", "few.txt", "12"),
    ("place-wells many.txt --out OUT", "many.txt", "12"),
    ("place-wells noise.txt --out OUT", "noise.txt", "not OIL or PORO"),
    ("place-wells map.txt --out OUT --wells 0", "--wells", "greater"),
    ("place-wells map.txt --out OUT --radius -5", "--radius", "greater"),
    ("place-wells map.txt --out OUT --keep-out 50", "--map-origin", "--faults"),
    ("place-wells map.txt --out OUT --scheduler tcp://127.0.0.1:1", "--scheduler", "127.0.0.1:1"),
    ("run bad.toml", "bad.toml", "TOML"),
    ("run none.toml", "none.toml", "no such file"),
    ("serve bad.toml --interval 60", "bad.toml", "TOML"),
    ("serve bad.toml", "--cron", "--interval"),
    ("serve bad.toml --cron daily", "--cron", "not understood"),
    ("dig", "dig", "No such command"),
]


@pytest.mark.parametrize(("line", "where", "what"), WRONG, ids=[line for line, _, _ in WRONG])
def test_wrong_input_is_one_clear_line_and_nothing_is_written(
    files: Path,
    line: str,
    where: str,
    what: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(files)
    before = sorted(files.rglob("*"))
    assert run(line.replace("OUT", "out").split()) == WRONG_INPUT
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("graben: ")
    assert where in said
    assert what in said
    assert sorted(files.rglob("*")) == before


def test_a_dry_run_says_the_plan_and_writes_nothing(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(files)
    # One thread: TensorFlow knows one number a process, and other tests of this one say one.
    assert run(["map-faults", "whole.sgy", "--out", "out", "--threads=1", "--dry-run"]) == COMPLETE
    assert "1 inlines x 3 crosslines x 10 samples" in capsys.readouterr().out
    assert not (files / "out").exists()
