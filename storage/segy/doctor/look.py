"""The little that a doctor reads beside the headers of a scan: a bounded number of bytes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.files import RandomAccess
from storage.segy.columns import Column
from storage.segy.coordinates import are_known, factors_of, says_something
from storage.segy.doctor.grids import Coordinates2D
from storage.segy.fields import (
    CDP_X,
    CDP_Y,
    COORDINATE_SCALAR,
    SOURCE_X,
    SOURCE_Y,
    ByteOrder,
    trace_field,
)
from storage.segy.source import RecordReader, Source, open_records

Bytes = NDArray[np.uint8]

RUNS, MOST_HEADERS = 8, 8192
"""Runs of neighbouring traces whose headers are read, and the headers in all."""

HEADER_BYTES, SAMPLE_BYTES = 64 << 20, 24 << 20
"""Of whole records that are read for headers, and for samples."""

TRACES = 300
"""Traces whose samples are read."""

GROUP_X, GROUP_Y = 81, 85
COORDINATE_PLACES = ((CDP_X, CDP_Y), (SOURCE_X, SOURCE_Y), (GROUP_X, GROUP_Y))


@dataclass(frozen=True, slots=True, eq=False)
class Headers:
    """Some trace headers.

    Parameters
    ----------
    numbers
        Of the traces, ascending, int64.
    raw
        Shape (n, 240).
    order
        Byte order.
    whole
        True where they are those of all traces.
    coordinate_scalar
        What the user names instead of theirs.
    """

    numbers: NDArray[np.int64]
    raw: Bytes
    order: ByteOrder
    whole: bool
    coordinate_scalar: int | None = None

    def field(self, byte: int) -> Column:
        """Return a field of all these headers."""
        return trace_field(self.raw, byte, self.order)

    @property
    def coordinate_scalars(self) -> Column:
        """What stands for the coordinate scalar of each: one for all where the user names it."""
        if self.coordinate_scalar is None:
            return self.field(COORDINATE_SCALAR)
        return np.array([self.coordinate_scalar], np.int32)


def some_headers(source: Source, coordinate_scalar: int | None = None) -> Headers:
    """Return the headers of all traces of a small survey, else of runs of traces spread over it."""
    most = min(MOST_HEADERS, max(RUNS * 16, HEADER_BYTES // source.record_bytes))
    with open_records(source) as reader:
        if source.traces <= most:
            starts, length = [0], source.traces
        else:
            length = most // RUNS
            starts = np.linspace(0, source.traces - length, RUNS).astype(int).tolist()
        raw = np.concatenate([_run(reader, start, length) for start in starts])
    numbers = np.concatenate([np.arange(start, start + length) for start in starts])
    return Headers(numbers, raw, source.order, source.traces <= most, coordinate_scalar)


def some_samples(source: Source) -> tuple[NDArray[np.int64], Bytes]:
    """Return the sample bytes of some traces spread over a survey, with the numbers of the traces."""
    most = max(2, min(TRACES, SAMPLE_BYTES // source.record_bytes))
    numbers = np.unique(np.linspace(0, source.traces - 1, most).astype(np.int64))
    with open_records(source) as reader:
        return numbers, reader.read(numbers)[:, source.header_bytes :]


def payloads(file: RandomAccess, first: int, header_bytes: int, record: int, traces: int) -> Bytes:
    """Return what lies between the headers of some records, whatever it is; shape (n, bytes)."""
    most = max(2, min(TRACES, SAMPLE_BYTES // record))
    numbers = np.unique(np.linspace(0, traces - 1, most).astype(np.int64))
    offsets = first + numbers * record + header_bytes
    rows = [
        np.frombuffer(file.read(int(offset), record - header_bytes), np.uint8)
        for offset in offsets
    ]
    return np.stack([row for row in rows if len(row) == record - header_bytes])


def coordinates_at(headers: Headers, pair: tuple[int, int]) -> Coordinates2D | None:
    """Return coordinates from one place, None where it holds nothing or the same for all traces."""
    raw_x, raw_y = (headers.field(byte) for byte in pair)
    if not says_something(raw_x, raw_y):
        return None
    known, factor = are_known(raw_x, raw_y), factors_of(headers.coordinate_scalars)
    x, y = (np.where(known, raw * factor, np.nan) for raw in (raw_x, raw_y))
    return Coordinates2D(pair, x, y)


def _run(reader: RecordReader, start: int, count: int) -> Bytes:
    """Read headers a few MiB of records at a time."""
    step = max(1, (4 << 20) // reader.source.record_bytes)
    parts = [
        reader.headers(at, min(step, start + count - at)).copy()
        for at in range(start, start + count, step)
    ]
    return np.concatenate(parts)
