"""The OIL/PORO form of a reservoir map: a text file of four parts.

::

    OIL                 or PORO: what the values are
    300 200             columns and rows
    100 100             cell width and height, metres
    2.41 2.38 ...       all values, row after row from y = 0, x to the right, on any number of lines

Blanks, tabs and line ends of either kind separate values. A cell that says ``NaN`` or ``-999.25`` has no
value: it is read as 0, nothing to collect, and counted. Wells may stand in such cells, as in any other
that holds nothing.
"""

import hashlib
import math
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError

NO_VALUE = -999.25
FORM = "A map is: OIL or PORO; columns and rows; cell width and height; the values row after row."
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_TOKEN = re.compile(rb"\S+")


@dataclass(frozen=True, slots=True)
class TextMap:
    """A reservoir map as the file has it.

    Attributes
    ----------
    kind
        ``OIL`` or ``PORO``.
    values
        Shape (rows, columns), float64; row 0 lies at y = 0.
    cell_width_m, cell_height_m
        Size of a cell, metres.
    without_value
        Number of cells that had no value and hold 0.
    sha256
        Of the file, hexadecimal.
    """

    kind: str
    values: NDArray[np.float64]
    cell_width_m: float
    cell_height_m: float
    without_value: int
    sha256: str


def read_map(path: Path) -> TextMap:
    """Read a map in the OIL/PORO form.

    Raises
    ------
    MapError
        If the file is missing or not such a map: the line or value that is wrong, and what it must be.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise MapError(path, reason, "Name a map file that can be read.") from None
    if not content.strip():
        raise MapError(path, "the file is empty", FORM)
    (kind, columns, rows, width, height), start = _header(path, content)
    values = _values(path, content, start, columns * rows, f"{columns} x {rows}")
    missing = np.isnan(values) | (values == NO_VALUE)
    if missing.all():
        raise MapError(path, "no cell has a value", "Export the map again with its values.")
    values[missing] = 0.0
    _refuse(path, values, columns)
    return TextMap(
        kind=kind,
        values=values.reshape(rows, columns),
        cell_width_m=width,
        cell_height_m=height,
        without_value=int(missing.sum()),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _header(path: Path, content: bytes) -> tuple[tuple[str, int, int, float, float], int]:
    """Return what the first three lines say, and where the values begin."""
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
    return (kind, int(sides[0]), int(sides[1]), cell[0], cell[1]), position


def _values(
    path: Path, content: bytes, start: int, expected: int, shape: str
) -> NDArray[np.float64]:
    """Return the values, as many as line 2 asks for."""
    body = content[start:]
    filled = np.concatenate([[False], np.frombuffer(body, np.uint8) > ord(" ")])
    count = int(np.count_nonzero(filled[1:] & ~filled[:-1]))
    with warnings.catch_warnings():
        # numpy reports what is no number by a warning; it is located below.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            values = np.fromstring(body, dtype=np.float64, sep=" ")
        except ValueError:
            values = np.empty(0)
    if values.size != count:
        _refuse_token(path, content, start)
    if count != expected:
        raise MapError(
            path,
            f"it has {count} values, and line 2 asks for {expected} ({shape})",
            "Correct line 2, or export the map again: the file may be cut short.",
        )
    return values


def _refuse_token(path: Path, content: bytes, start: int) -> None:
    """Raise for the first value that is no number, with its line and its place in the file."""
    for index, match in enumerate(_TOKEN.finditer(content, start)):
        if math.isnan(_number(match.group())) and match.group().lower() != b"nan":
            line = len(re.findall(rb"\r\n|\r|\n", content[: match.start()])) + 1
            raise MapError(
                path,
                f"value {index + 1} on line {line} is {_shown([match.group()])}, not a number",
                "Values are written like 2.41 or 1e-5, with blanks between them and decimal points.",
            )
    raise MapError(path, "its values cannot be read as numbers", FORM)


def _refuse(path: Path, values: NDArray[np.float64], columns: int) -> None:
    """Raise for the first value that a map cannot hold."""
    wrong = np.flatnonzero((values < 0) | np.isinf(values))
    if len(wrong):
        first = int(wrong[0])
        raise MapError(
            path,
            f"{len(wrong)} values are negative or infinite, the first {values[first]:g} in row "
            f"{first // columns}, column {first % columns} (from 0)",
            f"Values are 0 or more; write NaN or {NO_VALUE} where there is none.",
        )


def _number(token: bytes) -> float:
    """Return a token as a number, NaN if it is none."""
    try:
        # Python also takes 1_000, which no other program writes or reads.
        return math.nan if b"_" in token else float(token)
    except ValueError:
        return math.nan


def _shown(tokens: list[bytes]) -> str:
    """Return tokens as people can read them, cut where long."""
    text = b" ".join(tokens[:4])[:40].decode("ascii", "replace")
    return repr(text) if text else "empty"
