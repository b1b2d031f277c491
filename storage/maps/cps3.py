"""CPS-3 grids: text, column after column, each from north to south.

::

    FSASCI 0 1 "Computed" 0 1.0E+30 0            what stands for no value; Petrel leaves out quotes
    FSATTR 0 0
    FSLIMI x_min x_max y_min y_max z_min z_max   of the outermost nodes
    FSNROW rows columns
    FSXINC step_x step_y
    ->name
    values

References
----------
https://voxlerhelp.goldensoftware.com/subsys/subsys_cps3_grid_file_format.htm
"""

import math
import re
from contextlib import suppress
from pathlib import Path

from storage.errors import MapError
from storage.maps.grid import GridMap
from storage.maps.numbers import number, numbers_in, read_bytes, size
from storage.maps.placement import placed, without
from storage.maps.ranges import to_float

_QUOTED = re.compile(rb'"[^"]*"')


def read_cps3(path: Path) -> GridMap:
    """Read a CPS-3 grid.

    Raises
    ------
    MapError
        What of it is wrong.
    """
    content, sha256 = read_bytes(path)
    head, start = _head(content)
    for word, fields in (("FSLIMI", 4), ("FSNROW", 2)):
        if len(head.get(word, ())) < fields:
            raise MapError(path, f"it has no line {word} that is whole", "Export it as CPS-3.")
    x0, x1, y0, y1 = (number(path, word, "limit") for word in head["FSLIMI"][:4])
    rows = size(path, head["FSNROW"][0], "number of rows")
    columns = size(path, head["FSNROW"][1], "number of columns")
    if rows < 2 or columns < 2:
        raise MapError(path, f"it is {rows} x {columns} nodes", "A map has two or more a side.")
    values = numbers_in(path, content, start, rows * columns)
    return placed(
        path,
        without(values, _null_among(head.get("FSASCI", []))).reshape(columns, rows).T,
        first=(x0, y1),
        along=((x1 - x0) / (columns - 1), 0.0),
        across=(0.0, (y0 - y1) / (rows - 1)),
        sha256=sha256,
        form="CPS-3",
    )


def _head(content: bytes) -> tuple[dict[str, list[bytes]], int]:
    """Return the fields of the lines of the head by their first word, and where values begin."""
    head: dict[str, list[bytes]] = {}
    at = 0
    while at < len(content):
        stop = content.find(b"\n", at)
        end = len(content) if stop < 0 else stop + 1
        line = content[at:end].strip()
        if line[:2].upper() == b"FS":
            words = _QUOTED.sub(b"", line).split()
            head[words[0].upper().decode("ascii", "replace")] = words[1:]
        elif line and line[:1] != b"!" and line[:2] != b"->":
            break
        at = end
    return head, at


def _null_among(words: list[bytes]) -> float:
    """Return what stands for no value: the last number that is no flag, as 0 and 1 are; else 1E30.

    A whole line begins with two flags of any number, and names what it stands for by the largest one.
    """
    found = []
    is_whole = len(words) >= 4
    for word in words[2:] if is_whole else words:
        with suppress(ValueError):
            found.append(to_float(word))
    found = [each for each in found if math.isfinite(each) and each not in (0.0, 1.0)]
    if not found:
        return 1e30
    return max(found, key=abs) if is_whole else found[-1]
