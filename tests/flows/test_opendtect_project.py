"""Runs as survey folders of OpendTect, read by readers that were written from the formats' description."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import segyio
import xarray as xr

from flows.convert import export_volume, ingest_survey
from flows.settings.segy import Export, Ingest
from tests import opendtect_files as dtect
from tests.opendtect_runs import SURVEYS, WELLS, complete_run, put
from tests.planar_faults import BIN_M, VELOCITY


@pytest.fixture(scope="module", params=SURVEYS)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A complete run of map-faults, made once, and planned wells on its survey."""
    name = request.param
    return name, complete_run(name, tmp_path_factory.mktemp(name))


@pytest.fixture(scope="module")
def project(case: tuple[str, Path]) -> Path:
    return put(case[1], case[1] / "data" / "New survey", kb=20.0)


def volumes(folder: Path) -> dict[str, xr.Dataset]:
    names = ("volume", "faults", "surfaces")
    return {name: xr.open_zarr(folder / "run" / f"{name}.zarr", chunks=None) for name in names}


def test_the_survey_is_that_of_the_run(case: tuple[str, Path], project: Path) -> None:
    name, folder = case
    plane, form, letter = SURVEYS[name]
    found = dtect.survey(project)
    faults = volumes(folder)["faults"]
    assert found.values["Name"] == "New survey"
    for axis, lines in (("inline", found.inlines), ("crossline", found.crosslines)):
        numbers = faults[axis].values
        assert lines == [numbers[0], numbers[-1], numbers[1] - numbers[0]]
    assert found.unit == letter
    factor = 1000 if letter == "T" else 1
    assert found.z[0] * factor == form.delay
    assert found.z[2] * factor == 4
    assert round((found.z[1] - found.z[0]) / found.z[2]) + 1 == plane.shape[2]
    inlines, crosslines = np.meshgrid(faults.inline.values, faults.crossline.values, indexing="ij")
    x, y = found.place(inlines, crosslines)
    np.testing.assert_allclose(x, faults.cdp_x.values, atol=0.02)
    np.testing.assert_allclose(y, faults.cdp_y.values, atol=0.02)
    for inline, crossline, *place in found.points:
        np.testing.assert_allclose(found.place(inline, crossline), place, atol=1e-6)
    spacing = np.hypot(found.x[2], found.y[2])
    np.testing.assert_allclose(spacing, BIN_M[1], rtol=1e-3)


def test_every_sample_of_every_volume_is_there(case: tuple[str, Path], project: Path) -> None:
    _, folder = case
    stores = volumes(folder)
    probability = stores["faults"].fault_probability
    wanted = {
        "Seismic": [stores["volume"].amplitude],
        "Fault probability": [probability],
        "Fault probability with strike and dip": [
            probability,
            stores["surfaces"].strike_deg,
            stores["surfaces"].dip_deg,
        ],
        "Thinned faults": [stores["surfaces"].fault_thinned],
    }
    listed = dtect.table(project / "Seismics")
    assert {each.name for each in listed} == set(wanted)
    survey = dtect.survey(project)
    for each in listed:
        assert (each.group, each.translator) == ("Seismic Data", "CBVS")
        cube = dtect.cbvs(each.path)
        np.testing.assert_allclose(cube.z[:2], [survey.z[0], survey.z[2]], rtol=1e-6)
        assert len(cube.names) == len(wanted[each.name])
        inlines, crosslines = (list(probability[axis].values) for axis in ("inline", "crossline"))
        assert len(cube.samples) == len(inlines) * len(crosslines)
        made = np.array([[cube.samples[i, c] for c in crosslines] for i in inlines])
        for number, variable in enumerate(wanted[each.name]):
            values = np.where(np.isnan(variable.values), np.float32(1e30), variable.values)
            np.testing.assert_array_equal(made[:, :, number], values)
    assert dtect.cbvs(listed[0].path).step == (1, survey.crosslines[2])


def nodes(folder: Path) -> dict[tuple[int, int], np.ndarray]:
    """Return inline, crossline, time or depth of the nodes of every stick."""
    found: dict[tuple[int, int], list[list[float]]] = {}
    with (folder / "run" / "sticks.csv").open() as file:
        reader = csv.reader(file)
        next(reader)
        for row in reader:
            found.setdefault((int(row[0]), int(row[1])), []).append([float(c) for c in row[3:6]])
    return {key: np.array(rows) for key, rows in found.items()}


def test_sticks_lie_where_they_were_picked_in_the_set_and_in_the_fault(
    case: tuple[str, Path], project: Path
) -> None:
    name, folder = case
    survey = dtect.survey(project)
    factor = 0.001 if survey.unit == "T" else 1.0
    wanted = list(nodes(folder).values())
    planes: set[str] = set()
    listed = {each.name: each for each in dtect.table(project / "Surfaces")}
    assert set(listed) == {"Fault sticks", "Fault 1"}
    for title, kind in (("Fault sticks", "FaultStickSet"), ("Fault 1", "Fault")):
        assert (listed[title].group, listed[title].translator) == (kind, "dGB")
        found, keys = dtect.sticks(listed[title].path, kind)
        assert len(found) == len(wanted)
        assert keys["Row range"] == f"0`{len(found) - 1}`1"
        assert keys["ZDomain"] == ("TWT" if name == "time" else "Depth")
        depths = np.concatenate(found)[:, 2]
        np.testing.assert_allclose(dtect.numbers(keys["Z range"]), [depths.min(), depths.max()])
        for number, (knots, stick) in enumerate(zip(found, wanted, strict=True)):
            x, y = survey.place(stick[:, 0], stick[:, 1])  # type: ignore[arg-type]
            # Nodes are written in the run's table with two digits.
            np.testing.assert_allclose(knots[:, 0], x, atol=0.2)
            np.testing.assert_allclose(knots[:, 1], y, atol=0.2)
            np.testing.assert_allclose(knots[:, 2], stick[:, 2] * factor, atol=0.006 * factor)
            normal = dtect.numbers(keys[f"Edit normal sticknr {number}"])
            assert np.ptp(stick[:, 2]) > 0
            plane = "inline" if np.ptp(stick[:, 0]) == 0 else "crossline"
            assert plane == "inline" or np.ptp(stick[:, 1]) == 0
            # Across an inline is where inline numbers grow.
            step = {"inline": 1, "crossline": 2}[plane]
            east, north = survey.x[step], survey.y[step]
            wanted_normal = np.array([east, north, 0.0]) / np.hypot(east, north)
            np.testing.assert_allclose(normal, wanted_normal, atol=1e-9)
            planes.add(plane)
    assert planes == {"inline" if name == "time" else "crossline"}


def test_wells_reach_the_base_with_markers_and_time(case: tuple[str, Path], project: Path) -> None:
    name, folder = case
    stores, survey = volumes(folder), dtect.survey(project)
    listed = dtect.table(project / "WellInfo")
    assert [each.name for each in listed] == [f"Planned {n:02d}" for n in range(1, WELLS + 1)]
    axis = stores["faults"]["twt" if name == "time" else "depth"].values
    with (folder / "wells" / "wells.csv").open() as file:
        planned = list(csv.DictReader(file))

    def md(sample: Any) -> Any:
        return (sample * VELOCITY / 2000 if name == "time" else sample) + 20.0

    crossed = 0
    for each, row in zip(listed, planned, strict=True):
        assert (each.group, each.translator) == ("Well", "dGB")
        found = dtect.well(each.path)
        assert found.info["Depth-Unit"] == "m"
        place = [float(row["cdp_x"]), float(row["cdp_y"])]
        np.testing.assert_allclose(
            found.track,
            [[*place, -20.0, 0.0], [*place, md(axis[-1]) - 20.0, md(axis[-1])]],
            atol=1e-3,
        )
        markers = dict(found.markers)
        top = 540.0 if name == "time" else 40.0
        np.testing.assert_allclose(markers.pop("Reservoir top"), md(top), atol=1e-3)
        np.testing.assert_allclose(markers.pop("Reservoir base"), md(top + 60), atol=1e-3)
        assert [d for _, d in found.markers] == sorted(d for _, d in found.markers)
        # The trace under the well tells which faults it meets, and where.
        column = stores["surfaces"].fault_id.values[_bin(stores["faults"], place)]
        depths = [md(value) for value in axis[column > 0]]
        assert bool(depths) == bool(markers)
        for title, depth in markers.items():
            assert title.startswith("Fault 1")
            assert depths[0] - 1e-3 <= depth <= depths[-1] + 1e-3
            crossed += 1
        if name == "time":
            assert found.depth_time is not None
            np.testing.assert_allclose(found.depth_time[0], [20.0, 0.0], atol=1e-9)
            np.testing.assert_allclose(found.depth_time[-1], [md(axis[-1]), axis[-1] / 1000])
        else:
            assert found.depth_time is None
    assert crossed, "the survey was chosen so that a well meets the fault"
    (entry,) = dtect.table(project / "Locations")
    keys, places = dtect.points(entry.path)
    assert (entry.group, entry.translator, entry.name) == ("PickSet Group", "dGB", "Planned wells")
    assert len(dtect.numbers(keys["Color"])) == 4
    assert [label for label, _ in places] == [each.name for each in listed]
    for (_, place), row in zip(places, planned, strict=True):
        z = 0.54 if survey.unit == "T" else 40.0
        np.testing.assert_allclose(place, [float(row["cdp_x"]), float(row["cdp_y"]), z])


def _bin(faults: xr.Dataset, place: list[float]) -> tuple[int, ...]:
    off = np.hypot(faults.cdp_x.values - place[0], faults.cdp_y.values - place[1])
    return tuple(int(n) for n in np.unravel_index(np.argmin(off), off.shape))


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text().splitlines(), delimiter="\t"))


def test_tables_for_the_import_dialogs_lie_in_the_survey(
    case: tuple[str, Path], project: Path
) -> None:
    name, folder = case
    (tables,) = (project / "Misc").glob("graben-*")
    assert (tables / "sticks.dat").read_bytes() == (folder / "run" / "sticks.dat").read_bytes()
    simple = rows_of(tables / "wells.txt")
    assert [row[0] for row in simple] == [f"Planned {n:02d}" for n in range(1, WELLS + 1)]
    wells = [dtect.well(each.path) for each in dtect.table(project / "WellInfo")]
    for row, well in zip(simple, wells, strict=True):
        x, y, kb, td = map(float, row[1:5])
        np.testing.assert_allclose([x, y, -kb, td], [*well.track[0, :3], well.track[1, 3]])
    tracks = rows_of(tables / "well_tracks.txt")
    np.testing.assert_allclose(
        np.array([row[1:] for row in tracks], float), np.concatenate([w.track for w in wells])
    )
    markers = rows_of(tables / "well_markers.txt")
    assert [(row[2], float(row[1])) for row in markers] == [m for w in wells for m in w.markers]
    times = (tables / "well_depth_time.txt").read_text().splitlines()
    assert len(times) == (2 * WELLS if name == "time" else 0)
    colours = dtect.pairs(dtect.body(tables / "fault_colours.txt", "Color table definitions"))
    assert dtect.numbers(colours["1.Transparency.0"]) == [0.0, 255.0]
    assert len(dtect.numbers(colours["1.Value-Color.0"])) == 5


def test_the_same_command_again_adds_nothing(
    case: tuple[str, Path], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ("Seismics", "Surfaces", "WellInfo", "Locations")
    before = {name: sorted((project / name).iterdir()) for name in folders}
    old = {name: (project / name / ".omf").read_bytes() for name in folders}
    put(case[1], project, kb=20.0)
    assert {name: (project / name / ".omf").read_bytes() for name in folders} == old
    assert {name: sorted((project / name).iterdir()) for name in folders} == before
    assert "there already" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["Seismic", "Fault probability"])
def test_from_segy_through_the_survey_to_segy_every_sample_is_kept(
    case: tuple[str, Path], project: Path, tmp_path: Path, name: str
) -> None:
    volume, made = tmp_path / "back.zarr", tmp_path / "back.sgy"
    ingest_survey(Ingest.read({"surveys": (str(project / name),), "volume": volume}))
    export_volume(Export.read({"volume": volume, "out": made, "profile": "opendtect"}))
    source = case[1] / ("survey.sgy" if name == "Seismic" else "run/faults.sgy")
    with segyio.open(source) as before, segyio.open(made) as after:
        for axis in ("ilines", "xlines", "samples"):
            np.testing.assert_array_equal(getattr(after, axis), getattr(before, axis))
        np.testing.assert_array_equal(segyio.tools.cube(after), segyio.tools.cube(before))
        for field in (181, 185):
            places = [file.attributes(field)[:] * 1.0 for file in (before, after)]
            scales = [1 / abs(float(file.attributes(71)[0][0])) for file in (before, after)]
            np.testing.assert_allclose(places[1] * scales[1], places[0] * scales[0], atol=0.02)
