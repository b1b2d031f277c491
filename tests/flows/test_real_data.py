"""Real surveys and maps through one field run: what comes out, read by a program that is not ours."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import segyio
import xarray as xr

from tests.flows.running import graben

pytestmark = [pytest.mark.slow, pytest.mark.timeout(290)]

# Line bytes of the input, and whether it is a regular cube.
SURVEYS = {
    "f3": ("segyio/f3.sgy", True),
    "complete": ("xtgeo/ex2_complete_3d_75x71x26.segy", True),
    "missing": ("xtgeo/ex1_missing_traces_75x71x26.segy", False),
    "line": ("real-2d/penobscot_xl1155.sgy", False),  # the one with faults to see
}
MAPS = ("norne_poro_k05.txt", "norne_poro_k15.txt")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    folder = tmp_path_factory.mktemp("field")
    lines = ['out = "runs"', "[cluster]", "workers = 2"]
    for name, (survey, _) in SURVEYS.items():
        path = shared_data / "segy" / survey
        lines += ["[[survey]]", f'name = "{name}"', f'survey = "{path}"']
    for name in MAPS:
        path = shared_data / "maps" / "map-format" / name
        lines += ["[[map]]", f'map = "{path}"', "radius = 300", "wells = 12", "starts = 2"]
    (folder / "field.toml").write_text("\n".join(lines))
    code, out, err = graben("run", folder / "field.toml", home=folder / "prefect")
    assert code == 0, err
    assert out.count(": complete\n") == len(SURVEYS) + len(MAPS)
    return folder / "runs"


def attributes(path: Path, *fields: int) -> list[tuple[int, ...]]:
    with segyio.open(path, ignore_geometry=True) as file:
        columns = [file.attributes(field)[:].tolist() for field in fields]
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize("name", SURVEYS)
def test_every_trace_of_the_survey_is_in_the_fault_cube(
    runs: Path, shared_data: Path, name: str
) -> None:
    source = shared_data / "segy" / SURVEYS[name][0]
    made = runs / name / "faults.sgy"
    # Inline, crossline, coordinates with their scalar, delay, samples, interval.
    fields = (189, 193, 181, 185, 71, 109, 117)
    assert sorted(attributes(made, *fields)) == sorted(attributes(source, *fields))
    assert attributes(made, 189, 193) == sorted(attributes(source, 189, 193))
    with (
        segyio.open(source, ignore_geometry=True) as before,
        segyio.open(made, ignore_geometry=True) as after,
    ):
        assert len(after.samples) == len(before.samples)
        assert after.bin[segyio.BinField.Interval] == before.bin[segyio.BinField.Interval]


@pytest.mark.parametrize("name", SURVEYS)
def test_the_fault_cube_holds_the_probabilities_of_the_volume(runs: Path, name: str) -> None:
    faults = xr.open_zarr(runs / name / "faults.zarr", chunks=None)
    probability = faults.fault_probability.values
    live = faults.live_mask.values
    assert np.isnan(probability[~live]).all()
    with segyio.open(runs / name / "faults.sgy", ignore_geometry=True) as file:
        traces = file.trace.raw[:]
    np.testing.assert_array_equal(traces, probability[live])
    assert 0 <= traces.min() < traces.max() <= 1
    assert faults.fault_probability.dims[:2] == ("inline", "crossline")


@pytest.mark.parametrize("name", [name for name, (_, regular) in SURVEYS.items() if regular])
def test_a_regular_survey_opens_as_a_cube(runs: Path, name: str) -> None:
    with segyio.open(runs / name / "faults.sgy") as file:
        cube = segyio.tools.cube(file)
    faults = xr.open_zarr(runs / name / "faults.zarr", chunks=None)
    np.testing.assert_array_equal(cube, faults.fault_probability.values)


@pytest.mark.parametrize("name", SURVEYS)
def test_thinned_faults_and_sticks_lie_on_live_traces_of_the_survey(runs: Path, name: str) -> None:
    surfaces = xr.open_zarr(runs / name / "surfaces.zarr", chunks=None)
    faults = xr.open_zarr(runs / name / "faults.zarr", chunks=None)
    thinned = surfaces.fault_thinned.values
    live = faults.live_mask.values
    np.testing.assert_array_equal(np.isnan(thinned).all(axis=2), ~live)
    with segyio.open(runs / name / "thinned.sgy", ignore_geometry=True) as file:
        np.testing.assert_array_equal(file.trace.raw[:], thinned[live])
    on_ridge = thinned > 0
    np.testing.assert_array_equal(thinned[on_ridge], faults.fault_probability.values[on_ridge])
    assert on_ridge[surfaces.fault_id.values > 0].all()
    with (runs / name / "sticks.csv").open() as file:
        for node in csv.DictReader(file):
            for axis, values in (
                ("inline", surfaces.inline),
                ("crossline", surfaces.crossline),
                ("twt_ms", surfaces.twt),
            ):
                assert values.min() <= float(node[axis]) <= values.max()


@pytest.mark.parametrize("name", MAPS)
def test_wells_lie_on_the_map(runs: Path, name: str) -> None:
    folder = runs / Path(name).stem
    with (folder / "wells.csv").open() as file:
        wells = list(csv.DictReader(file))
    columns = "well,x_m,y_m,cdp_x,cdp_y,radius_m,gross,share,marginal,growth_m,last_radius_m,start_period"
    columns += ",nearest_well_m,nearest_fault_m,nearest_edge_m"
    assert list(wells[0]) == columns.split(",")
    assert len(wells) == 12
    for well in wells:
        assert 0 <= float(well["x_m"]) <= 46 * 80
        assert 0 <= float(well["y_m"]) <= 112 * 80
        assert 0 < float(well["marginal"]) <= float(well["gross"]) * (1 + 1e-12)
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["value"] <= sum(float(well["gross"]) for well in wells) * (1 + 1e-12)
