"""Trace records by trace number: the part of a file that one job needs, read in few calls."""

import os
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from storage.errors import SegyError
from storage.segy.fields import FILE_HEADER_BYTES
from storage.segy.records import RecordLayout


def read_file_header(layout: RecordLayout) -> NDArray[np.uint8]:
    """Return text, binary and extended headers as they are, uint8, shape (3600 + 3200 n,)."""
    with open(layout.path, "rb") as file:  # noqa: PTH123 - the layout holds a plain path
        return np.frombuffer(file.read(max(layout.first, FILE_HEADER_BYTES)), np.uint8)


def read_records(layout: RecordLayout, traces: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return whole records, uint8, shape (n, record_bytes), in the order of ``traces``.

    Traces that lie one after the other in the file are read in one call.

    Raises
    ------
    SegyError
        If the file is shorter than it was when it was scanned.
    """
    order = np.argsort(traces, kind="stable")
    ascending = traces[order]
    records = np.empty((len(traces), layout.record_bytes), np.uint8)
    starts = np.flatnonzero(np.diff(ascending, prepend=-2) != 1)
    descriptor = os.open(layout.path, os.O_RDONLY)
    try:
        for start, stop in pairwise([*starts, len(ascending)]):
            _read_run(descriptor, layout, int(ascending[start]), records[start:stop])
    finally:
        os.close(descriptor)
    if np.array_equal(order, np.arange(len(order))):
        return records
    result = np.empty_like(records)
    result[order] = records
    return result


def _read_run(
    descriptor: int, layout: RecordLayout, first: int, records: NDArray[np.uint8]
) -> None:
    """Fill ``records`` with consecutive traces; one call moves at most 2 GiB."""
    view = records.reshape(-1).data
    offset, done = layout.offset(first), 0
    while done < len(view):
        count = os.preadv(descriptor, [view[done:]], offset + done)
        if count == 0:
            raise SegyError(
                layout.path,
                f"the file ends within trace {first + done // layout.record_bytes + 1}; it was whole "
                "when it was scanned",
                "See what changed the file, then run again.",
            )
        done += count
