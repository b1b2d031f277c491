"""Summary vectors of a simulation, .SMSPEC and .UNSMRY: what field and wells made, step by step.

Both are records of Fortran: a length of four bytes before and behind each, most significant byte first;
a head of name, count and type, then the values in blocks. A library for them brings pandas along, and
these two files need a page.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.errors import InputError

Float = NDArray[np.float64]

TYPES = {b"INTE": ">i4", b"REAL": ">f4", b"DOUB": ">f8", b"CHAR": "S8", b"LOGI": ">i4"}

NO_NAME = ":+:+:+:+"
"""Stands for the name of what is of the whole field."""


def read_summary(case: Path) -> dict[str, Float]:
    """Return the vectors of a run by keyword, those of wells and groups as ``WOPT:NAME``.

    Parameters
    ----------
    case
        Path of its .SMSPEC; the .UNSMRY lies beside it.

    Returns
    -------
    dict
        Arrays of shape (steps,), in the units of the run; ``TIME`` in days.

    Raises
    ------
    InputError
        If a file is absent or cut short, or they do not belong together.
    """
    heads = dict(_arrays(case))
    keywords = _names(heads.get("KEYWORDS"))
    names = _names(heads.get("WGNAMES", heads.get("NAMES")))
    if not keywords or len(names) != len(keywords):
        raise InputError(case, "it has no list of vectors", "Run the simulation again.")
    values = case.with_suffix(".UNSMRY")
    steps = [array for name, array in _arrays(values) if name == "PARAMS"]
    if not steps or any(len(step) != len(keywords) for step in steps):
        raise InputError(
            values,
            f"its steps have not the {len(keywords)} values that are listed",
            "Run it again.",
        )
    table = np.array(steps, np.float64)
    found: dict[str, Float] = {}
    for at, (keyword, name) in enumerate(zip(keywords, names, strict=True)):
        whole = keyword[0] not in "WG" or name in ("", NO_NAME)
        found[keyword if whole else f"{keyword}:{name}"] = table[:, at]
    return found


def _names(array: NDArray[Any] | None) -> list[str]:
    if array is None or array.dtype.kind != "S":
        return []
    return [word.decode("ascii", "replace").strip() for word in array.tolist()]


def _arrays(path: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the arrays of a file by their names."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(path, error.strerror or str(error), "Run the simulation again.") from None
    at = 0
    while at < len(content):
        head, at = _record(path, content, at)
        if len(head) != 16 or head[12:] not in TYPES:
            raise InputError(
                path, f"byte {at} is no head of an array", "Run the simulation again."
            )
        (count,) = struct.unpack(">i", head[8:12])
        kind, blocks, read = np.dtype(TYPES[head[12:]]), list[bytes](), 0
        while read < count * kind.itemsize:
            block, at = _record(path, content, at)
            blocks.append(block)
            read += len(block)
            if not block or read > count * kind.itemsize:
                raise InputError(path, f"byte {at}: an array of another size", "Run it again.")
        name = head[:8].decode("ascii", "replace").strip()
        yield name, np.frombuffer(b"".join(blocks), kind)


def _record(path: Path, content: bytes, at: int) -> tuple[bytes, int]:
    """Return the record at a place, and the place behind it."""
    length = int.from_bytes(content[at : at + 4], "big")
    end = at + 4 + length
    if content[at : at + 4] != content[end : end + 4] or end + 4 > len(content):
        raise InputError(
            path, f"it is cut short or damaged at byte {at}", "Run the simulation again."
        )
    return content[at + 4 : end], end + 4
