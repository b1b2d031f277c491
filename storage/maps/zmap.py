"""ZMAP+ grids: text, column after column, each from north to south.

::

    ! comments
    @name HEADER, GRID, 5                        values on a line
    15, -99999.0, , 4, 1                         width of a value, what stands for none, ..., decimals
    rows, columns, x_min, x_max, y_min, y_max    of the outermost nodes
    0.0, 0.0, 0.0
    @
    values

Values have a fixed width, so they may touch each other.
"""

from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError
from storage.maps.grid import GridMap
from storage.maps.numbers import (
    null_value,
    number,
    numbers_in,
    read_bytes,
    refuse_other_count,
    size,
)
from storage.maps.placement import placed, without
from storage.maps.ranges import to_float

Float = NDArray[np.float64]


def read_zmap(path: Path) -> GridMap:
    """Read a ZMAP+ grid.

    Raises
    ------
    MapError
        What of it is wrong.
    """
    content, sha256 = read_bytes(path)
    fields, start = _head(path, content)
    kind = fields[0][1].strip().upper() if len(fields[0]) > 1 else b""
    if kind != b"GRID":
        raise MapError(path, f"it holds {kind.decode('ascii', 'replace')!r}", "Export a grid.")
    width = size(path, fields[1][0], "width of a value")
    declared = next((word for word in fields[1][1:3] if word.strip()), b"1e30")
    null = null_value(path, declared)
    if len(fields[2]) < 6:
        raise MapError(path, "its head gives no rows, columns and limits", "Export it again.")
    rows, columns = size(path, fields[2][0], "number of rows"), size(path, fields[2][1], "columns")
    x0, x1, y0, y1 = (number(path, word, "limit") for word in fields[2][2:6])
    if rows < 2 or columns < 2:
        raise MapError(path, f"it is {rows} x {columns} nodes", "A map has two or more a side.")
    values = _values(path, content, start, width, rows * columns)
    return placed(
        path,
        without(values, null).reshape(columns, rows).T,
        first=(x0, y1),
        along=((x1 - x0) / (columns - 1), 0.0),
        across=(0.0, (y0 - y1) / (rows - 1)),
        sha256=sha256,
        form="ZMAP+",
    )


def _head(path: Path, content: bytes) -> tuple[list[list[bytes]], int]:
    """Return the fields of the lines between the two @, and where values begin."""
    lines: list[list[bytes]] = []
    at = 0
    while at < len(content):
        stop = content.find(b"\n", at)
        end = len(content) if stop < 0 else stop + 1
        line = content[at:end].strip()
        at = end
        if not line or line[:1] in b"!+":
            continue
        if line == b"@":
            if len(lines) >= 3:
                return lines, _past_remarks(content, at)
            break
        if line[:1] != b"@" and not lines:
            break
        lines.append(line.removeprefix(b"@").split(b","))
    raise MapError(path, "its head does not end with a line of @", "Export it again as ZMAP+.")


def _past_remarks(content: bytes, at: int) -> int:
    """Return where the values begin: remarks may follow the head."""
    while content[at : at + 1] in (b"+", b"!") and (end := content.find(b"\n", at)) > 0:
        at = end + 1
    return at


def _values(path: Path, content: bytes, start: int, width: int, count: int) -> Float:
    """Return the values, by blanks or, where they touch, by their width."""
    try:
        return numbers_in(path, content, start, count)
    except MapError:
        found: list[float] = []
        for line in content[start:].splitlines():
            pieces = [line[at : at + width].strip() for at in range(0, len(line.rstrip()), width)]
            with suppress(ValueError):
                found += [to_float(piece) for piece in pieces if piece]
                continue
            raise
        refuse_other_count(path, len(found), count)
        return np.array(found)
