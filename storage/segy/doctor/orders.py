"""Whether file header and trace headers are in one byte order, and in the one that is believed."""

import numpy as np
from numpy.typing import NDArray

from storage.segy.doctor.finding import Finding, OptionValue
from storage.segy.doctor.head import Head
from storage.segy.fields import (
    COORDINATE_SCALAR,
    COORDINATE_UNITS,
    FORMAT,
    INTERVAL,
    SAMPLE_TYPES,
    SAMPLES,
    TRACE_ID,
    TRACE_INTERVAL,
    TRACE_SAMPLES,
    ByteOrder,
    binary_field,
)

POWERS = {sign * 10**n for n in range(5) for sign in (1, -1)}
SURE = 3
"""Fields that must make sense in the other byte order and none in the one of the file header."""


def other_order(order: ByteOrder) -> ByteOrder:
    """Return the byte order that is not this one."""
    return "little" if order == "big" else "big"


def judge_named_order(head: bytes, order: ByteOrder | None) -> list[Finding]:
    """Say whether the byte order that the user names is one in which the file has a format."""
    if order is None or binary_field(head, FORMAT, order) in SAMPLE_TYPES:
        return []
    other = other_order(order)
    code = binary_field(head, FORMAT, other)
    if code not in SAMPLE_TYPES:
        return []
    what = f"the file is {other}-endian, not {order}-endian: its format is then {code}"
    where = f"bytes {FORMAT}-{FORMAT + 1}"
    return [Finding("byte-order", "stops", what, where, {"byte_order": None})]


def judge_trace_order(head: Head, header: NDArray[np.uint8]) -> list[Finding]:
    """Say whether a trace header is in the byte order of the file header.

    Parameters
    ----------
    head
        The file header, in the order that is believed.
    header
        The first trace header, shape (240,).
    """
    other = other_order(head.order)
    if _sense(head, header, head.order) or _sense(head, header, other) < SURE:
        return []
    what = f"the trace headers are {other}-endian, the file header is {head.order}-endian"
    options: dict[str, OptionValue] = {"byte_order": other, "format": head.format_code}
    options["samples"] = head.count(SAMPLES) or _field(header, TRACE_SAMPLES, other)
    if interval := head.count(INTERVAL) or _field(header, TRACE_INTERVAL, other):
        options["sample_interval"] = interval / 1000
    where = f"trace bytes {TRACE_SAMPLES}-{TRACE_INTERVAL + 1}"
    return [Finding("byte-order", "stops", what, where, options)]


def _sense(head: Head, header: NDArray[np.uint8], order: ByteOrder) -> int:
    """Return how many fields of a trace header make sense in a byte order."""
    samples, interval = (_field(header, byte, order) for byte in (TRACE_SAMPLES, TRACE_INTERVAL))
    return sum(
        (
            bool(samples) and samples == head.count(SAMPLES),
            bool(interval) and interval == head.count(INTERVAL),
            0 < _field(header, TRACE_ID, order) < 64,
            _signed(_field(header, COORDINATE_SCALAR, order)) in POWERS,
            0 < _field(header, COORDINATE_UNITS, order) <= 4,
        )
    )


def _field(header: NDArray[np.uint8], byte: int, order: ByteOrder) -> int:
    return int.from_bytes(header[byte - 1 : byte + 1].tobytes(), order)


def _signed(value: int) -> int:
    return value - (1 << 16) if value >> 15 else value
