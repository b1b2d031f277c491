"""Lattice: coordinates alone give the lines of any rotated grid, and of nothing else."""

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from storage.geometry import fit_affine
from storage.segy.lattice import Lattice, Some, fit_lattice, fit_lattice_at
from tests.surveys import Traces, crossline_major, falling, grid_traces, shuffled

ORDERS: dict[str, Callable[[Traces], Traces]] = {
    "inline by inline": lambda traces: traces,
    "crossline by crossline": crossline_major,
    "falling": falling,
    "shuffled": shuffled,
}
BINS_M = [(25.0, 12.5), (12.5, 12.5), (12.5, -25.0), (50.0, 12.5), (-18.75, 25.0)]


@st.composite
def surveys(draw: st.DrawFn) -> Traces:
    """Grids of any size, azimuth and handedness, with holes, in any order, as headers round them."""
    traces = grid_traces(
        (draw(st.integers(6, 40)), draw(st.integers(6, 40)), 1),
        azimuth=draw(st.one_of(st.floats(-3.2, 3.2), st.sampled_from([0.0, 1e-4, -np.pi / 2]))),
        bin_m=draw(st.sampled_from(BINS_M)),
    )
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    traces = traces.take(rng.random(len(traces)) >= draw(st.sampled_from([0.0, 0.1, 0.4])))
    return ORDERS[draw(st.sampled_from(list(ORDERS)))](traces)


def lattice_of(traces: Traces, rounded_to: float = 0.01) -> Lattice:
    lattice = fit_lattice(*(np.round(c / rounded_to) * rounded_to for c in (traces.x, traces.y)))
    assert lattice is not None
    assert lattice.inline.dtype == lattice.crossline.dtype == np.int32
    assert lattice.inline.min() == lattice.crossline.min() == 1
    return lattice


def same_lines(found: NDArray[np.int32], lines: NDArray[np.int64]) -> bool:
    """Tell whether numbers are those of the lines, counted from one side or the other."""
    rising, falling_ = lines - lines.min() + 1, lines.max() - lines + 1
    return bool((found == rising).all() or (found == falling_).all())


@given(surveys(), st.sampled_from([0.01, 0.1, 1.0]))
def test_the_lines_of_a_grid_are_found(traces: Traces, rounded_to: float) -> None:
    lattice = lattice_of(traces, rounded_to)
    lines = traces.inline, traces.crossline
    found = lattice.inline, lattice.crossline
    straight = all(same_lines(*pair) for pair in zip(found, lines, strict=True))
    crossed = all(same_lines(*pair) for pair in zip(found, lines[::-1], strict=True))
    assert straight or crossed


@given(surveys())
def test_an_affine_map_of_the_numbers_gives_the_coordinates_back(traces: Traces) -> None:
    lattice = lattice_of(traces)
    affine = fit_affine(lattice.inline, lattice.crossline, traces.x, traces.y)
    assert affine is not None
    x0, dx_il, dx_xl, y0, dy_il, dy_xl = affine
    x = x0 + dx_il * lattice.inline + dx_xl * lattice.crossline
    y = y0 + dy_il * lattice.inline + dy_xl * lattice.crossline
    np.testing.assert_allclose(np.stack([x, y]), np.stack([traces.x, traces.y]), atol=0.05, rtol=0)


@pytest.mark.parametrize("bin_m", BINS_M)
def test_the_crossline_is_what_changes_from_trace_to_trace(bin_m: tuple[float, float]) -> None:
    traces = grid_traces((9, 14, 1), bin_m=bin_m)
    lattice = lattice_of(traces)
    assert same_lines(lattice.inline, traces.inline)
    assert same_lines(lattice.crossline, traces.crossline)
    turned = lattice_of(crossline_major(traces))
    assert same_lines(turned.inline, crossline_major(traces).crossline)


@given(surveys())
def test_numbers_rise_from_the_first_trace_to_the_last(traces: Traces) -> None:
    lattice = lattice_of(traces)
    for lines in (lattice.inline, lattice.crossline):
        assert lines[0] <= lines[-1]


@pytest.mark.parametrize("azimuth", [0.0, 0.3, 1.1])
def test_coordinates_in_whole_metres_do_not_drift_over_a_thousand_lines(azimuth: float) -> None:
    traces = grid_traces((1000, 40, 1), azimuth=azimuth, bin_m=(12.5, 12.5))
    lattice = lattice_of(traces, rounded_to=1.0)
    assert same_lines(lattice.inline, traces.inline)
    assert same_lines(lattice.crossline, traces.crossline)


def test_lines_far_apart_from_each_other_keep_their_distance() -> None:
    traces = grid_traces((60, 30, 1))
    lattice = lattice_of(traces.take((traces.inline < 115) | (traces.inline > 140)))
    assert lattice.inline.max() == 60
    assert len(np.unique(lattice.inline)) == 14 + 20


def test_a_fit_takes_little_beside_the_line_numbers() -> None:
    count, line = 4_000_000, 1000

    def at(some: Some) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        row, column = np.divmod(
            np.arange(some.start, some.stop) if isinstance(some, slice) else some, line
        )
        return 4e5 + 25.0 * column - 3.0 * row, 6e6 + 3.0 * column + 25.0 * row

    tracemalloc.start()
    lattice = fit_lattice_at(at, count)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert lattice is not None
    assert (lattice.inline.max(), lattice.crossline.max()) == (count // line, line)
    assert taken < 8 * count + (30 << 20)


def points(kind: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(3)
    grid = grid_traces((20, 20, 1))
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    x, y = grid.x.copy(), grid.y.copy()
    if kind == "noise":
        x, y = rng.uniform(0, 1e4, (2, 400))
    elif kind == "noise on the grid":
        x += rng.uniform(-9, 9, 400)
    elif kind == "one trace off":
        x[199] += 5.0
    elif kind == "two in one place":
        x[211], y[211] = x[210], y[210]
    elif kind == "one unknown":
        x[77] = y[77] = np.nan
    elif kind == "straight line":
        x, y = np.linspace(0, 900, 400), np.linspace(0, 1200, 400)
    elif kind == "crooked line":
        x, y = rng.uniform(5, 25, (2, 400)).cumsum(axis=1)
    elif kind == "one place":
        x, y = np.full((2, 400), 7.0)
    elif kind == "three traces":
        x, y = x[:3], y[:3]
    return x, y


@pytest.mark.parametrize(
    "kind",
    [
        "noise",
        "noise on the grid",
        "one trace off",
        "two in one place",
        "one unknown",
        "straight line",
        "crooked line",
        "one place",
        "three traces",
    ],
)
def test_what_is_no_grid_has_no_lines(kind: str) -> None:
    assert fit_lattice(*points(kind)) is None


@given(st.integers(4, 40), st.integers(0, 10_000), st.sampled_from([1, 3, 2**31 - 1]))
def test_no_coordinates_that_a_header_can_hold_do_harm(count: int, seed: int, most: int) -> None:
    x, y = np.random.default_rng(seed).integers(-most, most, (2, count)).astype(np.float64)
    lattice = fit_lattice(x, y)
    assert lattice is None or lattice.inline.min() == lattice.crossline.min() == 1
