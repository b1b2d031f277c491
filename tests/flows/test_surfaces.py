"""Faults as surfaces in a run: what is written, what is made anew when, in every kind of survey."""

import csv
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import segyio
import xarray as xr

from flows import map_faults
from flows.fault_run import SMALLEST, SURFACE_OUTPUTS
from flows.settings.faults import FindSurfaces, MapFaults
from flows.settings.reading import SettingsError
from storage.errors import OutputError
from tasks.surfaces import SurfaceSettings
from tests.planar_faults import VELOCITY, Plane, plain_flow
from tests.surveys import Form

PLANES = {
    "time": Plane(),
    "depth": Plane(domain="depth"),
    "crossline step 2": Plane(step=(1, 2)),
    "inline step 3": Plane(step=(3, 1), normal=(1.0, 0.3, -0.5)),
}
FAULT_COLUMNS = (
    "fault_id,samples,area_m2,strike_deg,dip_deg,length_m,height_m,mean_probability,sticks"
)


@pytest.fixture(autouse=True)
def _flow(monkeypatch: pytest.MonkeyPatch) -> None:
    plain_flow(monkeypatch)


def run(folder: Path, plane: Plane, form: Form | None = None, **given: Any) -> Path:
    """Map the faults of a survey as the command does; return the folder of the run."""
    survey, out = folder / "survey.sgy", folder / "run"
    if not survey.exists():
        plane.write(survey, form)
    settings = {"survey": survey, "out": out, "domain": plane.domain, "velocity": VELOCITY} | given
    map_faults.map_faults.fn(MapFaults.read(settings))
    return out


def without_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pictures out, which take longer than all the rest."""

    def touch(path: Path, *_: object, **__: object) -> None:
        path.write_text("report")

    monkeypatch.setattr(map_faults, "write_report", touch)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def nodes(out: Path, depth: str) -> np.ndarray:
    rows = table(out / "sticks.csv")
    return np.array(
        [[float(row[name]) for name in ("inline", "crossline", depth)] for row in rows]
    )


@pytest.mark.parametrize("name", PLANES)
def test_a_plane_is_one_fault_of_its_strike_and_dip_with_sticks_on_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_report(monkeypatch)
    plane = PLANES[name]
    out = run(tmp_path, plane)
    assert (out / "faults.csv").read_text().splitlines()[0] == FAULT_COLUMNS
    (fault,) = table(out / "faults.csv")
    off = abs((float(fault["strike_deg"]) - plane.strike_deg + 180) % 360 - 180)
    assert off < 5
    assert abs(float(fault["dip_deg"]) - plane.dip_deg) < 5
    depth = "depth_m" if plane.domain == "depth" else "twt_ms"
    header = (out / "sticks.csv").read_text().splitlines()[0]
    assert header == f"fault_id,stick,node,inline,crossline,{depth},cdp_x,cdp_y"
    assert plane.distance(plane.in_samples(nodes(out, depth))).max() < 2
    sticks = {row["stick"] for row in table(out / "sticks.csv")}
    assert len(sticks) == int(fault["sticks"]) >= 3


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with its report."""
    with pytest.MonkeyPatch.context() as patched:
        plain_flow(patched)
        return run(tmp_path_factory.mktemp("whole"), Plane(), stick_spacing=5)


def test_sticks_for_opendtect_are_those_of_the_table(whole: Path) -> None:
    lines = [line.split("\t") for line in (whole / "sticks.dat").read_text().splitlines()]
    columns = ("cdp_x", "cdp_y", "twt_ms", "stick", "node")
    rows = table(whole / "sticks.csv")
    assert lines == [
        [f"fault_{row['fault_id']}", *(row[each] for each in columns)] for row in rows
    ]


def test_the_thinned_cube_lies_on_the_traces_of_the_fault_cube(whole: Path) -> None:
    surfaces = xr.open_zarr(whole / "surfaces.zarr", chunks=None)
    with (
        segyio.open(whole / "thinned.sgy") as thinned,
        segyio.open(whole / "faults.sgy") as faults,
    ):
        np.testing.assert_array_equal(
            segyio.tools.cube(thinned), surfaces.fault_thinned.fillna(0).values
        )
        assert (thinned.ilines == faults.ilines).all()
        assert thinned.header[7] == faults.header[7]
        assert thinned.text[0][:20].decode().startswith("C01 Thinned faults")
    ridge = surfaces.fault_thinned.values > 0
    assert 0 < ridge.mean() < (surfaces.fault_thinned.notnull().values.mean()) / 10


def test_a_line_has_faults_and_sticks_and_no_strike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_report(monkeypatch)
    line = Plane(shape=(1, 60, 48), normal=(0.0, 1.0, 0.6))
    out = run(tmp_path, line)
    (fault,) = table(out / "faults.csv")
    assert fault["strike_deg"] == fault["area_m2"] == fault["length_m"] == ""
    assert abs(float(fault["dip_deg"]) - line.dip_deg) < 5
    assert line.distance(line.in_samples(nodes(out, "twt_ms"))).max() < 2


def test_without_coordinates_opendtect_gets_line_numbers_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without_report(monkeypatch)
    out = run(tmp_path, Plane(), Form(coordinate_bytes=None))
    said = capsys.readouterr().out
    assert "lines are taken as 25 m apart" in said
    assert f"at {VELOCITY:g} m/s" in said
    lines = [line.split("\t") for line in (out / "sticks.dat").read_text().splitlines()]
    rows = table(out / "sticks.csv")
    assert [line[1:3] for line in lines] == [[row["inline"], row["crossline"]] for row in rows]
    assert {row["cdp_x"] for row in rows} == {""}


def test_the_report_shows_what_the_table_of_faults_holds(whole: Path) -> None:
    html = unescape((whole / "report.html").read_text(encoding="utf-8"))
    rows = [list(row.values()) for row in table(whole / "faults.csv")]
    shown = [re.findall(r"<td>([^<]*)</td>", line) for line in re.findall("<tr>.*?</tr>", html)]
    assert [cells for cells in shown if len(cells) == len(rows[0])] == rows
    assert html.count("data:image/png") == 4
    found = json.loads((whole / "run.json").read_text())["found"]
    assert found["faults"] == len(rows)
    assert found["sticks"] == len({row["stick"] for row in table(whole / "sticks.csv")})
    assert f"{VELOCITY:g} m/s" in html
    assert "<th>surfaces</th>" in html


def times(out: Path) -> dict[str, int]:
    """When the stores of amplitudes and probability were written, and the cube."""
    files = [*out.glob("volume.zarr/**/*"), *out.glob("faults.zarr/**/*"), out / "faults.sgy"]
    return {str(path): path.stat().st_mtime_ns for path in files if path.is_file()}


def test_another_stick_spacing_makes_surfaces_anew_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without_report(monkeypatch)
    out = run(tmp_path, Plane())
    before, few = times(out), len({row["stick"] for row in table(out / "sticks.csv")})
    with pytest.raises(OutputError, match=r"stick_spacing was 10 and is 5.*--resume"):
        run(tmp_path, Plane(), stick_spacing=5)
    run(tmp_path, Plane(), stick_spacing=5, resume=True)
    assert times(out) == before
    many = {row["stick"] for row in table(out / "sticks.csv")}
    assert len(many) > 1.5 * few
    assert not list(out.glob(".*"))
    capsys.readouterr()
    run(tmp_path, Plane(), stick_spacing=5)
    run(tmp_path, Plane(), surfaces=False)
    assert capsys.readouterr().out.count("nothing to do") == 2


def test_surfaces_are_added_to_a_run_without_them_and_go_when_it_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_report(monkeypatch)
    out = run(tmp_path, Plane(), surfaces=False)
    before = times(out)
    assert not [name for name in SURFACE_OUTPUTS if (out / name).exists()]
    with pytest.raises(OutputError, match=r"lacks faults\.csv.*--resume"):
        run(tmp_path, Plane())
    run(tmp_path, Plane(), resume=True)
    assert times(out) == before
    assert all((out / name).exists() for name in SURFACE_OUTPUTS)
    run(tmp_path, Plane(), surfaces=False, overwrite=True)
    assert not [name for name in SURFACE_OUTPUTS if (out / name).exists()]


@pytest.mark.parametrize("stopped_in", ["find_surfaces", "write_surface_tables", "write_report"])
def test_a_run_stopped_at_its_surfaces_goes_on_with_other_ones_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped_in: str
) -> None:
    without_report(monkeypatch)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(map_faults, stopped_in, stop)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, Plane())
    with pytest.raises(OutputError, match="incomplete"):
        run(tmp_path, Plane())
    out = run(tmp_path, Plane(), resume=True, smallest_fault=100_000)
    assert table(out / "faults.csv") == table(out / "sticks.csv") == []
    assert json.loads((out / "run.json").read_text())["complete"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"velocity": "50"}, "--velocity: Input should be greater than or equal to 100"),
        ({"velocity": "fast"}, "--velocity"),
        ({"stick_spacing": "0"}, "--stick-spacing"),
        ({"stick_planes": "diagonal"}, "--stick-planes: Input should be 'auto', 'inline'"),
        ({"smallest_fault": "-3"}, "--smallest-fault"),
        ({"surfaces": "perhaps"}, "--surfaces"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_in_one_line(
    given: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=re.escape(named)) as caught:
        MapFaults.read({"survey": "a.sgy", "out": "run"} | given)
    assert "\n" not in str(caught.value)


def test_defaults_are_those_of_the_task() -> None:
    settings, task = FindSurfaces.read({}), SurfaceSettings()
    chosen = (settings.velocity, settings.stick_spacing, settings.stick_planes)
    assert chosen == (task.velocity, task.stick_spacing, task.stick_planes)
    assert task.smallest == SMALLEST
