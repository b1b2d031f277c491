"""The first 3600 bytes of a file that a doctor reads: what they state may be wrong, or make no sense."""

from dataclasses import dataclass

from storage.segy.fields import (
    EXTENDED_TEXTS,
    EXTRA_TRACE_HEADERS,
    FILE_HEADER_BYTES,
    REVISION_2,
    SAMPLE_TYPES,
    TEXT_BYTES,
    TRACE_HEADER_BYTES,
    sample_dtype,
)
from storage.segy.file_head import Reading, StatedHead, believed

MOST_TEXTS = 8
"""Extended texts that a file may have without saying so."""

MOST_EXTRA = 16
"""Extra headers of a trace that are believed."""


@dataclass(frozen=True, slots=True)
class Head(StatedHead):
    """The first 3600 bytes, read in one byte order.

    Parameters
    ----------
    samples
        Samples of a trace that the user names.
    """

    samples: int | None = None

    @property
    def width(self) -> int | None:
        """Bytes of a sample, None where the format does not exist."""
        known = self.format_code in SAMPLE_TYPES
        return sample_dtype(self.format_code, self.order).itemsize if known else None

    @property
    def header_bytes(self) -> int:
        """Bytes of the headers of a trace; writers use 2 or 4 bytes for the number of extra ones."""
        numbers = (self.count(EXTRA_TRACE_HEADERS, 4), self.count(EXTRA_TRACE_HEADERS))
        extra = [n for n in numbers if 0 < n <= MOST_EXTRA and self.revision >= REVISION_2]
        return TRACE_HEADER_BYTES * (1 + (extra[0] if extra else 0))

    def count(self, byte: int, size: int = 2) -> int:
        """Return a whole number of the binary header that has no sign."""
        return self.field(byte, size=size, signed=False)

    def first_traces(self, size: int) -> list[int]:
        """Return the offsets at which the first trace may lie, the stated one first."""
        texts = max(self.field(EXTENDED_TEXTS), 0)
        stated = self.stated_first(size) or FILE_HEADER_BYTES + TEXT_BYTES * texts
        others = [FILE_HEADER_BYTES + TEXT_BYTES * n for n in range(MOST_TEXTS + 1)]
        fits = [offset for offset in (stated, *others) if offset + TRACE_HEADER_BYTES <= size]
        return list(dict.fromkeys(fits))


def head_of(raw: bytes, reading: Reading) -> Head:
    """Return the head of a file as an ingest would read it."""
    return Head(raw, *believed(raw, reading), reading.samples)
