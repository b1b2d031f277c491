"""The first 3600 bytes of a file, and what they state, be it right or wrong."""

from dataclasses import dataclass

from storage.segy.fields import (
    EXTENDED_TEXTS,
    EXTRA_TRACE_HEADERS,
    FILE_HEADER_BYTES,
    FIRST_TRACE,
    FORMAT,
    REVISION,
    REVISION_2,
    SAMPLE_TYPES,
    TEXT_BYTES,
    TRACE_HEADER_BYTES,
    ByteOrder,
    binary_field,
    sample_dtype,
)
from storage.segy.file_head import Reading

MOST_TEXTS = 8
"""Extended texts that a file may have without saying so."""

MOST_EXTRA = 16
"""Extra headers of a trace that are believed."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first 3600 bytes, read in one byte order.

    Parameters
    ----------
    raw
        The bytes.
    order
        Byte order.
    code
        Sample format that is believed: the file's, or the user's; it need not exist.
    samples
        Samples of a trace that the user names.
    """

    raw: bytes
    order: ByteOrder
    code: int
    samples: int | None = None

    @property
    def width(self) -> int | None:
        """Bytes of a sample, None where the format does not exist."""
        return sample_dtype(self.code, self.order).itemsize if self.code in SAMPLE_TYPES else None

    @property
    def revision(self) -> int:
        """Such as 0x0100; little-endian files have swapped its two bytes now and then."""
        major, minor = self.raw[REVISION - 1], self.raw[REVISION]
        return minor << 8 if self.order == "little" and not major else major << 8 | minor

    @property
    def header_bytes(self) -> int:
        """Bytes of the headers of a trace; writers use 2 or 4 bytes for the number of extra ones."""
        numbers = (self.field(EXTRA_TRACE_HEADERS, 4), self.field(EXTRA_TRACE_HEADERS))
        extra = [n for n in numbers if 0 < n <= MOST_EXTRA and self.revision >= REVISION_2]
        return TRACE_HEADER_BYTES * (1 + (extra[0] if extra else 0))

    def field(self, byte: int, size: int = 2) -> int:
        """Return a whole number of the binary header, unsigned."""
        return binary_field(self.raw, byte, self.order, size=size, signed=False)

    def first_traces(self, size: int) -> list[int]:
        """Return the offsets at which the first trace may lie, the stated one first."""
        texts = binary_field(self.raw, EXTENDED_TEXTS, self.order)
        stated = FILE_HEADER_BYTES + TEXT_BYTES * max(texts, 0)
        wide = self.field(FIRST_TRACE, 8)
        if self.revision >= REVISION_2 and FILE_HEADER_BYTES <= wide < size:
            stated = wide
        others = [FILE_HEADER_BYTES + TEXT_BYTES * n for n in range(MOST_TEXTS + 1)]
        fits = [offset for offset in (stated, *others) if offset + TRACE_HEADER_BYTES <= size]
        return list(dict.fromkeys(fits))


def head_of(raw: bytes, reading: Reading) -> Head:
    """Return the head of a file in the byte order in which its format exists; the user's word comes first."""
    order = reading.order
    orders: tuple[ByteOrder, ...] = (order,) if order else ("big", "little")
    codes = {each: binary_field(raw, FORMAT, each) for each in orders}
    chosen = next((each for each in orders if codes[each] in SAMPLE_TYPES), orders[0])
    return Head(raw, chosen, reading.format_code or codes[chosen], reading.samples)
