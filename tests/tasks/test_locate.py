"""What a survey says of its volumes counts wherever its table stands."""

from pathlib import Path

import pytest

from storage.errors import ProjectError
from storage.geometry import SampleAxis
from storage.opendtect.folder import create_survey
from storage.opendtect.survey import Survey
from tasks.locate import survey_says
from tasks.project import Contents, _with_seismic
from tests.opendtect_surveys import project

SURVEY = Survey(
    "S",
    range(1, 11),
    range(5, 26, 2),
    SampleAxis("time", 500.0, 4.0, 51),
    (4e5, 20.0, 15.0, 6e6, -15.0, 20.0),
)


def to_backup(table: Path) -> None:
    """Leave a survey as OpendTect does that was cut off between its two renames."""
    table.rename(table.with_name(".omf.bak"))


def test_the_domain_of_a_volume_is_known_from_the_backup_of_its_table(tmp_path: Path) -> None:
    volume = {"name": "Deep", "file": "deep.cbvs", "keys": "#ZDomain: Depth\n"}
    survey = project(tmp_path / "S", volume)
    path = survey / "Seismics" / "deep.cbvs"
    path.touch()
    assert survey_says(survey, path).domain == "depth"
    to_backup(survey / "Seismics" / ".omf")
    assert survey_says(survey, path).domain == "depth"
    (survey / "Seismics" / ".omf.bak").unlink()
    assert survey_says(survey, path).domain == "time"  # as the survey's
    (survey / "Seismics" / ".omf").touch()
    with pytest.raises(ProjectError, match="no text file of OpendTect"):
        survey_says(survey, path)


def test_seismic_goes_into_a_survey_of_ours_whose_table_is_the_backup(tmp_path: Path) -> None:
    survey = tmp_path / "S"
    create_survey(survey, SURVEY)
    contents = Contents(tmp_path / "volume", tmp_path / "faults", None, None)
    assert _with_seismic(survey, contents)
    to_backup(survey / "Seismics" / ".omf")
    assert _with_seismic(survey, contents)
    (survey / "Seismics" / ".omf.bak").unlink()
    (survey / "Seismics" / ".omf").touch()
    assert not _with_seismic(survey, contents)
