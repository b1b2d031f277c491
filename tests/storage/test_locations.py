"""A final file appears whole, by rename, or not at all."""

from pathlib import Path

import pytest

from storage.locations import whole_file, write_text


def test_nothing_has_the_name_until_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "faults.csv"
    with whole_file(path) as part:
        part.write_text("half")
        assert not path.exists()
        assert part.parent == path.parent
        part.write_text("whole")
    assert path.read_text() == "whole"
    assert [entry.name for entry in tmp_path.iterdir()] == ["faults.csv"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_no_part(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "run.json"
    write_text(path, "old ä")
    writing = whole_file(path)
    writing.__enter__().write_text("new")
    assert not writing.__exit__(error, error(), None)
    assert path.read_text(encoding="utf-8") == "old ä"
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.json"]


def test_a_part_that_was_never_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "never.txt"):
        pass
