"""The search for line numbers in a survey: among some headers first, then in those of all traces."""

from dataclasses import replace
from functools import cached_property

import numpy as np

from storage.segy.columns import Column, read_columns
from storage.segy.doctor.candidate import SPARSE, Candidate, worth
from storage.segy.doctor.grids import Coordinates2D
from storage.segy.doctor.hints import Hints
from storage.segy.doctor.lines import judge, line_like, rank
from storage.segy.doctor.look import COORDINATE_PLACES, Headers, coordinates_at
from storage.segy.doctor.placing import pre_stack
from storage.segy.fields import OFFSET
from storage.segy.lines import Pair
from storage.segy.scan import Survey
from storage.segy.source import Source

VERIFIED = 3
"""Pairs of header bytes that are read from all traces, where only some were read before."""


class Search:
    """A search over one survey.

    Parameters
    ----------
    source
        The files.
    headers
        Some trace headers.
    hints
        What the text header says.
    """

    def __init__(self, source: Source, headers: Headers, hints: Hints) -> None:
        self.source, self.headers, self.hints = source, headers, hints

    def doubts(self, survey: Survey) -> bool:
        """Tell whether the line numbers of a survey may be the wrong ones."""
        geometry, pair = survey.geometry, survey.line_bytes
        lines = geometry.shape[:2]
        return (
            pair is None
            or 1 in lines
            or geometry.live_mask.mean() < SPARSE
            or (survey.coordinate_bytes is not None and geometry.affine is None)
            or not self._as_hinted(pair)
        )

    def ranking(self, now: Pair | None = None) -> list[Candidate]:
        """Return the places that line numbers may have, the best first.

        Parameters
        ----------
        now
            A pair that is judged in any case.
        """
        hinted = self.hints.lines
        found = rank(self._columns, self.source.traces, self._coordinates, hinted)
        if now and now not in [candidate.pair for candidate in found]:
            columns = {byte: self.headers.field(byte) for byte in now}
            judged = judge(now, columns, self.source.traces, self._coordinates)
            found += [judged] if judged else []
        if not self.headers.whole:
            found = self._verified(found, now)
        return sorted(found, key=lambda candidate: worth(candidate, hinted), reverse=True)

    def unstacked(self) -> str | None:
        """Return what shows that the traces are not stacked, None where nothing does."""
        return pre_stack(self._columns, self.headers.field(OFFSET))

    @cached_property
    def _columns(self) -> dict[int, Column]:
        return line_like(self.headers.raw, self.headers.order)

    @cached_property
    def _coordinates(self) -> list[Coordinates2D]:
        found = (coordinates_at(self.headers, pair) for pair in COORDINATE_PLACES)
        return [coordinates for coordinates in found if coordinates]

    def _as_hinted(self, pair: Pair) -> bool:
        """Tell whether the text header names no other numbers than those that were found."""
        hinted = self.hints.lines
        return hinted is None or all(
            np.array_equal(self.headers.field(one), self.headers.field(other))
            for one, other in zip(pair, hinted, strict=True)
        )

    def _verified(self, found: list[Candidate], now: Pair | None) -> list[Candidate]:
        """Judge the best pairs by the headers of all traces; what coordinates said of some stands."""
        best = [c for c in found if c.pair == now]
        best += [c for c in found if c.pair != now][:VERIFIED]
        bytes_ = sorted({byte for candidate in best for byte in candidate.pair})
        columns = read_columns(self.source, bytes_).kept
        judged = [(c, judge(c.pair, columns, self.source.traces, [])) for c in best]
        return [replace(exact, agrees=some.agrees) for some, exact in judged if exact]
