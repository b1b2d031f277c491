"""Header fields of all traces, read once in blocks on a few threads; memory is what is kept."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.segy.fields import trace_field
from storage.segy.source import Source, open_records

Column = NDArray[np.int32]

BLOCK_BYTES = 4 << 20
"""Read at once; with few threads this bounds the memory of a scan of any file."""

THREADS = 4


@dataclass(frozen=True, slots=True)
class Steady:
    """A field that should not change: its first value, and the first trace where it does."""

    value: int
    odd_trace: int | None = None
    odd_value: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """What one pass over the headers found.

    Parameters
    ----------
    kept
        Byte -> values of all traces, int32, shape (traces,).
    steady
        Byte -> whether and where the field changes.
    """

    kept: dict[int, Column]
    steady: dict[int, Steady]

    def without(self, fields: Iterable[int]) -> "Columns":
        """Return the columns less some, whose memory is then free."""
        kept = {byte: values for byte, values in self.kept.items() if byte not in set(fields)}
        return Columns(kept, self.steady)


def read_columns(source: Source, kept: Sequence[int], steady: Sequence[int] = ()) -> Columns:
    """Read header fields of all traces.

    Parameters
    ----------
    source
        Where the records lie.
    kept
        First bytes of the fields whose values are wanted.
    steady
        First bytes of fields of which only changes matter.
    """
    columns = {byte: np.empty(source.traces, np.int32) for byte in kept}
    step = max(1, BLOCK_BYTES // source.record_bytes)
    starts = range(0, source.traces, step)
    with open_records(source) as reader:
        first = reader.headers(0, 1)
        firsts = {byte: int(trace_field(first, byte, source.order)[0]) for byte in steady}

        def block(start: int) -> dict[int, tuple[int, int]]:
            count = min(step, source.traces - start)
            headers = reader.headers(start, count)
            for byte, column in columns.items():
                column[start : start + count] = trace_field(headers, byte, source.order)
            odd = {}
            for byte, value in firsts.items():
                values = trace_field(headers, byte, source.order)
                if len(places := np.flatnonzero(values != value)):
                    odd[byte] = (start + int(places[0]), int(values[places[0]]))
            return odd

        threads = min(THREADS, os.cpu_count() or 1, len(starts))
        odd: dict[int, tuple[int, int]] = {}
        with ThreadPoolExecutor(threads) as pool:
            for found in pool.map(block, starts):
                odd = found | odd
    facts = {byte: Steady(value, *odd.get(byte, ())) for byte, value in firsts.items()}
    return Columns(columns, facts)
