"""Where each trace record of a SEG-Y file lies.

::

    | text 3200 | binary 400 | extended texts 3200 each | header 240 | samples | header 240 | ...
    0           3200         3600                       first        first + record_bytes

Nothing here looks at line numbers; `storage.segy.scan` does.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from storage.errors import SegyError
from storage.segy.fields import (
    EXTENDED_TEXTS,
    EXTRA_TRACE_HEADERS,
    FEET,
    FILE_HEADER_BYTES,
    FORMAT,
    INTERVAL,
    MEASUREMENT,
    REVISION,
    SAMPLE_TYPES,
    SAMPLES,
    TEXT_BYTES,
    TRACE_HEADER_BYTES,
    TRACE_INTERVAL,
    TRACE_SAMPLES,
    ByteOrder,
    binary_field,
    sample_dtype,
)

UNREADABLE_FORMATS = {4: "fixed point with gain", 7: "24-bit integers", 15: "24-bit unsigned"}


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """The regular part of a SEG-Y file: equal records after the headers.

    Parameters
    ----------
    path
        The file.
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
    interval_us
        Sample interval as the file has it: microseconds, or thousandths of a metre in depth; 0 if
        the file does not say.
    feet
        True where the file measures lengths in feet.
    """

    path: str
    order: ByteOrder
    format_code: int
    samples: int
    first: int
    traces: int
    interval_us: int
    feet: bool

    @property
    def record_bytes(self) -> int:
        """Bytes of one trace with its header."""
        return TRACE_HEADER_BYTES + self.samples * self.sample_dtype.itemsize

    @property
    def sample_dtype(self) -> np.dtype[np.generic]:
        """Type of the samples in the file; IBM words as unsigned integers."""
        return sample_dtype(self.format_code, self.order)

    def offset(self, trace: int) -> int:
        """Return the byte offset of a trace's header."""
        return self.first + trace * self.record_bytes


def inspect(path: Path) -> RecordLayout:
    """Read the file headers and find out how the records lie; reads 4 kB.

    Raises
    ------
    SegyError
        If the file is missing, empty, truncated, or not a SEG-Y file that can be read.
    """
    size = _size(path)
    with path.open("rb") as file:
        head = file.read(FILE_HEADER_BYTES)
        order, code = _order_and_format(path, head)
        revision = binary_field(head, REVISION, order, signed=False)
        first = FILE_HEADER_BYTES + TEXT_BYTES * _texts(path, size, head, order, code)
        file.seek(first)
        trace_header = file.read(TRACE_HEADER_BYTES)
    if len(trace_header) < TRACE_HEADER_BYTES:
        raise SegyError(path, "there is no trace after the file headers", "Export the file again.")
    if revision >= 0x0200 and binary_field(head, EXTRA_TRACE_HEADERS, order) > 0:
        raise SegyError(
            path,
            "every trace has extra headers (SEG-Y revision 2)",
            "Write the file as revision 1, without extra trace headers.",
        )
    samples, traces = _samples_and_traces(path, size - first, head, trace_header, order, code)
    # Unsigned, as OpendTect reads it: depth steps above 32.767 m are not negative.
    interval = binary_field(head, INTERVAL, order, signed=False) or binary_field(
        trace_header, TRACE_INTERVAL, order, signed=False
    )
    feet = binary_field(head, MEASUREMENT, order) == FEET
    return RecordLayout(str(path), order, code, samples, first, traces, interval, feet)


def fingerprint(layout: RecordLayout) -> str:
    """Return a SHA-256 that changes when the file does, without reading all of it.

    It covers size, time of the last change, both ends and 64 records between.
    """
    path = Path(layout.path)
    status = path.stat()
    size = status.st_size
    digest = hashlib.sha256(f"{size} {status.st_mtime_ns}".encode())
    with path.open("rb") as file:
        for offset in (0, max(0, size - (1 << 20))):
            file.seek(offset)
            digest.update(file.read(1 << 20))
        for trace in np.linspace(0, layout.traces - 1, 64).astype(int):
            file.seek(layout.offset(int(trace)))
            digest.update(file.read(layout.record_bytes))
    return digest.hexdigest()


def _size(path: Path) -> int:
    if not path.exists():
        raise SegyError(path, "there is no such file", "Check the path.")
    if not path.is_file():
        raise SegyError(path, "this is not a file", "Name a SEG-Y file.")
    if not os.access(path, os.R_OK):
        raise SegyError(
            path, "the file may not be read", "Ask its owner for the right to read it."
        )
    size = path.stat().st_size
    if size == 0:
        raise SegyError(path, "the file is empty", "Export it again.")
    if size < FILE_HEADER_BYTES:
        raise SegyError(
            path,
            f"not a SEG-Y file: {size} bytes are fewer than the {FILE_HEADER_BYTES} of its headers",
            "Name a SEG-Y file.",
        )
    return size


def _order_and_format(path: Path, head: bytes) -> tuple[ByteOrder, int]:
    """Return byte order and sample format, trying both orders."""
    codes: dict[ByteOrder, int] = {
        "big": binary_field(head, FORMAT, "big"),
        "little": binary_field(head, FORMAT, "little"),
    }
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
        f"{codes['big']}, which does not exist",
        "Name a SEG-Y file.",
    )


def _texts(path: Path, size: int, head: bytes, order: ByteOrder, code: int) -> int:
    """Return the number of extended text headers.

    Before revision 1 the field had no meaning, so there it is believed only where whole records
    then fill the file.
    """
    texts = binary_field(head, EXTENDED_TEXTS, order)
    if binary_field(head, REVISION, order):
        if texts < 0:
            raise SegyError(
                path,
                f"the number of extended text headers is unknown ({texts} at byte {EXTENDED_TEXTS})",
                "Write the file with a known number of them.",
            )
        return texts
    samples = binary_field(head, SAMPLES, order, signed=False)
    record = TRACE_HEADER_BYTES + samples * sample_dtype(code, order).itemsize
    rest = size - FILE_HEADER_BYTES - TEXT_BYTES * texts
    return texts if texts > 0 and rest > 0 and rest % record == 0 else 0


def _samples_and_traces(
    path: Path, data_bytes: int, head: bytes, trace_header: bytes, order: ByteOrder, code: int
) -> tuple[int, int]:
    """Return samples of a trace and number of traces: the count that divides the file evenly."""
    width = sample_dtype(code, order).itemsize
    stated = binary_field(head, SAMPLES, order, signed=False)
    in_trace = binary_field(trace_header, TRACE_SAMPLES, order, signed=False)
    for samples in (stated, in_trace):
        traces, rest = divmod(data_bytes, TRACE_HEADER_BYTES + samples * width)
        if samples and traces and not rest:
            return samples, traces
    samples = stated or in_trace
    if not samples:
        raise SegyError(
            path,
            f"the number of samples is zero at bytes {SAMPLES} and, in the first trace, {TRACE_SAMPLES}",
            "Write it there and run again.",
        )
    record = TRACE_HEADER_BYTES + samples * width
    traces, rest = divmod(data_bytes, record)
    raise SegyError(
        path,
        f"the file is truncated or has traces of unequal length: after {traces} traces of "
        f"{samples} samples {rest} bytes are left of a record of {record}",
        "Copy or export the file again.",
    )
