"""A pair of header bytes as line numbers, and which of two pairs is the better one."""

from dataclasses import dataclass

from storage.segy.fields import CDP, FIELD_RECORD, INLINE, LINE_BYTES
from storage.segy.lines import Pair

USUAL: tuple[Pair, ...] = (
    *LINE_BYTES,
    (INLINE, CDP),
    (17, 13),
    (17, CDP),
    (221, 225),
    (213, 217),
    (181, 185),
    (FIELD_RECORD, 17),
    (185, INLINE),
)
"""Pairs that files have been seen with, common ones first."""

SPARSE = 0.5
"""Share of filled bins below which a grid may be one of numbers that are no line numbers."""

FEW_DOUBLED = 0.02
"""Traces that may share a bin, as a share of all; with more the numbers are no line numbers."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair of header bytes as line numbers.

    Parameters
    ----------
    inline_byte, crossline_byte
        First bytes, from 1.
    inlines, crosslines
        Lines on the axes.
    doubled
        Traces that share a bin with another.
    occupancy
        Share of the bins that have a trace.
    regular
        True where lines times lines are the traces, so that every bin has one.
    agrees
        True where the coordinates are those of such a grid; None where nothing can be said.
    in_order
        True where the traces are sorted by them.
    """

    inline_byte: int
    crossline_byte: int
    inlines: int
    crosslines: int
    doubled: int
    occupancy: float
    regular: bool
    agrees: bool | None
    in_order: bool

    @property
    def pair(self) -> Pair:
        """The header bytes."""
        return self.inline_byte, self.crossline_byte

    @property
    def placed(self) -> int:
        """Bins that have a trace."""
        return round(self.occupancy * self.inlines * self.crosslines)

    @property
    def few_doubled(self) -> bool:
        """True where nearly every trace has a bin of its own."""
        return self.doubled <= FEW_DOUBLED * self.placed

    @property
    def is_line(self) -> bool:
        """True for a single line."""
        return min(self.inlines, self.crosslines) == 1


def worth(candidate: Candidate, hinted: Pair | None) -> tuple[float, ...]:
    """Return what candidates are sorted by, the weightiest first."""
    pair = candidate.pair
    usual = USUAL.index(pair) if pair in USUAL else len(USUAL)
    return (
        candidate.few_doubled,
        {True: 2, None: 1, False: 0}[candidate.agrees],
        pair == hinted,
        bool(candidate.agrees) or candidate.occupancy >= SPARSE,
        not candidate.is_line,
        candidate.regular,
        -usual,
        -candidate.doubled,
        candidate.in_order,
        candidate.occupancy,
        -pair[0],
    )
