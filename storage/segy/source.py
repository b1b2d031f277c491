"""The trace records of a survey, whether they lie in one file or in many: one run of trace numbers.

::

    file 0: traces 0 .. n0-1      file 1: traces n0 .. n0+n1-1      ...
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.errors import SegyError
from storage.files import FewOpen, RandomAccess, open_file
from storage.locations import is_remote
from storage.segy.fields import TRACE_HEADER_BYTES, ByteOrder
from storage.segy.records import RecordLayout

Traces = NDArray[np.signedinteger[Any]]
"""Trace numbers, from 0: int64, or int32 where there may be as many as there are traces."""

LONG_RECORD = 64 << 10
"""From here on it is quicker to skip samples of a local file than to read them."""

REQUEST_BYTES = 1 << 20
"""What a request to object storage costs, in bytes that could be read meanwhile."""

SPAN_BYTES = 16 << 20
"""Most that is read at once to pick traces from."""


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one survey, or some of them; their records are of one kind.

    Parameters
    ----------
    files
        How their records lie.
    starts
        Number of every file's first trace in the survey, ascending.
    """

    files: tuple[RecordLayout, ...]
    starts: tuple[int, ...]

    @property
    def first(self) -> RecordLayout:
        """The first file, which stands for all where they are alike."""
        return self.files[0]

    @property
    def path(self) -> str:
        """Name for messages: the first file."""
        return self.first.path

    @property
    def traces(self) -> int:
        """Number of traces in these files."""
        return sum(file.traces for file in self.files)

    @property
    def samples(self) -> int:
        """Samples of a trace."""
        return self.first.samples

    @property
    def format_code(self) -> int:
        """Data sample format."""
        return self.first.format_code

    @property
    def order(self) -> ByteOrder:
        """Byte order."""
        return self.first.order

    @property
    def header_bytes(self) -> int:
        """Bytes of the headers of a trace."""
        return self.first.header_bytes

    @property
    def record_bytes(self) -> int:
        """Bytes of a trace with its headers."""
        return self.first.record_bytes

    def holding(self, traces: Traces) -> "Source":
        """Return the files that hold some traces; negative numbers are none."""
        if len(self.files) == 1:
            return self
        starts = np.array(self.starts)
        numbers = np.unique(np.searchsorted(starts, traces[traces >= 0], side="right") - 1)
        return Source(
            tuple(self.files[number] for number in numbers), tuple(starts[numbers].tolist())
        )


def source_of(files: list[RecordLayout]) -> Source:
    """Join files to one survey.

    Raises
    ------
    SegyError
        If their records are not of one kind, or two have one name: an export could not tell them apart.
    """
    first, named = files[0], dict[str, str]()
    for file in files:
        name = Path(file.path).name
        if name in named:
            raise SegyError(
                file.path,
                f"it has the name of {named[name]}, and one folder cannot hold both",
                "Give every file a name of its own.",
            )
        named[name] = file.path
    for file in files[1:]:
        for what in ("samples", "format_code", "order", "header_bytes", "interval_us"):
            mine, theirs = getattr(file, what), getattr(first, what)
            if mine != theirs:
                raise SegyError(
                    file.path,
                    f"its {what.replace('_', ' ')} is {mine} and that of {first.path} is {theirs}",
                    "Ingest files of one survey together, others on their own.",
                )
    counts = [file.traces for file in files[:-1]]
    return Source(tuple(files), tuple(accumulate(counts, initial=0)))


class RecordReader:
    """Records by trace number, from files that are opened as they are read; made by `open_records`."""

    def __init__(self, source: Source, files: FewOpen[RandomAccess]) -> None:
        self.source = source
        self._files = files
        self._starts = np.array(source.starts)

    def read(self, traces: Traces) -> NDArray[np.uint8]:
        """Return whole records, uint8, shape (n, record_bytes); traces ascend.

        Traces that lie one after the other in a file are read in one call.

        Raises
        ------
        SegyError
            If a file is shorter than it was when it was scanned.
        """
        records = np.empty((len(traces), self.source.record_bytes), np.uint8)
        gap = (REQUEST_BYTES if is_remote(self.source.path) else 0) // self.source.record_bytes
        longest = max(1, SPAN_BYTES // self.source.record_bytes)
        start = 0
        for stop in self._ends(traces, gap):
            first, last = int(traces[start]), int(traces[stop - 1])
            if last - first == stop - start - 1:
                self._read_run(first, records[start:stop])
            else:
                self._read_scattered(traces[start:stop], records[start:stop], longest)
            start = stop
        return records

    def _ends(self, traces: Traces, gap: int) -> list[int]:
        """Return where traces stop that are read together: gaps are small, and the file is one."""
        cuts = np.diff(traces) > gap + 1
        if len(self.source.files) > 1:
            number = np.searchsorted(self._starts, traces, side="right")
            cuts |= np.diff(number) != 0
        return [*(np.flatnonzero(cuts) + 1), len(traces)] if len(traces) else []

    def _read_scattered(self, traces: Traces, records: NDArray[np.uint8], longest: int) -> None:
        """Read what lies between wanted traces along with them, since requests cost more than bytes."""
        start = 0
        while start < len(traces):
            first = int(traces[start])
            stop = int(np.searchsorted(traces, first + longest))
            span = np.empty((int(traces[stop - 1]) - first + 1, records.shape[1]), np.uint8)
            self._read_run(first, span)
            records[start:stop] = span[traces[start:stop] - first]
            start = stop

    def headers(self, start: int, count: int) -> NDArray[np.uint8]:
        """Return the first 240 header bytes of consecutive traces, uint8, shape (n, 240).

        Short records are read whole, of long ones the headers alone.
        """
        traces = np.arange(start, start + count)
        long = REQUEST_BYTES if is_remote(self.source.path) else LONG_RECORD
        if self.source.record_bytes <= long:
            return self.read(traces)[:, :TRACE_HEADER_BYTES]
        headers = np.empty((count, TRACE_HEADER_BYTES), np.uint8)
        numbers = np.searchsorted(self._starts, traces, side="right") - 1
        for row, (trace, number) in enumerate(zip(traces, numbers, strict=True)):
            offset = self.source.files[number].offset(int(trace - self._starts[number]))
            with self._files.using(int(number)) as file:
                file.read_into(offset, headers[row])
        return headers

    def _read_run(self, first: int, records: NDArray[np.uint8]) -> None:
        number = int(np.searchsorted(self._starts, first, side="right")) - 1
        layout, local = self.source.files[number], first - int(self._starts[number])
        flat = records.reshape(-1)
        with self._files.using(number) as file:
            done = file.read_into(layout.offset(local), flat)
        if done < flat.size:
            raise SegyError(
                layout.path,
                f"the file ends within trace {local + done // layout.record_bytes + 1}; it was whole "
                "when it was scanned",
                "See what changed the file, then run again.",
            )


@contextmanager
def open_records(source: Source) -> Iterator[RecordReader]:
    """Read the files of a survey by trace number; several threads may read.

    Raises
    ------
    SegyError
        If a file is gone when it is read.
    """

    def open_one(number: int) -> RandomAccess:
        path = source.files[number].path
        try:
            return open_file(path)
        except FileNotFoundError:
            raise SegyError(path, "the file is gone", "Put it back and run again.") from None

    files = FewOpen(open_one, lambda file: file.close())
    try:
        yield RecordReader(source, files)
    finally:
        files.close()


def file_headers(source: Source) -> list[NDArray[np.uint8]]:
    """Return text, binary and extended headers of every file as they are."""
    return [_part(file, 0, file.first) for file in source.files]


def trailers(source: Source) -> list[NDArray[np.uint8]]:
    """Return what follows the last whole trace of every file."""
    return [_part(file, file.end, file.trailer_bytes) for file in source.files]


def _part(layout: RecordLayout, offset: int, count: int) -> NDArray[np.uint8]:
    if not count:
        return np.empty(0, np.uint8)
    file = open_file(layout.path)
    try:
        return np.frombuffer(file.read(offset, count), np.uint8)
    finally:
        file.close()
