"""Trace by trace, what OpendTect's import does with a file: taken, left out, warned of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from storage.segy import fields
from storage.segy.coordinates import factors_of
from storage.segy.fields import ByteOrder, trace_field
from storage.segy.opendtect.keys import Places

Condition = Literal[
    "dead",
    "no-numbers",
    "no-place",
    "zero-interval",
    "geographic",
    "far",
    "weighted",
    "other-start",
    "other-samples",
]

DEAD: Final = range(2, 11)
"""Trace identifications of dead and auxiliary traces, which it leaves out."""
NO_PLACE: Final = 0.01
"""Both coordinates below this: the place is bad where traces are placed by coordinates."""
FAR: Final = 1e9
LARGEST_WEIGHT: Final = 50
ABORTS_AT: Final = 50
"""Traces with bad line numbers in a row that end an import."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many traces something is true of, and the first of them, from 1."""

    count: int
    first: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What is true of a run of traces.

    Parameters
    ----------
    traces
        Length of the run.
    counts
        Conditions that occur.
    longest, leading, trailing
        Traces with bad line numbers in a row: the most, those at the beginning, those at the end.
    """

    traces: int
    counts: Mapping[Condition, Count]
    longest: int
    leading: int
    trailing: int

    def of(self, condition: Condition) -> int:
        """Return how many traces a condition is true of."""
        return self.counts[condition].count if condition in self.counts else 0

    def then(self, other: "Tally") -> "Tally":
        """Return the tally of this run with the run after it."""
        counts = dict(self.counts)
        for name, found in other.counts.items():
            mine = counts.get(name, Count(0, self.traces + found.first))
            counts[name] = Count(mine.count + found.count, mine.first)
        return Tally(
            self.traces + other.traces,
            counts,
            max(self.longest, other.longest, self.trailing + other.leading),
            self.leading if self.leading < self.traces else self.traces + other.leading,
            other.trailing if other.trailing < other.traces else self.trailing + other.traces,
        )


EMPTY: Final = Tally(0, {}, 0, 0, 0)


def tally(
    headers: NDArray[np.uint8],
    order: ByteOrder,
    places: Places,
    *,
    start: tuple[int, int],
    samples: int,
) -> Tally:
    """Judge some traces.

    Parameters
    ----------
    headers
        Raw headers, uint8, shape (n, 240).
    order
        Byte order.
    places
        Where the line numbers and coordinates are read.
    start
        What the first trace of the file holds in bytes 109 and 105.
    samples
        That every trace is taken to have.
    """

    def field(byte: int) -> NDArray[np.int32]:
        return trace_field(headers, byte, order)

    dead = np.isin(field(fields.TRACE_ID), list(DEAD))
    bad = (field(places.inline) <= 0) & (field(places.crossline) <= 0) & ~dead
    x, y = coordinates(headers, order, places)
    counts, weight = field(fields.TRACE_SAMPLES) & 0xFFFF, np.abs(field(fields.WEIGHTING))
    conditions: dict[Condition, NDArray[np.bool_]] = {
        "dead": dead,
        "no-numbers": bad,
        "no-place": (x < NO_PLACE) & (y < NO_PLACE) & ~dead,
        "zero-interval": field(fields.TRACE_INTERVAL) == 0,
        "geographic": np.isin(field(fields.COORDINATE_UNITS), list(fields.GEOGRAPHIC)),
        "far": (x > FAR) | (y > FAR),
        "weighted": (weight > 0) & (weight <= LARGEST_WEIGHT),
        "other-start": (field(fields.DELAY) != start[0]) | (field(fields.LAG_A) != start[1]),
        "other-samples": (counts != 0) & (counts != samples),
    }
    found = {
        name: Count(int(true.sum()), int(true.argmax()) + 1)
        for name, true in conditions.items()
        if true.any()
    }
    return Tally(len(headers), found, *_runs(bad))


def coordinates(
    headers: NDArray[np.uint8], order: ByteOrder, places: Places
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return X and Y of traces, scaled, float64, shapes (n,)."""
    factors = factors_of(trace_field(headers, fields.COORDINATE_SCALAR, order))
    x, y = (trace_field(headers, byte, order) * factors for byte in (places.x, places.y))
    return x, y


def _runs(bad: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Return the longest run of true values, the one at the beginning and the one at the end."""
    good = np.flatnonzero(~bad)
    if not len(good):
        return len(bad), len(bad), len(bad)
    edges = np.concatenate([[-1], good, [len(bad)]])
    return int(np.diff(edges).max()) - 1, int(good[0]), len(bad) - 1 - int(good[-1])
