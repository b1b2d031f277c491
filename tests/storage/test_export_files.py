"""Files under way: in what order they reach the disk, and what passes for them when a run goes on."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from storage.errors import OutputError
from storage.export_files import ExportFiles, part_of
from storage.ledger import open_ledger

IDENTITY = {"volume": "v.zarr"}


def lay_out(parts: Sequence[Path]) -> Mapping[str, Any]:
    for part in parts:
        part.write_text(f"new {part.name}")
    return {"files": len(parts)}


@pytest.fixture
def targets(tmp_path: Path) -> list[Path]:
    return [tmp_path / "out" / name for name in ("a.sgy", "b.sgy")]


def test_nothing_is_said_before_it_is_on_the_disk(
    targets: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    fsync, replace, unlink = os.fsync, Path.replace, Path.unlink

    def flushed(descriptor: int) -> None:
        happened.append(f"flush {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        fsync(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        happened.append(f"name {target.name}")
        return replace(path, target)

    def removed(path: Path, **options: bool) -> None:
        happened.append(f"remove {path.name}")
        unlink(path, **options)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    monkeypatch.setattr(Path, "unlink", removed)
    parts = [f"flush {part_of(target).name}" for target in targets]
    with open_ledger(targets[0].parent, IDENTITY) as ledger:
        files = ExportFiles(targets, ledger)
        assert files.begin(lay_out) == {"files": 2}
        assert happened == parts
        assert not any(target.exists() for target in targets)
        happened.clear()
        files.finish()
    names = [f"name {target.name}" for target in targets]
    assert happened == [*parts, "flush out.ledger", *names, "flush out", "remove out.ledger"]
    assert [target.read_text() for target in targets] == [
        "new .a.sgy.graben-part",
        "new .b.sgy.graben-part",
    ]


def stop_between_names(targets: list[Path]) -> None:
    """Leave the first of the files with its name, and the second without."""
    rename = Path.replace

    def replace(part: Path, target: Path) -> Path:
        if target == targets[1]:
            raise KeyboardInterrupt
        return rename(part, target)

    with (
        pytest.MonkeyPatch.context() as patch,
        open_ledger(targets[0].parent, IDENTITY) as ledger,
    ):
        files = ExportFiles(targets, ledger)
        files.begin(lay_out)
        ledger.record("0,0", {})
        patch.setattr(Path, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            files.finish()


def go_on(targets: list[Path]) -> bool:
    """Go on; return whether the jobs were still known."""
    with open_ledger(targets[0].parent, IDENTITY) as ledger:
        files = ExportFiles(targets, ledger)
        files.begin(lay_out)
        known = "0,0" in ledger.done
        files.finish()
    return known


def test_files_that_have_their_names_already_keep_them(targets: list[Path]) -> None:
    stop_between_names(targets)
    assert targets[0].exists()
    assert go_on(targets)
    assert sorted(path.name for path in targets[0].parent.iterdir()) == ["a.sgy", "b.sgy"]


def test_a_file_that_was_put_in_the_place_of_ours_is_not_taken_for_it(targets: list[Path]) -> None:
    stop_between_names(targets)
    ours = targets[0].read_text()
    targets[0].rename(targets[0].with_name("moved"))
    targets[0].write_text(ours)
    with pytest.raises(OutputError, match="it exists"):
        go_on(targets)
    targets[0].unlink()
    assert not go_on(targets)
    assert all(target.exists() for target in targets)


def test_a_part_that_goes_in_the_last_moment_is_an_error(targets: list[Path]) -> None:
    with open_ledger(targets[0].parent, IDENTITY) as ledger:
        files = ExportFiles(targets, ledger)
        files.begin(lay_out)
        files.parts[1].unlink()
        with pytest.raises(FileNotFoundError):
            files.finish()
        assert not any(target.exists() for target in targets)
