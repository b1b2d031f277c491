"""What OpendTect concludes from the text and binary headers of a SEG-Y file.

The rules are those of its ``segyhdr.cc`` and ``segyuiscandata.cc`` (branches od7.0 to 8.1). They differ from
the standard in places: the data always begin at byte 3601, and 0x0101 is no revision.
"""

import re
from dataclasses import dataclass
from typing import Final

from storage.segy import fields
from storage.segy.fields import ByteOrder, binary_field

ACCEPTED: Final = {
    1: "IBM float",
    2: "32-bit integer",
    3: "16-bit integer",
    5: "IEEE float",
    8: "8-bit integer",
}
"""Sample formats that it decodes; it takes every other code for 1, and refuses 4."""
REFUSED: Final = 4
REPLACEMENT: Final = 1
REVISIONS: Final = {1: 1, 256: 1, 2: 2, 512: 2}
"""What it reads in bytes 3501 and 3502; everything else is revision 0."""
EBCDIC_C: Final = (0xC3, 0x83)
"""The letter C, large or small: a text that begins otherwise is taken for ASCII."""
TABLE: Final = str.maketrans("\xa2!|\xac\xa6[]^", "[]!^|...")
"""Where its table of EBCDIC is not code page 037: brackets, above all."""
PROJECTION = re.compile(r"Projection: .*?\[([^\]]+)\]")


@dataclass(frozen=True, slots=True)
class Head:
    """The headers before the traces, as OpendTect takes them.

    Parameters
    ----------
    text
        40 lines of the text header, decoded as it decodes them.
    ebcdic
        Whether it takes the text for EBCDIC.
    crs
        Authority code of a coordinate system that the wizard picks from the text, None without one.
    order
        Byte order.
    revision, stated_revision
        0, 1 or 2, and what bytes 3501 and 3502 hold.
    interval
        Bytes 3217 and 3218 as a whole number; 0: the trace headers are asked.
    samples
        Bytes 3221 and 3222 as a whole number; 0: the trace headers are asked.
    stated_format
        Bytes 3225 and 3226.
    feet
        Whether the lengths are in feet.
    fixed_length
        Bytes 3503 and 3504.
    extended_texts
        Bytes 3505 and 3506.
    """

    text: tuple[str, ...]
    ebcdic: bool
    crs: str | None
    order: ByteOrder
    revision: int
    stated_revision: int
    interval: int
    samples: int
    stated_format: int
    feet: bool
    fixed_length: int
    extended_texts: int

    @property
    def format_code(self) -> int:
        """The sample format that it decodes."""
        return self.stated_format if self.stated_format in ACCEPTED else REPLACEMENT


def head_of(raw: bytes) -> Head:
    """Read the first 3600 bytes of a file."""
    order = _byte_order(raw)
    ebcdic = raw[0] in EBCDIC_C
    decoded = raw[: fields.TEXT_BYTES].decode("cp037" if ebcdic else "latin-1")
    decoded = decoded.translate(TABLE) if ebcdic else decoded
    text = "".join(letter if letter.isprintable() else "." for letter in decoded)
    lines = tuple(text[start : start + 80] for start in range(0, fields.TEXT_BYTES, 80))
    projection = next(filter(None, map(PROJECTION.search, lines)), None)
    stated = binary_field(raw, fields.REVISION, order, signed=False)
    return Head(
        lines,
        ebcdic,
        projection[1] if projection else None,
        order,
        REVISIONS.get(stated, 0),
        stated,
        binary_field(raw, fields.INTERVAL, order, signed=False),
        binary_field(raw, fields.SAMPLES, order, signed=False),
        binary_field(raw, fields.FORMAT, order),
        binary_field(raw, fields.MEASUREMENT, order) == fields.FEET,
        binary_field(raw, fields.FIXED_LENGTH, order),
        binary_field(raw, fields.EXTENDED_TEXTS, order),
    )


def _byte_order(raw: bytes) -> ByteOrder:
    """Take the file for swapped where the format is no number of 0 to 100, and is one of 1 to 8 swapped."""
    if 0 <= binary_field(raw, fields.FORMAT, "big") <= 100:
        return "big"
    return "little" if 1 <= binary_field(raw, fields.FORMAT, "little") <= 8 else "big"
