"""IRAP Classic grids, text and binary, as RMS and Petrel write them.

::

    -996  rows  step_x  step_y           binary: the same words in Fortran records, most significant byte
    x_min  x_max  y_min  y_max           first, and float32 values of 1e30 where there is none
    columns  rotation  x_turn  y_turn
    0 0 0 0 0 0 0
    values, x fastest, from y_min upwards; 9999900 without a value

The grid is turned counterclockwise from east around ``x_turn, y_turn``, which is its first node.
"""

import struct
from pathlib import Path

import numpy as np

from storage.errors import MapError
from storage.maps.grid import GridMap
from storage.maps.numbers import number, numbers_in, read_bytes, size
from storage.maps.placement import placed, turned

MARK = b"-996"
BINARY_MARK = struct.pack(">ii", 32, -996)
NO_VALUE = 9999900.0
HEAD_WORDS = 19


def read_irap_text(path: Path) -> GridMap:
    """Read an IRAP Classic text grid.

    Raises
    ------
    MapError
        What of it is wrong.
    """
    content, sha256 = read_bytes(path)
    words, start = _words(path, content)
    rows, columns = size(path, words[1], "number of rows"), size(path, words[8], "columns")
    step_x, step_y = (number(path, word, "step") for word in words[2:4])
    x, y = number(path, words[4], "least x"), number(path, words[6], "least y")
    angle = number(path, words[9], "rotation")
    pivot = number(path, words[10], "x of rotation"), number(path, words[11], "y of rotation")
    values = numbers_in(path, content, start, rows * columns)
    values[values >= NO_VALUE] = np.nan
    along, across = turned(angle, step_x, step_y)
    return placed(
        path,
        values.reshape(rows, columns),
        first=_turned_about(pivot, (x, y), angle),
        along=along,
        across=across,
        sha256=sha256,
        form="IRAP text",
    )


def read_irap_binary(path: Path) -> GridMap:
    """Read an IRAP Classic binary grid.

    Raises
    ------
    MapError
        If it is cut short, or a record is wrong.
    """
    content, sha256 = read_bytes(path)
    records = _records(path, content)
    if len(records) < 3 or len(records[0]) != 32 or len(records[1]) != 16:
        raise MapError(path, "its head is not that of an IRAP binary grid", "Export it again.")
    _, rows, x, _, y, _, step_x, step_y = struct.unpack(">ii6f", records[0])
    columns, angle, turn_x, turn_y = struct.unpack(">i3f", records[1])
    values = np.frombuffer(b"".join(records[3:]), ">f4").astype(np.float64)
    if rows < 1 or columns < 1 or values.size != rows * columns:
        raise MapError(
            path,
            f"it has {values.size} values, and its head asks for {rows} x {columns}",
            "Export the map again: the file may be cut short.",
        )
    along, across = turned(angle, step_x, step_y)
    return placed(
        path,
        values.reshape(rows, columns),
        first=_turned_about((turn_x, turn_y), (x, y), angle),
        along=along,
        across=across,
        sha256=sha256,
        form="IRAP binary",
    )


def _words(path: Path, content: bytes) -> tuple[list[bytes], int]:
    """Return the words of the head, and the byte that follows them."""
    words: list[bytes] = []
    at = 0
    while len(words) < HEAD_WORDS:
        while at < len(content) and content[at : at + 1].isspace():
            at += 1
        end = at
        while end < len(content) and not content[end : end + 1].isspace():
            end += 1
        if end == at:
            raise MapError(path, "its head is cut short", "Export the map again.")
        words.append(content[at:end])
        at = end
    return words, at


def _records(path: Path, content: bytes) -> list[bytes]:
    """Return the Fortran records of a file."""
    records: list[bytes] = []
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        end = at + 4 + length
        if content[end : end + 4] != content[at : at + 4] or end + 4 > len(content):
            raise MapError(
                path,
                f"record {len(records) + 1} at byte {at} does not end where it should",
                "Export the map again: the file is cut short or was changed as text.",
            )
        records.append(content[at + 4 : end])
        at = end + 4
    return records


def _turned_about(
    pivot: tuple[float, float], place: tuple[float, float], angle_deg: float
) -> tuple[float, float]:
    """Return a place turned about another."""
    along, across = turned(angle_deg, place[0] - pivot[0], place[1] - pivot[1])
    return pivot[0] + along[0] + across[0], pivot[1] + along[1] + across[1]
