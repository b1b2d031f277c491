"""What the headers of a SEG-Y file say before any trace: byte order, format, revision, first trace."""

from dataclasses import dataclass

from storage.errors import SegyError
from storage.files import RandomAccess
from storage.locations import Location
from storage.segy import fields
from storage.segy.fields import (
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
class FileHead:
    """The part of a file before its traces.

    Parameters
    ----------
    raw
        Text and binary header, 3600 bytes.
    order
        Byte order of headers and samples.
    format_code
        Data sample format.
    revision
        Such as 0x0100.
    first
        Byte offset of the first trace header.
    """

    raw: bytes
    order: ByteOrder
    format_code: int
    revision: int
    first: int

    @property
    def width(self) -> int:
        """Bytes of a sample."""
        return sample_dtype(self.format_code, self.order).itemsize

    def field(self, byte: int, *, size: int = 2, signed: bool = True) -> int:
        """Return a whole number of the binary header."""
        return binary_field(self.raw, byte, self.order, size=size, signed=signed)


def read_head(path: Location, file: RandomAccess, reading: Reading) -> FileHead:
    """Read the file headers.

    Raises
    ------
    SegyError
        If the file is no SEG-Y file that can be read.
    """
    raw = file.read(0, FILE_HEADER_BYTES)
    order, code = _order_and_format(path, raw, reading)
    revision = _revision(raw, order)
    first = _first_trace(path, file, raw, order, code, revision)
    return FileHead(raw, order, code, revision, first)


def _order_and_format(path: Location, head: bytes, reading: Reading) -> tuple[ByteOrder, int]:
    """Return byte order and sample format, trying both orders where the user names none."""
    orders: tuple[ByteOrder, ...] = (reading.order,) if reading.order else ("big", "little")
    marked = [
        o for o in orders if binary_field(head, fields.BYTE_ORDER_MARK, o, size=4) == fields.MARK
    ]
    codes = {order: binary_field(head, FORMAT, order) for order in (*marked, *orders)}
    if reading.format_code is not None:
        if reading.format_code not in SAMPLE_TYPES:
            raise SegyError(
                path,
                f"the sample format {reading.format_code} that is named cannot be read",
                f"Name one of {', '.join(map(str, SAMPLE_TYPES))} with --format.",
            )
        readable = [order for order, code in codes.items() if code in SAMPLE_TYPES]
        return (marked or readable or list(orders))[0], reading.format_code
    for order, code in codes.items():
        if code in SAMPLE_TYPES:
            return order, code
    for code in codes.values():
        if code in UNREADABLE_FORMATS:
            raise SegyError(
                path,
                f"the sample format {code} ({UNREADABLE_FORMATS[code]}) cannot be read",
                "Write the file with format 1, 5 or 8.",
            )
    raise SegyError(
        path,
        f"not a SEG-Y file: bytes {FORMAT} to {FORMAT + 1} hold the sample format "
        f"{codes[orders[0]]}, which does not exist",
        "Name a SEG-Y file; if it is one, name its format with --format.",
    )


def _revision(head: bytes, order: ByteOrder) -> int:
    """Return the revision, such as 0x0100: two bytes that revision 2 never swaps, revision 1 did."""
    major, minor = head[fields.REVISION - 1 : fields.REVISION + 1]
    if order == "little" and not major:
        return minor << 8
    return major << 8 | minor


def _first_trace(
    path: Location, file: RandomAccess, head: bytes, order: ByteOrder, code: int, revision: int
) -> int:
    """Return the offset of the first trace: after the extended texts, or where revision 2 says."""
    texts = binary_field(head, EXTENDED_TEXTS, order)
    if revision >= fields.REVISION_2:
        stated = binary_field(head, fields.FIRST_TRACE, order, size=8, signed=False)
        if FILE_HEADER_BYTES <= stated <= min(file.size, LARGEST_FILE_HEADER):
            return stated
    if not revision:
        # The field had no meaning yet: it is believed where whole records then fill the file.
        samples = binary_field(head, SAMPLES, order, signed=False)
        record = TRACE_HEADER_BYTES + samples * sample_dtype(code, order).itemsize
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
