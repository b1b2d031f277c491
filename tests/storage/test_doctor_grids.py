"""A grid is fitted to most traces, whatever the coordinates of some are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.segy.doctor.grids import Coordinates2D, agree, fit_grid
from tests.surveys import Traces, grid_traces


def lines(traces: Traces) -> tuple[np.ndarray, np.ndarray]:
    return traces.inline.astype(np.int32), traces.crossline.astype(np.int32)


@given(
    azimuth=st.floats(0, 6.28),
    share=st.floats(0.02, 0.11),
    seed=st.integers(0, 99),
    wild=st.sampled_from([0.0, 1e9, -(2.0**31), 456_000.0]),
    bins=st.tuples(st.floats(5, 60), st.floats(5, 60)),
)
def test_traces_off_the_grid_are_told_and_do_not_bend_it(
    azimuth: float, share: float, seed: int, wild: float, bins: tuple[float, float]
) -> None:
    traces = grid_traces((12, 15, 1), azimuth=azimuth, bin_m=bins)
    off = np.random.default_rng(seed).random(len(traces)) < share
    off[[0, 7, 100, 179]] = True  # in any case some, and what a fit may begin with
    x, y = np.where(off, wild, traces.x), np.where(off, wild, traces.y)
    found = fit_grid(*lines(traces), x.round(1), y.round(1))
    assert found is not None
    np.testing.assert_array_equal(found.off, off)
    assert found.bin == pytest.approx(min(bins), abs=0.05)
    assert found.cosine < 0.02


@given(seed=st.integers(0, 99))
def test_scattered_coordinates_make_no_grid(seed: int) -> None:
    traces = grid_traces((12, 15, 1))
    x, y = np.random.default_rng(seed).uniform(0, 1e6, (2, len(traces)))
    assert fit_grid(*lines(traces), x, y) is None
    assert agree(*lines(traces), Coordinates2D((181, 185), x, y)) is False


def test_a_line_and_unknown_coordinates_say_nothing() -> None:
    line, cube = grid_traces((1, 40, 1)), grid_traces((5, 6, 1))
    assert fit_grid(*lines(line), line.x, line.y) is None
    nothing = np.full(30, np.nan)
    assert agree(*lines(cube), Coordinates2D((181, 185), nothing, nothing)) is None
    same = np.full(30, 7.0)
    assert agree(*lines(cube), Coordinates2D((181, 185), same, same)) is None


def test_a_slanted_grid_neither_agrees_nor_contradicts() -> None:
    traces = grid_traces((12, 15, 1), azimuth=0.0)
    slanted = traces.x + 10.0 * (traces.inline - 101)
    assert agree(*lines(traces), Coordinates2D((181, 185), slanted, traces.y)) is None
