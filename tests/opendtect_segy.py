"""A reader of SEG-Y as OpendTect reads it, written from the rules alone and with nothing of graben's.

It knows the places that the import wizard takes for revision 1, those that it guesses for revision 0, and the
checklist that a writer has to meet.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIDTHS = {5: 4, 8: 1, 3: 2}
TYPES = {5: ">f4", 8: ">i1", 3: ">i2"}

# Where the table by which OpendTect turns EBCDIC to ASCII is not code page 037.
ITS_OWN = {0x4A: "[", 0x5A: "]", 0x4F: "!", 0x5F: "^", 0x6A: "|", 0xBA: "?", 0xBB: "?"}


@dataclass(frozen=True)
class ReadBack:
    """What a reader has of a file, by one guess of the places."""

    lines: list[str]
    inline: NDArray[np.int64]
    crossline: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    start: int
    interval: float
    samples: NDArray[np.float64]


def number(raw: bytes, byte: int, size: int, *, signed: bool = True) -> int:
    return int.from_bytes(raw[byte - 1 : byte - 1 + size], "big", signed=signed)


def text_lines(raw: bytes) -> list[str]:
    letters = [ITS_OWN.get(code, bytes([code]).decode("cp037")) for code in raw[:3200]]
    return ["".join(letters[row * 80 : row * 80 + 80]) for row in range(40)]


def read_back(path: Path, revision: int) -> ReadBack:
    """Read a file by the places of revision 0 or 1."""
    raw = path.read_bytes()
    code, count = number(raw, 3225, 2), number(raw, 3221, 2, signed=False)
    record = 240 + count * WIDTHS[code]
    traces, rest = divmod(len(raw) - 3600, record)
    assert rest == 0, "the file ends within a trace"
    places = (189, 193, 181, 185) if revision else (9, 21, 73, 77)
    columns: list[list[float]] = [[], [], [], []]
    samples = np.empty((traces, count))
    for trace in range(traces):
        header = raw[3600 + trace * record :][:240]
        scalar = number(header, 71, 2)
        factor = scalar if scalar > 0 else -1 / scalar if scalar < 0 else 1
        for column, byte, by in zip(columns, places, (1, 1, factor, factor), strict=True):
            column.append(number(header, byte, 4) * by)
        data = raw[3600 + trace * record + 240 :][: record - 240]
        samples[trace] = np.frombuffer(data, TYPES[code])
    first = raw[3600:3840]
    delay = number(first, 109, 2) or -number(first, 105, 2)
    inline, crossline = (np.array(column, np.int64) for column in columns[:2])
    x, y = (np.array(column) for column in columns[2:])
    interval = number(raw, 3217, 2, signed=False) / 1000
    return ReadBack(text_lines(raw), inline, crossline, x, y, delay, interval, samples)


def assert_checklist(path: Path) -> None:
    """The file meets the writer's checklist point by point, in file headers and in every trace header."""
    raw = path.read_bytes()
    assert raw[0] == 0xC3, "the first letter is an EBCDIC C"
    lines = text_lines(raw)
    assert [line[:3] for line in lines] == [f"C{row:02d}" for row in range(1, 41)]
    text = "\n".join(lines)
    for words in ("189-192", "193-196", "181-184", "185-188", "Inline: ", "Crossline: ", "inc: "):
        assert words in text, words
    for words in ("SEG-Y REV1", "END TEXTUAL HEADER"):
        assert words in lines[38] + lines[39]
    known = {3217, 3221, 3225, 3229, 3255, 3501, 3503}
    stated = {byte: number(raw, byte, 2, signed=False) for byte in range(3201, 3600, 2)}
    assert stated[3217] > 0
    assert 0 < stated[3221] <= 65535
    assert stated[3225] in WIDTHS
    assert (stated[3229], stated[3501], stated[3503]) == (4, 0x0100, 1)
    assert stated[3255] in (1, 2)
    assert not any(value for byte, value in stated.items() if byte not in known)
    record = 240 + stated[3221] * WIDTHS[stated[3225]]
    before = (0, 0)
    for trace in range((len(raw) - 3600) // record):
        header = raw[3600 + trace * record :][:240]
        it, running = struct.unpack, trace + 1
        assert number(header, 1, 4) == number(header, 5, 4) == running
        assert number(header, 9, 4) == number(header, 189, 4)
        assert number(header, 21, 4) == number(header, 193, 4)
        assert number(header, 73, 4) == number(header, 181, 4)
        assert number(header, 77, 4) == number(header, 185, 4)
        assert it(">h", header[28:30]) == it(">h", header[34:36]) == (1,)
        assert number(header, 105, 2) == -number(header, 109, 2)
        assert number(header, 115, 2, signed=False) == stated[3221]
        assert number(header, 117, 2, signed=False) == stated[3217]
        assert number(header, 169, 2) == number(header, 215, 2) == 0
        position = number(header, 189, 4), number(header, 193, 4)
        assert trace == 0 or position > before, "inline-major, ascending, each position once"
        before = position
