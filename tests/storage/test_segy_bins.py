"""Bins: every trace has a bin, shares one, or has no line numbers; exactly one of the three."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from storage.segy import bins as module
from storage.segy.bins import MOST_DOUBLED, SPARSEST, Bins, Misfit, bin_traces

Lines = tuple[NDArray[np.int32], NDArray[np.int32]]


@st.composite
def surveys(draw: st.DrawFn) -> Lines:
    """Line numbers in any order: a grid with steps and holes, a few doubled, a few without numbers."""
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    shape = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    first = draw(st.integers(-90, 90)), draw(st.integers(-(2**31), 2**31 - 999))
    step = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    inline, crossline = (
        part.ravel()
        for part in np.meshgrid(
            *(f + s * np.arange(n) for f, s, n in zip(first, step, shape, strict=True)),
            indexing="ij",
        )
    )
    kept = rng.random(len(inline)) >= draw(st.sampled_from([0.0, 0.4]))
    kept[0] = True
    chosen = np.flatnonzero(kept)
    most = int(MOST_DOUBLED * len(chosen))
    chosen = np.append(chosen, rng.choice(chosen, draw(st.integers(0, most))))
    chosen = rng.permutation(chosen)
    lost = rng.random(len(chosen)) < draw(st.sampled_from([0.0, 0.1]))
    lines = np.stack([inline[chosen], crossline[chosen]])
    lines[:, lost] = 0
    return lines[0].astype(np.int32), lines[1].astype(np.int32)


@given(surveys(), st.sampled_from(["first", "last"]), st.sampled_from([5, 1 << 20]))
def test_every_trace_is_in_a_bin_or_doubled_or_stray(lines: Lines, keep: str, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        bins = bin_traces(*lines, keep="first" if keep == "first" else "last")
    if isinstance(bins, Misfit):
        assert bins.reason
        return
    binned = bins.trace_map[bins.trace_map >= 0]
    together = np.concatenate([binned, bins.doubled, bins.stray])
    np.testing.assert_array_equal(np.sort(together), np.arange(len(lines[0])))
    assert_binned_where_their_numbers_say(bins, lines)
    assert (np.diff(bins.doubled) > 0).all()
    assert (np.diff(bins.stray) > 0).all()
    assert not lines[0][bins.stray].any()
    assert not lines[1][bins.stray].any()
    assert_others_of_the_bin_come(bins, lines, later=keep == "first")
    assert bins.trace_map.shape == (len(bins.inlines), len(bins.crosslines))


def assert_binned_where_their_numbers_say(bins: Bins, lines: Lines) -> None:
    rows, columns = np.nonzero(bins.trace_map >= 0)
    numbers = bins.trace_map[rows, columns]
    np.testing.assert_array_equal(bins.inlines[rows], lines[0][numbers])
    np.testing.assert_array_equal(bins.crosslines[columns], lines[1][numbers])


def assert_others_of_the_bin_come(bins: Bins, lines: Lines, *, later: bool) -> None:
    rows = np.searchsorted(bins.inlines, lines[0][bins.doubled])
    columns = np.searchsorted(bins.crosslines, lines[1][bins.doubled])
    owners = bins.trace_map[rows, columns]
    np.testing.assert_array_equal(bins.inlines[rows], lines[0][bins.doubled])
    np.testing.assert_array_equal(bins.crosslines[columns], lines[1][bins.doubled])
    assert (bins.doubled > owners if later else bins.doubled < owners).all()


def plane(n_inline: int, n_crossline: int) -> Lines:
    inline, crossline = np.indices((n_inline, n_crossline), np.int32).reshape(2, -1)
    return inline + 1, crossline + 1


@pytest.mark.parametrize(("keep", "owner", "other"), [("first", 3, 40), ("last", 40, 3)])
def test_the_first_or_the_last_of_two_has_the_bin(keep: str, owner: int, other: int) -> None:
    inline, crossline = plane(8, 9)
    inline[40], crossline[40] = inline[3], crossline[3]
    bins = bin_traces(inline, crossline, keep="first" if keep == "first" else "last")
    assert isinstance(bins, Bins)
    assert bins.trace_map[0, 3] == owner
    assert bins.doubled.tolist() == [other]
    assert np.count_nonzero(bins.trace_map < 0) == 1


def test_more_doubled_traces_than_a_tenth_are_a_misfit_that_names_two() -> None:
    inline, crossline = plane(10, 10)
    few, many = np.append(np.arange(100), np.arange(11)), np.append(np.arange(100), np.arange(12))
    assert isinstance(bin_traces(inline[few], crossline[few]), Bins)
    misfit = bin_traces(inline[many], crossline[many])
    assert isinstance(misfit, Misfit)
    assert misfit.reason == "12 traces share the bin of another, such as traces 1 and 101"
    assert misfit.shared


def test_a_grid_that_is_nearly_empty_is_a_misfit_and_costs_nothing() -> None:
    inline, crossline = plane(10, 10)
    inline[0], crossline[0] = -(2**31), -(2**31)
    inline[-1], crossline[-1] = 2**31 - 1, 2**31 - 1
    misfit = bin_traces(inline, crossline)
    assert isinstance(misfit, Misfit)
    assert misfit.reason.startswith("100 traces on ")
    assert not misfit.shared
    diagonal = np.arange(int(1 / SPARSEST) + 1, dtype=np.int32) + 5
    assert isinstance(bin_traces(diagonal, diagonal), Misfit)
    assert isinstance(bin_traces(diagonal[1:], diagonal[1:]), Bins)


def test_traces_without_numbers_do_not_spoil_the_grid_of_the_others() -> None:
    inline, crossline = plane(10, 10)
    inline, crossline = inline + 5000, crossline + 90_000
    inline[[4, 17, 99]] = crossline[[4, 17, 99]] = 0
    bins = bin_traces(inline, crossline)
    assert isinstance(bins, Bins)
    assert bins.stray.tolist() == [4, 17, 99]
    assert bins.trace_map.shape == (10, 10)
    assert np.count_nonzero(bins.trace_map < 0) == 3


@pytest.mark.parametrize("twice", [[], [3], [3, 9]])
def test_a_trace_at_zero_and_zero_of_a_grid_is_in_its_bin(twice: list[int]) -> None:
    inline, crossline = plane(5, 5)
    chosen = np.append(np.arange(25), np.array(twice, np.int64))
    bins = bin_traces(inline[chosen] - 3, crossline[chosen] - 2)
    assert isinstance(bins, Bins)
    assert len(bins.stray) == 0
    assert (bins.trace_map >= 0).all()
    assert len(bins.doubled) == len(twice)


def test_numbers_that_are_all_zero_are_a_misfit_but_for_a_single_trace() -> None:
    zero = np.zeros(9, np.int32)
    assert bin_traces(zero, zero) == Misfit("all zero", shared=True)
    one = bin_traces(zero[:1], zero[:1])
    assert isinstance(one, Bins)
    assert one.trace_map.tolist() == [[0]]
