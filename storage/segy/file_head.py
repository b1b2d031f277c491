"""What the headers of a SEG-Y file say before any trace: byte order, format, revision, first trace."""

from dataclasses import dataclass

from storage.errors import SegyError
from storage.files import RandomAccess
from storage.locations import Location
from storage.segy import fields
from storage.segy.fields import (
    BYTE_ORDER_MARK,
    EXTENDED_TEXTS,
    FILE_HEADER_BYTES,
    FORMAT,
    SAMPLE_TYPES,
    SAMPLES,
    TEXT_BYTES,
    TRACE_HEADER_BYTES,
    ByteOrder,
    binary_field,
    sample_dtype,
)

UNREADABLE_FORMATS = {4: "fixed point with gain", 7: "24-bit integers", 15: "24-bit unsigned"}
LARGEST_FILE_HEADER = 64 << 20
"""Texts before the first trace beyond this are no texts."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the user says of a file that says it wrong; None: believe the file.

    Parameters
    ----------
    samples
        Samples of every trace.
    format_code
        Data sample format.
    order
        Byte order.
    salvage
        Read the whole traces of a file that ends within one.
    """

    samples: int | None = None
    format_code: int | None = None
    order: ByteOrder | None = None
    salvage: bool = False


@dataclass(frozen=True, slots=True)
class StatedHead:
    """What the first bytes of a file state in one byte order, be it right or wrong.

    Parameters
    ----------
    raw
        Text and binary header, 3600 bytes.
    order
        Byte order of headers and samples.
    format_code
        Data sample format, which need not exist.
    """

    raw: bytes
    order: ByteOrder
    format_code: int

    @property
    def revision(self) -> int:
        """Such as 0x0100: two bytes that revision 2 never swaps, revision 1 did."""
        major, minor = self.raw[fields.REVISION - 1 : fields.REVISION + 1]
        if self.order == "little" and not major:
            return minor << 8
        return major << 8 | minor

    def field(self, byte: int, *, size: int = 2, signed: bool = True) -> int:
        """Return a whole number of the binary header."""
        return binary_field(self.raw, byte, self.order, size=size, signed=signed)

    def stated_first(self, size: int) -> int | None:
        """Return the offset of the first trace that revision 2 states, None where the file has none there."""
        stated = self.field(fields.FIRST_TRACE, size=8, signed=False)
        inside = FILE_HEADER_BYTES <= stated <= min(size, LARGEST_FILE_HEADER)
        return stated if inside and self.revision >= fields.REVISION_2 else None


@dataclass(frozen=True, slots=True)
class FileHead(StatedHead):
    """The part of a file before its traces, in a format that can be read.

    Parameters
    ----------
    first
        Byte offset of the first trace header.
    """

    first: int

    @property
    def width(self) -> int:
        """Bytes of a sample."""
        return sample_dtype(self.format_code, self.order).itemsize


def read_head(path: Location, file: RandomAccess, reading: Reading) -> FileHead:
    """Read the file headers.

    Raises
    ------
    SegyError
        If the file is no SEG-Y file that can be read.
    """
    raw = file.read(0, FILE_HEADER_BYTES)
    order, code = believed(raw, reading)
    if code not in SAMPLE_TYPES:
        raise _unreadable(path, raw, reading)
    head = StatedHead(raw, order, code)
    return FileHead(raw, order, code, _first_trace(path, file, head))


def believed(raw: bytes, reading: Reading) -> tuple[ByteOrder, int]:
    """Return byte order and sample format: the user's word, else the order in which the format exists.

    Parameters
    ----------
    raw
        The first 3600 bytes.
    reading
        What the user says.

    Returns
    -------
    order, format_code
        The format need not exist.
    """
    orders = _orders(reading)
    mark = [o for o in orders if binary_field(raw, BYTE_ORDER_MARK, o, size=4) == fields.MARK]
    codes = {order: binary_field(raw, FORMAT, order) for order in (*mark, *orders)}
    readable = [order for order, code in codes.items() if code in SAMPLE_TYPES]
    if reading.format_code is not None:
        return (mark or readable or list(orders))[0], reading.format_code
    order = (readable or mark or list(orders))[0]
    return order, codes[order]


def _orders(reading: Reading) -> tuple[ByteOrder, ...]:
    return (reading.order,) if reading.order else ("big", "little")


def _unreadable(path: Location, raw: bytes, reading: Reading) -> SegyError:
    """Return what is wrong with a format that cannot be read."""
    if reading.format_code is not None:
        return SegyError(
            path,
            f"the sample format {reading.format_code} that is named cannot be read",
            f"Name one of {', '.join(map(str, SAMPLE_TYPES))} with --format.",
        )
    codes = [binary_field(raw, FORMAT, order) for order in _orders(reading)]
    for code in codes:
        if code in UNREADABLE_FORMATS:
            return SegyError(
                path,
                f"the sample format {code} ({UNREADABLE_FORMATS[code]}) cannot be read",
                "Write the file with format 1, 5 or 8.",
            )
    return SegyError(
        path,
        f"not a SEG-Y file: bytes {FORMAT} to {FORMAT + 1} hold the sample format {codes[0]}, which "
        "does not exist",
        "Name a SEG-Y file; if it is one, name its format with --format.",
    )


def _first_trace(path: Location, file: RandomAccess, head: StatedHead) -> int:
    """Return the offset of the first trace: after the extended texts, or where revision 2 says."""
    texts = head.field(EXTENDED_TEXTS)
    if stated := head.stated_first(file.size):
        return stated
    if not head.revision:
        # The field had no meaning yet: it is believed where whole records then fill the file.
        samples = head.field(SAMPLES, signed=False)
        record = TRACE_HEADER_BYTES + samples * sample_dtype(head.format_code, head.order).itemsize
        rest = file.size - FILE_HEADER_BYTES - TEXT_BYTES * texts
        texts = texts if texts > 0 and rest > 0 and rest % record == 0 else 0
    if texts < 0:
        texts = _count_texts(path, file)
    first = FILE_HEADER_BYTES + TEXT_BYTES * texts
    if first > min(file.size, LARGEST_FILE_HEADER):
        raise SegyError(
            path,
            f"bytes {EXTENDED_TEXTS} to {EXTENDED_TEXTS + 1} state {texts} extended text headers, more "
            "than the file has room for",
            "Correct that number.",
        )
    return first


def _count_texts(path: Location, file: RandomAccess) -> int:
    """Return how many extended texts there are where the file does not say: the last one says so."""
    offset = FILE_HEADER_BYTES
    while offset < min(file.size, LARGEST_FILE_HEADER):
        text = file.read(offset, TEXT_BYTES)
        offset += TEXT_BYTES
        for decoded in (text.decode("latin-1"), text.decode("cp037")):
            if "((SEG:ENDTEXT))" in "".join(decoded.split()).upper():
                return (offset - FILE_HEADER_BYTES) // TEXT_BYTES
    raise SegyError(
        path,
        f"the number of extended text headers is not stated (byte {EXTENDED_TEXTS}), and none of them "
        "is ((SEG: EndText))",
        "Write the file with a known number of them.",
    )
