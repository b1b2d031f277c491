"""The regular axes of line numbers that hold all traces of a CBVS volume."""

from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.cbvs.header import Header
from storage.cbvs.header_reader import damaged
from storage.cbvs.positions import Positions

SPARSE = 64
"""Bins for each trace beyond which a rectangle that the header speaks of is taken for no survey."""

SMALL = 1 << 20
"""Bins that are no burden, however few traces they hold."""


def axes_of(
    path: Path, headers: list[Header], positions: list[Positions]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the regular axes, ascending, of all traces of the files of a volume.

    They are those of the headers where every trace lies on them, so that a border without traces stays,
    else the smallest that hold all traces.

    Raises
    ------
    CbvsError
        If they would hold far more bins than there are traces.
    """
    held = [_held(part) for part in positions]
    told = [[_told(header.lines(axis)) for header in headers] for axis in (0, 1)]
    traces = sum(part.traces for part in positions)
    smallest = [_join([each[axis] for each in held]) for axis in (0, 1)]
    largest = [_join(told[axis]) for axis in (0, 1)]
    fits = all(
        wide.low <= small.low
        and wide.high >= small.high
        and not (small.low - wide.low) % wide.step
        and not _own_step(small) % wide.step
        for small, wide in zip(smallest, largest, strict=True)
    )
    chosen = largest if fits and _bins(largest) <= max(SPARSE * traces, SMALL) else smallest
    if _bins(chosen) > max(SPARSE * SPARSE * traces, SMALL):
        raise damaged(path, f"{traces} traces spread over {_bins(chosen)} bins")
    inlines, crosslines = (
        np.arange(each.low, each.high + 1, each.step, dtype=np.int64).astype(np.int32)
        for each in chosen
    )
    return inlines, crosslines


@dataclass(frozen=True, slots=True)
class _Line:
    """Smallest and largest line number of an axis, and its step; 0 where there is but one line."""

    low: int
    high: int
    step: int


def _bins(lines: list[_Line]) -> int:
    rows, columns = ((each.high - each.low) // each.step + 1 for each in lines)
    return rows * columns


def _told(lines: range) -> _Line:
    """Return the axis of the rectangle that a header speaks of."""
    low, high = sorted((lines[0], lines[-1]))
    return _Line(low, high, abs(lines.step))


def _held(positions: Positions) -> tuple[_Line, _Line]:
    """Return the axes that the traces of one file need."""
    inlines, segments = np.sort(positions.inlines), positions.segments
    ends = np.sort(segments[:, :2], axis=1)
    long = segments[ends[:, 0] != ends[:, 1]]
    step = gcd(int(np.gcd.reduce(np.diff(np.unique(ends[:, 0])))), int(np.gcd.reduce(long[:, 2])))
    return (
        _Line(int(inlines[0]), int(inlines[-1]), int(np.gcd.reduce(np.diff(inlines)))),
        _Line(int(ends[:, 0].min()), int(ends[:, 1].max()), step),
    )


def _join(lines: list[_Line]) -> _Line:
    """Return the smallest axis that holds several."""
    low, high = min(each.low for each in lines), max(each.high for each in lines)
    step = gcd(*(each.low - low for each in lines), *(_own_step(each) for each in lines))
    return _Line(low, high, step or 1)


def _own_step(line: _Line) -> int:
    return line.step if line.high > line.low else 0
