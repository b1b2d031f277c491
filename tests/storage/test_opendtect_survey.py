"""Survey folders of OpendTect: templates of its own, and what we write."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import ProjectError
from storage.geometry import Domain, LengthUnit, SampleAxis, grid_geometry
from storage.opendtect.survey import Survey, read_survey, survey_of, write_survey

numbers = st.floats(-1e7, 1e7, allow_subnormal=False)
steps = st.floats(0.5, 500)


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    lines = []
    for _ in range(2):
        first, count, step = (draw(st.integers(*each)) for each in ((-99, 9999), (2, 99), (1, 9)))
        lines.append(range(first, first + (count - 1) * step + 1, step))
    domain: Domain = draw(st.sampled_from(["time", "depth"]))
    unit: LengthUnit = draw(st.sampled_from(["m", "ft"]))
    # Whole microseconds, thousandths of a length.
    start, interval = draw(st.integers(-9999, 999_999)) / 10, draw(st.integers(1, 99_999)) / 1000
    samples = SampleAxis(domain, start, interval, draw(st.integers(2, 9999)), unit)
    affine = (draw(numbers), draw(steps), -draw(steps), draw(numbers), draw(steps), draw(steps))
    # In time the unit is that of the coordinates; in depth they have their own.
    in_feet = unit == "ft" if domain == "time" else draw(st.booleans())
    return Survey("Any name", lines[0], lines[1], samples, affine, in_feet)


@given(surveys())
def test_a_survey_comes_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, survey: Survey
) -> None:
    folder = tmp_path_factory.mktemp("survey")
    write_survey(folder, survey)
    assert read_survey(folder) == survey


def test_its_geometry_is_that_of_the_volume_it_was_made_from(tmp_path: Path) -> None:
    lines = np.arange(100, 130, 3, dtype=np.int32), np.arange(7, 27, 2, dtype=np.int32)
    axis = SampleAxis("depth", 1000.0, 5.0, 51, "m")
    affine = (4e5, -6.0, 10.5, 6e6, 10.5, 6.0)
    write_survey(tmp_path, survey_of(grid_geometry(*lines, axis, affine), "It"))
    found = read_survey(tmp_path).geometry
    np.testing.assert_array_equal(found.inlines, lines[0])
    np.testing.assert_array_equal(found.crosslines, lines[1])
    assert (found.samples, found.affine) == (axis, affine)


def test_the_empty_survey_of_opendtect_is_said_to_be_one(shared_data: Path) -> None:
    with pytest.raises(ProjectError, match="no 'In-line range': the survey was not set up"):
        read_survey(shared_data / "opendtect" / "BasicSurvey")


def test_what_is_no_survey_is_said_in_one_line(tmp_path: Path, shared_data: Path) -> None:
    with pytest.raises(ProjectError, match=r"it holds no \.survey"):
        read_survey(tmp_path)
    (tmp_path / ".survey").write_bytes((shared_data / "opendtect" / "v1.survey").read_bytes())
    with pytest.raises(ProjectError, match="first line is not 'dTect'"):
        read_survey(tmp_path)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Coord-X-BinID: 0`0`0", "on no grid"),
        ("Z range: 0`1`0`T", "Z range cannot be used"),
        ("Z range: 1e30`1e30`1`T", "'Z range' cannot be used"),
        ("In-line range: a`b", "'In-line range' cannot be used"),
    ],
)
def test_a_survey_that_cannot_be_used_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    axis = SampleAxis("time", 0.0, 4.0, 51)
    survey = Survey("S", range(1, 9), range(1, 9), axis, (0.0, 25.0, 0.0, 0.0, 0.0, 25.0))
    write_survey(tmp_path, survey)
    path = tmp_path / ".survey"
    key = line.split(":", maxsplit=1)[0]
    lines = [line if each.startswith(key) else each for each in path.read_text().splitlines()]
    path.write_text("\n".join(lines))
    with pytest.raises(ProjectError, match=reason):
        read_survey(tmp_path)


@pytest.mark.parametrize("angle", [True, False])
def test_lines_and_angles_make_no_survey(angle: bool) -> None:
    lines = np.arange(1, 9, dtype=np.int32), np.arange(1, 9 if angle else 2, dtype=np.int32)
    axis = SampleAxis("time", 0.0, 4.0, 51)
    geometry = grid_geometry(*lines, axis, (0.0, 25.0, 0.0, 0.0, 0.0, 25.0))
    if angle:
        object.__setattr__(geometry, "angle_unit", "degree")
    with pytest.raises(ProjectError, match="angles" if angle else "no grid"):
        survey_of(geometry, "S")
