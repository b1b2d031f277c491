r"""The text form that all small files of OpendTect share: a head, then ``Key: value`` lines in paragraphs.

::

    dTect V7.0.0                      any version; dTect leads
    Object Management file            what the file is
    Wed Nov 25 12:00:00 2026          free text
    !                                 ends every paragraph
    ID: 100010

A colon within a key is written ``\:``, a newline within a value ``#-NL-#``; empty lines and lines that begin
with ``--`` say nothing. Bytes that are no UTF-8 survive reading and writing.
"""

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.errors import ProjectError
from storage.locations import take_access, whole_file

Pair = tuple[str, str]
Paragraph = tuple[Pair, ...]

VERSION = "dTect V7.0.0"
END = "!"
ENCODING, ERRORS = "utf-8", "surrogateescape"
NEWLINE = "#-NL-#"
LARGEST = 1 << 28
"""Bytes; whatever is larger is none of the small files."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file in the text form.

    Attributes
    ----------
    version, kind, date
        The head.
    paragraphs
        Keys and values in their order; what a file holds beside them (rows of numbers) stands as a key
        without a value.
    """

    version: str
    kind: str
    date: str
    paragraphs: tuple[Paragraph, ...]

    def values(self) -> dict[str, str]:
        """Return the values of all paragraphs by key; the last of a name counts."""
        return {key: value for each in self.paragraphs for key, value in each}


def read_text(path: Path, kind: str | None = None) -> TextFile:
    """Read a file.

    Parameters
    ----------
    path
        The file.
    kind
        What its second line has to say; None for anything.

    Raises
    ------
    ProjectError
        If it is not there, not in this form or of another kind.
    """
    return parse_text(read_content(path), path, kind)


def read_content(path: Path) -> str:
    """Return the text of a file; `to_bytes` gives the same bytes back."""
    try:
        if path.stat().st_size > LARGEST:
            raise ProjectError(path, "it is no text file of OpendTect", "Name another one.")
        return path.read_bytes().decode(ENCODING, ERRORS)
    except OSError as error:
        raise ProjectError(
            path, error.strerror or str(error), "Name a survey folder of OpendTect."
        ) from None


def to_bytes(text: str) -> bytes:
    """Return the bytes of text as `read_content` takes it."""
    return text.encode(ENCODING, ERRORS)


def parse_text(content: str, where: object, kind: str | None = None) -> TextFile:
    """Return what text says; ``where`` names it in errors, which are those of `read_text`."""
    lines = [line.rstrip("\r") for line in content.split("\n")]
    if not lines[0].startswith("dTect") or len(lines) < 3:
        raise ProjectError(
            where,
            "it is no text file of OpendTect: its first line is not 'dTect' and a version",
            "Name another one, or mend it in OpendTect.",
        )
    found = lines[1].strip()
    if kind is not None and found != kind:
        raise ProjectError(where, f"it is a {found!r}, not a {kind!r}", "Name another one.")
    paragraphs: list[Paragraph] = []
    pairs: list[Pair] = []
    for line in lines[3:]:
        if line.startswith(END):
            if pairs:
                paragraphs.append(tuple(pairs))
            pairs = []
        elif line.strip() and not line.startswith("--"):
            pairs.append(pair_of(line))
    if pairs:
        paragraphs.append(tuple(pairs))
    return TextFile(lines[0].strip(), found, lines[2].strip(), tuple(paragraphs))


def pair_of(line: str) -> Pair:
    """Return key and value of a line; the value is empty where there is no colon."""
    key, *value = re.split(r"(?<!\\):", line, maxsplit=1)
    text = value[0].strip() if value else ""
    return key.strip().replace("\\:", ":"), text.replace(NEWLINE, "\n")


def line_of(key: str, value: object) -> str:
    """Return the line of a key and its value, a newline at its end."""
    name = key.replace("\n", " ").replace(":", "\\:")
    text = str(value).replace("\r\n", "\n").replace("\n", NEWLINE)
    return f"{name}: {text}\n"


def head_of(kind: str) -> str:
    """Return the head of a new file, its paragraph ended."""
    return f"{VERSION}\n{kind}\n{time.asctime()}\n{END}\n"


def paragraph_of(pairs: Iterable[tuple[str, object]]) -> str:
    """Return the lines of a paragraph with its end."""
    return "".join(line_of(*pair) for pair in pairs) + f"{END}\n"


def text_of(kind: str, *paragraphs: Sequence[tuple[str, object]]) -> str:
    """Return a whole file."""
    return head_of(kind) + "".join(map(paragraph_of, paragraphs))


def write_content(path: Path, content: str, *, like: Path | None = None) -> None:
    """Write text, whole or not at all; who may do what with it is as of ``like``, else of the old file."""
    with whole_file(path) as part:
        part.unlink(missing_ok=True)  # one that a killed run left may be another user's
        part.write_bytes(to_bytes(content))
        old = like or path
        if old.exists():
            take_access(part, old)


def listed(*values: object) -> str:
    """Return values as the list that a value may be."""
    return "`".join(
        repr(float(value)) if isinstance(value, float) else str(value) for value in values
    )


def unlisted(value: str) -> list[str]:
    """Return the parts of a list."""
    return [part.strip() for part in value.split("`")]


def yes_or_no(value: bool) -> str:
    """Return a truth value as text."""
    return "Yes" if value else "No"
