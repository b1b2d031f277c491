"""Geometry: line axes hold every number, and the affine map recovers any rotated grid."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import geometry
from storage.geometry import SampleAxis, fit_affine, fit_bins, grid_geometry, line_axis
from tests.strategies import rotated_grids
from tests.surveys import grid_traces


@st.composite
def line_numbers(draw: st.DrawFn) -> list[int]:
    """Numbers close together, where all between are looked at, or as far apart as headers allow."""
    step, first = draw(st.integers(1, 50)), draw(st.integers(-999, 9999))
    near = st.integers(0, 200).map(lambda n: first + n * step)
    far = st.integers(-(2**31), 2**31 - 1)
    return draw(st.lists(draw(st.sampled_from([near, far])), min_size=1))


@given(line_numbers())
def test_a_line_axis_holds_every_number_at_the_largest_step(numbers: list[int]) -> None:
    axis = line_axis(np.array(numbers, np.int32))
    assert all(number in axis for number in numbers)
    assert (axis[0], axis[-1]) == (min(numbers), max(numbers))
    apart = np.diff(np.unique(numbers))
    assert axis.step == (np.gcd.reduce(apart) if len(apart) else 1)


@given(rotated_grids(), st.sampled_from([0.0, 0.3]))
def test_the_affine_recovers_a_rotated_grid(how: dict[str, object], share: float) -> None:
    traces = grid_traces(**how)  # type: ignore[arg-type]
    keep = np.random.default_rng(6).random(len(traces)) >= share
    keep[[0, 1, -1]] = True
    traces = traces.take(keep)
    lines = traces.inline.astype(np.int32), traces.crossline.astype(np.int32)
    x, y = np.round(traces.x, 2), np.round(traces.y, 2)
    affine = fit_affine(*lines, x, y)
    assert affine is not None
    x0, dx_il, dx_xl, y0, dy_il, dy_xl = affine
    np.testing.assert_allclose(
        x0 + dx_il * lines[0] + dx_xl * lines[1], traces.x, atol=0.02, rtol=0
    )
    np.testing.assert_allclose(
        y0 + dy_il * lines[0] + dy_xl * lines[1], traces.y, atol=0.02, rtol=0
    )


def test_traces_on_one_line_or_without_coordinates_have_no_affine() -> None:
    line = grid_traces((1, 9, 1))
    lines = line.inline.astype(np.int32), line.crossline.astype(np.int32)
    assert fit_affine(*lines, line.x, line.y) is None
    plane = grid_traces((9, 9, 1))
    lines = plane.inline.astype(np.int32), plane.crossline.astype(np.int32)
    unknown = np.full(len(plane), np.nan)
    assert fit_affine(*lines, unknown, unknown) is None
    diagonal = np.arange(9, dtype=np.int32)
    assert (
        fit_affine(diagonal, diagonal, diagonal.astype(np.float64), diagonal.astype(np.float64))
        is None
    )


def test_one_trace_off_the_grid_by_more_than_half_a_bin_is_no_grid() -> None:
    traces = grid_traces((9, 9, 1), bin_m=(20.0, 20.0))
    lines = traces.inline.astype(np.int32), traces.crossline.astype(np.int32)
    x = traces.x.copy()
    x[40] += 9.0
    assert fit_affine(*lines, x, traces.y) is not None
    x[40] += 9.0
    assert fit_affine(*lines, x, traces.y) is None


@given(rotated_grids(), st.integers(0, 12 * 9 - 1), st.sampled_from([5, 12, 100_000]))
def test_bins_that_were_not_fitted_are_checked_all_the_same(
    how: dict[str, Any], odd: int, most: int
) -> None:
    traces = grid_traces(**{**how, "shape": (12, 9, 1)})
    x, y = traces.x.reshape(12, 9).copy(), traces.y.reshape(12, 9).copy()
    inline, crossline = traces.inline.astype(np.int32), traces.crossline.astype(np.int32)
    inlines, crosslines = np.unique(inline), np.unique(crossline)
    whole = fit_affine(inline, crossline, traces.x, traces.y)
    row, column = divmod(odd, 9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geometry, "MOST_FITTED", most)
        assert fit_bins(inlines, crosslines, x, y) == pytest.approx(whole, rel=1e-6, abs=1e-2)
        x[row, column] += 1000.0
        assert fit_bins(inlines, crosslines, x, y) is None
        x[row, column] = y[row, column] = np.nan
        assert fit_bins(inlines, crosslines, x, y) == pytest.approx(whole, rel=1e-6, abs=1e-2)


def test_a_grid_lies_where_its_affine_says_and_nowhere_without_a_trace() -> None:
    live = np.array([[True, True, False], [True, True, True]])
    axis = SampleAxis("depth", 100.0, 2.5, 4)
    grid = grid_geometry(
        np.array([10, 12], np.int32),
        np.array([5, 6, 7], np.int32),
        axis,
        (1.0, 2, 3, 4.0, 5, 6),
        live,
    )
    assert grid.shape == (2, 3, 4)
    assert grid.dims == ("inline", "crossline", "depth")
    assert grid.cdp_x[1, 2] == 1 + 2 * 12 + 3 * 7
    assert grid.cdp_y[1, 0] == 4 + 5 * 12 + 6 * 5
    np.testing.assert_array_equal(np.isnan(grid.cdp_x), ~live)
    np.testing.assert_array_equal(axis.values(), [100.0, 102.5, 105.0, 107.5])


@pytest.mark.parametrize(
    ("domain", "name", "unit"), [("time", "twt", "ms"), ("depth", "depth", "m")]
)
def test_the_sample_axis_has_its_name_and_unit(domain: str, name: str, unit: str) -> None:
    axis = SampleAxis(domain, 0.0, 4.0, 3)  # type: ignore[arg-type]
    assert (axis.name, axis.unit) == (name, unit)
