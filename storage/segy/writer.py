"""A SEG-Y file written in place by many jobs: laid out once, then runs of records at their offsets."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.segy.checklist import IEEE_FLOAT, PERCENT
from storage.segy.fields import FILE_HEADER_BYTES, TRACE_HEADER_BYTES, sample_dtype

LARGEST = np.finfo(np.float32).max


def record_bytes(samples: int, code: int = IEEE_FLOAT) -> int:
    """Return the bytes of one trace with its header, in the sample format ``code``."""
    return TRACE_HEADER_BYTES + sample_dtype(code, "big").itemsize * samples


def lay_out(
    path: Path, file_header: bytes, traces: int, samples: int, code: int = IEEE_FLOAT
) -> None:
    """Make the file at its full size; blocks are not written yet, so this costs nothing."""
    with path.open("wb") as file:
        file.write(file_header)
        file.truncate(FILE_HEADER_BYTES + traces * record_bytes(samples, code))


def beyond_floats(samples: NDArray[Any]) -> int:
    """Return how many samples no IEEE float of four bytes holds, or only as an infinity."""
    if samples.dtype.kind != "f":
        return 0
    with np.errstate(invalid="ignore"):  # of signalling NaNs
        return int(np.count_nonzero(np.abs(samples) > LARGEST))


def make_records(
    headers: NDArray[np.uint8], samples: NDArray[Any], code: int = IEEE_FLOAT
) -> NDArray[np.uint8]:
    """Return whole records from headers (n, 240) and samples (n, m), big-endian.

    NaN, which no importer expects, becomes 0, and what is beyond the largest float becomes that; as
    `PERCENT`, values are cut to 0 and 1.
    """
    records = np.empty((len(headers), record_bytes(samples.shape[1], code)), np.uint8)
    records[:, :TRACE_HEADER_BYTES] = headers
    if code == PERCENT:
        samples = np.rint(np.clip(np.nan_to_num(samples), 0, 1) * 100)
    elif samples.dtype.kind == "f":
        samples = np.nan_to_num(np.clip(samples, -LARGEST, LARGEST), copy=False)
    records[:, TRACE_HEADER_BYTES:] = samples.astype(sample_dtype(code, "big")).view(np.uint8)
    return records


def write_records(
    path: Path, records: NDArray[np.uint8], first_traces: list[int], counts: list[int]
) -> None:
    """Write runs of records, each to consecutive traces of the file.

    Parameters
    ----------
    path
        A file that has been laid out.
    records
        All runs one after the other, shape (sum of counts, record_bytes).
    first_traces
        Number of the first trace of every run in the file, from 0.
    counts
        Traces in every run.
    """
    descriptor = os.open(path, os.O_WRONLY)
    try:
        done = 0
        for first, count in zip(first_traces, counts, strict=True):
            offset = FILE_HEADER_BYTES + first * records.shape[1]
            write_at(descriptor, records[done : done + count].reshape(-1), offset)
            done += count
    finally:
        os.close(descriptor)


def write_at(descriptor: int, data: NDArray[np.uint8], offset: int) -> None:
    """Write all bytes of an array of one axis, from an offset on."""
    view, done = data.data, 0
    while done < len(view):
        done += os.pwrite(descriptor, view[done:], offset + done)
