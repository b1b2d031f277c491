"""The current survey is found where OpendTect's own Python library finds it."""

from pathlib import Path

import pytest

from storage.errors import ProjectError
from storage.opendtect.data_root import Personal, current_survey

HEAD = "dTect V8.0.0\nDefault settings\nWed Nov 25 12:00:00 2026\n!\n"


@pytest.fixture
def personal(tmp_path: Path) -> Personal:
    """A user whose current survey is B of two."""
    for root, name in (("data", "A"), ("data", "B"), ("other", "B")):
        survey = tmp_path / root / name
        survey.mkdir(parents=True)
        (survey / ".survey").write_text("")
    folder = tmp_path / "od"
    folder.mkdir()
    (folder / "settings").write_text(f"{HEAD}Default DATA directory: {tmp_path / 'data'}\n!\n")
    (folder / "survey").write_text("B\nwhatever else\n")
    return Personal(folder)


def test_it_is_the_first_line_of_the_file_survey(personal: Personal, tmp_path: Path) -> None:
    assert current_survey(personal) == tmp_path / "data" / "B"


def test_what_the_environment_says_comes_first(personal: Personal, tmp_path: Path) -> None:
    elsewhere = Personal(personal.folder, data_root=tmp_path / "other")
    assert current_survey(elsewhere) == tmp_path / "other" / "B"


def test_another_user_of_the_machine_has_files_of_his_own(
    personal: Personal, tmp_path: Path
) -> None:
    for name in ("settings", "survey"):
        (personal.folder / f"{name}.eva").write_bytes((personal.folder / name).read_bytes())
    (personal.folder / "survey.eva").write_text("A\n")
    assert current_survey(Personal(personal.folder, "eva")) == tmp_path / "data" / "A"
    assert current_survey(personal) == tmp_path / "data" / "B"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("survey", None, "no current survey"),
        ("survey", "", "is not there"),
        ("survey", "C\n", "C: the current survey of OpendTect is not there"),
        ("settings", None, "no settings of this user"),
        ("settings", f"{HEAD}Other: 1\n!\n", "it has no 'Default DATA directory'"),
        ("settings", "", "settings"),
    ],
)
def test_where_there_is_none_the_file_is_named(
    personal: Personal, name: str, content: str | None, words: str
) -> None:
    path = personal.folder / name
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(ProjectError, match=words):
        current_survey(personal)
