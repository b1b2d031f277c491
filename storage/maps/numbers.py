"""Numbers of small text grids: a head of words, then values between blanks."""

import hashlib
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError
from storage.maps.ranges import NoNumberError, parse_into, to_float
from storage.maps.text import no_number, refuse_signs

Float = NDArray[np.float64]


def read_bytes(path: Path) -> tuple[bytes, str]:
    """Return the content of a file and its SHA-256.

    Raises
    ------
    MapError
        If it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise MapError(path, reason, "Name a map file that can be read.") from None
    return content, hashlib.sha256(content).hexdigest()


def numbers_in(path: Path, content: bytes, start: int, count: int | None = None) -> Float:
    """Return the values from a byte of a file on.

    Raises
    ------
    MapError
        If one is no number, or they are not ``count``, where that is known.
    """
    text = np.frombuffer(content, np.uint8)
    out = np.empty((len(content) - start) // 2 + 1)
    try:
        part = parse_into(text, start, len(content), out, 0)
    except NoNumberError as error:
        raise no_number(path, error.number, error.offset, error.token) from None
    refuse_signs(path, part.signs)
    if count is not None:
        refuse_other_count(path, len(part.values), count)
    return part.values.copy()


def refuse_other_count(path: Path, found: int, expected: int) -> None:
    """Refuse a file with more or fewer values than its head asks for."""
    if found != expected:
        raise MapError(
            path,
            f"it has {found} values, and its head asks for {expected}",
            "Export the map again: the file may be cut short.",
        )


def number(path: Path, word: bytes | None, what: str) -> float:
    """Return a word of a head as a number.

    Raises
    ------
    MapError
        Naming what it should be.
    """
    try:
        value = to_float((word or b"").strip())
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        shown = (word or b"").strip()[:40].decode("ascii", "replace")
        raise MapError(path, f"its {what} is {shown!r}, not a number", "Export the map again.")
    return value


def null_value(path: Path, word: bytes) -> float:
    """Return a word of a head that stands for no value, which may be NaN itself.

    Raises
    ------
    MapError
        If it is no number.
    """
    return math.nan if word.strip().lower() == b"nan" else number(path, word, "null value")


def size(path: Path, word: bytes | None, what: str) -> int:
    """Return a word of a head as a count of 1 or more.

    Raises
    ------
    MapError
        Naming what it should be.
    """
    value = number(path, word, what)
    if value < 1 or not value.is_integer():
        raise MapError(path, f"its {what} is {value:g}", "It must be a whole number above 0.")
    return int(value)
