"""From the line numbers of traces to bins: axes, trace map, and which traces have no bin of their own."""

from dataclasses import dataclass
from typing import Literal, TypeGuard

import numpy as np
from numpy.typing import NDArray

from storage.geometry import line_axis, line_step
from storage.segy.columns import Column
from storage.segy.source import Traces

Duplicates = Literal["first", "last", "error"]

SPARSEST = 0.1
"""A grid with fewer traces than this share of its bins means wrong header bytes."""

MOST_DOUBLED = 0.1
"""Where more traces than this share a bin with another, the numbers do not tell traces apart."""

BLOCK = 1 << 16
"""Traces in work at once, so that their bins take little."""


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Traces on a grid.

    Parameters
    ----------
    inlines, crosslines
        Axes, int32.
    trace_map
        Trace number of every bin, from 0, -1 where there is none; int32 where that holds them.
    doubled
        Numbers of traces whose bin another trace has, int64, ascending.
    stray
        Numbers of traces that have no line numbers, int64, ascending.
    """

    inlines: NDArray[np.int32]
    crosslines: NDArray[np.int32]
    trace_map: Traces
    doubled: NDArray[np.int64]
    stray: NDArray[np.int64]

    def cells(self, inline: Column, crossline: Column) -> NDArray[np.int64]:
        """Return the flat bins of line numbers on the axes."""
        rows = (inline.astype(np.int64) - int(self.inlines[0])) // line_step(self.inlines)
        columns = (crossline.astype(np.int64) - int(self.crosslines[0])) // line_step(
            self.crosslines
        )
        return rows * len(self.crosslines) + columns


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why line numbers make no grid; ``shared`` where many traces have one bin."""

    reason: str
    shared: bool = False


def bin_traces(
    inline: Column, crossline: Column, *, keep: Literal["first", "last"] = "first"
) -> Bins | Misfit:
    """Put traces on the grid of their line numbers.

    Parameters
    ----------
    inline, crossline
        Line numbers of all traces, int32, shape (n,).
    keep
        Which of the traces of one bin has it.
    """
    traces = len(inline)
    if traces > 1 and not inline.any() and not crossline.any():
        return Misfit("all zero", shared=True)
    found = _bin(inline, crossline, None, keep)
    clean = isinstance(found, Bins) and not len(found.doubled)
    if not clean:
        # Traces without any number among good ones belong nowhere; they must not spoil the grid.
        numbered = (inline != 0) | (crossline != 0)
        if traces / 2 < numbered.sum() < traces:
            again = _bin(inline, crossline, numbered, keep)
            if _is_better(again, found) and len(again.doubled) <= MOST_DOUBLED * traces:
                return again
    if isinstance(found, Bins) and len(found.doubled) > MOST_DOUBLED * traces:
        return Misfit(doubled_reason(found, inline, crossline), shared=True)
    return found


def _is_better(again: Bins | Misfit, found: Bins | Misfit) -> TypeGuard[Bins]:
    """Tell whether traces without numbers doubled others or widened the grid; 0 and 0 may be a bin."""
    if isinstance(again, Misfit) or isinstance(found, Misfit):
        return isinstance(again, Bins)
    doubled = len(again.doubled) < len(found.doubled)
    return doubled or again.trace_map.size < found.trace_map.size


def _bin(
    inline: Column,
    crossline: Column,
    numbered: NDArray[np.bool_] | None,
    keep: Literal["first", "last"],
) -> Bins | Misfit:
    chosen = slice(None) if numbered is None else numbered
    axes = line_axis(inline[chosen]), line_axis(crossline[chosen])
    traces = len(inline) if numbered is None else int(numbered.sum())
    if traces < SPARSEST * len(axes[0]) * len(axes[1]):
        return Misfit(f"{traces} traces on {len(axes[0])} x {len(axes[1])} lines")
    shape = (len(axes[0]), len(axes[1]))
    none = np.empty(0, np.int64)
    bins = Bins(
        np.array(axes[0], np.int32),
        np.array(axes[1], np.int32),
        np.full(shape, -1, np.int32 if len(inline) < 2**31 else np.int64),
        none,
        none if numbered is None else np.flatnonzero(~numbered),
    )
    flat = bins.trace_map.reshape(-1)
    starts = range(0, len(inline), BLOCK)
    # Of several traces in one bin the one assigned last has it.
    for start in reversed(starts) if keep == "first" else starts:
        numbers = np.arange(start, min(start + BLOCK, len(inline)))
        if numbered is not None:
            numbers = numbers[numbered[numbers]]
        numbers = numbers[::-1] if keep == "first" else numbers
        flat[bins.cells(inline[numbers], crossline[numbers])] = numbers
    if int(np.count_nonzero(flat >= 0)) == traces:
        return bins
    return Bins(
        bins.inlines,
        bins.crosslines,
        bins.trace_map,
        _without_bin(bins, inline, crossline, numbered),
        bins.stray,
    )


def _without_bin(
    bins: Bins, inline: Column, crossline: Column, numbered: NDArray[np.bool_] | None
) -> NDArray[np.int64]:
    """Return the numbers of traces whose bin another trace has."""
    flat, found = bins.trace_map.reshape(-1), []
    for start in range(0, len(inline), BLOCK):
        numbers = np.arange(start, min(start + BLOCK, len(inline)))
        if numbered is not None:
            numbers = numbers[numbered[numbers]]
        found.append(numbers[flat[bins.cells(inline[numbers], crossline[numbers])] != numbers])
    return np.concatenate(found)


def doubled_reason(bins: Bins, inline: Column, crossline: Column) -> str:
    """Say how many traces share bins, and which two do."""
    one = bins.doubled[:1]
    other = int(bins.trace_map.reshape(-1)[bins.cells(inline[one], crossline[one])][0])
    first, second = sorted((int(one[0]) + 1, other + 1))
    return (
        f"{len(bins.doubled)} traces share the bin of another, such as traces {first} and {second}"
    )
