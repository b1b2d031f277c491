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
