"""The OIL/PORO form of a reservoir map: a text file of four parts.

::

    OIL                 or PORO: what the values are
    300 200             columns and rows
    100 100             cell width and height, metres
    2.41 2.38 ...       all values, row after row from y = 0, x to the right, on any number of lines

Blanks, tabs and line ends of any kind separate values; the decimal sign is a point, or a comma throughout.
A cell that says ``NaN`` or ``-999.25`` has no value: it is read as 0, nothing to collect, and counted.
"""

import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError
from storage.files import RandomAccess, open_file
from storage.maps import kernels
from storage.maps.grid import GridMap
from storage.maps.ranges import LONGEST, RANGE_BYTES, NoNumberError, parse_into, to_float

NO_VALUE = -999.25
FORM = (
    "A map is: OIL or PORO; columns and rows; cell width and height; the values row after row; or an IRAP, "
    "ZMAP+, CPS-3, ESRI ASCII, GeoTIFF or Eclipse file."
)
BLOCK = 1 << 20
"""Bytes parsed at a time on one core: they and their values stay in the cache."""

HEAD_BYTES = 4096
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Header:
    """The first three lines.

    Attributes
    ----------
    kind
        ``OIL`` or ``PORO``.
    columns, rows
        Number of cells along x and y.
    cell_width_m, cell_height_m
        Size of a cell, metres.
    start, size
        Byte at which the values begin; bytes of the file.
    """

    kind: str
    columns: int
    rows: int
    cell_width_m: float
    cell_height_m: float
    start: int
    size: int


def read_map(path: Path) -> GridMap:
    """Read a map in the OIL/PORO form on one core, with 0 in cells without a value.

    Raises
    ------
    MapError
        As `read_text`; if no cell has a value, or one is infinite or negative.
    """
    return read_text(path).checked(path)


def read_text(path: Path) -> GridMap:
    """Read a map in the OIL/PORO form on one core, with NaN in cells without a value.

    Raises
    ------
    MapError
        If the file is missing or not such a map: the line or value that is wrong, and what it must be.
    """
    header = read_header(path)
    expected = header.columns * header.rows
    # A value takes a digit and a blank: a header that asks for more is wrong, whatever follows.
    values = np.empty(min(expected, header.size // 2 + 1))
    digest, count, signs = hashlib.sha256(), 0, 0
    scratch = np.empty(BLOCK // 2 + 1)
    try:
        for text, start, stop, offset in _blocks(path, header):
            if not offset:
                digest.update(text[:start].data)  # the three lines
            digest.update(text[start:stop].data)
            fits = count + (stop - start) // 2 + 1 <= values.size
            part = parse_into(text, start, stop, values[count:] if fits else scratch, offset)
            if not fits:
                kept = part.values[: max(0, values.size - count)]
                values[count : count + len(kept)] = kept
            count, signs = count + len(part.values), signs | part.signs
    except NoNumberError as error:
        raise no_number(path, count + error.number, error.offset, error.token) from None
    refuse_count(path, header, count)
    refuse_signs(path, signs)
    values[values == NO_VALUE] = np.nan
    return GridMap(
        kind=header.kind,
        values=values.reshape(header.rows, header.columns),
        cell_width_m=header.cell_width_m,
        cell_height_m=header.cell_height_m,
        without_value=0,
        sha256=digest.hexdigest(),
        form="OIL/PORO text",
    )


def read_header(path: Path) -> Header:
    """Read the first three lines.

    Raises
    ------
    MapError
        If the file is missing, empty, or a line is wrong.
    """
    with _opened(path) as file:
        content, size = file.read(0, HEAD_BYTES), file.size
    if not content.strip():
        raise MapError(path, "the file is empty", FORM)
    position, lines = 0, []
    for _ in range(3):
        match = _LINE.match(content, position)
        position = match.end() if match else len(content)
        lines.append(match.group().removeprefix(b"\xef\xbb\xbf").split() if match else [])
    kind = lines[0][0].upper().decode("ascii", "replace") if len(lines[0]) == 1 else ""
    if kind not in ("OIL", "PORO"):
        raise MapError(path, f"line 1 is {_shown(lines[0])}, not OIL or PORO", FORM)
    sides = [_number(token) for token in lines[1]]
    if len(sides) != 2 or not all(side >= 1 and side.is_integer() for side in sides):
        raise MapError(path, f"line 2 is {_shown(lines[1])}, not two whole numbers above 0", FORM)
    cell = [_number(token) for token in lines[2]]
    if len(cell) != 2 or not all(0 < side < math.inf for side in cell):
        raise MapError(path, f"line 3 is {_shown(lines[2])}, not two lengths above 0 m", FORM)
    return Header(kind, int(sides[0]), int(sides[1]), cell[0], cell[1], position, size)


def refuse_count(path: Path, header: Header, count: int) -> None:
    """Refuse a file that has not as many values as line 2 asks for."""
    expected = header.columns * header.rows
    if count != expected:
        raise MapError(
            path,
            f"it has {count} values, and line 2 asks for {expected} ({header.columns} x {header.rows})",
            "Correct line 2, or export the map again: the file may be cut short.",
        )


def refuse_signs(path: Path, signs: int) -> None:
    """Refuse a file in which a comma may be a decimal sign or not."""
    if signs == kernels.POINT | kernels.COMMA:
        raise MapError(
            path,
            "some values have a decimal comma, others a decimal point",
            "Write all with a point, and blanks between them.",
        )


def no_number(path: Path, number: int, offset: int, token: bytes) -> MapError:
    """Return the error of a value that is no number; its line is found by reading what is before it."""
    line, last = 1, 0
    with _opened(path) as file:
        for first in range(0, offset, RANGE_BYTES):
            text = np.frombuffer(file.read(first, min(RANGE_BYTES, offset - first)), np.uint8)
            feeds = int(np.count_nonzero(text == 10))
            after = np.concatenate([[last], text[:-1]])
            # A carriage return ends a line unless a line feed follows: then that one does.
            returns = int(np.count_nonzero((after == 13) & (text != 10)))
            line, last = line + feeds + returns, int(text[-1])
    line += last == 13
    return MapError(
        path,
        f"value {number + 1} on line {line} is {_shown([token])}, not a number",
        "Values are written like 2.41 or 1e-5, with blanks between them.",
    )


def _blocks(path: Path, header: Header) -> Iterator[tuple[NDArray[np.uint8], int, int, int]]:
    """Yield the file in pieces: bytes, where in them values begin that are wanted, offset in the file.

    The first piece begins with the file, so that all of it can be hashed.
    """
    with _opened(path) as file:
        text = np.empty(HEAD_BYTES + BLOCK + LONGEST + 1, np.uint8)
        for first in range(header.start, max(header.size, header.start + 1), BLOCK):
            stop = min(first + BLOCK, header.size)
            offset = first - 1 if first > header.start else 0
            length = min(stop + LONGEST, header.size) - offset
            got = file.read_into(offset, text[:length])
            yield text[:got], first - offset, stop - offset, offset


class _opened:  # noqa: N801 - reads as a verb in a with statement
    """An open file whose absence is told in one line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> RandomAccess:
        try:
            if self._path.is_dir():
                raise IsADirectoryError(21, "it is a directory")
            self._file = open_file(self._path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise MapError(self._path, reason, "Name a map file that can be read.") from None
        return self._file

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _number(token: bytes) -> float:
    """Return a token as a number, NaN if it is none."""
    try:
        return to_float(token)
    except ValueError:
        return math.nan


def _shown(tokens: list[bytes]) -> str:
    """Return tokens as people can read them, cut where long."""
    text = b" ".join(tokens[:4])[:40].decode("ascii", "replace")
    return repr(text) if text else "empty"
