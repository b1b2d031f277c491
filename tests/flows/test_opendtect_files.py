"""SEG-Y files that graben writes for OpendTect, read back by the rules of OpendTect alone."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from flows import map_faults
from flows.__main__ import COMPLETE, WRONG_INPUT, run
from flows.settings.faults import MapFaults
from storage.errors import OutputError
from storage.segy.checklist import PERCENT, Title
from storage.segy.opendtect.setup import Setup
from storage.volume import attributes_of
from tasks.export import export
from tasks.opendtect_check import look
from tests.opendtect_segy import assert_checklist, read_back
from tests.planar_faults import Plane, plain_flow
from tests.surveys import GOOD, Form, Traces, grid_traces, holes, write_segy
from tests.tasks import volume_runs

NEXT = "OpendTect imports it by pressing Next"
FROM = {
    "faults.sgy": ("faults.zarr", "fault_probability"),
    "thinned.sgy": ("surfaces.zarr", "fault_thinned"),
}
WANTED = (
    *("plain", "ibm-little", "holes-int16", "shuffled-holes", "crossline-major", "bytes-5-21"),
    *("steps-of-2", "scalar-10", "no-coordinates", "delay", "extended-texts", "one-crossline"),
)


def exported(folder: Path, traces: Traces, form: Form, *options: str) -> Path:
    """Ingest a survey and export it for OpendTect, as a user does."""
    source, volume, out = (folder / name for name in ("made.sgy", "made.zarr", "out.sgy"))
    write_segy(source, traces, form)
    to_store = [option for option in options if option.startswith("--domain")]
    assert run(["ingest", str(source), str(volume), *to_store]) == COMPLETE
    rest = [option for option in options if option not in to_store]
    assert run(["export", str(volume), str(out), "--profile", "opendtect", *rest]) == COMPLETE
    return out


@pytest.mark.parametrize("name", WANTED)
def test_an_export_meets_the_checklist_and_every_guess_reads_the_same(
    tmp_path: Path, name: str
) -> None:
    make, form = GOOD[name]
    traces = make().inline_major()
    out = exported(tmp_path, make(), form)
    assert_checklist(out)
    for revision in (0, 1):
        found = read_back(out, revision)
        np.testing.assert_array_equal(found.inline, traces.inline)
        np.testing.assert_array_equal(found.crossline, traces.crossline)
        if form.coordinate_bytes:
            np.testing.assert_allclose(found.x, traces.x, atol=max(0.01, form.scalar))
            np.testing.assert_allclose(found.y, traces.y, atol=max(0.01, form.scalar))
        assert (found.start, found.interval) == (form.delay, form.interval / 1000)
        np.testing.assert_array_equal(found.samples, traces.amplitude)


@pytest.mark.parametrize(("measurement", "words"), [(1, "Depth (metres)"), (2, "Depth (feet)")])
def test_a_depth_survey_says_which_z_domain_to_choose(
    tmp_path: Path, measurement: int, words: str
) -> None:
    form = Form(interval=12_500, delay=300, measurement=measurement)
    out = exported(tmp_path, grid_traces((9, 7, 11)), form, "--domain=depth")
    assert_checklist(out)
    found = read_back(out, 1)
    assert (found.start, found.interval) == (300, 12.5)
    assert any(f"Z domain to choose in OpendTect: {words}" in line for line in found.lines)


def test_the_corners_in_the_text_are_those_of_the_traces(tmp_path: Path) -> None:
    traces = grid_traces((9, 7, 5), step=(2, 4))
    found = read_back(exported(tmp_path, traces, Form()), 1)
    corners = [line for line in found.lines if "Corner" in line]
    assert len(corners) == 4
    for line in corners:
        x, y, inline, crossline = (
            float(part.split()[0]) for part in line.split(":  ")[1].split(":")[1:]
        )
        (trace,) = np.flatnonzero((traces.inline == inline) & (traces.crossline == crossline))
        assert (x, y) == pytest.approx((traces.x[trace], traces.y[trace]), abs=0.02)


def test_what_opendtect_will_do_with_lines_below_1_and_no_places_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, form = GOOD["negative-lines"]
    exported(tmp_path, make(), form)
    assert "hold line numbers below 1" in capsys.readouterr().out
    west = grid_traces((9, 7, 5))
    (tmp_path / "west").mkdir()
    west.x[:], west.y[:] = west.x - 1e6, west.y - 1e7
    exported(tmp_path / "west", west, Form())
    assert "without 63 traces whose X and Y are both below 0.01" in capsys.readouterr().out


def test_a_coordinate_system_goes_from_the_option_to_stores_and_files(tmp_path: Path) -> None:
    out = exported(tmp_path, grid_traces((9, 7, 5)), Form(), "--crs", "EPSG:23031")
    assert any(
        "Projection: " in line and "[EPSG:23031]" in line for line in read_back(out, 1).lines
    )
    assert look(out).head.crs == "EPSG:23031"
    volume = tmp_path / "again.zarr"
    assert run(["ingest", str(out), str(volume)]) == COMPLETE
    assert attributes_of(volume)["crs"] == "EPSG:23031", "it is read from the text of the file"
    assert run(["ingest", str(out), str(volume), "--crs", "EPSG:32631"]) == WRONG_INPUT
    assert run(["ingest", str(out), str(volume), "--crs", "EPSG:32631", "--overwrite"]) == COMPLETE
    assert xr.open_zarr(volume).attrs["crs"] == "EPSG:32631"


@pytest.mark.parametrize(
    "options", [("--crs", "utm31"), ("--sample-format", "int16"), ("--crs", "EPSG:1234")]
)
def test_options_that_do_not_fit_are_one_line(
    tmp_path: Path, options: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    exported(tmp_path, grid_traces((9, 7, 5)), Form())
    capsys.readouterr()
    assert run(["export", str(tmp_path / "made.zarr"), str(tmp_path / "same.sgy"), *options]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "same.sgy").exists()


def test_probability_as_integers_is_within_half_a_per_cent(tmp_path: Path) -> None:
    traces = holes(grid_traces((9, 7, 21)))
    volume_runs.run(write_segy(tmp_path / "made.sgy", traces), tmp_path / "out")
    faults, out = tmp_path / "out" / "faults.zarr", tmp_path / "percent.sgy"
    title = Title("Fault probability", "made.sgy", "", "Values: 0 = no fault, 1 = fault")
    identity = {"as": "percent"}
    export(faults, "fault_probability", out, title, identity=identity, code=PERCENT)
    assert_checklist(out)
    whole, found = read_back(tmp_path / "out" / "faults.sgy", 1), read_back(out, 1)
    np.testing.assert_allclose(found.samples / 100, whole.samples, atol=0.005 + 1e-6)
    assert found.samples.max() <= 100
    assert found.samples.min() >= 0
    assert any("0 to 100" in line for line in found.lines)
    assert out.stat().st_size == 3600 + len(traces) * (240 + 21)
    assert look(out).hindrances == ()
    with pytest.raises(OutputError, match="other values than 0 to 1"):
        export(
            tmp_path / "out" / "volume.zarr",
            "amplitude",
            tmp_path / "amplitude.sgy",
            title,
            identity=identity,
            code=PERCENT,
        )


def test_a_fraction_of_a_millisecond_is_said(tmp_path: Path) -> None:
    traces = grid_traces((9, 7, 5))
    form = Form(
        delay=25, fields={215: -10}
    )  # 2.5 ms by the time scalar, which OpendTect does not read
    found = read_back(exported(tmp_path, traces, form), 1)
    assert found.start == 2
    assert any("2 for 2.5" in line for line in found.lines)


def test_every_file_of_a_run_comes_in_by_pressing_next_and_the_record_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_flow(monkeypatch)
    monkeypatch.setattr(map_faults, "write_report", lambda path, *_, **__: path.touch())
    plane = Plane(shape=(20, 16, 20), step=(1, 2))
    out = tmp_path / "run"
    survey = plane.write(tmp_path / "survey.sgy", Form(delay=500, revision=0, line_bytes=(5, 21)))
    given = {"survey": survey, "out": out, "sample_format": "int8", "crs": "EPSG:23031"}
    map_faults.map_faults.fn(MapFaults.read(given))
    found = json.loads((out / "run.json").read_text())["found"]
    for name in ("faults.sgy", "thinned.sgy"):
        assert found[f"{name} in OpendTect"] == f"{NEXT}, into an existing survey or a new one."
        assert_checklist(out / name)
        view = look(out / name)
        assert view.remarks == ()
        assert view.head.crs == "EPSG:23031"
        assert isinstance(view.setup, Setup)
        assert (view.setup.inlines, view.setup.crosslines) == ((101, 120, 1), (2001, 2031, 2))
        percent = read_back(out / name, 0).samples
        store, variable = FROM[name]
        exact = np.nan_to_num(xr.open_zarr(out / store)[variable].values).reshape(percent.shape)
        np.testing.assert_allclose(percent / 100, exact, atol=0.005 + 1e-6)
    for store in ("volume.zarr", "faults.zarr", "surfaces.zarr"):
        assert attributes_of(out / store)["crs"] == "EPSG:23031"
