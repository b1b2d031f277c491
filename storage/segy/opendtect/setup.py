"""Whether OpendTect can set a new survey up from a file, and which one (``posinfodetector.cc``).

It scans some of the traces, takes the longest line that it saw as one side of the survey, the first or last
trace as another corner, and needs these three to span an area.
"""

from dataclasses import dataclass
from itertools import product
from math import hypot

import numpy as np
from numpy.typing import NDArray

AT_ENDS, IN_MIDDLE, FOR_STEPS = 225, 25, 10_000
"""Traces that the quick scan reads: after the first and before the end, at a third and two, until both steps
are known."""

Lines = NDArray[np.int32] | NDArray[np.int64]
Positions = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Setup:
    """A survey that the wizard proposes: first, last and step of both lines, and the size of a bin.

    Parameters
    ----------
    inlines, crosslines
        First, last, step.
    bin_inline, bin_crossline
        Distance from one inline to the next, and from one crossline to the next, in the unit of the
        coordinates.
    """

    inlines: tuple[int, int, int]
    crosslines: tuple[int, int, int]
    bin_inline: float
    bin_crossline: float


def scanned(inline: Lines, crossline: Lines, traces: int) -> NDArray[np.int64]:
    """Return the numbers of the traces that the quick scan of a file reads, in its order.

    Parameters
    ----------
    inline, crossline
        Line numbers of the first traces of the file, of `most_first` of them.
    traces
        Traces of the file.
    """
    first = _until_steps(inline, crossline)
    parts = [np.arange(first)]
    for at, count in (
        (traces // 3 - IN_MIDDLE // 2, IN_MIDDLE),
        (2 * traces // 3 - IN_MIDDLE // 2, IN_MIDDLE),
        (traces - AT_ENDS, AT_ENDS),
    ):
        if at >= 0:  # it skips a part that would begin before the file
            parts.append(np.arange(at, min(at + count, traces)))
    return np.concatenate(parts)


def most_first(traces: int) -> int:
    """Return how many of the first traces `scanned` must know."""
    return min(traces, 1 + AT_ENDS + FOR_STEPS)


def _until_steps(inline: Lines, crossline: Lines) -> int:
    """Return how many of the first traces are read: until two lines and two traces of a line were seen."""
    least = min(len(inline), 1 + AT_ENDS)
    new_inline, new_crossline = np.diff(inline) != 0, np.diff(crossline) != 0
    seen = [
        np.flatnonzero(change)
        for change in (new_inline & ~new_crossline, new_crossline & ~new_inline, new_inline)
    ]
    crossline_sorted = len(seen[0]) and (not len(seen[1]) or seen[0][0] < seen[1][0])
    wanted = (seen[0], np.flatnonzero(new_crossline)) if crossline_sorted else (seen[1], seen[2])
    if not all(len(places) for places in wanted):
        return len(inline)
    return max(least, int(max(places[0] for places in wanted)) + 2)


def set_up(inline: Lines, crossline: Lines, x: Positions, y: Positions) -> Setup | str:
    """Return the survey that the wizard proposes for scanned traces, or why it finds none.

    Parameters
    ----------
    inline, crossline
        Line numbers of the traces in the order of the scan, dead ones left out, shape (n,).
    x, y
        Their coordinates, scaled.
    """
    inline, crossline = inline.astype(np.int64), crossline.astype(np.int64)
    moves = (np.diff(inline) != 0) | (np.diff(crossline) != 0)
    if np.count_nonzero(moves) < 2:
        return "not enough unique positions were found"
    if inline.min() == inline.max():
        return f"the file holds only one inline: {inline[0]}"
    if crossline.min() == crossline.max():
        return f"the file holds only one crossline: {crossline[0]}"
    by_inline = _is_inline_sorted(inline, crossline)
    start, stop = _longest_line(inline if by_inline else crossline, x, y)
    last = len(inline) - 1
    near_first = abs(int(inline[0]) - int(inline[start]))
    other = last if near_first < abs(int(inline[last]) - int(inline[start])) else 0
    corner = [
        (int(inline[trace]), int(crossline[trace]), float(x[trace]), float(y[trace]))
        for trace in (start, other, stop)
    ]
    steps = _transform(*corner)
    if steps is None:
        why = "" if by_inline else " (its traces are sorted by crossline)"
        return f"no relation between line numbers and coordinates was found{why}"
    il, xl = _axis(inline), _axis(crossline)
    return Setup(il, xl, hypot(*steps[0]) * il[2], hypot(*steps[1]) * xl[2])


def _axis(numbers: Lines) -> tuple[int, int, int]:
    """Return first, last and step of line numbers."""
    found = np.unique(numbers)
    return int(found[0]), int(found[-1]), int(np.gcd.reduce(np.diff(found)))


def _is_inline_sorted(inline: Lines, crossline: Lines) -> bool:
    """Tell whether the order that holds longest from the first trace on is one by inlines."""
    best, by_inline = -1, True
    for inline_first, down, down_too in product((True, False), (1, -1), (1, -1)):
        order = (inline, crossline) if inline_first else (crossline, inline)
        slow, quick = order[0] * down, order[1] * down_too
        bad = (np.diff(slow) < 0) | ((np.diff(slow) == 0) & (np.diff(quick) < 0))
        holds = int(bad.argmax()) if bad.any() else len(bad) + 1
        if holds > best:
            best, by_inline = holds, inline_first
    return by_inline


def _longest_line(lines: Lines, x: Positions, y: Positions) -> tuple[int, int]:
    """Return first and last trace of the longest line; the last line that was scanned is not looked at."""
    begins = np.flatnonzero(np.diff(lines, prepend=lines[0] - 1) != 0)
    starts, stops = begins[:-1], begins[1:] - 1
    if not len(starts):
        return 0, 0
    lengths = np.hypot(x[starts] - x[stops], y[starts] - y[stops])
    longest = int(lengths.argmax())
    return (int(starts[longest]), int(stops[longest])) if lengths[longest] > 0 else (0, 0)


Corner = tuple[int, int, float, float]
Step = tuple[float, float]


def _transform(first: Corner, other: Corner, along: Corner) -> tuple[Step, Step] | None:
    """Return the steps of an inline and of a crossline on the map, None where three corners span no area."""
    rows, columns = first[0] - other[0], first[1] - along[1]
    if rows == 0 or columns == 0:
        return None
    xl = (first[2] - along[2]) / columns, (first[3] - along[3]) / columns
    between = (first[1] - other[1]) / rows
    il = (
        (first[2] - other[2]) / rows - xl[0] * between,
        (first[3] - other[3]) / rows - xl[1] * between,
    )
    return None if abs(il[0] * xl[1] - xl[0] * il[1]) < 1e-10 else (il, xl)
