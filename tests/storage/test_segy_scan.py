"""Scan: geometry from headers, trace map, warnings; what cannot be used is refused in one line."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from storage.errors import SegyError
from storage.files import LocalFile
from storage.segy.lines import Places
from storage.segy.records import inspect
from storage.segy.scan import Axis, scan
from storage.segy.source import source_of
from tests.broken_surveys import BROKEN
from tests.scanning import scan_files, scanned, told
from tests.surveys import GOOD, PLAIN, Form, grid_traces, holes, shuffled, write_segy

LAX = Axis(strict=False)

ODD_FILES = {
    "segyio/broken.sgy": "truncated",
    "segyio/small.su": "not a SEG-Y file",
    "segyio/text-only-no-traces.sgy": "no trace",
    "segyio/small-ps.sgy": "pre-stack",
    "segyio/small-ps-dec-il-xl-off.sgy": "pre-stack",
    "segyio/1xN.sgy": "pre-stack",
    "segyio/Mx1.sgy": "pre-stack",
    "segyio/1x1.sgy": "all zero",
    "segyio/shot-gather.sgy": "--inline-byte",
    "segyio/mapping-shifted.sgy": "--inline-byte",
    "seismic-zfp/small-2d.sgy": "--as-line",
    "real-2d/npra_31_81_PR.SGY": "--as-line",
}
"""Files that are no survey, or do not say where their traces lie."""

STRICT_ONLY = {"segyio/increment.sgy": "trace 2 (byte 109)", "segyio/long.sgy": "byte 109"}
"""Files that a volume holds and a fault cube could not."""

SHAPES = {
    "segyio/f3.sgy": (23, 18, 75),
    "segyio/f3-lsb.sgy": (23, 18, 75),
    "segyio/小文件.sgy": (5, 5, 50),
    "segyio/text-embed-null.sgy": (5, 5, 50),
    "segyio/mapping-default.sgy": (3, 2, 4),
    "segyio/stanzas-known-count.sgy": (3, 2, 4),
    # With extra trace headers of revision 2.
    "segyio/rotated-small-rev2.sgy": (5, 5, 50),
    "segyio/trace-header-extension1.sgy": (3, 2, 4),
    # One trace, its line numbers zero.
    "segyio/multi-text.sgy": (1, 1, 1),
    "segyio/interval-neg-bin-neg-trace.sgy": (1, 1, 1),
    # Counters in every field, and 60000 samples in two places out of four.
    "segyio/increment.sgy": (5, 5, 4),
    "segyio/long.sgy": (2, 2, 60000),
    "segysak/f3-withdead.sgy": (23, 18, 75),
    "xtgeo/cube_w_deadtraces.segy": (30, 41, 4),
    "xtgeo/ex1_missing_traces_75x71x26.segy": (75, 71, 26),
    "xtgeo/ex2_complete_3d_75x71x26.segy": (75, 71, 26),
    "seismic-zfp/small_hole.sgy": (5, 5, 50),
    "seismic-zfp/small_negative_il_xl.sgy": (5, 5, 50),
    "seismic-zfp/small-dec.sgy": (3, 3, 50),
    "real-2d/penobscot_xl1155.sgy": (601, 1, 1501),
    "real-2d/volve10r12-full-twt-arb.sgy": (1, 225, 850),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_scan_finds_every_trace_where_its_headers_say(tmp_path: Path, name: str) -> None:
    make, form = GOOD[name]
    traces = make()
    survey = scanned(tmp_path / "good.sgy", traces, form)
    geometry = survey.geometry
    rows = np.searchsorted(geometry.inlines, traces.inline)
    columns = np.searchsorted(geometry.crosslines, traces.crossline)
    np.testing.assert_array_equal(geometry.inlines[rows], traces.inline)
    np.testing.assert_array_equal(geometry.crosslines[columns], traces.crossline)
    np.testing.assert_array_equal(survey.trace_map[rows, columns], np.arange(len(traces)))
    assert geometry.live_mask.sum() == len(traces)
    assert len(survey.without_bin) == 0
    np.testing.assert_array_equal(geometry.live_mask, survey.trace_map >= 0)
    assert survey.line_bytes == form.line_bytes
    assert survey.coordinate_bytes == form.coordinate_bytes
    assert geometry.samples.interval == form.interval / 1000
    assert geometry.samples.start == form.delay
    if form.coordinate_bytes:
        allowed = 0.51 * (-1 / form.scalar if form.scalar < 0 else max(form.scalar, 1))
        np.testing.assert_allclose(geometry.cdp_x[rows, columns], traces.x, atol=allowed, rtol=0)
        np.testing.assert_allclose(geometry.cdp_y[rows, columns], traces.y, atol=allowed, rtol=0)
    else:
        assert np.isnan(geometry.cdp_x).all()
    assert np.isnan(geometry.cdp_x[~geometry.live_mask]).all()


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_one_line_that_names_it_and_mends(
    tmp_path: Path, name: str
) -> None:
    make, says = BROKEN[name]
    path = make(tmp_path / "broken.sgy")
    before = sorted(tmp_path.rglob("*"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SegyError) as caught:
            scan_files(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert says in line
    assert "\n" not in line
    assert caught.value.mend.endswith(".")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ODD_FILES)
def test_a_foreign_file_that_is_no_survey_is_refused_in_one_line(
    shared_data: Path, name: str
) -> None:
    path = shared_data / "segy" / name
    with pytest.raises(SegyError) as caught:
        scan_files(path, axis=LAX)
    assert str(caught.value).startswith(f"{path}: ")
    assert ODD_FILES[name] in str(caught.value)


@pytest.mark.parametrize("name", SHAPES)
def test_a_foreign_survey_has_its_documented_shape(shared_data: Path, name: str) -> None:
    path = shared_data / "segy" / name
    assert scan_files(path, axis=LAX).geometry.shape == SHAPES[name]
    if name in STRICT_ONLY:
        with pytest.raises(SegyError) as caught:
            scan_files(path)
        assert STRICT_ONLY[name] in str(caught.value)
    else:
        assert scan_files(path).geometry.shape == SHAPES[name]


def test_line_numbers_are_looked_for_in_the_usual_places_in_order(tmp_path: Path) -> None:
    traces = PLAIN()
    both = Form(fields={9: traces.inline + 7, 21: traces.crossline + 7})
    assert scanned(tmp_path / "both.sgy", traces, both).line_bytes == (189, 193)
    lost = Form(line_bytes=(9, 21), fields={189: 1, 193: 2})
    assert scanned(tmp_path / "lost.sgy", traces, lost).line_bytes == (9, 21)


def test_a_place_that_tells_all_traces_apart_is_taken_before_one_that_nearly_does(
    tmp_path: Path,
) -> None:
    traces = PLAIN()
    nearly = {189: np.where(np.arange(63) == 62, 101, traces.inline), 193: traces.crossline}
    form = Form(line_bytes=(9, 21), fields=nearly)
    assert scanned(tmp_path / "apart.sgy", traces, form).line_bytes == (9, 21)


def test_line_numbers_are_read_where_the_user_says(tmp_path: Path) -> None:
    traces = PLAIN()
    form = Form(fields={13: traces.crossline, 17: traces.inline})
    survey = scanned(tmp_path / "own.sgy", traces, form, places=Places(17, 13))
    assert survey.line_bytes == (17, 13)
    np.testing.assert_array_equal(survey.geometry.inlines, np.unique(traces.inline))


def test_one_named_place_is_joined_with_the_usual_other(tmp_path: Path) -> None:
    form = Form(line_bytes=(17, 21))
    survey = scanned(tmp_path / "own.sgy", PLAIN(), form, places=Places(inline=17))
    assert survey.line_bytes == (17, 21)


def test_a_named_place_is_not_replaced_by_the_coordinates(tmp_path: Path) -> None:
    with pytest.raises(SegyError, match="17/13: all zero"):
        scanned(tmp_path / "own.sgy", PLAIN(), places=Places(17, 13))


@pytest.mark.parametrize("name", ["plain", "shuffled-holes", "falling"])
def test_traces_are_taken_for_one_line_when_the_user_says(tmp_path: Path, name: str) -> None:
    make, form = GOOD[name]
    survey = scanned(tmp_path / "line.sgy", make(), form, places=Places(as_line=True))
    assert survey.line_bytes is None
    count = survey.source.traces
    np.testing.assert_array_equal(survey.trace_map, [np.arange(count)])
    np.testing.assert_array_equal(survey.geometry.crosslines, np.arange(count) + 1)
    assert survey.geometry.inlines.tolist() == [1]
    assert told(survey, "numbered by the order in the file")


LINES: dict[str, NDArray[np.int64]] = {
    "all zero": np.zeros((2, 63), np.int64),
    "far apart": np.random.default_rng(3).permutation(63) * np.array([[9973], [3331]]),
    "all alike": np.full((2, 63), 5),
}


@pytest.mark.parametrize("kind", LINES)
def test_lines_that_headers_do_not_tell_are_made_from_the_coordinates(
    tmp_path: Path, kind: str
) -> None:
    traces = replace(PLAIN(), inline=LINES[kind][0], crossline=LINES[kind][1])
    survey = scanned(tmp_path / "lost.sgy", traces)
    assert survey.line_bytes is None
    assert survey.geometry.shape == (9, 7, 21)
    np.testing.assert_array_equal(survey.trace_map, np.arange(63).reshape(9, 7))
    assert told(survey, "numbered by the grid of their coordinates")
    assert survey.geometry.affine is not None


def test_missing_bins_and_missing_coordinates_are_told(tmp_path: Path) -> None:
    kept = holes(PLAIN())
    survey = scanned(tmp_path / "holes.sgy", kept, Form(coordinate_bytes=None))
    assert told(survey, f"{63 - len(kept)} of 63 bins have no trace")
    assert told(survey, "no coordinates")
    assert scanned(tmp_path / "plain.sgy", PLAIN()).warnings == ()


def test_line_numbers_that_opendtect_leaves_out_are_told(tmp_path: Path) -> None:
    corner = grid_traces((9, 7, 21), first=(-1, -3))
    survey = scanned(tmp_path / "corner.sgy", corner)
    assert told(survey, "8 traces have inline and crossline numbers of zero or less")
    beside = grid_traces((9, 7, 21), first=(-1, 1))
    assert scanned(tmp_path / "beside.sgy", beside).warnings == ()


@pytest.mark.parametrize("cuts", [[7], [1, 2, 40], list(range(7, 63, 7))])
def test_many_files_are_one_survey_in_the_order_they_are_named(
    tmp_path: Path, cuts: list[int]
) -> None:
    traces = shuffled(PLAIN())
    parts = np.split(np.arange(63), cuts)
    paths = [write_segy(tmp_path / f"{i}.sgy", traces.take(part)) for i, part in enumerate(parts)]
    survey, whole = scan_files(*paths), scanned(tmp_path / "whole.sgy", traces)
    np.testing.assert_array_equal(survey.trace_map, whole.trace_map)
    np.testing.assert_array_equal(survey.geometry.cdp_x, whole.geometry.cdp_x)
    assert survey.source.traces == 63


def test_long_traces_are_scanned_by_their_headers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traces = shuffled(grid_traces((3, 4, 20_000)))
    source = source_of([inspect(write_segy(tmp_path / "long.sgy", traces))])
    read, read_into = [0], LocalFile.read_into

    def counting(self: LocalFile, offset: int, out: NDArray[np.uint8]) -> int:
        read[0] += out.size
        return read_into(self, offset, out)

    monkeypatch.setattr(LocalFile, "read_into", counting)
    assert scan(source).geometry.live_mask.all()
    # The first header is looked at twice.
    assert read[0] == 240 * (len(traces) + 1)
