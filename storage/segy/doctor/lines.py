"""Where line numbers may lie: all places of a trace header, ranked by how well they place the traces.

Line numbers are dense: between the first and the last most are there. Two columns are the lines of a survey
if no two traces share a bin, the grid is filled, and the coordinates grow with them in two fixed steps.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from storage.segy.bins import MOST_DOUBLED, SPARSEST, Misfit, bin_traces
from storage.segy.columns import Column
from storage.segy.doctor.candidate import USUAL, Candidate, worth
from storage.segy.doctor.grids import Coordinates2D, agree
from storage.segy.fields import (
    CDP,
    CROSSLINE,
    INLINE,
    OFFSET,
    SEQUENCE_FILE,
    SEQUENCE_LINE,
    TRACE_HEADER_BYTES,
    ByteOrder,
    trace_field,
    width,
)
from storage.segy.lines import Pair

IN_GATHERS = {13, 25, OFFSET}
"""Numbers of traces within a shot or a gather: lines only where the coordinates say so as well."""

COUNTERS = {SEQUENCE_LINE, SEQUENCE_FILE}
"""Counts of traces: they place anything, as one line."""

LINE_PLACES = (CROSSLINE, CDP, 17)
"""Where the numbers along a single line lie."""

DENSE = 0.2
"""Share of the numbers between the first and the last that are there."""

MOST_DISTINCT = 0.9
"""Distinct numbers of a column as a share of the traces: lines have many traces each."""

LARGEST_NUMBER = 1 << 24
LARGEST_STEP = 16
"""Of line numbers; coordinates of a grid along the axes grow evenly too, but by more."""

MOST_COLUMNS, MOST_PAIRS = 40, 60


def line_like(headers: NDArray[np.uint8], order: ByteOrder) -> dict[int, Column]:
    """Return the columns of trace headers whose numbers may be those of lines, and those that never change.

    Parameters
    ----------
    headers
        Of all traces or of some runs of them, shape (n, 240).
    order
        Byte order.
    """
    found: dict[int, Column] = {}
    seen: set[bytes] = set()
    places = [byte for pair in USUAL for byte in pair]
    for byte in dict.fromkeys([*places, *range(1, TRACE_HEADER_BYTES - 2)]):
        if byte + width(byte) - 1 > TRACE_HEADER_BYTES:
            continue
        column = trace_field(headers, byte, order)
        usual = byte in places
        if not (usual and np.ptp(column) == 0) and not _is_line_like(column):
            continue
        # A second copy says nothing new; it is found again where it is one of the usual places.
        if (content := column.tobytes()) in seen and not usual:
            continue
        seen.add(content)
        found[byte] = column
    return dict(list(found.items())[:MOST_COLUMNS])


def _is_line_like(column: Column) -> bool:
    numbers = np.unique(column).astype(np.int64)
    if len(numbers) < 2 or np.abs(numbers).max() > LARGEST_NUMBER:
        return False
    step = int(np.gcd.reduce(np.diff(numbers)))
    if step % 256 == 0 and not (numbers % 256).any():
        return False  # a field that begins one byte later
    dense = len(numbers) >= DENSE * ((numbers[-1] - numbers[0]) // step + 1)
    changes = np.diff(column.astype(np.int64))
    changes = changes[changes != 0]
    return bool(dense or (np.abs(changes) == step).mean() > 0.5)


def rank(
    columns: Mapping[int, Column],
    traces: int,
    coordinates: Sequence[Coordinates2D],
    hinted: Pair | None = None,
) -> list[Candidate]:
    """Return pairs of columns that may be line numbers, the best first.

    Parameters
    ----------
    columns
        Byte to the numbers of the traces that were read, shape (n,).
    traces
        Number of traces in the file; more than n where only some were read.
    coordinates
        Of the same traces, from every place where there are some.
    hinted
        The pair that the text header names.
    """
    found = []
    on_map = {byte for c in coordinates for byte in c.pair}
    columns = {
        byte: column
        for byte, column in columns.items()
        if byte not in on_map or _step(column) <= LARGEST_STEP
    }
    for pair in _pairs(columns, traces, hinted)[:MOST_PAIRS]:
        apart = [c for c in coordinates if not set(c.pair) & set(pair)]
        candidate = judge(pair, columns, traces, apart)
        if candidate and (candidate.agrees or not IN_GATHERS & set(pair)):
            found.append(candidate)
    return sorted(found, key=lambda c: worth(c, hinted), reverse=True)


def judge(
    pair: Pair, columns: Mapping[int, Column], traces: int, coordinates: Sequence[Coordinates2D]
) -> Candidate | None:
    """Return what a pair of columns is worth as line numbers, None where they place no traces.

    Parameters
    ----------
    pair
        Bytes of inline and crossline.
    columns, traces, coordinates
        As `rank` has them.
    """
    inline, crossline = (columns[byte] for byte in pair)
    if len(inline) == traces:
        bins = bin_traces(inline, crossline)
        if isinstance(bins, Misfit):
            return None
        lines = len(bins.inlines), len(bins.crosslines)
        doubled = len(bins.doubled) + len(bins.stray)
    else:  # of some traces only: the axes may still grow
        lines = _span(inline), _span(crossline)
        cells = inline.astype(np.int64) * (1 << 32) + crossline
        doubled = len(cells) - len(np.unique(cells))
        if doubled > MOST_DOUBLED * len(cells):
            return None
    bins_of_all = lines[0] * lines[1]
    filled = min(1.0, (traces - doubled) / bins_of_all)
    if filled < SPARSEST:
        return None
    told = [agree(inline, crossline, c) for c in coordinates] if min(lines) > 1 else []
    agrees = True if True in told else (False if False in told else None)
    regular = bins_of_all == traces and not doubled
    order = _in_order(inline, crossline)
    return Candidate(*pair, *lines, doubled, round(filled, 3), regular, agrees, order)


def _pairs(columns: Mapping[int, Column], traces: int, hinted: Pair | None) -> list[Pair]:
    """Return the pairs that may fill a grid, which is cheap to tell from their ranges; likely ones first."""
    spans = {byte: _span(column) for byte, column in columns.items()}
    counts = {byte for byte, c in columns.items() if len(np.unique(c)) > MOST_DISTINCT * len(c)}
    found: list[tuple[float, Pair]] = []
    for one, other in combinations(columns, 2):
        pair = _oriented(one, other, columns, hinted)
        size = spans[one] * spans[other]
        if SPARSEST * size > traces or size == 1:
            continue
        if 1 in (spans[one], spans[other]):
            if not _numbers_a_line(pair, spans):
                continue
        elif {one, other} & counts:
            continue  # beside a number of its own for every trace any other column would do
        likely = USUAL.index(pair) if pair in USUAL else len(USUAL) + abs(np.log(size / traces))
        found.append((-1.0 if pair == hinted else float(likely), pair))
    return [pair for _, pair in sorted(found)]


def _oriented(one: int, other: int, columns: Mapping[int, Column], hinted: Pair | None) -> Pair:
    """Return two bytes as (inline, crossline): as it is usual, else the column that seldom changes first."""
    for pair in ((one, other), (other, one)):
        if pair == hinted or pair in USUAL:
            return pair
    changes = [np.count_nonzero(np.diff(columns[byte])) for byte in (one, other)]
    return (one, other) if changes[0] <= changes[1] else (other, one)


def _numbers_a_line(pair: Pair, spans: Mapping[int, int]) -> bool:
    """Tell whether a column that changes beside one that does not is known to number a line."""
    fast = pair[1] if spans[pair[0]] == 1 else pair[0]
    return fast not in COUNTERS and (pair in USUAL or (pair[0] == INLINE and fast in LINE_PLACES))


def _span(column: Column) -> int:
    """Return the length of the axis that holds all numbers of a column."""
    return int((int(column.max()) - int(column.min())) // _step(column) + 1)


def _step(column: Column) -> int:
    """Return the largest step that leads from every number of a column to every other."""
    numbers = np.unique(column).astype(np.int64)
    return int(np.gcd.reduce(np.diff(numbers))) if len(numbers) > 1 else 1


def _in_order(inline: Column, crossline: Column) -> bool:
    """Tell whether the traces come line by line, each line from one end to the other."""
    for slow, fast in ((inline, crossline), (crossline, inline)):
        steps, along = (np.sign(np.diff(c.astype(np.int64))) for c in (slow, fast))
        if not (1 in steps and -1 in steps) and len(np.unique(along[steps == 0])) <= 1:
            return True
    return False
