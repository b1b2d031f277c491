"""Where files lie, and that a final file appears whole, by rename, or not at all."""

import resource
from pathlib import Path

import pytest

from storage.locations import (
    Location,
    beside,
    copy_tree,
    is_occupied,
    lies_in,
    remove,
    whole_file,
    within,
    write_text,
    write_whole,
)


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


@pytest.mark.parametrize(
    ("location", "other", "lies"),
    [
        ("s3://field/volume.zarr", "s3://field/volume.zarr", True),
        ("s3://field/volume.zarr/", "s3://field/volume.zarr", True),
        ("s3://field/volume.zarr/amplitude", "s3://field/volume.zarr/", True),
        ("s3://field/volume.zarr.sgy", "s3://field/volume.zarr", False),
        ("s3://field/volume.zarr", "s3://field/volume.zarr/amplitude", False),
        ("s3://field/volume.zarr", Path("volume.zarr"), False),
        (Path("volume.zarr/amplitude"), Path("volume.zarr"), True),
        (Path("volume.zarr.sgy"), Path("volume.zarr"), False),
        (Path("here/../volume.zarr"), Path("volume.zarr"), True),
    ],
)
def test_a_location_lies_in_itself_and_in_what_is_above_it(
    location: Location, other: Location, lies: bool
) -> None:
    assert lies_in(location, other) == lies


@pytest.mark.parametrize("at", [Path("out/volume.zarr"), "s3://field/volume.zarr"])
def test_names_are_joined_alike_for_paths_and_objects(at: Location) -> None:
    assert str(within(at, "segy", "patch")) == f"{at}/segy/patch"
    assert str(beside(at, ".ledger")) == f"{at}.ledger"
    assert type(within(at, "a")) is type(beside(at, "b")) or isinstance(at, Path)


def test_what_is_removed_is_gone_and_nothing_else(tmp_path: Path) -> None:
    for name in ("volume/a/b", "volume.bak"):
        write_whole(tmp_path / name, [b"some ", b"words"])
    assert (tmp_path / "volume/a/b").read_bytes() == b"some words"
    assert is_occupied(tmp_path / "volume")
    for _ in range(2):
        remove(tmp_path / "volume")
    assert [entry.name for entry in tmp_path.iterdir()] == ["volume.bak"]
    remove(tmp_path / "volume.bak")
    assert not is_occupied(tmp_path / "volume.bak")


def test_a_tree_is_copied_into_another_but_for_some_names(tmp_path: Path) -> None:
    for name in ("from/a", "from/record/c", "from/deep/b", "to/deep/old"):
        write_whole(tmp_path / name, [name.encode()])
    copy_tree(tmp_path / "from", tmp_path / "to", leave=["record"])
    files = [p.relative_to(tmp_path / "to") for p in (tmp_path / "to").rglob("*") if p.is_file()]
    assert sorted(map(str, files)) == ["a", "deep/b", "deep/old"]


def test_a_file_that_the_disk_has_no_room_for_does_not_appear(tmp_path: Path) -> None:
    # A write that goes over the limit is short and raises nothing; only the next one fails.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write_whole(tmp_path / "shard", [bytes(999_999), b"xy"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not (tmp_path / "shard").exists()
