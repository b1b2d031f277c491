"""Sections as levels: amplitudes keep their order and their sign, faults are never thinned away."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.section_levels import (
    CERTAIN,
    DEAD,
    LARGEST,
    LOUDEST,
    amplitude_levels,
    probability_levels,
    thinning,
)

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 40))


@st.composite
def planes(draw: st.DrawFn) -> NDArray[np.float32]:
    plane = np.random.default_rng(draw(st.integers(0, 999))).random(draw(SHAPES), np.float32)
    plane[plane < draw(st.floats(0, 1))] = np.nan
    return plane


@given(planes(), st.sampled_from([1e-20, 1.0, 1e20]))
def test_amplitudes_keep_their_order_at_any_scale(
    plane: NDArray[np.float32], scale: float
) -> None:
    amplitude = (plane - np.float32(0.5)) * np.float32(scale)
    levels = amplitude_levels(amplitude).astype(int)
    live = np.isfinite(amplitude)
    assert (levels[~live] == DEAD).all()
    assert ((levels[live] >= 0) & (levels[live] <= LOUDEST)).all()
    order = np.argsort(amplitude[live], kind="stable")
    assert (np.diff(levels[live][order]) >= 0).all()


def test_silence_lies_in_the_middle() -> None:
    assert set(amplitude_levels(np.zeros((3, 4), np.float32)).ravel()) == {LOUDEST // 2}


def test_one_spike_does_not_drown_a_section() -> None:
    amplitude = np.random.default_rng(0).standard_normal((100, 100)).astype(np.float32)
    quiet = amplitude_levels(amplitude).astype(int)
    amplitude[50, 50] = 1e30
    loud = amplitude_levels(amplitude).astype(int)
    assert np.abs(loud - quiet)[amplitude < 1e30].max() <= 1


@given(planes())
def test_probability_is_its_per_cent(plane: NDArray[np.float32]) -> None:
    levels = probability_levels(plane)
    live = np.isfinite(plane)
    assert (levels[~live] == DEAD).all()
    np.testing.assert_allclose(levels[live], plane[live] * CERTAIN, atol=0.51)


@pytest.mark.parametrize("shape", [(3 * LARGEST + 1, 5), (7, 2 * LARGEST)])
def test_a_thin_fault_on_a_large_section_is_still_drawn(shape: tuple[int, int]) -> None:
    plane = np.full(shape, np.nan, np.float32)
    rng = np.random.default_rng(4)
    steps = [part.step for part in thinning(shape)]
    for _ in range(20):
        place = tuple(int(rng.integers(n)) for n in shape)
        plane[place] = 1.0
        levels = probability_levels(plane)
        assert max(levels.shape) <= LARGEST
        assert levels[tuple(at // step for at, step in zip(place, steps, strict=True))] == CERTAIN
