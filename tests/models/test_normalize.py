"""Normalization: exact statistics in any grouping, one robust scale, no sample that is not finite."""

import json
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.normalize import CLIP, TAIL, Scale, normalize, scale_of
from models.statistics import BINS_PER_OCTAVE, amplitude_histogram, merge

HALF_BIN = 0.5 / BINS_PER_OCTAVE
"""Largest relative error of an amplitude that is taken for the middle of its bin: 3.1 %."""


def noise(kind: str, size: int = 60_000) -> NDArray[np.float32]:
    rng = np.random.default_rng(7)
    drawn: dict[str, Callable[[], NDArray[np.float64]]] = {
        "gauss": lambda: rng.normal(0, 1, size),
        "laplace": lambda: rng.laplace(0, 3000, size),
        "uniform": lambda: rng.uniform(-1e-6, 2e-6, size),
        "shifted": lambda: rng.normal(500, 20, size),
        "tiny": lambda: rng.normal(0, 1e-30, size),
        "huge": lambda: rng.normal(0, 1e30, size),
        "spikes": lambda: np.where(rng.random(size) < 2e-4, 1e6, rng.normal(0, 1, size)),
    }
    return drawn[kind]().astype(np.float32)


KINDS = ("gauss", "laplace", "uniform", "shifted", "tiny", "huge", "spikes")


@given(st.lists(st.integers(1, 4999), max_size=6), st.permutations(range(7)))
def test_histograms_merge_to_the_same_counts_in_any_grouping(
    cuts: list[int], order: list[int]
) -> None:
    amplitude = noise("laplace", 5000)
    parts = [amplitude_histogram(part) for part in np.split(amplitude, sorted(cuts))]
    shuffled = [parts[i] for i in order if i < len(parts)]
    left = merge([merge(list(shuffled[:2])), *shuffled[2:]])
    assert left == merge(list(parts)) == amplitude_histogram(amplitude)
    assert sum(left.values()) == np.count_nonzero(amplitude)
    assert json.loads(json.dumps(left)) == left
    assert scale_of(left) == scale_of(amplitude_histogram(amplitude))


@pytest.mark.parametrize("kind", KINDS)
def test_the_scale_is_that_of_the_clipped_samples_within_half_a_bin(kind: str) -> None:
    amplitude = noise(kind)
    exact = amplitude.astype(np.float64)
    exact = np.clip(exact, *np.quantile(exact, [TAIL, 1 - TAIL]))
    scale = scale_of(amplitude_histogram(amplitude))
    allowed = 1.5 * HALF_BIN * np.sqrt(np.mean(exact**2))
    assert abs(scale.center - exact.mean()) <= allowed
    assert abs(scale.spread - exact.std()) <= allowed


@pytest.mark.parametrize("power", [-40, -3, 1, 17, 60])
def test_normalized_amplitudes_do_not_change_with_the_unit(power: int) -> None:
    amplitude = noise("gauss")
    louder = amplitude * np.float32(2.0**power)
    np.testing.assert_array_equal(
        normalize(louder, scale_of(amplitude_histogram(louder))),
        normalize(amplitude, scale_of(amplitude_histogram(amplitude))),
    )


@pytest.mark.parametrize("factor", [3.0, 0.7, -1.0])
def test_any_factor_changes_the_scale_by_itself_within_half_a_bin(factor: float) -> None:
    amplitude = noise("gauss")
    one, other = (
        scale_of(amplitude_histogram(a)) for a in (amplitude, amplitude * np.float32(factor))
    )
    assert other.spread == pytest.approx(abs(factor) * one.spread, rel=2 * HALF_BIN)
    assert other.center == pytest.approx(factor * one.center, abs=2 * HALF_BIN * other.spread)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_every_sample_type_gives_the_same_scale(dtype: str) -> None:
    values = np.arange(1, 101)
    expected = scale_of(amplitude_histogram(values.astype("f8")))
    assert scale_of(amplitude_histogram(values.astype(dtype))) == expected
    np.testing.assert_allclose(
        normalize(values.astype(dtype), expected),
        normalize(values.astype("f8"), expected),
        atol=1e-6,
    )


@pytest.mark.parametrize("amplitude", [np.zeros((2, 3, 4)), np.full((2, 2), np.nan), np.zeros(0)])
def test_a_survey_without_a_sample_has_a_scale_and_stays_blank(
    amplitude: NDArray[np.float64],
) -> None:
    scale = scale_of(amplitude_histogram(amplitude))
    assert scale == Scale(0.0, 1.0)
    assert not normalize(amplitude, scale).any()


@given(st.floats(1e-20, 1e20), st.integers(1, 10_000), st.sampled_from([1, -1]))
def test_a_constant_survey_is_not_blown_up_to_noise(level: float, count: int, sign: int) -> None:
    amplitude = np.full(count, sign * level, np.float32)
    scale = scale_of(amplitude_histogram(amplitude))
    assert np.abs(normalize(amplitude, scale)).max() <= 2 * HALF_BIN


def test_normalized_amplitudes_are_finite_and_clipped() -> None:
    amplitude = np.array([np.nan, np.inf, -np.inf, 0.0, 1.0, 1e30, -1e30], np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = normalize(amplitude, Scale(0.0, 1.0))
    np.testing.assert_array_equal(result, [0, 0, 0, 0, 1, CLIP, -CLIP])


def test_doubles_beyond_the_range_of_floats_are_clipped_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = normalize(np.array([1e300, -1e300, 2.0]), Scale(0.0, 1.0))
    np.testing.assert_array_equal(result, [CLIP, -CLIP, 2.0])


def test_spikes_beyond_the_tail_do_not_count() -> None:
    amplitude, spiky = noise("gauss"), noise("spikes")
    calm, wild = (scale_of(amplitude_histogram(a)) for a in (amplitude, spiky))
    assert wild.spread == pytest.approx(calm.spread, rel=0.05)
