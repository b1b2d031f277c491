"""How long a trace record is: what the headers state, as far as the size of the file bears it out."""

from typing import NamedTuple

import numpy as np

from storage.errors import SegyError
from storage.files import RandomAccess
from storage.locations import Location
from storage.segy import fields
from storage.segy.fields import (
    SAMPLES,
    TEXT_BYTES,
    TRACE_HEADER_BYTES,
    TRACE_SAMPLES,
    binary_field,
)
from storage.segy.file_head import LARGEST_FILE_HEADER, FileHead, Reading

LARGEST_GUESS = 65535
STEADY = (9, 11, 29, 31, 33, 71, 89, 115, 117, 181, 185, 189)
"""Two-byte pieces of a trace header that are the same in most neighbours: kinds, scalars, counts, and
the upper halves of line numbers and coordinates."""

LIKE, CHANCE = 0.6, 0.1
"""From when on headers are taken for headers, and how much likeness says nothing."""

PROBES = 12
"""Trace headers looked at to tell which of two record lengths is right."""


class RecordShape(NamedTuple):
    """Equal records: samples and header bytes of each, their number, and the bytes after the last."""

    samples: int
    header_bytes: int
    traces: int
    trailer_bytes: int


class RecordSearch:
    """The search for the record length: stated counts first, then what the file's size allows."""

    def __init__(self, path: Location, file: RandomAccess, head: FileHead) -> None:
        self.path, self.file, self.head = path, file, head
        self.room = file.size - head.first
        self.trace_header = file.read(head.first, TRACE_HEADER_BYTES)

    def find(self, reading: Reading) -> RecordShape:
        """Return samples and header bytes of a trace, number of traces, bytes of the trailer."""
        counts = [reading.samples] if reading.samples else self._stated_samples()
        fits = []
        for samples in counts:
            for header_bytes in self._header_bytes():
                record = header_bytes + samples * self.head.width
                for trailer in self._trailers(record):
                    traces, rest = divmod(self.room - trailer, record)
                    if traces > 0 and not rest:
                        fits.append(RecordShape(samples, header_bytes, traces, trailer))
        if fits:
            return max(fits, key=self._likeness) if len(fits) > 1 else fits[0]
        return self._torn(counts, reading)

    def _torn(self, counts: list[int], reading: Reading) -> RecordShape:
        """Return the whole traces of a file that no count divides, or say what is wrong with it."""
        header_bytes = self._header_bytes()[0]
        if not counts:
            raise SegyError(
                self.path,
                f"the number of samples is zero at bytes {SAMPLES} and, in the first trace, "
                f"{TRACE_SAMPLES}",
                self._advice("Name it with --samples."),
            )
        splits = [
            RecordShape(
                samples, header_bytes, *divmod(self.room, header_bytes + samples * self.head.width)
            )
            for samples in counts
        ]
        best = max(splits, key=self._likeness)
        if reading.salvage and best.traces:
            return best
        record = header_bytes + best.samples * self.head.width
        raise SegyError(
            self.path,
            f"the file is truncated or has traces of unequal length: after {best.traces} traces of "
            f"{best.samples} samples {best.trailer_bytes} bytes are left of a record of {record}",
            self._advice("Copy or export it again, or read its whole traces with --salvage."),
        )

    def _advice(self, otherwise: str) -> str:
        """Name the count of samples that fits the file, where there is one."""
        guess = self.guess()
        return f"--samples {guess} fits the file; if not: {otherwise}" if guess else otherwise

    def _stated_samples(self) -> list[int]:
        """Return the counts of samples that the headers state, the most trusted first."""
        wide = self.head.field(fields.WIDE_SAMPLES, size=4)
        counts = [wide] if self.head.revision >= fields.REVISION_2 else []
        counts.append(self.head.field(SAMPLES, signed=False))
        counts.append(
            binary_field(self.trace_header, TRACE_SAMPLES, self.head.order, signed=False)
        )
        return [n for n in dict.fromkeys(counts) if 0 < n * self.head.width < self.room]

    def _header_bytes(self) -> list[int]:
        """Return what the headers of a trace may take; writers use 2 or 4 bytes for their number."""
        if self.head.revision < fields.REVISION_2:
            return [TRACE_HEADER_BYTES]
        numbers = [self.head.field(fields.EXTRA_TRACE_HEADERS, size=size) for size in (4, 2)]
        most = self.room // TRACE_HEADER_BYTES
        extra = [n for n in dict.fromkeys(numbers) if 0 < n < most]
        return [TRACE_HEADER_BYTES * (1 + n) for n in (*extra, 0)]

    def _trailers(self, record: int) -> list[int]:
        """Return what may follow the last trace: nothing, or the texts of revision 2."""
        if self.head.revision < fields.REVISION_2:
            return [0]
        stated = self.head.field(fields.TRAILER_TEXTS, size=4)
        if stated > 0:
            return [n for n in (TEXT_BYTES * stated, 0) if n < self.room]
        return [self._unstated_trailer(record), 0] if stated == -1 else [0]

    def _unstated_trailer(self, record: int) -> int:
        """Return the bytes of the texts at the end of a file that does not say how many there are."""
        found = 0
        for texts in range(1, min(self.room // TEXT_BYTES, LARGEST_FILE_HEADER // TEXT_BYTES) + 1):
            begins = self.file.read(self.file.size - texts * TEXT_BYTES, 2)
            if (
                begins in (b"((", "((".encode("cp037"))
                and not (self.room - texts * TEXT_BYTES) % record
            ):
                found = texts * TEXT_BYTES
        return found

    def _likeness(self, fit: RecordShape) -> float:
        """Return how far the headers at a record length look like the first: 1 is fully."""
        return self.likeness(fit.header_bytes + fit.samples * self.head.width, fit.traces)

    def likeness(self, record: int, traces: int) -> float:
        """Compare fields that seldom change from trace to trace at a record length."""
        first = np.frombuffer(self.trace_header, np.uint8)
        alike = [0.0]
        for trace in sorted({1, 2, *np.linspace(1, max(traces - 1, 1), PROBES).astype(int)}):
            header = self.file.read(self.head.first + int(trace) * record, TRACE_HEADER_BYTES)
            if trace >= traces or len(header) < TRACE_HEADER_BYTES:
                continue
            same = np.frombuffer(header, np.uint8) == first
            steady = [same[b - 1 : b + 1].all() for b in STEADY]
            alike.append(float(np.mean(steady)))
        return float(np.mean(alike[1:])) if len(alike) > 1 else 0.0

    def guess(self) -> int | None:
        """Return the count of samples with which headers look like headers, None where none does."""
        header_bytes = self._header_bytes()[-1]
        enough, found = LIKE, None
        for samples in range(1, min(LARGEST_GUESS, self.room // self.head.width) + 1):
            record = header_bytes + samples * self.head.width
            traces, rest = divmod(self.room, record)
            if traces > 1 and not rest and (likeness := self.likeness(record, traces)) > enough:
                # Two records and more fit as well as one, now and then by chance a little better.
                enough, found = likeness + CHANCE, samples
        return found
