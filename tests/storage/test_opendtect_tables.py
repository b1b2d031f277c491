"""Object tables of OpendTect: nothing of the old is lost, nothing is there twice."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.errors import ProjectError
from storage.opendtect.names import object_name
from storage.opendtect.tables import (
    BACKUP,
    KEPT,
    MARK,
    VOLUME,
    Entry,
    append,
    entries_of,
    free_name,
    has_table,
    next_number,
    objects,
    title_text,
)
from tests import opendtect_files as dtect

HEAD = b"dTect V4.6\nObject Management file\nx\n!\n"


def project(folder: Path, table: bytes | None = None) -> Path:
    (folder / "Seismics").mkdir(parents=True)
    content = title_text("Seismics").encode() if table is None else table
    (folder / "Seismics" / ".omf").write_bytes(content)
    return folder


def entry(name: str, number: int, **keys: str) -> Entry:
    return Entry(name, number, VOLUME.group, VOLUME.translator, f"{number}.cbvs", keys)


@pytest.mark.parametrize("folder", ["Seismics", "Surfaces", "Geometry"])
def test_templates_of_opendtect_list_nothing_and_are_like_ours(
    shared_data: Path, folder: str
) -> None:
    template = shared_data / "opendtect" / "BasicSurvey" / folder / ".omf"
    assert entries_of(template.read_text(), template) == []
    ours = title_text(folder).splitlines()
    assert ours[3:8] == template.read_text().splitlines()[3:8]


signs = st.sampled_from(["", "#", "!", "--", "@", "$", "#!", "\\", ":", " "])
names = st.builds("{}{}{}".format, signs, st.text(st.characters()), signs)


@given(st.lists(names, unique_by=object_name, max_size=5))
@example(["#1 Fault", "!x", "-- y", "@100020", "z\\", "", "q\udcff", "a\nb", "ID"])
def test_objects_come_back_with_names_numbers_and_keys(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[str]
) -> None:
    survey = project(tmp_path_factory.mktemp("survey"))
    entries = [entry(object_name(name), 2 + i, ZDomain="TWT") for i, name in enumerate(wanted)]
    append(survey, "Seismics", entries)
    assert objects(survey, "Seismics") == entries
    assert [each.number for each in dtect.table(survey / "Seismics")] == [
        each.number for each in entries
    ]
    text = (survey / "Seismics" / ".omf").read_text()
    assert next_number(text, survey) == 2 + len(entries)


@given(st.from_regex(r"[\w(][\w :.+`(-]*[\w)]", fullmatch=True))
def test_a_name_that_a_table_can_hold_stays_as_it_is(name: str) -> None:
    assert object_name(name) == name


@pytest.mark.parametrize("name", ["#1 Fault", "!", "--", "@1", "$Name", "a\\", "a\nb", " a"])
def test_a_name_that_damages_a_table_is_not_written(tmp_path: Path, name: str) -> None:
    survey = project(tmp_path / "s")
    old = (survey / "Seismics" / ".omf").read_bytes()
    with pytest.raises(ProjectError, match="cannot hold the name"):
        append(survey, "Seismics", [entry(name, 2)])
    assert (survey / "Seismics" / ".omf").read_bytes() == old


@given(st.binary(max_size=60), st.sampled_from([b"", b"\n", b"\n!\n", b"\n!"]))
def test_every_old_byte_is_kept(
    tmp_path_factory: pytest.TempPathFactory, odd: bytes, end: bytes
) -> None:
    old = HEAD + b"ID: 100010\n!\n" + odd + end
    survey = project(tmp_path_factory.mktemp("survey"), old)
    before = objects(survey, "Seismics")
    new = entry("new", next_number(old.decode("utf-8", "surrogateescape"), survey))
    append(survey, "Seismics", [new])
    assert (survey / "Seismics" / ".omf").read_bytes().startswith(old)
    assert (survey / "Seismics" / KEPT).read_bytes() == old
    assert objects(survey, "Seismics") == [*before, new]


def test_numbers_that_were_given_once_are_not_given_again() -> None:
    table = (
        HEAD + b"ID: 100010`41\n!\nA: 7\nSeismic Data: CBVS`Stream\n$Name: a.cbvs\n!\n"
    ).decode()
    assert next_number(table, Path("t")) == 42
    assert next_number(table.replace("`41", ""), Path("t")) == 8
    assert next_number(table.replace("A: 7", "A: 100001"), Path("t")) == 42
    assert next_number(title_text("Seismics"), Path("t")) == 2
    # Of what is no object to us too, and whatever an object is called.
    assert next_number(table.replace("A: 7", "#A: 57"), Path("t")) == 58
    assert next_number(table + "ID: 3\nSeismic Data: CBVS`Stream\n!\n", Path("t")) == 42


def test_a_taken_name_is_counted_on_as_opendtect_does() -> None:
    present = [entry("Faults", 2), entry("Faults (2)", 3)]
    assert free_name("Faults", VOLUME.group, present) == "Faults (3)"
    assert free_name("Faults", "Fault", present) == "Faults"


def test_a_read_only_table_is_left_alone(tmp_path: Path) -> None:
    survey = project(tmp_path / "s")
    path = survey / "Seismics" / ".omf"
    path.chmod(stat.S_IRUSR)
    old = path.read_bytes()
    with pytest.raises(ProjectError, match="read-only"):
        append(survey, "Seismics", [entry("new", 2)])
    assert path.read_bytes() == old


def test_what_is_no_table_is_left_alone(tmp_path: Path) -> None:
    survey = project(tmp_path / "s", b"dTect V1\nWell\nx\n!\n")
    with pytest.raises(ProjectError, match="it is a 'Well'"):
        append(survey, "Seismics", [entry("new", 2)])
    assert (survey / "Seismics" / ".omf").read_bytes() == b"dTect V1\nWell\nx\n!\n"


def test_a_table_is_kept_as_it_was_before_graben_and_the_backup_is_opendtects(
    tmp_path: Path,
) -> None:
    survey = project(tmp_path / "s")
    folder = survey / "Seismics"
    (folder / BACKUP).write_bytes(b"theirs")
    old = (folder / ".omf").read_bytes()
    for number in (2, 3, 4):
        append(survey, "Seismics", [entry(f"V {number}", number, **{MARK: "0"})])
        assert (folder / KEPT).read_bytes() == old
    # OpendTect writes it anew, date included.
    saved = (folder / ".omf").read_bytes().replace(b"dTect V7.0.0", b"dTect V8.0.0")
    (folder / ".omf").write_bytes(saved)
    append(survey, "Seismics", [entry("V 5", 5, **{MARK: "0"})])
    assert (folder / KEPT).read_bytes() == old
    # So too where graben's objects were all removed since.
    without = old.replace(b"dTect V7.0.0", b"dTect V8.0.0")
    (folder / ".omf").write_bytes(without)
    append(survey, "Seismics", [entry("V 2", 2, **{MARK: "0"})])
    assert (folder / KEPT).read_bytes() == without
    assert (folder / BACKUP).read_bytes() == b"theirs"


@pytest.mark.parametrize("there", [None, b""])
def test_where_opendtect_left_the_backup_alone_nothing_is_lost(
    tmp_path: Path, there: bytes | None
) -> None:
    survey = project(tmp_path / "s")
    append(survey, "Seismics", [entry("Theirs", 2)])
    folder = survey / "Seismics"
    (folder / ".omf").replace(folder / BACKUP)
    assert has_table(folder)
    if there is not None:
        (folder / ".omf").write_bytes(there)
    old = (folder / BACKUP).read_bytes()
    assert objects(survey, "Seismics") == [entry("Theirs", 2)]
    append(survey, "Seismics", [entry("New", 3)])
    assert (folder / ".omf").read_bytes().startswith(old)
    assert (folder / BACKUP).read_bytes() == old
    assert [each.name for each in dtect.table(folder)] == ["Theirs", "New"]


def test_who_may_do_what_with_a_table_stays(tmp_path: Path) -> None:
    survey = project(tmp_path / "s")
    table = survey / "Seismics" / ".omf"
    table.chmod(0o660)
    if os.geteuid() == 0:
        os.chown(table, 12345, 54321)
    groups = [each for each in os.getgroups() if each != table.stat().st_gid]
    if os.geteuid() != 0 and groups:
        os.chown(table, -1, groups[0])
    before = table.stat()
    append(survey, "Seismics", [entry("New", 2)])
    for name in (".omf", KEPT):
        after = (survey / "Seismics" / name).stat()
        for fact in ("st_mode", "st_uid", "st_gid"):
            assert getattr(after, fact) == getattr(before, fact), (name, fact)
    assert table.stat().st_mtime_ns > before.st_mtime_ns  # OpendTect reads what is newer


def test_what_nobody_can_give_a_table_keeps_no_object_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = project(tmp_path / "s")
    table = survey / "Seismics" / ".omf"
    table.chmod(0o660)

    def refuse(number: int) -> Callable[..., None]:
        def fail(*_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number))

        return fail

    # As in a container: groups that it does not know, and labels that belong to the system.
    given = {"security.selinux": b"x", "system.posix_acl_access": b"y"}
    monkeypatch.setattr(os, "listxattr", lambda *_, **__: list(given))
    monkeypatch.setattr(os, "getxattr", lambda _, name, **__: given.get(name, b""))
    monkeypatch.setattr(os, "setxattr", refuse(errno.EACCES))
    monkeypatch.setattr(os, "chown", refuse(errno.EINVAL))
    append(survey, "Seismics", [entry("New", 2)])
    assert objects(survey, "Seismics") == [entry("New", 2)]
    assert table.stat().st_mode & 0o777 == 0o660
