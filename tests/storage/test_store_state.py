"""What lies at an output: found or refused, with nothing changed, and nothing of others ever removed."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import zarr

from storage.errors import OtherRunError, OutputError
from storage.ledger import key_of, open_ledger
from storage.run_record import Found
from storage.store_state import look_at_files, look_at_store
from tests.tasks.volume_runs import contents

IDENTITY = {"source_sha256": "ab", "codec": "fast"}
OTHER = {"source_sha256": "cd", "codec": "fast"}
DIFFERS = "source_sha256 was cd and is ab"
RESUME = "it is incomplete. Go on with --resume"
EXISTS = "it exists. Name another output, or start anew with --overwrite"
ALLOWED = [(False, False), (True, False), (False, True), (True, True)]
BEGIN = (Found.NOTHING,) * 4

Fate = tuple[Found | str, ...]
"""What is found, or the words of the refusal: plain, with --resume, with --overwrite, with both."""


def judge(look: Callable[..., Found], how: int, fate: Fate, differs: bool, folder: Path) -> None:
    """Look as the user allows; what is found or refused, in one line, and nothing is touched."""
    before, expected = contents(folder), fate[how]
    allowed = partial(look, resume=ALLOWED[how][0], overwrite=ALLOWED[how][1])
    if isinstance(expected, Found):
        assert allowed() is expected
    else:
        with pytest.raises(OutputError) as caught:
            allowed()
        assert expected in str(caught.value)
        assert str(caught.value).startswith(str(folder))
        assert "\n" not in str(caught.value)
        assert isinstance(caught.value, OtherRunError) == differs
    assert contents(folder) == before


def lay_store(path: Path, what: str) -> None:
    """Make a store as an earlier run left it; ``begun``: its ledger alone."""
    identity = OTHER if what.startswith("other") else IDENTITY
    complete = what in ("complete", "other complete")
    with open_ledger(path, identity) as ledger:
        if what != "begun":
            facts = {"identity": identity, "key": key_of(identity), "complete": complete}
            zarr.create_group(path, attributes=facts)
            ledger.record("template", {})
        if complete:
            ledger.close_complete()


STORES: dict[str, Fate] = {
    "begun": (RESUME, Found.INCOMPLETE, Found.NOTHING, Found.NOTHING),
    "incomplete": (RESUME, Found.INCOMPLETE, Found.NOTHING, Found.NOTHING),
    "other incomplete": (DIFFERS, DIFFERS, Found.NOTHING, Found.NOTHING),
    "complete": (Found.COMPLETE, Found.COMPLETE, Found.NOTHING, Found.NOTHING),
    "other complete": (DIFFERS, DIFFERS, Found.NOTHING, Found.NOTHING),
}


@pytest.mark.parametrize("how", range(4))
@pytest.mark.parametrize("what", STORES)
def test_a_store_of_ours_is_found_or_refused(tmp_path: Path, what: str, how: int) -> None:
    path = tmp_path / "volume.zarr"
    lay_store(path, what)
    look = partial(look_at_store, path, IDENTITY)
    judge(look, how, STORES[what], what.startswith("other"), tmp_path)


def lay_strange(path: Path, what: str) -> None:
    """Lay out what somebody else made."""
    if what == "empty folder":
        path.mkdir()
    elif what == "file":
        path.write_text("three years of work")
    elif what in ("folder", "folder and torn ledger"):
        path.mkdir()
        (path / "thesis.txt").write_text("three years of work")
        if what != "folder":
            path.with_name(path.name + ".ledger").write_text('{"key": "00')
    elif what == "zarr":
        zarr.create_group(path, attributes={"of": "somebody else"})
        zarr.create_array(str(path / "a"), data=np.zeros(3))


STRANGER = ("no store of graben's",) * 4
STRANGE: dict[str, Fate] = {
    "nothing": BEGIN,
    "empty folder": BEGIN,
    "file": STRANGER,
    "folder": STRANGER,
    "folder and torn ledger": STRANGER,
    "zarr": STRANGER,
}


@pytest.mark.parametrize("how", range(4))
@pytest.mark.parametrize("what", STRANGE)
def test_no_store_is_ever_put_in_the_place_of_something_else(
    tmp_path: Path, what: str, how: int
) -> None:
    path = tmp_path / "volume.zarr"
    lay_strange(path, what)
    judge(partial(look_at_store, path, IDENTITY), how, STRANGE[what], False, tmp_path)


def lay_files(out: Path, what: str) -> Sequence[Path]:
    """Lay out what may be found where one file or two are written; return those files."""
    single = ("nothing", "file", "our file", "torn ledger", "part without ledger")
    files = [out] if what in single else []
    files = files or [out / "a.sgy", out / "b.sgy"]
    if what in ("our file", "our folder", "other folder"):
        with open_ledger(out, OTHER if what == "other folder" else IDENTITY) as ledger:
            ledger.record("template", {})
    if len(files) > 1:
        out.mkdir()
        (out / "notes.txt").write_text("of somebody else")
    if what in ("file", "one of two", "our folder", "torn ledger"):
        files[0].write_text("samples")
    if what == "our folder":
        (out / ".b.sgy.graben-part").write_text("half of the samples")
    if what == "part without ledger":
        out.with_name(f".{out.name}.graben-part").write_text("half of the samples")
    if what == "torn ledger":
        out.with_name(out.name + ".ledger").write_text('{"key": "00')
    if what == "folder for a file":
        files[1].mkdir()
    return files


REPLACE = (EXISTS, EXISTS, Found.NOTHING, Found.NOTHING)
FILES: dict[str, Fate] = {
    "nothing": BEGIN,
    "folder of others": BEGIN,
    "file": REPLACE,
    "one of two": REPLACE,
    "torn ledger": REPLACE,
    "part without ledger": REPLACE,
    "our file": (RESUME, Found.INCOMPLETE, Found.NOTHING, Found.NOTHING),
    "our folder": (RESUME, Found.INCOMPLETE, Found.NOTHING, Found.NOTHING),
    "other folder": (DIFFERS, DIFFERS, Found.NOTHING, Found.NOTHING),
    "folder for a file": ("a folder lies there",) * 4,
}


@pytest.mark.parametrize("how", range(4))
@pytest.mark.parametrize("what", FILES)
def test_files_are_found_or_refused(tmp_path: Path, what: str, how: int) -> None:
    files = lay_files(tmp_path / "out", what)
    look = partial(look_at_files, tmp_path / "out", files, IDENTITY)
    judge(look, how, FILES[what], what.startswith("other"), tmp_path)


@pytest.mark.parametrize("how", range(4))
def test_a_place_that_takes_no_output_is_refused(
    tmp_path: Path, how: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    path = tmp_path / "file" / "deep" / "volume.zarr"
    for look in (partial(look_at_store, path), partial(look_at_files, path, [path])):
        judge(partial(look, IDENTITY), how, ("is a file and no folder",) * 4, False, tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    path = tmp_path / "new" / "volume.zarr"
    for look in (partial(look_at_store, path), partial(look_at_files, path, [path])):
        judge(partial(look, IDENTITY), how, ("nothing may be written",) * 4, False, tmp_path)
