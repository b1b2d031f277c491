"""Depths in one unit below coordinates in the other: what lies in space is the same whatever the words."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from storage.geometry import LengthUnit, SampleAxis, SurveyGeometry, grid_geometry
from storage.opendtect.survey import read_survey, survey_of, write_survey
from storage.segy.checklist import Title, file_header
from storage.volume import Variable, create_volume, geometry_of
from tasks.survey_frame import frame_of

METRES: dict[LengthUnit, float] = {"m": 1.0, "ft": 0.3048}
UNITS = list(product(METRES, METRES))
AFFINE = (430_000.0, 21.2, -6.6, 6_480_000.0, 13.2, 10.6)  # metres


def survey_in(z: LengthUnit, xy: LengthUnit, columns: int = 8) -> SurveyGeometry:
    """One survey, its depths and its coordinates said in these units."""
    axis = SampleAxis("depth", 1000 / METRES[z], 5 / METRES[z], 21, z)
    a, b, c, d, e, f = (each / METRES[xy] for each in AFFINE)
    rows, places = np.arange(1, 7, dtype=np.int32), np.arange(9, 9 + columns, dtype=np.int32)
    made = grid_geometry(rows, places, axis, (a, b, c, d, e, f), coordinate_unit=xy)
    return made if columns > 1 else replace(made, affine=None)


@pytest.mark.parametrize("columns", [8, 1])
@pytest.mark.parametrize(("z", "xy"), UNITS)
def test_a_survey_lies_in_space_as_it_does_in_metres(
    z: LengthUnit, xy: LengthUnit, columns: int
) -> None:
    found, wanted = (
        frame_of(survey_in(*units, columns), 2000.0) for units in ((z, xy), ("m", "m"))
    )
    assert found.known
    np.testing.assert_allclose(found.steps, wanted.steps, rtol=1e-6)


@pytest.mark.parametrize(("z", "xy"), UNITS)
def test_a_store_keeps_both_units(tmp_path: Path, z: LengthUnit, xy: LengthUnit) -> None:
    geometry = survey_in(z, xy)
    attributes = {"domain": "depth", "affine": geometry.affine}
    variable = Variable("amplitude", np.float32, "1", "any")
    create_volume(tmp_path / "a.zarr", geometry, [variable], attributes)
    found = geometry_of(tmp_path / "a.zarr")
    assert (found.samples, found.xy_unit) == (geometry.samples, xy)


@pytest.mark.parametrize(("z", "xy"), UNITS)
def test_a_survey_folder_keeps_both_units(tmp_path: Path, z: LengthUnit, xy: LengthUnit) -> None:
    write_survey(tmp_path, survey_of(survey_in(z, xy), "S"))
    lines = (tmp_path / ".survey").read_text().splitlines()
    assert f"XY in feet: {'Yes' if xy == 'ft' else 'No'}" in lines
    assert (
        next(each for each in lines if each.startswith("Z range"))[-1] == {"m": "D", "ft": "F"}[z]
    )
    found = read_survey(tmp_path)
    assert (found.samples.length_unit, found.geometry.xy_unit) == (z, xy)


@pytest.mark.parametrize(("z", "xy"), UNITS)
def test_headers_for_opendtect_state_the_unit_of_the_coordinates(
    z: LengthUnit, xy: LengthUnit
) -> None:
    header = file_header(survey_in(z, xy), Title("data", "source", "method", "values"))
    assert int.from_bytes(header[3254:3256], "big") == {"m": 1, "ft": 2}[xy]
    text = header[:3200].decode("cp037")
    assert f"Z domain to choose in OpendTect: Depth ({'feet' if z == 'ft' else 'metres'})" in text
