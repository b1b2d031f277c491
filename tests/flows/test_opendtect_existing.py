"""Runs that go into surveys of somebody's: nothing of theirs changes, and what does not fit is refused."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.errors import InputError
from tests import opendtect_files as dtect
from tests.opendtect_runs import SURVEYS, complete_run, existing, put, unchanged


@pytest.fixture(scope="module", params=SURVEYS)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A complete run of map-faults, made once, and planned wells on its survey."""
    name = request.param
    return name, complete_run(name, tmp_path_factory.mktemp(name))


def test_what_was_lost_is_added_again_and_taken_names_are_counted_on(
    case: tuple[str, Path], tmp_path: Path
) -> None:
    project = put(case[1], tmp_path / "S", wells=None, seismic="no")
    foreign = tmp_path / "S" / "Seismics" / ".omf"
    text = foreign.read_text()
    # Someone else's object of that name, with a remark that nobody knows.
    foreign.write_text(text.replace("#Graben", "#Other") + "-- a remark\nMystery\n!\n")
    old = foreign.read_bytes()
    put(case[1], project, wells=None, seismic="no", prefix="")
    assert foreign.read_bytes().startswith(old)
    names = [each.partition(":")[0] for each in foreign.read_text().split("\n")]
    assert "Fault probability (2)" in names
    put(case[1], project, wells=None, seismic="no", prefix="Second", most_faults=0)
    assert foreign.read_bytes().startswith(old)


def shifted(project: Path, key: str, value: str) -> None:
    path = project / ".survey"
    lines = path.read_text().split("\n")
    path.write_text(
        "\n".join(f"{key}: {value}" if line.startswith(key) else line for line in lines)
    )


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("In-line range", "1`90`1", "inlines are 1 to 90 by 1, the volume's 101 to 144"),
        ("In-line range", "100`144`2", "the volume's 101 to 144"),
        ("Coord-X-BinID", "1e5`25`0", "from where the survey has it"),
        ("Z range", "100`200`4`F", "the volume"),
        ("Z range", "90`100`1`T", "the volume"),
    ],
)
def test_a_run_that_does_not_lie_on_the_survey_is_refused_and_nothing_changes(
    case: tuple[str, Path], tmp_path: Path, key: str, value: str, reason: str
) -> None:
    survey = existing(tmp_path, case[0])
    shifted(survey, key, value)
    with unchanged(tmp_path), pytest.raises(InputError, match=reason):
        put(case[1], survey)


def test_a_run_goes_into_a_survey_that_is_there(case: tuple[str, Path], tmp_path: Path) -> None:
    survey = existing(tmp_path, case[0])
    old = (survey / "Seismics" / ".omf").read_bytes()
    others = {name: (survey / name).read_bytes() for name in (".survey", ".omf")}
    put(case[1], survey, prefix="Mine:")
    assert (survey / "Seismics" / ".omf").read_bytes().startswith(old)
    assert (survey / "Seismics" / ".omf.before-graben").read_bytes() == old
    assert not (survey / "Seismics" / ".omf.bak").exists()
    assert {name: (survey / name).read_bytes() for name in others} == others
    found = dtect.table(survey / "Seismics")
    assert [(each.name, each.number) for each in found] == [
        ("Dip", 4),
        ("Mine: Fault probability", 8),
        ("Mine: Fault probability with strike and dip", 9),
        ("Mine: Thinned faults", 10),
    ]
    assert {each.name for each in dtect.table(survey / "WellInfo")} >= {"Mine: Planned 01"}
    assert dtect.table(survey / "Misc") == []


def test_whatever_names_begin_with_the_same_command_again_adds_nothing(
    case: tuple[str, Path], tmp_path: Path
) -> None:
    survey = put(case[1], existing(tmp_path, case[0]), prefix="#1", wells=None)
    found = dtect.table(survey / "Seismics")
    assert [(each.name, each.number) for each in found] == [
        ("Dip", 4),
        ("_1 Fault probability", 8),
        ("_1 Fault probability with strike and dip", 9),
        ("_1 Thinned faults", 10),
    ]
    put(case[1], survey, prefix="#1", wells=None)
    assert dtect.table(survey / "Seismics") == found


def test_what_a_run_elsewhere_left_is_named(
    case: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    survey = existing(tmp_path, case[0])
    left = survey / "Seismics" / ".graben-elsewhere-1-0123abcd"
    left.mkdir()
    put(case[1], survey, wells=None)
    said = [line for line in capsys.readouterr().out.splitlines() if str(left) in line]
    assert len(said) == 1
    assert "a run of elsewhere" in said[0]
    assert left.exists()


def test_what_cannot_be_written_again_is_refused_before_a_second_run(
    case: tuple[str, Path], tmp_path: Path
) -> None:
    survey = put(case[1], existing(tmp_path, case[0]))
    (tables,) = (survey / "Misc").glob("graben-*")
    tables.chmod(0o555)
    with unchanged(tmp_path), pytest.raises(InputError, match="read-only"):
        put(case[1], survey, seismic="yes")


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (lambda f: (f / "F3" / ".survey").unlink(), r"holds no \.survey"),
        (lambda f: (f / "F3" / "Seismics" / ".omf").chmod(0o444), "read-only"),
        (lambda f: (f / "F3" / "Seismics" / ".omf").unlink(), "no table .omf"),
        (lambda f: (f / "F3").chmod(0o555), "F3: it is read-only"),
        (lambda f: without_writing(f / "F3" / "Misc"), "Misc: it is read-only"),
        (
            lambda f: (f / "F3" / "Seismics" / ".omf").write_text("nonsense"),
            "no text file of OpendTect",
        ),
        (lambda f: (f / "wells" / "summary.json").unlink(), "no folder of graben place-wells"),
        (
            lambda f: edit(f / "wells" / "summary.json", '"complete": true', '"complete": 0'),
            "incomplete",
        ),
        (lambda f: without_places(f / "wells" / "wells.csv"), "where its map lies"),
        (lambda f: edit(f / "wells" / "wells.csv", ",4", ",9"), "none of the 3 wells"),
        (
            lambda f: edit(f / "run" / "run.json", '"complete": true', '"complete": 0'),
            "incomplete",
        ),
        (lambda f: (f / "run" / "run.json").unlink(), "no folder of graben map-faults"),
    ],
)
def test_wrong_input_is_one_line_and_nothing_changes(
    case: tuple[str, Path], tmp_path: Path, break_it: Callable[[Path], None], reason: str
) -> None:
    survey = existing(tmp_path, case[0])
    for name in ("run", "wells"):
        shutil.copytree(case[1] / name, tmp_path / name)
    break_it(tmp_path)
    with unchanged(tmp_path), pytest.raises(InputError, match=reason) as raised:
        put(tmp_path, survey)
    assert "\n" not in str(raised.value)


def without_writing(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o555)


def without_places(path: Path) -> None:
    lines = [line.split(",") for line in path.read_text().splitlines()]
    path.write_text("\n".join(",".join([*row[:3], "", "", *row[5:]]) for row in lines[1:]))
    path.write_text(",".join(lines[0]) + "\n" + path.read_text())


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
