"""Traces as surveys have them that are no plain cube: with holes, twice, in no order, on a line."""

from dataclasses import replace
from functools import partial

import numpy as np

from tests.segy_parts import (
    CUBE,
)
from tests.surveys import Traces, grid_traces, holes, shuffled


def without(traces: Traces) -> Traces:
    """Leave out a corner and a hole in the middle."""
    i, j = traces.inline - 101, traces.crossline - 2001
    return traces.take((i + j > 6) & ~((i > 8) & (i < 12) & (j > 9) & (j < 15)))


def doubled(traces: Traces) -> Traces:
    """Repeat ten traces: those from 91 on come again from 101 on."""
    return traces.take(np.r_[:100, 90 : len(traces)])


def at_once() -> Traces:
    traces = holes(CUBE())
    return shuffled(traces.take(np.r_[: len(traces), 5, 5, 40:50]))


def some_without_numbers() -> Traces:
    traces = CUBE()
    lost = np.isin(np.arange(len(traces)), [0, 9, 77, 78, 200, 301, 479])
    return replace(
        traces,
        inline=np.where(lost, 0, traces.inline),
        crossline=np.where(lost, 0, traces.crossline),
        x=np.where(lost, 0, traces.x),
        y=np.where(lost, 0, traces.y),
    )


def crooked() -> Traces:
    """A line whose coordinates lie on no grid."""
    traces, wander = LINE(), np.random.default_rng(4).uniform(1, 40, (2, 60)).cumsum(axis=1)
    return replace(traces, x=traces.x + wander[0], y=traces.y + wander[1])


LINE = partial(grid_traces, (1, 60, 40), azimuth=0.41)
