"""Where each trace record of a SEG-Y file lies.

::

    | text 3200 | binary 400 | extended texts | header 240 + | samples | ... | header | samples | trailer |
    0           3200         3600             first          first + header_bytes

Nothing here looks at line numbers; `storage.segy.scan` does.
"""

import hashlib
import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from storage.errors import SegyError
from storage.files import RandomAccess, open_file, stamp
from storage.locations import Location, is_remote
from storage.segy import fields
from storage.segy.fields import (
    FILE_HEADER_BYTES,
    TRACE_HEADER_BYTES,
    ByteOrder,
    binary_field,
    sample_dtype,
)
from storage.segy.file_head import FileHead, Reading, read_head
from storage.segy.record_length import RecordSearch


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """The regular part of a SEG-Y file: equal records after the headers.

    Parameters
    ----------
    path
        The file, or its URL.
    order
        Byte order of headers and samples.
    format_code
        Data sample format, bytes 3225 to 3226.
    samples
        Samples of every trace.
    first
        Byte offset of the first trace header, from 0.
    traces
        Number of traces.
    header_bytes
        Of every trace: 240, or more where revision 2 has extra ones.
    trailer_bytes
        After the last whole trace.
    revision
        Such as 0x0100.
    interval_us
        Sample interval as the file has it: microseconds, or thousandths of a metre in depth; 0 if
        the file does not say.
    feet
        True where the file measures lengths in feet.
    stamp
        Size and time of the last change, when it was looked at.
    """

    path: str
    order: ByteOrder
    format_code: int
    samples: int
    first: int
    traces: int
    header_bytes: int
    trailer_bytes: int
    revision: int
    interval_us: float
    feet: bool
    stamp: str

    @property
    def record_bytes(self) -> int:
        """Bytes of one trace with its headers."""
        return self.header_bytes + self.samples * self.sample_dtype.itemsize

    @property
    def sample_dtype(self) -> np.dtype[np.generic]:
        """Type of the samples in the file; IBM words as unsigned integers."""
        return sample_dtype(self.format_code, self.order)

    def offset(self, trace: int) -> int:
        """Return the byte offset of a trace's header."""
        return self.first + trace * self.record_bytes

    @property
    def end(self) -> int:
        """Byte offset of what follows the last whole trace."""
        return self.offset(self.traces)


def inspect(path: Location, reading: Reading | None = None) -> RecordLayout:
    """Read the file headers and find out how the records lie; reads some kB.

    Raises
    ------
    SegyError
        If the file is missing, empty, truncated, or not a SEG-Y file that can be read.
    """
    reading = reading or Reading()
    file = open_segy(path)
    found = stamp(path)
    try:
        head = read_head(path, file, reading)
        if file.size - head.first < TRACE_HEADER_BYTES:
            raise SegyError(path, "there is no trace after the file headers", "Export it again.")
        search = RecordSearch(path, file, head)
        shape = search.find(reading)
    finally:
        file.close()
    return RecordLayout(
        str(path),
        head.order,
        head.format_code,
        shape.samples,
        head.first,
        shape.traces,
        shape.header_bytes,
        shape.trailer_bytes,
        head.revision,
        _interval(head, search.trace_header),
        head.field(fields.MEASUREMENT) == fields.FEET,
        found,
    )


def refuse_changed(layout: RecordLayout) -> None:
    """Refuse a file that was written since it was looked at: what was read of it may be of two surveys.

    Raises
    ------
    SegyError
        If it has another size or time of change, or is gone.
    """
    try:
        same = stamp(layout.path) == layout.stamp
    except FileNotFoundError:
        same = False
    if not same:
        raise SegyError(
            layout.path,
            "the file was changed while it was read",
            "See what changed it, then start anew with --overwrite.",
        )


def fingerprint(layout: RecordLayout) -> str:
    """Return a SHA-256 that changes when the file does, without reading all of it.

    It covers size, time of the last change, both ends and 64 records between.
    """
    digest = hashlib.sha256(layout.stamp.encode())
    file = open_file(layout.path)
    try:
        for offset in (0, max(0, file.size - (1 << 20))):
            digest.update(file.read(offset, 1 << 20))
        for trace in np.linspace(0, layout.traces - 1, 64).astype(int):
            digest.update(file.read(layout.offset(int(trace)), layout.record_bytes))
    finally:
        file.close()
    return digest.hexdigest()


def open_segy(path: Location) -> RandomAccess:
    """Open a file that has at least the size of its headers.

    Raises
    ------
    SegyError
        If it is missing, no file, unreadable, empty or shorter.
    """
    if not is_remote(path):
        local = Path(path)
        if not local.exists():
            raise SegyError(path, "there is no such file", "Check the path.")
        if not local.is_file():
            raise SegyError(path, "this is not a file", "Name a SEG-Y file.")
    try:
        file = open_file(path)
    except (OSError, ImportError, ValueError) as error:
        if isinstance(error, PermissionError) and not is_remote(path):
            mend = "Ask its owner for the right to read it."
            raise SegyError(path, "the file may not be read", mend) from None
        raise SegyError(
            path, f"it cannot be read ({type(error).__name__}: {error})", "Check the address."
        ) from None
    if file.size >= FILE_HEADER_BYTES:
        return file
    file.close()
    if file.size == 0:
        raise SegyError(path, "the file is empty", "Export it again.")
    raise SegyError(
        path,
        f"not a SEG-Y file: {file.size} bytes are fewer than the {FILE_HEADER_BYTES} of its headers",
        "Name a SEG-Y file.",
    )


def _interval(head: FileHead, trace_header: bytes) -> float:
    """Return the sample interval in microseconds; fractions exist in revision 2 alone."""
    if head.revision >= fields.REVISION_2:
        mark = ">" if head.order == "big" else "<"
        wide = struct.unpack_from(f"{mark}d", head.raw, fields.WIDE_INTERVAL - 1)[0]
        if math.isfinite(wide) and 1e-3 <= wide <= 1e9:
            return float(wide)
    # Unsigned, as OpendTect reads it: depth steps above 32.767 m are not negative.
    return float(
        head.field(fields.INTERVAL, signed=False)
        or binary_field(trace_header, fields.TRACE_INTERVAL, head.order, signed=False)
    )
