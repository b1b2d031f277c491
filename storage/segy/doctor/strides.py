"""How far apart trace headers lie, told from the headers themselves, whatever the counts of the file say.

Trace headers of one file have zeros and numbers at the same places, and many numbers are the same; samples
look otherwise. So the length of a record is the smallest distance at which bytes like those of the first
header come again, and again.
"""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from storage.files import RandomAccess
from storage.segy.fields import TRACE_HEADER_BYTES, TRACE_SAMPLES, ByteOrder

WINDOW = 3 << 20
"""Bytes after the first header in which the second is looked for: more than 65535 samples of 8 bytes take."""

TELLING, DENSE = 6, 200
"""A header with fewer bytes that are not zero looks like many things, one with more like text."""

SAME_PLACES, SAME_BYTES = 0.5, 0.2
"""Shares of the bytes that are not zero in either of two headers: not zero in both, and the same."""

PROBES, FEW_PROBES = 24, 2
CHAIN = 5
"""Headers looked at: spread over a file, and at most one after the other."""

IN_STEP = 0.8
"""Share of the headers that must be where a record length has them."""

MOST_CANDIDATES = 400
LONGEST_WALK = 20_000
"""Traces of which the own count of samples is followed."""

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Walk:
    """Traces that each state their own number of samples, one after the other to the end of the file."""

    traces: int
    fewest: int
    most: int


def header_at(file: RandomAccess, offset: int) -> Bytes:
    """Return the 240 bytes at a place, fewer at the end of the file."""
    return np.frombuffer(file.read(offset, TRACE_HEADER_BYTES), np.uint8)


def alike(one: Bytes, other: Bytes) -> bool:
    """Tell whether two pieces of 240 bytes may be headers of one file."""
    if len(one) != len(other):
        return False
    either = int(((one != 0) | (other != 0)).sum())
    both = int(((one != 0) & (other != 0)).sum())
    same = int(((one == other) & (one != 0)).sum())
    return both >= SAME_PLACES * either and same >= SAME_BYTES * either


def same_kind(file: RandomAccess, one: int, other: int) -> bool:
    """Tell whether there are trace headers of one file at two places."""
    header = header_at(file, one)
    return telling(header) and alike(header, header_at(file, other))


def in_step(
    file: RandomAccess, first: int, record: int, traces: int, *, probes: int = PROBES
) -> float | None:
    """Return the share of headers that are where a record length has them; None: nothing tells.

    Parameters
    ----------
    file
        The open file.
    first
        Offset of the first header.
    record
        Length of a record in bytes.
    traces
        Number of records.
    probes
        Headers looked at over the file, the last one among them.
    """
    places = [0, *_spread(traces, probes)]
    headers = [header_at(file, first + trace * record) for trace in places]
    # The first trace may be a dead one, its header nearly empty: then the second stands for all.
    leads = [lead for lead in headers[:2] if telling(lead)]
    if len(headers) < 2 or not leads or not telling(headers[0]):
        return None
    shares = [np.mean([alike(lead, header) for header in headers[1:]]) for lead in leads]
    return float(max(shares))


def telling(header: Bytes) -> bool:
    """Tell whether bytes have enough numbers, and enough zeros, to be told from others."""
    return TELLING <= int(np.count_nonzero(header)) <= DENSE


def find_record(file: RandomAccess, first: int) -> int | None:
    """Return the length of a record in bytes where headers come again and again, None where none do.

    Parameters
    ----------
    file
        The open file; at most `WINDOW` bytes and some headers are read.
    first
        Offset of the first header.
    """
    content = np.frombuffer(file.read(first, WINDOW), np.uint8)
    lead = content[:TRACE_HEADER_BYTES]
    if not telling(lead) or len(content) < 2 * TRACE_HEADER_BYTES:
        return None
    for record in _distances(content, lead)[:MOST_CANDIDATES]:
        traces = (file.size - first) // int(record)
        share = in_step(file, first, int(record), min(traces, CHAIN + 1))
        if share is not None and share >= IN_STEP:
            return int(record)
    return None


def first_out_of_step(file: RandomAccess, first: int, record: int, traces: int) -> int | None:
    """Return the number, from 0, of the first trace whose header is not where a record length has it."""
    lead = header_at(file, first)

    def out(trace: int) -> bool:
        return not alike(lead, header_at(file, first + trace * record))

    for below, above in pairwise([0, *_spread(traces)]):
        if out(above):
            # Between a header and none lies the first that is none.
            return bisect_left(range(above), True, below + 1, key=out)
    return None


def walk(
    file: RandomAccess, first: int, header_bytes: int, width: int, order: ByteOrder
) -> Walk | None:
    """Follow the number of samples that every trace states of itself.

    Returns
    -------
    Walk or None
        None where that does not lead from header to header to the very end of the file.
    """
    lead, offset = header_at(file, first), first
    counts: list[int] = []
    while offset < file.size and len(counts) < LONGEST_WALK:
        header = header_at(file, offset)
        if not alike(lead, header):
            return None
        place = header[TRACE_SAMPLES - 1 : TRACE_SAMPLES + 1].tobytes()
        counts.append(int.from_bytes(place, order))
        offset += header_bytes + counts[-1] * width
    if offset > file.size or not counts:
        return None
    return Walk(len(counts), min(counts), max(counts))


def _spread(traces: int, probes: int = PROBES) -> list[int]:
    """Return the numbers of some traces but the first: the next ones, and others over the file."""
    if traces < 2:
        return []
    near = range(1, min(CHAIN + 1, probes + 1, traces))
    return sorted({*near, *np.linspace(1, traces - 1, probes).astype(int).tolist()})


def _distances(content: Bytes, lead: Bytes) -> NDArray[np.intp]:
    """Return the distances at which bytes like those of the first header come again, ascending."""
    places = np.flatnonzero(lead)
    last = len(content) - TRACE_HEADER_BYTES + 1
    filled = content != 0
    counted = np.concatenate([[0], np.cumsum(filled)])
    there = counted[TRACE_HEADER_BYTES:][:last] - counted[:last]
    both, same = np.zeros(last, np.int16), np.zeros(last, np.int16)
    for place in places:
        both += filled[place : place + last]
        same += content[place : place + last] == lead[place]
    either = len(places) + there - both
    found = (both >= SAME_PLACES * either) & (same >= SAME_BYTES * either)
    found[: TRACE_HEADER_BYTES + 1] = False
    return np.flatnonzero(found)
