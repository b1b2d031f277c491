"""Objects go into a survey whole, under names of their own, whatever lies there."""

import errno
import os
import socket
import threading
from pathlib import Path

import pytest

from storage.errors import ProjectError
from storage.geometry import SampleAxis
from storage.opendtect.adding import New, add, add_all, prepare_folder
from storage.opendtect.folder import create_survey
from storage.opendtect.survey import Survey, read_survey
from storage.opendtect.tables import VOLUME, WELL, objects
from tests import opendtect_files as dtect

SURVEY = Survey(
    "S",
    range(1, 11),
    range(5, 26, 2),
    SampleAxis("time", 500.0, 4.0, 51),
    (4e5, 20.0, 15.0, 6e6, -15.0, 20.0),
)


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    create_survey(tmp_path / "root" / "S", SURVEY)
    return tmp_path / "root" / "S"


def content(text: str, name: str = "A volume", **keys: str) -> New:
    def write(path: Path) -> None:
        path.write_text(text)

    return New(name, VOLUME, write, keys)


def test_a_new_survey_has_all_that_opendtect_looks_for(survey: Path) -> None:
    found = dtect.survey(survey)
    assert found.values["Name"] == "S"
    assert (found.inlines, found.crosslines) == ([1, 10, 1], [5, 25, 2])
    assert (found.z, found.unit) == ([0.5, 0.7, 0.004], "T")
    assert read_survey(survey) == SURVEY
    assert sorted(p.name for p in survey.parent.iterdir()) == [".omf", "S"]


def test_its_tables_say_what_those_of_opendtect_say(survey: Path, shared_data: Path) -> None:
    template = shared_data / "opendtect" / "BasicSurvey" / ".omf"
    assert (survey / ".omf").read_text().split("\n")[3:] == template.read_text().split("\n")[3:]


def test_a_folder_of_surveys_keeps_its_table(tmp_path: Path) -> None:
    (tmp_path / ".omf").write_text("theirs")
    create_survey(tmp_path / "S", SURVEY)
    assert (tmp_path / ".omf").read_text() == "theirs"


def test_a_survey_is_made_where_nothing_lies_and_not_within_another(survey: Path) -> None:
    with pytest.raises(ProjectError, match="within the survey S"):
        create_survey(survey / "T", SURVEY)
    other = survey.parent / "full"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    with pytest.raises(ProjectError, match=r"holds no \.survey"):
        create_survey(other, SURVEY)
    assert [path.name for path in other.iterdir()] == ["mine.txt"]
    (survey.parent / "link").symlink_to(survey / "Misc")
    for within in ("S/Misc/T", "S/Misc/deeper/yet/T", "link/T"):
        with pytest.raises(ProjectError, match="within the survey S"):
            create_survey(survey.parent / within, SURVEY)
    assert not list((survey / "Misc").glob("[!.]*"))
    (survey.parent / "empty").mkdir()
    create_survey(survey.parent / "empty", SURVEY)
    assert read_survey(survey.parent / "empty") == SURVEY


def test_objects_of_one_name_are_counted_and_their_files_too(survey: Path) -> None:
    entries = [add(survey, content(str(n))) for n in range(3)]
    assert [each.name for each in entries] == ["A volume", "A volume (2)", "A volume (3)"]
    assert [each.number for each in entries] == [2, 3, 4]
    listed = dtect.table(survey / "Seismics")
    assert [each.path.read_text() for each in listed] == ["0", "1", "2"]


def test_a_file_that_nobody_lists_is_somebodys(survey: Path) -> None:
    mine = survey / "Seismics" / "A_volume^01.cbvs"
    mine.write_text("mine")
    entry = add(survey, content("new"))
    assert mine.read_text() == "mine"
    assert entry.file == "A_volume_2.cbvs"


def test_several_objects_appear_at_once_with_the_files_beside_them(survey: Path) -> None:
    def write(path: Path) -> None:
        path.write_text("track")
        path.with_suffix(".wlm").write_text("markers")

    add_all(survey, [New(name, WELL, write) for name in ("W: 1/2", "W: 1 2")])
    listed = dtect.table(survey / "WellInfo")
    assert [each.name for each in listed] == ["W: 1/2", "W: 1 2"]
    assert len({each.path for each in listed}) == 2
    for each in listed:
        assert each.path.with_suffix(".wlm").read_text() == "markers"


def test_an_old_survey_without_a_folder_gets_it(survey: Path) -> None:
    (survey / "WellInfo" / ".omf").unlink()
    (survey / "WellInfo").rmdir()
    add(survey, New("W", WELL, Path.touch))
    assert [each.name for each in dtect.table(survey / "WellInfo")] == ["W"]


@pytest.mark.parametrize("name", ["#1 Fault", "!", "--2", "@3", "C:\\run\\", "4\n5"])
def test_whatever_an_object_is_to_be_called_it_is_listed_once(survey: Path, name: str) -> None:
    entries = [add(survey, content(str(n), name)) for n in range(2)]
    assert objects(survey, "Seismics") == entries
    listed = dtect.table(survey / "Seismics")
    assert [each.path.read_text() for each in listed] == ["0", "1"]


def test_a_long_name_of_any_script_has_a_file(survey: Path) -> None:
    name = "断" * 300
    entries = [add(survey, content(str(n), name)) for n in range(2)]
    assert [each.name for each in entries] == [name, f"{name} (2)"]
    listed = [each.path for each in dtect.table(survey / "Seismics")]
    assert [path.read_text() for path in listed] == ["0", "1"]
    assert all(set(path.stem) <= set("断_2") for path in listed)


def test_a_lost_table_is_not_made_anew(survey: Path) -> None:
    add(survey, content("theirs"))
    folder = survey / "Seismics"
    (folder / ".omf").unlink()
    before = files(folder)
    with pytest.raises(ProjectError, match=r"holds A_volume\.cbvs, and no table"):
        add(survey, content("new"))
    assert files(folder) == before
    (folder / "A_volume.cbvs").unlink()
    (folder / ".omf.new").write_text("whatever")
    with pytest.raises(ProjectError, match=r"holds \.omf\.new"):
        add(survey, content("new"))


def test_an_empty_folder_gets_a_table(survey: Path) -> None:
    (survey / "Locations" / ".omf").unlink()
    (survey / "Locations" / "graben-tables").mkdir()
    prepare_folder(survey, "Locations")
    assert dtect.table(survey / "Locations") == []


def test_what_lies_in_misc_needs_no_table(survey: Path) -> None:
    (survey / "Misc" / ".omf").unlink()
    (survey / "Misc" / "mine.txt").touch()
    prepare_folder(survey, "Misc")
    assert dtect.table(survey / "Misc") == []
    (survey / "Misc" / ".omf").rename(survey / "Misc" / ".omf.new")
    with pytest.raises(ProjectError, match=r"holds \.omf\.new"):
        prepare_folder(survey, "Misc")


def test_others_may_in_a_new_folder_what_the_user_lets_them(tmp_path: Path) -> None:
    mask = os.umask(0o002)
    try:
        create_survey(tmp_path / "S", SURVEY)
        (tmp_path / "S" / "Models" / ".omf").unlink()
        (tmp_path / "S" / "Models").rmdir()
        prepare_folder(tmp_path / "S", "Models")
    finally:
        os.umask(mask)
    for folder in ("S", "S/Seismics", "S/Models"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o775
    assert (tmp_path / "S" / "Models" / ".graben.lock").stat().st_mode & 0o777 == 0o664


def files(folder: Path) -> list[str]:
    """Names of what lies there, the lock aside, which stays."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".graben.lock")


def test_a_full_disk_leaves_nothing(survey: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> None:
        path.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device", path)

    before, table = files(survey / "Seismics"), (survey / "Seismics" / ".omf").read_bytes()
    with pytest.raises(OSError, match="No space"):
        add(survey, New("V", VOLUME, full))
    assert files(survey / "Seismics") == before
    # The table itself may be what does not fit.
    fsync = os.fsync

    def full_later(descriptor: int) -> None:
        if ".omf.part" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full_later)
    with pytest.raises(OSError, match="No space"):
        add(survey, content("whole"))
    assert (survey / "Seismics" / ".omf").read_bytes() == table
    assert set(files(survey / "Seismics")) - {".omf.before-graben"} == set(before)


def test_runs_side_by_side_lose_nothing(survey: Path) -> None:
    def add_five(text: str) -> None:
        for _ in range(5):
            add(survey, content(text))

    threads = [threading.Thread(target=add_five, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = dtect.table(survey / "Seismics")
    assert sorted(each.path.read_text() for each in listed) == sorted("01230123012301230123")
    assert not list((survey / "Seismics").glob(".graben-*"))


def test_what_a_killed_run_left_is_cleared_and_nothing_else(survey: Path) -> None:
    add(survey, content("listed"))
    folder = survey / "Seismics"
    left = folder / f".graben-{socket.gethostname()}-1-0123abcd"
    left.mkdir()
    (left / ".graben.lock").touch()
    (left / "0").mkdir()
    (left / "0" / "data.cbvs").write_text("half")
    (left / "published").write_text("Gone.cbvs\nA_volume.cbvs\nOdd.cbvs\n")
    (folder / "Gone.cbvs").write_text("whole, not listed")
    (folder / "Mine.cbvs").write_text("mine")
    # Listed, though under a name that makes it no object.
    (folder / "Odd.cbvs").write_text("listed")
    with (folder / ".omf").open("a") as table:
        table.write("#Odd: 3\nSeismic Data: CBVS`Stream\n$Name: Odd.cbvs\n!\n")
    for place in (survey, survey.parent):
        (place / left.name / "survey").mkdir(parents=True)
        (place / left.name / ".graben.lock").touch()
    assert add(survey, content("new", "Other")).number == 4
    assert not list(survey.parent.rglob(".graben-*"))
    assert files(folder) == [
        ".omf",
        ".omf.before-graben",
        "A_volume.cbvs",
        "Mine.cbvs",
        "Odd.cbvs",
        "Other.cbvs",
    ]
    assert [each.name for each in objects(survey, "Seismics")] == ["A volume", "Other"]
