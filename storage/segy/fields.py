"""Names and places of SEG-Y header fields; the only module that knows byte numbers.

Byte numbers count from 1 as in the standard (SEG-Y revision 1, SEG Technical Standards Committee,
2002), trace fields within the 240-byte trace header, binary fields within the file. The trace field
table is segyio's.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

import numpy as np
import segyio
from numpy.typing import NDArray

ByteOrder = Literal["big", "little"]

TEXT_BYTES: Final = 3200
FILE_HEADER_BYTES: Final = 3600
TRACE_HEADER_BYTES: Final = 240

# Binary file header.
INTERVAL, SAMPLES, FORMAT, SORTING = 3217, 3221, 3225, 3229
MEASUREMENT, REVISION, FIXED_LENGTH, EXTENDED_TEXTS = 3255, 3501, 3503, 3505
# Revision 2 (SEG Technical Standards Committee, 2017): wider fields, and the same in two places.
WIDE_SAMPLES, WIDE_INTERVAL, BYTE_ORDER_MARK = 3269, 3273, 3297
EXTRA_TRACE_HEADERS, FIRST_TRACE, TRAILER_TEXTS = 3507, 3521, 3529
REVISION_2: Final = 0x0200
MARK: Final = 0x01020304
"""What bytes 3297 to 3300 hold in the byte order of the file."""
METRES, FEET = 1, 2
"""Values of the measurement system."""
GEOGRAPHIC: Final = {
    2: ("arc seconds", 324_000),
    3: ("degrees", 90),
    4: ("degrees, minutes, seconds", 900_000),
}
"""Coordinate units that are no lengths, with the pole's latitude in them."""

# Trace header.
SEQUENCE_LINE, SEQUENCE_FILE, FIELD_RECORD, CDP, OFFSET = 1, 5, 9, 21, 37
TRACE_ID, DATA_USE, COORDINATE_SCALAR, SOURCE_X, SOURCE_Y = 29, 35, 71, 73, 77
COORDINATE_UNITS, LAG_A, DELAY, TRACE_SAMPLES, TRACE_INTERVAL = 89, 105, 109, 115, 117
WEIGHTING, CDP_X, CDP_Y, INLINE, CROSSLINE, TIME_SCALAR = 169, 181, 185, 189, 193, 215

LINE_BYTES: Final = ((INLINE, CROSSLINE), (FIELD_RECORD, CDP), (SEQUENCE_FILE, CDP))
"""Where inline and crossline are looked for, in this order."""

SAMPLE_TYPES: Final[Mapping[int, str]] = {
    1: "ibm",
    2: "i4",
    3: "i2",
    5: "f4",
    6: "f8",
    8: "i1",
    9: "i8",
    10: "u4",
    11: "u2",
    12: "u8",
    16: "u1",
}
"""Data sample format codes that can be read, as NumPy type codes without byte order."""


def _trace_fields() -> dict[int, int]:
    """Return byte -> width of the trace header fields of revision 1, from segyio's table."""
    starts = sorted(int(field) for field in segyio.TraceField.enums() if int(field) > 0)
    ends = [*starts[1:], TRACE_HEADER_BYTES + 1]
    return {start: end - start for start, end in zip(starts, ends, strict=True)}


TRACE_FIELDS: Final = _trace_fields()


def width(byte: int) -> int:
    """Return the width of a trace header field in bytes: 2 where the standard says so, else 4."""
    return 2 if TRACE_FIELDS.get(byte) == 2 else 4


def trace_field(headers: NDArray[np.uint8], byte: int, order: ByteOrder) -> NDArray[np.int32]:
    """Return one field of many trace headers.

    Parameters
    ----------
    headers
        Raw headers, shape (n, 240).
    byte
        First byte of the field, from 1.
    order
        Byte order of the file.

    Returns
    -------
    ndarray of int32, shape (n,)
    """
    size = width(byte)
    raw = np.ascontiguousarray(headers[:, byte - 1 : byte - 1 + size])
    return raw.view(f"{_mark(order)}i{size}")[:, 0].astype(np.int32)


def set_trace_field(
    headers: NDArray[np.uint8], byte: int, values: NDArray[np.int32] | int
) -> None:
    """Write one big-endian field into many trace headers, in place; shape (n, 240)."""
    size = width(byte)
    column = np.broadcast_to(np.asarray(values), len(headers)).astype(f">i{size}")
    headers[:, byte - 1 : byte - 1 + size] = column.view(np.uint8).reshape(-1, size)


def binary_field(
    file_header: bytes, byte: int, order: ByteOrder, *, size: int = 2, signed: bool = True
) -> int:
    """Return a whole number of the binary file header; ``file_header`` is the first 3600 bytes."""
    return int.from_bytes(file_header[byte - 1 : byte - 1 + size], order, signed=signed)


def to_big_endian(headers: NDArray[np.uint8], order: ByteOrder) -> NDArray[np.uint8]:
    """Return a copy of raw trace headers, shape (n, 240), with every field big-endian.

    Bytes 203 to 232 and 233 to 240 hold fields that segyio's table groups by their widths; whatever
    is wider than four bytes is text or unassigned and stays as it is.
    """
    swapped = headers.copy()
    if order == "little":
        for byte, size in TRACE_FIELDS.items():
            if size in (2, 4):
                swapped[:, byte - 1 : byte - 1 + size] = headers[:, byte - 1 : byte - 1 + size][
                    :, ::-1
                ]
    return swapped


def _mark(order: ByteOrder) -> str:
    return ">" if order == "big" else "<"


@cache
def sample_dtype(code: int, order: ByteOrder) -> np.dtype[np.generic]:
    """Return the type of the samples as they lie in the file; IBM words as unsigned integers."""
    kind = SAMPLE_TYPES[code]
    return np.dtype(_mark(order) + ("u4" if kind == "ibm" else kind))
