"""`graben scan` as a user meets it: one page, a line for each finding, the command that ingests the file."""

import json
import shlex
import subprocess
import sys
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from flows.__main__ import COMPLETE, WRONG_INPUT, run
from tasks.examination import Examination
from tests.doctor_cases import SWAPPED_SAMPLES, TOLD, UNMENDABLE
from tests.doctor_faults import Case
from tests.doctor_mended import MENDED
from tests.flows.running import ROOT
from tests.segy_parts import CUBE, Variant

LONGEST_PAGE = 24

WITHOUT_HELP = {
    # Pre-stack: offsets, or shots and channels.
    "segyio/1x1.sgy",
    "segyio/1xN.sgy",
    "segyio/Mx1.sgy",
    "segyio/broken.sgy",
    "segyio/shot-gather.sgy",
    "segyio/small-ps.sgy",
    "segyio/small-ps-dec-il-xl-off.sgy",
    # No SEG-Y, or one without traces.
    "segyio/small.su",
    "segyio/text-only-no-traces.sgy",
}
"""Foreign files that no option makes a volume of."""

RECOMMENDED = {
    # A line with CDP numbers, and shot numbers where inlines are looked for.
    "real-2d/npra_31_81_PR.SGY": ["--inline-byte", "189", "--crossline-byte", "21"],
    # Its fields lie one byte further on.
    "segyio/mapping-shifted.sgy": ["--inline-byte", "190", "--crossline-byte", "194"],
    # Traces along a straight line, without numbers.
    "seismic-zfp/small-2d.sgy": ["--as-line"],
    # Coordinates in decimetres that the scalar calls metres.
    **{
        f"segysak/multi-file/f3-iline-{line}.sgy": ["--coordinate-scalar", "-10"]
        for line in range(111, 116)
    },
}
"""Foreign files that want options; all others are read as they are."""

F3 = """\
f3.sgy
Nothing is wrong with it.

  file        165 kB, revision 1.0, big-endian, 16-bit integers (format 3)
  lines       23 inlines 111 to 133 (byte 189), 18 crosslines 875 to 892 (byte 193)
  traces      414, one in every bin, inline by inline
  samples     75, time 4 to 300 ms every 4 ms
  amplitude   -1.024e+04 to 1.083e+04, rms 2158, 18.4% zeros (of 300 traces)
  coordinates X 620181.9 to 620622.1, Y 6074232.9 to 6074794.5 m (bytes 181/185); bins 25 x 25 m, \
inlines run 88.4 degrees from north
  plan        1 job of 62.1 kB, 84.3 MB of memory, at most 161 kB of output, under a second on 1 thread

graben ingest {path} f3.zarr
"""


def page_of(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    assert run(["scan", str(path), "--json", *options]) == COMPLETE
    page: dict[str, Any] = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    return page


def test_the_page_of_a_good_survey(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shared_data / "segy/segyio/f3.sgy"
    assert run(["scan", str(path)]) == COMPLETE
    assert capsys.readouterr().out == F3.format(path=path)


def test_every_foreign_file_has_a_page(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared_data / "segy"
    helpless, recommended = set(), {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        code = run(["scan", str(path)])
        out, err = capsys.readouterr()
        assert out.startswith(f"{path.name}\n")
        assert out.count("\n") <= LONGEST_PAGE
        if code == COMPLETE:
            words = shlex.split(out.splitlines()[-1])
            assert words[:4] == ["graben", "ingest", str(path), f"{path.stem}.zarr"]
            if words[4:]:
                recommended[name] = words[4:]
        else:
            assert (code, err.count("\n")) == (WRONG_INPUT, 1)
            helpless.add(name)
    assert helpless == WITHOUT_HELP
    assert recommended == RECOMMENDED


@pytest.mark.parametrize("name", RECOMMENDED)
def test_the_last_line_of_a_page_is_a_command_that_works(
    shared_data: Path,
    tmp_path: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = shared_data / "segy" / name
    monkeypatch.chdir(tmp_path)
    assert run(["scan", str(path)]) == COMPLETE
    words = shlex.split(capsys.readouterr().out.splitlines()[-1])
    assert words[0] == "graben"
    assert run(words[1:]) == COMPLETE
    live = xr.open_zarr(tmp_path / f"{path.stem}.zarr", chunks=None).live_mask
    assert live.values.all()


def test_each_finding_is_one_line_the_worst_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = MENDED["count-and-torn"].faulty.write(tmp_path / "survey.sgy")
    assert run(["scan", str(path)]) == COMPLETE
    lines = capsys.readouterr().out.splitlines()
    found = [line for line in lines if line.split(":")[0] in {"stops", "wrong", "look", "note"}]
    assert found == [
        "stops: 30 samples a trace are stated; the trace headers lie 40 samples apart "
        "(bytes 3221-3222 and, in the traces, 115-116) -> --samples 40",
        "stops: the file ends within a trace: 480 are whole, 50 bytes remain (file offset 195600) "
        "-> --salvage",
    ]
    assert lines[-1] == f"graben ingest {path} survey.zarr --samples 40 --salvage"


def test_what_is_only_likely_is_not_part_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = TOLD["coarse-interval"].faulty.write(tmp_path / "survey.sgy")
    assert run(["scan", str(path)]) == COMPLETE
    out = capsys.readouterr().out
    assert "-> perhaps --domain depth\n" in out
    assert out.endswith(f"\ngraben ingest {path} survey.zarr\n")


def test_an_option_that_is_wrong_is_taken_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Variant().write(tmp_path / "survey.sgy")
    assert run(["scan", str(path), "--samples", "50", "--duplicates", "last"]) == COMPLETE
    out = capsys.readouterr().out
    assert "-> without --samples\n" in out
    assert out.endswith(f"\ngraben ingest {path} survey.zarr --duplicates last\n")


def test_a_volume_that_will_be_wrong_all_the_same_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = TOLD["area-as-line"].faulty.write(tmp_path / "survey.sgy")
    assert run(["scan", str(path)]) == COMPLETE
    assert "The volume will be wrong all the same" in capsys.readouterr().out


def test_a_finding_of_some_of_many_files_names_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [Variant().write(tmp_path / f"{number}.sgy") for number in range(4)]
    for path in paths[1:3]:
        path.write_bytes(path.read_bytes() + bytes(50))
    assert run(["scan", *map(str, paths)]) == COMPLETE
    assert "remain (1.sgy and 1 more, file offset 195600) -> --salvage" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        (MENDED["wrong-count"], "Wrong as it is; the command below mends it."),
        (TOLD["coarse-interval"], "Can be read as it is; 1 thing to look at."),
        (TOLD["scalar-0"], "Nothing is wrong with it."),
        (TOLD["area-as-line"], "The volume will be wrong all the same, until the file is mended."),
        (UNMENDABLE["no-trace"], "Cannot be ingested: there is no trace after the file headers."),
        (SWAPPED_SAMPLES, "Cannot be ingested: the samples are little-endian"),
    ],
)
def test_the_verdict_comes_first(
    tmp_path: Path, case: Case, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["scan", str(case.faulty.write(tmp_path / "survey.sgy"))])
    assert capsys.readouterr().out.splitlines()[1].startswith(verdict)


@pytest.mark.parametrize("name", UNMENDABLE)
def test_what_no_option_mends_ends_in_one_line_after_the_page(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = UNMENDABLE[name].faulty.write(tmp_path / "survey.sgy")
    assert run(["scan", str(path)]) == WRONG_INPUT
    out, err = capsys.readouterr()
    assert out.startswith("survey.sgy\n")
    assert out.endswith("\nNo option mends that.\n")
    assert err.startswith(f"graben: {path}: ")
    assert err.count("\n") == 1
    assert run(["scan", str(path), "--json"]) == WRONG_INPUT
    page = json.loads(capsys.readouterr().out)
    assert page["command"] is None
    assert page["refusal"]["what"] in err


def test_a_file_that_is_not_there_has_no_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["scan", str(tmp_path / "none.sgy")]) == WRONG_INPUT
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "no such file" in err


def test_machines_get_the_fields_of_an_examination(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = page_of(MENDED["lines-of-another-survey"].faulty.write(tmp_path / "a.sgy"), capsys)
    assert list(page) == [*(field.name for field in fields(Examination)), "command"]
    assert page["inlines"] == {"byte": 9, "first": 101, "last": 120, "step": 1, "count": 20}
    finding = page["findings"][0]
    assert list(finding) == ["code", "severity", "what", "where", "options", "advice", "files"]
    assert finding["options"] == page["options"] == {"inline_byte": 9, "crossline_byte": 21}
    best = page["candidates"][0]
    assert (best["inline_byte"], best["crossline_byte"], best["agrees"]) == (9, 21, True)
    assert page["command"][:2] == ["graben", "ingest"]
    assert page["command"][3:] == ["a.zarr", "--inline-byte", "9", "--crossline-byte", "21"]


def test_many_files_are_one_survey_and_one_pattern(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "line set"
    folder.mkdir()
    traces = CUBE()
    paths = [
        Variant(traces=partial(traces.take, part)).write(folder / f"{number}.sgy")
        for number, part in enumerate(np.array_split(np.arange(480), 6))
    ]
    monkeypatch.chdir(folder)
    assert run(["scan", *(path.name for path in paths)]) == COMPLETE
    out = capsys.readouterr().out
    assert out.startswith("0.sgy, 1.sgy, 2.sgy, 3.sgy and 2 more\n")
    assert "480, one in every bin" in out
    assert out.endswith("\ngraben ingest *.sgy 'line set.zarr'\n")


def test_help_names_the_option_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scan", "--help"]) == COMPLETE
    shown = capsys.readouterr().out
    assert "--json " in shown
    assert "json_" not in shown
    assert "--json-" not in shown


def test_a_scan_loads_neither_prefect_nor_tensorflow_nor_dask() -> None:
    code = (
        "import sys, flows.scan_report\n"
        "print([m for m in ('prefect', 'tensorflow', 'distributed') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.strip() == "[]"
