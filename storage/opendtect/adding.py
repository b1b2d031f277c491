"""Objects that go into a survey folder: their files first, then the table that lists them.

Data is written in a private folder beside the others', however long that takes. Only then is the data folder
held, names chosen, the files renamed into it and the table changed by rename. So a kill at any moment leaves
a survey that lists whole files only; what it leaves beside is cleared by the next run.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from storage.opendtect.holding import abandoned, clear_abandoned, held, private_folder
from storage.opendtect.names import file_base, object_name
from storage.opendtect.tables import (
    TABLE,
    Entry,
    Kind,
    append,
    check_writable,
    entries_of,
    files_of,
    free_name,
    lacks_table,
    next_number,
    table_content,
    title_text,
)
from storage.opendtect.text import write_content

JOURNAL = "published"
"""In a private folder: files that were given their final names, so that a kill leaves none unlisted."""


@dataclass(frozen=True, slots=True)
class New:
    """An object to add.

    Parameters
    ----------
    name
        For people; changed as `object_name` does, and counted on where it is taken.
    kind
        What it is.
    write
        Writes its data to the path given; further files may lie beside it under the same name with other
        endings.
    keys
        What stands behind it in the table, such as ``{"ZDomain": "TWT"}``.
    """

    name: str
    kind: Kind
    write: Callable[[Path], None]
    keys: Mapping[str, str] = field(default_factory=dict)


def add(survey: Path, new: New) -> Entry:
    """Add one object to a survey; return it as it is listed, with the name that it got.

    Raises
    ------
    ProjectError
        If the data folder or its table cannot be used.
    """
    return add_all(survey, [new])[0]


def add_all(survey: Path, new: Sequence[New]) -> list[Entry]:
    """Add objects of one data folder at once; as `add`.

    Parameters
    ----------
    survey
        The survey folder.
    new
        At least one; they appear together or, after a kill, not at all.
    """
    folder = new[0].kind.folder
    prepare_folder(survey, folder)
    check_writable(survey, folder)
    with private_folder(survey / folder) as private:
        for number, each in enumerate(new):
            place = private / str(number)
            place.mkdir()
            each.write(place / f"data.{each.kind.extension}")
        with held(survey / folder):
            return _publish(survey, folder, private, new)


def prepare_folder(survey: Path, folder: str) -> None:
    """Make a data folder, or its table, that a survey lacks; it appears with its table in it.

    What killed runs left there, and above it, is cleared.

    Raises
    ------
    ProjectError
        If the table is lost, or nothing may be written.
    """
    path = survey / folder
    for place in (survey.parent, survey):  # where survey and data folders were made
        clear_abandoned(place)
    if not path.exists():
        _make_folder(path)
    with held(path):
        if lacks_table(path):
            write_content(path / TABLE, title_text(folder))
        for private in abandoned(path):
            _remove_unlisted(path, private / JOURNAL)


def _make_folder(path: Path) -> None:
    """Make a data folder with an empty table."""
    with private_folder(path.parent) as private:
        made = private / path.name
        made.mkdir()
        write_content(made / TABLE, title_text(path.name))
        try:
            made.replace(path)
        except OSError:
            if not path.exists():  # else another run was quicker
                raise


def _publish(survey: Path, folder: str, private: Path, new: Sequence[New]) -> list[Entry]:
    """Give the files their names and list them; the folder is held."""
    path = survey / folder
    content = table_content(path)
    present = entries_of(content, path / TABLE)
    number = next_number(content, path / TABLE)
    moves: dict[Path, Path] = {}
    entries: list[Entry] = []
    for at, each in enumerate(new):
        name = free_name(object_name(each.name), each.kind.group, [*present, *entries])
        base = _free_base(path, file_base(name), moves.values())
        for file in sorted((private / str(at)).iterdir()):
            moves[file] = path / (base + file.name.removeprefix("data"))
        listed_as = f"{base}.{each.kind.extension}"
        kind = each.kind
        entries.append(
            Entry(name, number + at, kind.group, kind.translator, listed_as, dict(each.keys))
        )
    write_content(private / JOURNAL, "".join(f"{target.name}\n" for target in moves.values()))
    try:
        for source, target in moves.items():
            source.replace(target)
        append(survey, folder, entries)
    except BaseException:
        _remove_unlisted(path, private / JOURNAL)
        raise
    return entries


def _free_base(folder: Path, wanted: str, taken: Iterable[Path]) -> str:
    """Return a base that no file of the folder has, listed or not: it may be somebody's."""
    names = [path.name for path in (*folder.iterdir(), *taken)]
    bases = {re.split(r"[.^]", name, maxsplit=1)[0].lower() for name in names}
    base, number = wanted, 1
    while base.lower() in bases:
        number += 1
        base = f"{wanted}_{number}"
    return base


def _remove_unlisted(path: Path, journal: Path) -> None:
    """Remove the files of a journal where the table lists none of their name."""
    try:
        names = journal.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:  # it named none, or its process is just removing it
        return
    listed = {Path(file).stem for file in files_of(table_content(path), path / TABLE)}
    for name in names:
        if re.split(r"[.^]", name, maxsplit=1)[0] not in listed:
            (path / name).unlink(missing_ok=True)
