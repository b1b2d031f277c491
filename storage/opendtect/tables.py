"""Object tables: the ``.omf`` file of each data folder of a survey, which lists what OpendTect shows.

A table is never written anew: a paragraph an object is put behind what stands there, every old byte kept,
and the new one takes its name at once. As it was before graben it is kept beside. ``.omf.bak`` is not ours.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from storage.errors import ProjectError
from storage.opendtect.names import object_name
from storage.opendtect.text import (
    END,
    Paragraph,
    listed,
    paragraph_of,
    parse_text,
    read_content,
    text_of,
    write_content,
)

TABLE, TABLE_KIND = ".omf", "Object Management file"
BACKUP, UNFINISHED = ".omf.bak", ".omf.new"
"""OpendTect saves a table by two renames: the old one becomes the backup, then the new one the table."""

KEPT, MARK = ".omf.before-graben", "Graben"
"""A table before graben, and a key behind graben's entries: the hash of what the object was made from."""

LOOSE = "Misc"
"""Data folder in which files may lie that no table lists."""

FOLDERS: Mapping[str, tuple[int, str]] = {
    "Seismics": (100010, "Seismic directory"),
    "Surfaces": (100020, "Surfaces directory"),
    "Locations": (100030, "Locations directory"),
    "Features": (100040, "Features directory"),
    "WellInfo": (100050, "Well Info directory"),
    "NLAs": (100060, "NLA directory"),
    "Misc": (100070, "Miscellaneous directory"),
    "Attribs": (100080, "Attributes directory"),
    "Models": (100090, "Models directory"),
    "Geometry": (100100, "Survey Geometry Directory"),
}
"""Data folders of a survey: identity and title."""

FIRST, BEYOND = 2, 99_999
"""Numbers of objects: 1 is the folder itself, from the second on they are OpendTect's own."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object: its data folder, group and translator in the table, and the ending of its file."""

    folder: str
    group: str
    translator: str
    extension: str


VOLUME = Kind("Seismics", "Seismic Data", "CBVS", "cbvs")
STICK_SET = Kind("Surfaces", "FaultStickSet", "dGB", "fss")
FAULT = Kind("Surfaces", "Fault", "dGB", "flt")
WELL = Kind("WellInfo", "Well", "dGB", "well")
POINT_SET = Kind("Locations", "PickSet Group", "dGB", "pck")


@dataclass(frozen=True, slots=True)
class Entry:
    """An object of a table.

    Attributes
    ----------
    name, number
        Name for people, number within the folder.
    group, translator
        What it is, and what reads it.
    file
        Path as the table has it, relative to the data folder or absolute.
    keys
        What stands behind it in lines that begin with ``#``, without that mark.
    """

    name: str
    number: int
    group: str
    translator: str
    file: str
    keys: Mapping[str, str] = field(default_factory=dict)


def objects(survey: Path, folder: str) -> list[Entry]:
    """Return what a data folder of a survey lists, without the folder itself.

    Parameters
    ----------
    survey
        The survey folder.
    folder
        Such as ``Seismics``.

    Raises
    ------
    ProjectError
        If there is no such table, or it is none.
    """
    return entries_of(table_content(survey / folder), survey / folder / TABLE)


def table_content(folder: Path) -> str:
    """Return the text of a data folder's table; errors are those of `objects`."""
    return read_content(_table_of(folder))


def _table_of(folder: Path) -> Path:
    """Return where a table stands: in the backup where OpendTect was cut off between its two renames."""
    stands_in_backup = not _is_filled(folder / TABLE) and _is_filled(folder / BACKUP)
    return folder / (BACKUP if stands_in_backup else TABLE)


def has_table(folder: Path) -> bool:
    """Tell whether a data folder has a table, be it in the backup alone; an empty one is none."""
    return _is_filled(_table_of(folder))


def _is_filled(path: Path) -> bool:
    """Tell whether a file is there that is not empty."""
    return path.is_file() and path.stat().st_size > 0


def lacks_table(folder: Path) -> bool:
    """Tell whether a data folder holds nothing yet, not even a table.

    Raises
    ------
    ProjectError
        If the table is lost, so that a new one would hide what lies there.
    """
    if has_table(folder):
        return False
    names = sorted(path.name for path in folder.iterdir())
    no_object = ("",) if folder.name == LOOSE else (".", "graben-")
    objects_there = [name for name in names if not name.startswith(no_object)]
    lost = [name for name in names if name == UNFINISHED] + objects_there
    if lost:
        what = f"it holds {lost[0]}, and no table {TABLE} of what it holds"
        raise ProjectError(folder, what, f"Put {TABLE} back, from a backup of the survey.")
    return True


def entries_of(content: str, path: Path) -> list[Entry]:
    """Return what the text of a table lists; paragraphs that list nothing are passed over."""
    paragraphs = parse_text(content, path, TABLE_KIND).paragraphs
    found = (_entry(each) for each in paragraphs)
    return [entry for entry in found if entry is not None and entry.number >= FIRST]


def _entry(paragraph: Paragraph) -> Entry | None:
    """Return the object of a paragraph, None where it is something else."""
    if len(paragraph) < 2 or paragraph[0][0].startswith(("@", "$", "#")):
        return None
    (name, number), (group, reader), *others = paragraph
    count = _number(number)
    if count is None or not group:
        return None
    file = next((value for key, value in others if key == "$Name"), "")
    keys = {key[1:]: value for key, value in others if key.startswith("#")}
    return Entry(name, count, group, reader.split("`")[0].strip(), file, keys)


def _number(value: str) -> int | None:
    """Return the number of an object as it stands behind a name."""
    digits = value.partition("`")[0].strip()
    return int(digits) if digits.isdecimal() else None


def files_of(content: str, path: Path) -> set[str]:
    """Return every file that the text of a table names, in whatever paragraph."""
    paragraphs = parse_text(content, path, TABLE_KIND).paragraphs
    return {value for each in paragraphs for key, value in each if key == "$Name"}


def title_text(folder: str) -> str:
    """Return the table of an empty data folder."""
    identity, title = FOLDERS[folder]
    main = [(folder, 1), (title, listed("dGB", "Stream")), ("$Name", folder)]
    return text_of(TABLE_KIND, [("ID", identity)], main)


def root_text() -> str:
    """Return the table of a new survey folder."""
    folders = [[(f"@{identity}", name)] for name, (identity, _) in FOLDERS.items()]
    main = [("Survey root", 1), ("Survey Info", listed("dGB", "Stream")), ("$Name", ".survey")]
    return text_of(TABLE_KIND, [("ID", 0)], *folders, main)


def data_root_text() -> str:
    """Return the table of a folder of surveys."""
    main = [("Appl dir", 1), ("Appl", listed("dGB", "Stream")), ("$Name", "appl")]
    return text_of(TABLE_KIND, [("ID", -1)], main)


def check_writable(survey: Path, folder: str) -> None:
    """Refuse a data folder whose table must not, or cannot, be changed.

    Raises
    ------
    ProjectError
        If the table is no table or is lost, or table or folder are read-only.
    """
    path = survey / folder
    places = [path]
    if not lacks_table(path):
        places.insert(0, _table_of(path))
        entries_of(read_content(places[0]), places[0])
    for place in places:
        # A file that nobody may write is meant so, even where a rename would get round it.
        if not place.stat().st_mode & 0o222 or not os.access(place, os.W_OK):
            raise ProjectError(
                place, "it is read-only", "Allow writing there, or name another survey."
            )


def append(survey: Path, folder: str, entries: Sequence[Entry]) -> None:
    """Put objects behind those of a table; call it while the folder is held.

    Parameters
    ----------
    survey, folder
        Where.
    entries
        With names and numbers that are free, the names as of `object_name`.

    Raises
    ------
    ProjectError
        As `check_writable`, or if a name means something else in a table.
    """
    check_writable(survey, folder)
    for entry in entries:
        if entry.name != object_name(entry.name):
            what = f"its table cannot hold the name {entry.name!r}"
            raise ProjectError(survey / folder, what, f"{object_name(entry.name)!r} would do.")
    table = _table_of(survey / folder)
    before = read_content(table)
    text = before if before.endswith("\n") else before + "\n"
    if not _is_ended(text):
        text += f"{END}\n"
    _keep(before, table)
    write_content(table.with_name(TABLE), text + "".join(map(_paragraph, entries)), like=table)


def _keep(before: str, table: Path) -> None:
    """Keep a table as it was before graben put anything into it, be it in several runs, some of them killed.

    One that was saved since is kept instead only where it lists nothing of graben's.
    """
    kept = table.with_name(KEPT)
    has_ours = f"\n#{MARK}:" in before
    if not _is_filled(kept) or not (has_ours or before.startswith(read_content(kept))):
        write_content(kept, before, like=table)


def _is_ended(text: str) -> bool:
    """Tell whether the last paragraph has its end."""
    return text.rstrip().rpartition("\n")[2].startswith(END)


def _paragraph(entry: Entry) -> str:
    """Return the lines of an object."""
    return paragraph_of(
        [
            (entry.name, entry.number),
            (entry.group, listed(entry.translator, "Stream")),
            ("$Name", entry.file),
            *((f"#{key}", value) for key, value in entry.keys.items()),
        ]
    )


def next_number(content: str, path: Path) -> int:
    """Return the lowest number that no object has, nor had as far as the table tells."""
    paragraphs = parse_text(content, path, TABLE_KIND).paragraphs
    head = dict(paragraphs[0]).get("ID", "") if paragraphs else ""
    had = _number(head.partition("`")[2])
    # Of anything, be it an object or not: two of one number are one to OpendTect.
    used = [_number(first) for (_, first), *_ in paragraphs]
    return max([FIRST - 1, *(each for each in (had, *used) if each and each < BEYOND)]) + 1


def free_name(wanted: str, group: str, present: Sequence[Entry]) -> str:
    """Return a name that no object of the group has: OpendTect's own way, ``name (2)``."""
    taken = {entry.name for entry in present if entry.group == group}
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted} ({number})"
    return name
