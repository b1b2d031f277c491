"""Scan: geometry from headers, trace map, warnings; what cannot be used is refused in one line."""

import os
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from storage.errors import SegyError
from storage.segy.records import fingerprint, inspect
from storage.segy.scan import Survey, scan
from tests.surveys import (
    BROKEN,
    GOOD,
    PLAIN,
    Form,
    Traces,
    grid_traces,
    holes,
    near_the_equator,
    shuffled,
    write_segy,
)

ODD_FILES = {
    "segyio/broken.sgy": "truncated",
    "segyio/small.su": "not a SEG-Y file",
    "segyio/text-only-no-traces.sgy": "no trace",
    "segyio/small-ps.sgy": "pre-stack",
    "segyio/small-ps-dec-il-xl-off.sgy": "pre-stack",
    "segyio/shot-gather.sgy": "--inline-byte",
    "segyio/mapping-shifted.sgy": "--inline-byte",
    "segyio/long.sgy": "--inline-byte",
    "segyio/1xN.sgy": "pre-stack",
    "segyio/rotated-small-rev2.sgy": "extra headers",
    "segyio/trace-header-extension1.sgy": "extra headers",
    "segyio/interval-neg-bin-neg-trace.sgy": "",
    "segyio/increment.sgy": "",
    "segyio/multi-text.sgy": "all zero",
    "seismic-zfp/small-2d.sgy": "--inline-byte",
}


def scanned(path: Path, traces: Traces, form: Form | None = None, **options: object) -> Survey:
    return scan(inspect(write_segy(path, traces, form)), **options)  # type: ignore[arg-type]


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
            scan(inspect(path))
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert says in line
    assert "\n" not in line
    assert caught.value.mend.endswith(".")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ODD_FILES)
def test_a_foreign_odd_file_is_refused_in_one_line(shared_data: Path, name: str) -> None:
    path = shared_data / "segy" / name
    with pytest.raises(SegyError) as caught:
        scan(inspect(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert ODD_FILES[name] in str(caught.value)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("segyio/f3.sgy", (23, 18, 75)),
        ("segyio/f3-lsb.sgy", (23, 18, 75)),
        ("segyio/小文件.sgy", (5, 5, 50)),
        ("segyio/text-embed-null.sgy", (5, 5, 50)),
        ("segyio/mapping-default.sgy", (3, 2, 4)),
        ("segyio/stanzas-known-count.sgy", (3, 2, 4)),
        ("segysak/f3-withdead.sgy", (23, 18, 75)),
        ("xtgeo/cube_w_deadtraces.segy", (30, 41, 4)),
        ("xtgeo/ex1_missing_traces_75x71x26.segy", (75, 71, 26)),
        ("xtgeo/ex2_complete_3d_75x71x26.segy", (75, 71, 26)),
        ("seismic-zfp/small_hole.sgy", (5, 5, 50)),
        ("seismic-zfp/small_negative_il_xl.sgy", (5, 5, 50)),
        ("seismic-zfp/small-dec.sgy", (3, 3, 50)),
        ("real-2d/penobscot_xl1155.sgy", (601, 1, 1501)),
        ("real-2d/volve10r12-full-twt-arb.sgy", (1, 225, 850)),
    ],
)
def test_a_foreign_survey_has_its_documented_shape(
    shared_data: Path, name: str, shape: tuple[int, int, int]
) -> None:
    assert scan(inspect(shared_data / "segy" / name)).geometry.shape == shape


def test_depth_is_read_in_thousandths_of_a_metre(tmp_path: Path) -> None:
    survey = scanned(tmp_path / "depth.sgy", PLAIN(), Form(interval=5000), domain="depth")
    axis = survey.geometry.samples
    assert (axis.name, axis.unit, axis.interval) == ("depth", "m", 5.0)


def test_the_user_may_name_the_interval(tmp_path: Path) -> None:
    survey = scanned(tmp_path / "coarse.sgy", PLAIN(), Form(interval=0), sample_interval=50.0)
    assert survey.geometry.samples.interval == 50.0


def test_a_first_sample_between_whole_numbers_is_told(tmp_path: Path) -> None:
    survey = scanned(tmp_path / "half.sgy", PLAIN(), Form(delay=155, fields={215: -10}))
    assert survey.geometry.samples.start == 15.5
    assert any("begins at 16" in line for line in survey.warnings)


@pytest.mark.parametrize("interval", [0.0001, 4000.0])
def test_an_interval_that_no_header_can_hold_is_refused(tmp_path: Path, interval: float) -> None:
    with pytest.raises(SegyError, match="--sample-interval"):
        scanned(tmp_path / "interval.sgy", PLAIN(), sample_interval=interval)


def test_a_start_that_no_header_can_hold_is_refused(tmp_path: Path) -> None:
    form = Form(delay=30000, fields={215: 10})
    with pytest.raises(SegyError, match="first sample"):
        scanned(tmp_path / "late.sgy", PLAIN(), form)


@pytest.mark.parametrize(("scalar", "start"), [(0, 150.0), (-10, 15.0), (10, 1500.0)])
def test_the_time_scalar_counts_for_the_first_sample(
    tmp_path: Path, scalar: int, start: float
) -> None:
    form = Form(delay=150, fields={215: scalar})
    assert scanned(tmp_path / "t.sgy", PLAIN(), form).geometry.samples.start == start


def test_the_lag_gives_the_first_sample_where_the_delay_is_zero(tmp_path: Path) -> None:
    form = Form(fields={105: -320})
    survey = scanned(tmp_path / "lag.sgy", PLAIN(), form)
    assert survey.geometry.samples.start == 320.0
    assert any("320 by lag A" in line for line in survey.warnings)
    unused = Form(delay=40, fields={105: -np.arange(63)})
    assert scanned(tmp_path / "delay.sgy", PLAIN(), unused).geometry.samples.start == 40.0


def test_line_numbers_are_looked_for_in_the_usual_places_in_order(tmp_path: Path) -> None:
    traces = PLAIN()
    both = Form(fields={9: traces.inline + 7, 21: traces.crossline + 7})
    assert scanned(tmp_path / "both.sgy", traces, both).line_bytes == (189, 193)
    lost = Form(line_bytes=(9, 21), fields={189: 1, 193: 2})
    assert scanned(tmp_path / "lost.sgy", traces, lost).line_bytes == (9, 21)


def test_line_numbers_are_read_where_the_user_says(tmp_path: Path) -> None:
    traces = PLAIN()
    form = Form(fields={13: traces.crossline, 17: traces.inline})
    survey = scanned(tmp_path / "own.sgy", traces, form, line_bytes=(17, 13))
    assert survey.line_bytes == (17, 13)
    np.testing.assert_array_equal(survey.geometry.inlines, np.unique(traces.inline))


@pytest.mark.parametrize(
    ("code", "unit"), [(0, None), (1, None), (2, "arc seconds"), (3, "degrees")]
)
def test_coordinates_that_are_no_lengths_are_told(
    tmp_path: Path, code: int, unit: str | None
) -> None:
    survey = scanned(tmp_path / "angles.sgy", near_the_equator(), Form(fields={89: code}))
    assert survey.geometry.angle_unit == unit
    assert any(f"are in {unit} (byte 89)" in line for line in survey.warnings) == bool(unit)


def test_metres_that_are_called_degrees_stay_metres(tmp_path: Path) -> None:
    survey = scanned(tmp_path / "metres.sgy", PLAIN(), Form(fields={89: 3}))
    assert (survey.geometry.angle_unit, survey.warnings) == (None, ())


def test_missing_bins_and_missing_coordinates_are_told(tmp_path: Path) -> None:
    kept = holes(PLAIN())
    survey = scanned(tmp_path / "holes.sgy", kept, Form(coordinate_bytes=None))
    assert any(f"{63 - len(kept)} of 63 bins have no trace" in line for line in survey.warnings)
    assert any("no coordinates" in line for line in survey.warnings)
    assert scanned(tmp_path / "plain.sgy", PLAIN()).warnings == ()


def test_line_numbers_that_opendtect_leaves_out_are_told(tmp_path: Path) -> None:
    corner = grid_traces((9, 7, 21), first=(-1, -3))
    survey = scanned(tmp_path / "corner.sgy", corner)
    assert [line for line in survey.warnings if line.startswith("8 traces")]
    beside = grid_traces((9, 7, 21), first=(-1, 1))
    assert scanned(tmp_path / "beside.sgy", beside).warnings == ()


def test_garbage_coordinates_give_no_affine_and_a_warning(tmp_path: Path) -> None:
    traces = PLAIN()
    rng = np.random.default_rng(5)
    wild = replace(traces, x=rng.uniform(0, 1e7, len(traces)), y=rng.uniform(0, 1e7, len(traces)))
    survey = scanned(tmp_path / "wild.sgy", wild)
    assert survey.geometry.affine is None
    assert survey.warnings == ("The coordinates of the trace headers lie on no regular grid.",)


def test_traces_without_coordinates_among_others_do_not_bend_the_grid(tmp_path: Path) -> None:
    traces = PLAIN()
    form = Form(scalar=-1)
    whole = scanned(tmp_path / "whole.sgy", traces, form).geometry.affine
    dead = np.arange(len(traces)) % 9 == 4
    x, y = traces.x.copy(), traces.y.copy()
    x[dead], y[dead] = -(2.0**31), -(2.0**31)
    survey = scanned(tmp_path / "dead.sgy", replace(traces, x=x, y=y), form)
    assert whole is not None
    assert survey.geometry.affine == pytest.approx(whole, rel=1e-3)
    assert np.isnan(survey.geometry.cdp_x).sum() == dead.sum()


@pytest.mark.parametrize("change", ["head", "tail", "size"])
def test_the_fingerprint_follows_content_and_not_name(tmp_path: Path, change: str) -> None:
    source = write_segy(tmp_path / "one.sgy", PLAIN())
    first = fingerprint(inspect(source))
    path = Path(shutil.copy2(source, tmp_path / "two.sgy"))
    assert fingerprint(inspect(path)) == first
    content = bytearray(path.read_bytes())
    if change == "size":
        content += content[-(240 + 84) :]
    else:
        content[100 if change == "head" else -1] ^= 1
    path.write_bytes(bytes(content))
    status = source.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert fingerprint(inspect(path)) != first


def test_a_file_that_was_written_again_is_another(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "one.sgy", PLAIN())
    first = fingerprint(inspect(path))
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert fingerprint(inspect(path)) != first


def test_long_traces_are_scanned_by_their_headers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traces = shuffled(grid_traces((3, 4, 20_000)))
    layout = inspect(write_segy(tmp_path / "long.sgy", traces))
    read, pread = [0], os.pread

    def counting(descriptor: int, count: int, offset: int) -> bytes:
        read[0] += count
        return pread(descriptor, count, offset)

    monkeypatch.setattr(os, "pread", counting)
    survey = scan(layout)
    assert survey.geometry.live_mask.all()
    assert read[0] == 240 * len(traces)


def test_a_file_that_may_not_be_read_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_segy(tmp_path / "locked.sgy", PLAIN())
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SegyError, match="may not be read"):
        inspect(path)
