"""Samples of trace records as arrays, in the type a store keeps them in."""

import numpy as np
from numpy.typing import NDArray

from storage.segy.fields import SAMPLE_TYPES, TRACE_HEADER_BYTES
from storage.segy.records import RecordLayout


def stored_dtype(format_code: int) -> np.dtype[np.generic]:
    """Return the type in a store: the file's own, IBM as float32; native byte order."""
    kind = SAMPLE_TYPES[format_code]
    return np.dtype("f4" if kind == "ibm" else kind)


def decode(records: NDArray[np.uint8], layout: RecordLayout) -> NDArray[np.generic]:
    """Return the samples of raw trace records.

    Parameters
    ----------
    records
        Whole records, shape (n, record_bytes).
    layout
        Of the file they come from.

    Returns
    -------
    ndarray of `stored_dtype`, shape (n, samples)
    """
    raw = records[:, TRACE_HEADER_BYTES:]
    if SAMPLE_TYPES[layout.format_code] == "ibm":
        # numba takes a moment to load, and only IBM files need it.
        from storage.segy.kernels import SCALES, decode_ibm

        out = np.empty((len(records), layout.samples), np.float32)
        decode_ibm(raw, SCALES, layout.order == "big", out)
        return out
    return raw.view(layout.sample_dtype).astype(stored_dtype(layout.format_code))
