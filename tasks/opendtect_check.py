"""From a SEG-Y file to what OpendTect will see of it: its quick scan, then every trace header once."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from storage.errors import SegyError
from storage.locations import Location
from storage.segy import fields, records
from storage.segy.columns import BLOCK_BYTES, THREADS
from storage.segy.fields import trace_field
from storage.segy.file_head import UNREADABLE_FORMATS
from storage.segy.opendtect.head import REFUSED, Head, head_of
from storage.segy.opendtect.keys import OF_REVISION_0, OF_REVISION_1, Places, keys_at, proposed
from storage.segy.opendtect.setup import Setup, most_first, scanned, set_up
from storage.segy.opendtect.tally import DEAD, EMPTY, Tally, coordinates, tally
from storage.segy.opendtect.view import View
from storage.segy.records import RecordLayout
from storage.segy.source import RecordReader, open_records, source_of

LOOKED_AT = 64
"""Traces whose samples are looked at."""


@dataclass(frozen=True, slots=True)
class _First:
    """What the first trace says: bytes 109, 105 and 117, and the samples of every trace."""

    delay: int
    lag: int
    interval: int
    samples: int

    @property
    def start(self) -> int:
        """First sample in ms or units of depth."""
        return self.delay or -self.lag


def look(path: Location) -> View:
    """Look at a SEG-Y file as OpendTect does; nothing is written.

    Raises
    ------
    SegyError
        If OpendTect cannot read the file at all.
    """
    head, first, layout = _open(path)
    source = source_of([layout])
    with open_records(source) as reader:
        begun = reader.headers(0, most_first(layout.traces))
        places = proposed(begun[: 1 + 225], layout.order, head.revision)
        scan = _scan(reader, begun, places)
        live = scan[~np.isin(trace_field(scan, fields.TRACE_ID, layout.order), list(DEAD))]
        if not len(live):
            live = scan
        places = proposed(live, layout.order, head.revision)
        setup, several = _set_up(live, layout, places)
        guesses = [keys_at(live, layout.order, each) for each in (OF_REVISION_0, OF_REVISION_1)]
        return View(
            str(path),
            head,
            layout.traces,
            layout.trailer_bytes,
            places,
            (guesses[0], guesses[1]),
            first.start,
            (head.interval or first.interval) / 1000,
            layout.samples,
            _tally(reader, layout, places, first),
            setup,
            several,
            _undefined(reader, layout),
            _really(path, layout),
        )


def _open(path: Location) -> tuple[Head, _First, RecordLayout]:
    """Read the file's headers and the first trace's, and lay the records out as OpendTect does."""
    file = records.open_segy(path)
    try:
        size, raw = file.size, file.read(0, fields.FILE_HEADER_BYTES + fields.TRACE_HEADER_BYTES)
    finally:
        file.close()
    if len(raw) < fields.FILE_HEADER_BYTES + fields.TRACE_HEADER_BYTES:
        raise SegyError(path, "no traces are found in it", "Name a SEG-Y file with traces.")
    head = head_of(raw)
    _check_format(path, head)
    trace = np.frombuffer(raw, np.uint8)[None, fields.FILE_HEADER_BYTES :]
    delay, lag, interval, samples = (
        int(trace_field(trace, byte, head.order)[0])
        for byte in (fields.DELAY, fields.LAG_A, fields.TRACE_INTERVAL, fields.TRACE_SAMPLES)
    )
    first = _First(delay, lag, interval & 0xFFFF, head.samples or samples & 0xFFFF)
    return head, first, _layout(path, head, first, size)


def _check_format(path: Location, head: Head) -> None:
    """Refuse what OpendTect refuses, and what is no SEG-Y file by any standard."""
    if head.stated_format == REFUSED:
        raise SegyError(
            path,
            f"OpendTect refuses the sample format {REFUSED} ({UNREADABLE_FORMATS[REFUSED]})",
            "Write the file with format 1, 2, 3, 5 or 8.",
        )
    if head.stated_format not in fields.SAMPLE_TYPES.keys() | UNREADABLE_FORMATS.keys():
        raise SegyError(
            path,
            f"not a SEG-Y file: bytes {fields.FORMAT} and {fields.FORMAT + 1} hold the sample format "
            f"{head.stated_format}, which does not exist",
            "Name a SEG-Y file.",
        )


def _layout(path: Location, head: Head, first: _First, size: int) -> RecordLayout:
    """Return the records as OpendTect takes them: fixed, from byte 3601 on, with headers of 240 bytes."""
    if not first.samples:
        raise SegyError(
            path,
            "OpendTect finds no number of samples, neither in the binary header nor in the first trace",
            "Write it into bytes 3221 and 3222.",
        )
    width = fields.sample_dtype(head.format_code, head.order).itemsize
    record = fields.TRACE_HEADER_BYTES + first.samples * width
    traces, rest = divmod(size - fields.FILE_HEADER_BYTES, record)
    if not traces:
        raise SegyError(
            path,
            f"not one whole trace of {first.samples} samples is in it",
            "Write the number of samples into bytes 3221 and 3222.",
        )
    return RecordLayout(
        path=str(path),
        order=head.order,
        format_code=head.format_code,
        samples=first.samples,
        first=fields.FILE_HEADER_BYTES,
        traces=traces,
        header_bytes=fields.TRACE_HEADER_BYTES,
        trailer_bytes=rest,
        revision=head.revision << 8,
        interval_us=float(head.interval),
        feet=head.feet,
        stamp="",
    )


def _scan(reader: RecordReader, begun: NDArray[np.uint8], places: Places) -> NDArray[np.uint8]:
    """Return the headers of the quick scan, uint8, shape (n, 240)."""
    order = reader.source.order
    inline, crossline = (
        trace_field(begun, byte, order) for byte in (places.inline, places.crossline)
    )
    numbers = scanned(inline, crossline, reader.source.traces)
    later = numbers[numbers >= len(begun)]
    runs = np.split(later, np.flatnonzero(np.diff(later) != 1) + 1)
    parts = [reader.headers(int(run[0]), len(run)) for run in runs if len(run)]
    return np.concatenate([begun[numbers[numbers < len(begun)]], *parts])


def _set_up(
    live: NDArray[np.uint8], layout: RecordLayout, places: Places
) -> tuple[Setup | str, bool]:
    """Return the survey that the wizard proposes, and whether positions repeat."""
    inline, crossline = (
        trace_field(live, byte, layout.order) for byte in (places.inline, places.crossline)
    )
    x, y = coordinates(live, layout.order, places)
    repeats = (np.diff(inline) == 0) & (np.diff(crossline) == 0)
    return set_up(inline, crossline, x, y), bool(repeats.any())


def _tally(reader: RecordReader, layout: RecordLayout, places: Places, first: _First) -> Tally:
    """Judge all traces, in blocks on a few threads."""
    step = max(1, BLOCK_BYTES // layout.record_bytes)

    def block(begin: int) -> Tally:
        headers = reader.headers(begin, min(step, layout.traces - begin))
        start = (first.delay, first.lag)
        return tally(headers, layout.order, places, start=start, samples=first.samples)

    starts = range(0, layout.traces, step)
    with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1, len(starts))) as pool:
        return reduce(Tally.then, pool.map(block, starts), EMPTY)


def _undefined(reader: RecordReader, layout: RecordLayout) -> int:
    """Count samples that are no numbers in some traces, spread over the file."""
    if layout.format_code != 5:
        return 0
    traces = np.unique(np.linspace(0, layout.traces - 1, LOOKED_AT).astype(np.int64))
    raw = np.ascontiguousarray(reader.read(traces)[:, layout.header_bytes :])
    return int(np.count_nonzero(~np.isfinite(raw.view(layout.sample_dtype).astype(np.float64))))


def _really(path: Location, layout: RecordLayout) -> str | None:
    """Say where the records really lie, where OpendTect takes them to lie elsewhere."""
    try:
        real = records.inspect(path)
    except SegyError:
        return None
    if real.first != layout.first:
        return f"the traces begin at byte {real.first + 1}, and are read from byte {layout.first + 1} on"
    if real.header_bytes != layout.header_bytes:
        return f"the traces have {real.header_bytes} bytes of headers, and 240 are taken"
    if real.order != layout.order:
        return f"the file is {real.order}-endian, and is taken for {layout.order}-endian"
    if real.samples != layout.samples:
        return f"the traces have {real.samples} samples, and {layout.samples} are taken"
    return None
