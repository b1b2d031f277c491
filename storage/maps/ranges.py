"""Values of a text file by byte ranges: a range owns the values that begin in it.

::

    ... 2.41 2.3|8 1e-5 7.0|1 3 ...      the bars are where ranges meet
        range 1      range 2             1: 2.41 2.38   2: 1e-5 7.01   3: 3

A range is read with the byte before it, which tells whether a value begins at its first byte, and some
bytes past it, where its last value may end. So ranges are read anywhere, in any order, and joined in theirs.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.files import open_file
from storage.maps import kernels

RANGE_BYTES = 1 << 24
"""Bytes of a range: enough that starting one costs nothing, few enough to lie in memory many times."""

PIECE_BYTES = 1 << 20
"""Bytes parsed at a time where values go to one array: they and their values stay in the cache."""

LONGEST = 512
"""Bytes within which a value ends; what is longer is no number."""

Float = NDArray[np.float64]


class NoNumberError(ValueError):
    """A value that is no number: its number in the range, the byte it begins at in the file, its text."""

    def __init__(self, number: int, offset: int, token: bytes) -> None:
        super().__init__(number, offset, token)
        self.number, self.offset, self.token = number, offset, token


@dataclass(frozen=True, slots=True)
class Part:
    """The values of one range.

    Attributes
    ----------
    values
        Float64, in the order of the file.
    signs
        Decimal signs seen: bits `kernels.POINT`, `kernels.COMMA`.
    """

    values: Float
    signs: int


def ranges(start: int, stop: int, length: int = RANGE_BYTES) -> list[tuple[int, int]]:
    """Cut bytes ``start`` to ``stop`` of a file into ranges."""
    return [(first, min(first + length, stop)) for first in range(start, stop, length)]


def read_range(path: Path, first: int, stop: int, start: int) -> Part:
    """Return the values that begin in bytes ``first`` to ``stop``; ``start`` is where values begin at all.

    Raises
    ------
    NoNumberError
        For the first value that is no number.
    """
    text, offset = _text(path, first, stop, start)
    values = np.empty((stop - first) // 2 + 1)
    part = parse_into(text, first - offset, stop - offset, values, offset)
    return Part(values[: len(part.values)].copy(), part.signs)


def count_in_range(path: Path, first: int, stop: int, start: int) -> int:
    """Return how many values begin in bytes ``first`` to ``stop``."""
    text, offset = _text(path, first, stop, start)
    return int(kernels.count_values(text, first - offset, stop - offset))


def find_in_range(path: Path, first: int, stop: int, start: int, number: int) -> int:
    """Return the byte of the file at which a value begins, by its number in bytes ``first`` to ``stop``.

    Raises
    ------
    ValueError
        If not so many begin there.
    """
    text, offset = _text(path, first, stop, start)
    at = int(kernels.find_value(text, first - offset, stop - offset, number))
    if at < 0:
        msg = f"{path}: fewer than {number + 1} values begin in bytes {first} to {stop}"
        raise ValueError(msg)
    return offset + at


def read_span(path: Path, first: int, stop: int, out: Float) -> int:
    """Read the values that begin in bytes ``first`` to ``stop``, where one begins, piece by piece.

    Parameters
    ----------
    path, first, stop
        The file, and bytes of it.
    out
        Output, as long as there are values.

    Returns
    -------
    int
        Decimal signs seen: bits `kernels.POINT`, `kernels.COMMA`.

    Raises
    ------
    NoNumberError
        For the first value that is no number.
    ValueError
        If there are other values than ``out`` holds.
    """
    done, signs = 0, 0
    file, scratch = open_file(path), np.empty(PIECE_BYTES // 2 + 1)
    text = np.empty(PIECE_BYTES + LONGEST + 1, np.uint8)
    try:
        for begin in range(first, stop, PIECE_BYTES):
            end, offset = min(begin + PIECE_BYTES, stop), max(first, begin - 1)
            got = text[: file.read_into(offset, text[: min(end + LONGEST, file.size) - offset])]
            fits = out.size - done > (end - begin) // 2
            room = out[done:] if fits else scratch
            part = parse_into(got, begin - offset, end - offset, room, offset)
            if not fits:
                kept = part.values[: max(0, out.size - done)]
                out[done : done + len(kept)] = kept
            done, signs = done + len(part.values), signs | part.signs
    except NoNumberError as error:
        raise NoNumberError(done + error.number, error.offset, error.token) from None
    finally:
        file.close()
    if done != out.size:
        msg = f"{path}: {done} values begin in bytes {first} to {stop}, not {out.size}"
        raise ValueError(msg)
    return signs


def parse_into(text: NDArray[np.uint8], start: int, stop: int, out: Float, offset: int) -> Part:
    """Parse the values that begin in ``text[start:stop]`` into ``out``.

    Parameters
    ----------
    text
        Bytes of the file from ``offset`` on.
    start, stop
        Where values begin that are wanted, counted in ``text``.
    out
        At least as long as there can be values: one for two bytes.
    offset
        Of ``text`` in the file.
    """
    hard = np.empty((1024, 3), np.int64)
    count, found, signs = kernels.parse(
        text, (start, stop), out, hard, kernels.POWERS, kernels.FIVES
    )
    if found > len(hard):
        hard = np.empty((found, 3), np.int64)
        count, found, signs = kernels.parse(
            text, (start, stop), out, hard, kernels.POWERS, kernels.FIVES
        )
    for number, first, end in hard[:found].tolist():
        token = text[first : min(end, first + LONGEST)].tobytes()
        comma = b"," in token
        signs |= kernels.COMMA if comma else kernels.POINT * (b"." in token)
        try:
            out[number] = to_float(token)
        except ValueError:
            raise NoNumberError(number, offset + first, token) from None
    return Part(out[:count], signs)


def to_float(token: bytes) -> float:
    """Return a token as a number, with a decimal point or comma.

    Raises
    ------
    ValueError
        If it is none.
    """
    # Python also takes 1_000 and letters of all scripts, which no other program writes or reads.
    if b"_" in token or not token.isascii() or token.count(b",") + token.count(b".") > 1:
        raise ValueError(token)
    return float(token.replace(b",", b"."))


def _text(path: Path, first: int, stop: int, start: int) -> tuple[NDArray[np.uint8], int]:
    """Return the bytes that a range needs, and where in the file they begin."""
    offset = max(start, first - 1)
    file = open_file(path)
    try:
        text = np.empty(min(stop + LONGEST, file.size) - offset, np.uint8)
        return text[: file.read_into(offset, text)], offset
    finally:
        file.close()
