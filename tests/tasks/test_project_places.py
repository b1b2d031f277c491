"""Surveys that others work in too: what graben does not change there stands in no run's way."""

from pathlib import Path

import pytest

from storage.errors import ProjectError
from storage.opendtect.folder import create_survey
from tasks.project_places import check_places
from tests.storage.test_opendtect_adding import SURVEY


@pytest.fixture
def misc(tmp_path: Path) -> Path:
    create_survey(tmp_path / "S", SURVEY)
    return tmp_path / "S" / "Misc"


def test_a_table_of_misc_may_be_read_only(misc: Path) -> None:
    (misc / ".omf").chmod(0o444)
    assert check_places(misc.parent) == []


def test_misc_may_hold_files_without_a_table(misc: Path) -> None:
    (misc / ".omf").unlink()
    (misc / "mine.txt").touch()
    assert check_places(misc.parent) == []
    (misc / ".omf.new").touch()
    with pytest.raises(ProjectError, match=r"holds \.omf\.new"):
        check_places(misc.parent)


def test_a_table_that_graben_changes_is_refused_where_it_is_read_only(misc: Path) -> None:
    table = misc.parent / "Seismics" / ".omf"
    table.chmod(0o444)
    with pytest.raises(ProjectError, match="read-only"):
        check_places(misc.parent)
    table.chmod(0o644)
    misc.chmod(0o555)
    with pytest.raises(ProjectError, match="Misc: it is read-only"):
        check_places(misc.parent)
    misc.chmod(0o755)
