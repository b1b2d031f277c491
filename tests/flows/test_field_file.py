from pathlib import Path

import pytest

from flows.field_file import read_field
from flows.settings.reading import SettingsError

FIELD = """
out = "results"
[cluster]
workers = 2
[faults]
tile_memory = 2.0
threshold = 0.4
[wells]
wells = 5
radius = 300
periods = 3
growth = 2
[[survey]]
name = "north"
survey = "north.sgy"
threshold = 0.6
[[survey]]
survey = "lines/south.sgy"
[[map]]
name = "sand"
map = "sand.txt"
faults = "north"
keep_out = 100
map_origin = "1000,2000"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "field.toml"
    path.write_text(text)
    return path


def test_tables_are_merged_and_paths_count_from_the_file(tmp_path: Path) -> None:
    field = read_field(write(tmp_path, FIELD))
    north, south = field.surveys["north"], field.surveys["south"]
    assert (north.threshold, south.threshold) == (0.6, 0.4)
    assert (north.tile_memory, north.workers) == (2.0, 2)
    assert north.survey == tmp_path / "north.sgy"
    assert south.survey == tmp_path / "lines" / "south.sgy"
    assert north.out == tmp_path / "results" / "north"
    assert field.cluster.workers == 2


def test_a_map_names_a_survey_of_the_file_for_its_faults(tmp_path: Path) -> None:
    sand = read_field(write(tmp_path, FIELD)).maps["sand"]
    assert sand.faults == tmp_path / "results" / "north" / "faults.zarr"
    assert sand.map_origin == (1000.0, 2000.0)


def test_faults_of_another_field_are_not_those_of_a_survey_of_this_one(tmp_path: Path) -> None:
    elsewhere = FIELD.replace('faults = "north"', 'faults = "/data/old/north"')
    assert read_field(write(tmp_path, elsewhere)).maps["sand"].faults == Path("/data/old/north")


def test_a_survey_may_be_named_by_a_number(tmp_path: Path) -> None:
    numbered = FIELD.replace('"north"', '"3"').replace("north.sgy", "3")
    field = read_field(write(tmp_path, numbered))
    assert field.surveys["3"].survey == tmp_path / "3"
    assert field.maps["sand"].faults == tmp_path / "results" / "3" / "faults.zarr"


def test_outputs_and_growth_maps_count_from_the_file_too(tmp_path: Path) -> None:
    own = FIELD.replace('name = "north"', 'name = "north"\nout = "apart"')
    field = read_field(write(tmp_path, own.replace("growth = 2", 'growth = "poro.txt"')))
    assert field.surveys["north"].out == tmp_path / "apart"
    assert field.maps["sand"].faults == tmp_path / "apart" / "faults.zarr"
    assert field.maps["sand"].growth == tmp_path / "poro.txt"
    text = read_field(write(tmp_path, FIELD.replace("growth = 2", 'growth = "2.5"')))
    assert text.maps["sand"].growth == 2.5


def test_runs_are_renewed_only_where_the_file_says_so(tmp_path: Path) -> None:
    assert not read_field(write(tmp_path, FIELD)).renew
    assert read_field(write(tmp_path, "renew = true\n" + FIELD), only="sand").renew


def test_a_run_of_a_field_goes_on_unless_told_to_start_anew(tmp_path: Path) -> None:
    path = write(tmp_path, FIELD)
    assert read_field(path).surveys["north"].resume
    assert not read_field(path).surveys["north"].overwrite
    assert read_field(path, overwrite=True).surveys["north"].overwrite


def test_only_keeps_one_run(tmp_path: Path) -> None:
    path = write(tmp_path, FIELD)
    assert list(read_field(path, only="sand").maps) == ["sand"]
    assert not read_field(path, only="sand").surveys
    with pytest.raises(SettingsError, match="it has north, south, sand"):
        read_field(path, only="west")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("out = ", "not a TOML file"),
        ("colour = 1", "no setting colour"),
        ("[[survey]]\nname = 'a'", "number 1 names no survey"),
        ("[[survey]]\nsurvey = 'a.sgy'\ntile_memory = -1", "tile-memory"),
        ("[[survey]]\nsurvey = 'a.sgy'\ncolour = 1", "no such setting"),
        ("[[survey]]\nsurvey = 'a.sgy'\n[[survey]]\nsurvey = 'b/a.sgy'", "two .* named a"),
        ("[cluster]\nworkers = 0", r"\[cluster\]"),
        ("[survey]\nsurvey = 'a.sgy'", r"survey must be .*\[\[survey\]\]"),
        ("survey = 'a.sgy'", r"survey must be .*\[\[survey\]\]"),
        ("map = ['a.txt']", r"map must be .*\[\[map\]\]"),
        ("cluster = 3", r"cluster must be a table: \[cluster\]"),
        ("out = 3", "out must be a folder"),
        ("renew = 1", "renew must be true or false"),
        ("[[survey]]\nsurvey = 3", "number 1 names no survey"),
        ("[[survey]]\nsurvey = 'a.sgy'\nname = '../../x'", "names no folder"),
        ("[[survey]]\nsurvey = 'a.sgy'\nname = '..'", "names no folder"),
        ("[[survey]]\nsurvey = 'a.sgy'\nname = 7", "names no folder"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        read_field(write(tmp_path, text))
    assert "field.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        read_field(tmp_path / "none.toml")
