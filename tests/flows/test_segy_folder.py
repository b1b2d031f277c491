"""Every SEG-Y file of others that is at hand: it comes back byte for byte, or is refused for what it is."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from flows.__main__ import COMPLETE, WRONG_INPUT, run

AS_LINE = ("--as-line",)
SHIFTED = ("--inline-byte", "190", "--crossline-byte", "194")

IDENTICAL: dict[str, tuple[str, ...]] = {
    # One line number for many traces and a CDP number for each: a line that its headers do not show.
    "real-2d/npra_31_81_PR.SGY": AS_LINE,
    "real-2d/penobscot_xl1155.sgy": (),
    "real-2d/volve10r12-full-twt-arb.sgy": (),
    "segyio/delay-scalar.sgy": (),
    "segyio/f3-lsb.sgy": (),
    "segyio/f3.sgy": (),
    "segyio/formats/Format10msb.sgy": (),
    "segyio/formats/Format16msb.sgy": (),
    "segyio/formats/Format1lsb.sgy": (),
    "segyio/formats/Format1msb.sgy": (),
    "segyio/formats/Format2msb.sgy": (),
    "segyio/formats/Format3lsb.sgy": (),
    "segyio/formats/Format3msb.sgy": (),
    "segyio/formats/Format5lsb.sgy": (),
    "segyio/formats/Format5msb.sgy": (),
    "segyio/formats/Format6msb.sgy": (),
    "segyio/formats/Format8msb.sgy": (),
    # Every field of every header counts up: numbers without a meaning, and no two traces share a bin.
    "segyio/increment.sgy": (),
    # One trace whose line numbers are zero, its interval above 32767.
    "segyio/interval-neg-bin-neg-trace.sgy": AS_LINE,
    "segyio/left-small.sgy": (),
    # Three traces of 60000 samples; the headers of two hold samples, those of one zeros.
    "segyio/long.sgy": (),
    "segyio/mapping-default.sgy": (),
    # Its fields lie one byte further on, as its extended text says.
    "segyio/mapping-shifted.sgy": SHIFTED,
    # One trace whose line numbers are zero.
    "segyio/multi-text.sgy": AS_LINE,
    "segyio/right-small.sgy": (),
    # Bytes 3507 to 3510 count one extra header, in the first two of them.
    "segyio/rotated-small-rev2.sgy": (),
    "segyio/small-lsb.sgy": (),
    "segyio/small.sgy": (),
    "segyio/stanzas-known-count.sgy": (),
    "segyio/text-embed-null.sgy": (),
    "segyio/tiny.sgy": (),
    "segyio/trace-header-extension1.sgy": (),
    "segyio/小文件.sgy": (),
    "segysak/f3-withdead.sgy": (),
    "segysak/multi-file/f3-iline-111.sgy": (),
    "segysak/multi-file/f3-iline-112.sgy": (),
    "segysak/multi-file/f3-iline-113.sgy": (),
    "segysak/multi-file/f3-iline-114.sgy": (),
    "segysak/multi-file/f3-iline-115.sgy": (),
    # No line numbers, and coordinates along one straight line.
    "seismic-zfp/small-2d.sgy": AS_LINE,
    "seismic-zfp/small-dec.sgy": (),
    "seismic-zfp/small-duplicate-traceheaders.sgy": (),
    "seismic-zfp/small-ieee.sgy": (),
    "seismic-zfp/small-irregular.sgy": (),
    "seismic-zfp/small_hole.sgy": (),
    "seismic-zfp/small_negative_il_xl.sgy": (),
    "seismic-zfp/small_reverse_il.sgy": (),
    "seismic-zfp/small_us.sgy": (),
    "xtgeo/cube_w_deadtraces.segy": (),
    "xtgeo/ex1_missing_traces_75x71x26.segy": (),
    "xtgeo/ex2_complete_3d_75x71x26.segy": (),
}
"""Files that come back, with the options that they need."""

REFUSED: dict[str, str] = {
    # Four traces of one bin at four offsets, its line numbers zero.
    "segyio/1x1.sgy": "pre-stack",
    "segyio/1xN.sgy": "pre-stack",
    "segyio/Mx1.sgy": "pre-stack",
    "segyio/small-ps.sgy": "pre-stack",
    "segyio/small-ps-dec-il-xl-off.sgy": "pre-stack",
    # Shots and channels, no bins.
    "segyio/shot-gather.sgy": "--inline-byte",
    # Ends within its fourth header.
    "segyio/broken.sgy": "truncated",
    "segyio/small.su": "not a SEG-Y file",
    "segyio/text-only-no-traces.sgy": "no trace",
}
"""Files that are no survey, and the word that the line must hold."""


def test_every_file_at_hand_is_judged(shared_data: Path) -> None:
    folder = shared_data / "segy"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == set(IDENTICAL) | set(REFUSED)
    assert not set(IDENTICAL) & set(REFUSED)


@pytest.mark.parametrize("name", IDENTICAL)
def test_a_foreign_survey_comes_back_byte_for_byte(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    source = shared_data / "segy" / name
    volume, out = tmp_path / "volume.zarr", tmp_path / "out.sgy"
    assert run(["ingest", str(source), str(volume), *IDENTICAL[name]]) == COMPLETE
    assert run(["export", str(volume), str(out), "--verify"]) == COMPLETE
    assert out.read_bytes() == source.read_bytes()
    assert sorted(tmp_path.iterdir()) == [out, volume]


@pytest.mark.parametrize("name", REFUSED)
def test_a_foreign_file_that_is_no_survey_is_refused_in_one_line(
    shared_data: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = shared_data / "segy" / name
    assert run(["ingest", str(source), str(tmp_path / "volume.zarr")]) == WRONG_INPUT
    line = capsys.readouterr().err
    assert line.startswith(f"graben: {source}: ")
    assert line.count("\n") == 1
    assert REFUSED[name] in line
    assert not list(tmp_path.iterdir())


def test_a_foreign_survey_in_many_files_is_one_volume_and_comes_back_in_many(
    shared_data: Path, tmp_path: Path
) -> None:
    sources = sorted((shared_data / "segy" / "segysak" / "multi-file").iterdir())
    volume, out = tmp_path / "volume.zarr", tmp_path / "out"
    assert run(["ingest", *map(str, sources), str(volume)]) == COMPLETE
    opened = xr.open_zarr(volume, chunks=None)
    assert opened.amplitude.shape == (5, 18, 75)
    np.testing.assert_array_equal(opened.inline, [111, 112, 113, 114, 115])
    assert opened.live_mask.values.all()
    assert run(["export", str(volume), str(out), "--verify"]) == COMPLETE
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        path.name: path.read_bytes() for path in sources
    }


def test_the_bytes_of_a_shifted_mapping_hold_the_lines(shared_data: Path, tmp_path: Path) -> None:
    source, volume = shared_data / "segy/segyio/mapping-shifted.sgy", tmp_path / "volume.zarr"
    assert run(["ingest", str(source), str(volume), *SHIFTED]) == COMPLETE
    opened = xr.open_zarr(volume, chunks=None)
    np.testing.assert_array_equal(opened.inline, [1, 2, 3])
    np.testing.assert_array_equal(opened.crossline, [20, 21])
