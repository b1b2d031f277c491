"""Depths and coordinates of OpendTect surveys have units of their own; so have volumes, and linked SEG-Y."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from flows.__main__ import COMPLETE, WRONG_INPUT, run
from storage.volume import geometry_of
from tasks.section_source import open_volume, volumes_at
from tasks.survey_frame import frame_of
from tests.opendtect_surveys import X, Y, ingested, project, samples, volume_file
from tests.surveys import Form, grid_traces, write_segy

FEET = "XY in feet: Yes\n"
IN_FEET = "#ZDomain: Depth\n#ZDomain.Unit: Feet\n"
DEPTH, TIME = "500`987.5`12.5`", "0.5`0.656`0.004`T"

CASES = {  # Z range, units of coordinates, keys of the volume: the units of the volume
    "feet below a grid in metres": (DEPTH + "F", "", "", "ft", "m"),
    "metres below a grid in feet": (DEPTH + "D", FEET, "", "m", "ft"),
    "feet and feet": (DEPTH + "F", FEET, "", "ft", "ft"),
    "a volume in feet of a metric survey in time": (TIME, "", IN_FEET, "ft", "m"),
    "a volume in feet of a metric survey": (DEPTH + "D", "", IN_FEET, "ft", "m"),
    "a volume in time of a survey in feet": (DEPTH + "F", "", "#ZDomain: TWT\n", None, "m"),
    "a volume in time below a grid in feet": (DEPTH + "D", FEET, "#ZDomain: TWT\n", None, "ft"),
}


def units_of(made: xr.Dataset) -> tuple[str | None, str]:
    assert made.cdp_x.attrs["units"] == made.cdp_y.attrs["units"]
    depth = made.depth.attrs["units"] if "depth" in made.coords else None
    return depth, made.cdp_x.attrs["units"]


@pytest.mark.parametrize("case", CASES)
def test_a_volume_has_the_units_of_its_table_and_the_coordinates_those_of_its_survey(
    tmp_path: Path, case: str
) -> None:
    z, xy, keys, depth_unit, xy_unit = CASES[case]
    survey = project(tmp_path / "S", {"name": "V", "file": "v.cbvs", "keys": keys}, z=z, xy=xy)
    place = (500.0, 12.5) if depth_unit else (0.5, 0.004)
    volume_file(survey / "Seismics" / "v.cbvs", samples(), z=place)
    assert units_of(ingested(survey / "V", tmp_path / "a.zarr")) == (depth_unit, xy_unit)
    by_file = ingested(survey / "Seismics" / "v.cbvs", tmp_path / "b.zarr")
    assert units_of(by_file) == (depth_unit, xy_unit)
    (seen,) = volumes_at(survey)
    on_page = open_volume(seen).geometry
    assert on_page.xy_unit == xy_unit
    # One step in space: along the lines by their coordinates, down by the depths.
    metres = {"m": 1.0, "ft": 0.3048, None: 1.0}
    down = 12.5 * metres[depth_unit] if depth_unit else 0.004 * 2000 / 2
    for geometry in (geometry_of(tmp_path / "a.zarr"), on_page):
        frame = frame_of(geometry, 2000.0)
        np.testing.assert_allclose(frame.inline[:2], np.array([X[1], Y[1]]) * metres[xy_unit])
        np.testing.assert_allclose(frame.sample[2], down)


def linked(folder: Path, form: Form, *, z: str, xy: str = "", keys: str = "") -> Path:
    """A survey that links to a SEG-Y file."""
    entry = {"name": "L", "file": "l.sgydef", "translator": "SEGYDirect", "keys": keys}
    survey = project(folder, entry, z=z, xy=xy)
    write_segy(survey / "Seismics" / "l.sgy", grid_traces((4, 5, 20), first=(101, 300)), form)
    (survey / "Seismics" / "l.sgydef").write_text(
        "dTect V7.0.0\nSEG-Y Direct Definition\nnow\n!\nNumber of files: 1\n"
        "File 0.File name: Seismics/l.sgy\n!\n"
    )
    return survey


@pytest.mark.parametrize("stated", [0, 1, 2])
@pytest.mark.parametrize("case", CASES)
def test_linked_segy_has_the_units_of_the_survey_whatever_the_file_states(
    tmp_path: Path, case: str, stated: int
) -> None:
    z, xy, keys, depth_unit, xy_unit = CASES[case]
    survey = linked(tmp_path / "S", Form(measurement=stated), z=z, xy=xy, keys=keys)
    made = ingested(survey / "L", tmp_path / "a.zarr")
    assert units_of(made) == (depth_unit, xy_unit)
    # Results made before, where nothing was wrong with them, go on to count.
    own = {2: "ft"}.get(stated, "m")
    found = made.attrs["identity"]
    said = {"depth_unit": depth_unit, "xy_unit": xy_unit}
    assert {name: found.get(name) for name in said} == {
        name: None if unit == own else unit for name, unit in said.items()
    }


def test_options_say_the_units_where_a_file_states_one_for_both(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "a.sgy", grid_traces((4, 5, 20)), Form(measurement=1))
    for number, (options, units) in enumerate(
        [
            (("--domain", "depth"), ("m", "m")),
            (("--domain", "depth", "--depth-unit", "ft"), ("ft", "m")),
            (("--domain", "depth", "--xy-unit", "ft"), ("m", "ft")),
            (("--xy-unit", "ft"), (None, "ft")),
        ]
    ):
        assert units_of(ingested(path, tmp_path / f"{number}.zarr", *options)) == units


def test_a_unit_of_depth_is_refused_in_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_segy(tmp_path / "a.sgy", grid_traces((4, 5, 20)))
    out = tmp_path / "a.zarr"
    assert run(["ingest", str(path), str(out), "--depth-unit", "ft"]) == WRONG_INPUT
    assert "--depth-unit ft is said, and its samples are in time" in capsys.readouterr().err
    assert not out.exists()


def test_a_volume_with_two_units_goes_to_segy_and_back(tmp_path: Path) -> None:
    survey = project(tmp_path / "S", {"name": "V", "file": "v.cbvs"}, z=DEPTH + "F")
    volume_file(survey / "Seismics" / "v.cbvs", samples(), z=(500.0, 12.5))
    before = ingested(survey / "V", tmp_path / "a.zarr")
    made = tmp_path / "a.sgy"
    assert run(["export", str(tmp_path / "a.zarr"), str(made), "--profile=opendtect"]) == COMPLETE
    options = ("--domain", "depth", "--depth-unit", "ft")
    after = ingested(made, tmp_path / "b.zarr", *options)
    assert units_of(after) == units_of(before) == ("ft", "m")
    np.testing.assert_allclose(after.depth, before.depth)
    np.testing.assert_allclose(after.cdp_x, before.cdp_x, atol=0.01)
