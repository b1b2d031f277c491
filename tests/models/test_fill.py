"""Dead bins are filled with traces that exist, and what fills a bin is decided near by."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from models.fill import fill_dead, nearest_live
from tests.strategies import live_masks

Mask = NDArray[np.bool_]

CITY_BLOCK = ndimage.generate_binary_structure(2, 1)


def labelled(live_mask: Mask) -> NDArray[np.float32]:
    """Every live trace carries its own number; dead bins carry what no answer may hold."""
    numbers = np.arange(1, live_mask.size + 1, dtype=np.float32).reshape(live_mask.shape)
    return np.repeat(np.where(live_mask, numbers, -1)[..., None], 3, axis=2)


@given(live_masks(), st.integers(1, 6))
def test_live_traces_are_never_changed(live_mask: Mask, reach: int) -> None:
    traces = labelled(live_mask)
    before = traces.copy()
    filled = fill_dead(traces, live_mask, reach)
    np.testing.assert_array_equal(filled[live_mask], before[live_mask])
    np.testing.assert_array_equal(traces, before)


@given(live_masks(), st.integers(1, 6))
def test_dead_bins_show_a_nearest_trace_within_reach_and_zeros_beyond(
    live_mask: Mask, reach: int
) -> None:
    source = nearest_live(live_mask, reach)
    reached = ndimage.binary_dilation(live_mask, CITY_BLOCK, iterations=reach)
    np.testing.assert_array_equal(source >= 0, reached)
    rows, columns = np.nonzero(reached)
    from_row, from_column = np.divmod(source[reached], live_mask.shape[1])
    assert live_mask[from_row, from_column].all()
    walked = np.abs(rows - from_row) + np.abs(columns - from_column)
    if live_mask.any():
        away = ndimage.distance_transform_cdt(~live_mask, metric="taxicab")
        np.testing.assert_array_equal(walked, away[reached])
    filled = fill_dead(labelled(live_mask), live_mask, reach)
    np.testing.assert_array_equal(filled[reached][:, 0], source[reached] + 1)
    assert not filled[~reached].any()


@given(live_masks(), st.integers(1, 4), st.data())
def test_what_fills_a_bin_does_not_depend_on_where_a_tile_ends(
    live_mask: Mask, reach: int, data: st.DataObject
) -> None:
    inner, read = [], []
    for n in live_mask.shape:
        start = data.draw(st.integers(0, n - 1))
        stop = data.draw(st.integers(start + 1, n))
        inner.append(slice(start, stop))
        read.append(slice(max(0, start - reach), min(n, stop + reach)))
    traces = labelled(live_mask)
    whole = fill_dead(traces, live_mask, reach)[tuple(inner)]
    margin = fill_dead(traces[tuple(read)], live_mask[tuple(read)], reach)
    cut = tuple(
        slice(i.start - r.start, i.stop - r.start) for i, r in zip(inner, read, strict=True)
    )
    np.testing.assert_array_equal(margin[cut], whole)
