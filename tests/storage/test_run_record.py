"""The record of a run: what a folder holds, and what may be done with it."""

import json
from pathlib import Path

import pytest

from storage.errors import OtherRunError, OutputError
from storage.run_record import (
    CLEARING,
    Found,
    begin,
    hold,
    look,
    look_at_part,
    part_identity,
    read,
    refuse_inputs_among,
    write,
)

IDENTITY = {"source_sha256": "ab", "threshold": 0.4}
OTHER = {"source_sha256": "cd", "threshold": 0.4}
OUTPUTS = ("volume.zarr", "faults.sgy")


def lay(folder: Path, what: str) -> Path:
    """Make a folder as an earlier run left it; return the path of its record."""
    record = folder / "run.json"
    if what in ("incomplete", "complete", "other", "torn"):
        begin(record, OUTPUTS, OTHER if what == "other" else IDENTITY, {}, Found.NOTHING)
    if what in ("complete", "other"):
        write(record, OTHER if what == "other" else IDENTITY, {"complete": True})
    if what == "killed while it cleared":
        write(record, IDENTITY, {"complete": False, CLEARING: True})
    if what == "emptied":
        write(record, IDENTITY, {"complete": True})
    if what in ("complete", "other"):
        for name in OUTPUTS:
            (folder / name).write_text("results")
    if what == "torn":
        record.write_text('{"identity": {"sour')
    if what == "stranger":
        (folder / "faults.sgy").write_text("of somebody else")
    if what == "guest":
        (folder / "notes.txt").write_text("of somebody else")
    return record


# (what lies there, --resume, --overwrite) -> what is found, or the words of the refusal
CASES = [
    ("nothing", False, False, Found.NOTHING),
    ("nothing", True, False, Found.NOTHING),
    ("guest", False, False, Found.NOTHING),
    ("stranger", False, False, "holds faults.sgy of no known run"),
    ("stranger", True, False, "--overwrite"),
    ("stranger", False, True, Found.NOTHING),
    ("incomplete", False, False, "Go on with --resume"),
    ("incomplete", True, False, Found.INCOMPLETE),
    ("incomplete", False, True, Found.NOTHING),
    ("complete", False, False, Found.COMPLETE),
    ("complete", True, False, Found.COMPLETE),
    ("complete", False, True, Found.NOTHING),
    ("emptied", False, False, "Go on with --resume"),
    ("emptied", True, False, Found.INCOMPLETE),
    ("other", False, False, "source_sha256 was cd and is ab"),
    ("other", True, False, "holds another run"),
    ("other", False, True, Found.NOTHING),
    ("killed while it cleared", False, False, "Go on with --resume"),
    ("killed while it cleared", True, False, Found.NOTHING),
    ("torn", False, False, "cannot be read"),
    ("torn", True, False, "--overwrite"),
    ("torn", False, True, Found.NOTHING),
]


@pytest.mark.parametrize(("what", "resume", "overwrite", "expected"), CASES)
def test_a_folder_is_found_or_refused(
    tmp_path: Path,
    what: str,
    resume: bool,
    overwrite: bool,
    expected: Found | str,
) -> None:
    record = lay(tmp_path, what)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    if isinstance(expected, Found):
        assert look(record, OUTPUTS, IDENTITY, resume=resume, overwrite=overwrite) is expected
    else:
        with pytest.raises(OutputError) as caught:
            look(record, OUTPUTS, IDENTITY, resume=resume, overwrite=overwrite)
        assert expected in str(caught.value)
        assert isinstance(caught.value, OtherRunError) == (what == "other")
        assert "\n" not in str(caught.value)
        assert str(tmp_path) in str(caught.value)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_new_run_begins_in_a_folder_without_old_results(tmp_path: Path) -> None:
    (tmp_path / "volume.zarr").mkdir()
    (tmp_path / "volume.zarr" / "zarr.json").write_text("{}")
    guests = ["faults.sgy.bak", "faults.sgy.crsmeta.xml", "notes.txt", "volume.zarr.tar.gz"]
    for name in ("volume.zarr.ledger", "faults.sgy", ".faults.sgy.graben-part", *guests):
        (tmp_path / name).write_text("old")
    begin(tmp_path / "run.json", OUTPUTS, IDENTITY, {"settings": {}}, Found.NOTHING)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*guests, "run.json"])
    assert read(tmp_path / "run.json")["complete"] is False


def test_a_run_that_goes_on_keeps_what_is_there(tmp_path: Path) -> None:
    record = lay(tmp_path, "incomplete")
    (tmp_path / "volume.zarr.ledger").write_text("kept")
    begin(record, OUTPUTS, IDENTITY, {}, Found.INCOMPLETE)
    assert (tmp_path / "volume.zarr.ledger").read_text() == "kept"


def test_a_folder_is_held_by_one_run_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with hold(folder), pytest.raises(OutputError, match="another run is writing"), hold(folder):
        pass
    with hold(folder):
        pass


@pytest.mark.parametrize("name", ["faults.sgy", "volume.zarr/amplitude", "run.json"])
def test_a_run_never_writes_over_what_it_reads(tmp_path: Path, name: str) -> None:
    record = tmp_path / "run.json"
    with pytest.raises(OutputError, match="write over its input"):
        refuse_inputs_among(record, OUTPUTS, (None, tmp_path / name))
    refuse_inputs_among(record, OUTPUTS, (tmp_path / "survey.sgy", None))


def test_a_record_names_versions_identity_and_facts(tmp_path: Path) -> None:
    write(tmp_path / "run.json", IDENTITY, {"complete": True, "path": tmp_path})
    content = json.loads((tmp_path / "run.json").read_text())
    assert content["identity"] == IDENTITY
    assert content["path"] == str(tmp_path)
    assert {"python", "graben", "zarr", "segyio"} <= set(content["versions"])
    assert {"tensorflow", "tensorflow-cpu"} & set(content["versions"])


PART = {"stick_spacing": 10}

# (identity in the record, whether the output is there, --resume) -> what is found, or the words of refusal
PARTS = [
    (PART, True, False, Found.COMPLETE),
    (PART, True, True, Found.COMPLETE),
    (PART, False, False, "lacks sticks.csv"),
    (PART, False, True, Found.INCOMPLETE),
    ({"stick_spacing": 5}, True, False, "stick_spacing was 5 and is 10"),
    ({"stick_spacing": 5}, False, False, "stick_spacing was 5 and is 10"),
    ({"stick_spacing": 5}, True, True, Found.INCOMPLETE),
    (None, False, False, "lacks sticks.csv"),
    (None, False, True, Found.INCOMPLETE),
]


@pytest.mark.parametrize(("made", "there", "resume", "expected"), PARTS)
def test_a_part_of_a_run_is_made_anew_by_itself_where_the_user_allows_it(
    tmp_path: Path, made: dict[str, int] | None, there: bool, resume: bool, expected: Found | str
) -> None:
    record = lay(tmp_path, "complete")
    if made:
        write(record, IDENTITY, {"complete": True, "parts": {"surfaces": made}})
    if there:
        (tmp_path / "sticks.csv").touch()
    before = sorted(tmp_path.iterdir())
    if isinstance(expected, Found):
        found = look_at_part(record, "surfaces", ["sticks.csv"], PART, resume=resume)
        assert found is expected
    else:
        with pytest.raises(OutputError, match=f"{expected}.*nothing else with --resume"):
            look_at_part(record, "surfaces", ["sticks.csv"], PART, resume=resume)
    assert part_identity(record, "surfaces") == made
    assert sorted(tmp_path.iterdir()) == before
