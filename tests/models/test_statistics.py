"""Statistics: the numbers of NumPy on any samples, and the same whoever counted which part."""

import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.statistics import (
    BINS_PER_OCTAVE,
    BLOCK,
    QUANTILES,
    AmplitudeStatistics,
    merge,
    merge_statistics,
)

BIN = 1 / BINS_PER_OCTAVE
"""Largest relative width of a bin."""

EXACT = ("samples", "finite", "zeros", "min", "max", "quantiles", "histogram")
"""What does not depend on the grouping at all."""


def part(amplitude: NDArray[Any]) -> dict[str, Any]:
    statistics = AmplitudeStatistics()
    statistics.add(amplitude)
    return statistics.as_dict()


def facts(*parts: NDArray[Any]) -> dict[str, Any]:
    return merge_statistics([part(one) for one in parts])


def _zeros_among_others(rng: np.random.Generator, size: int) -> NDArray[Any]:
    return np.where(rng.random(size) < 0.4, 0.0, rng.normal(0, 1, size)).astype(np.float32)


DRAWN: dict[str, Callable[[np.random.Generator, int], NDArray[Any]]] = {
    "reals": lambda rng, n: rng.normal(0, 10.0 ** rng.integers(-6, 7), n).astype(np.float32),
    "doubles": lambda rng, n: rng.laplace(0, 1e5, n),
    "spread": lambda rng, n: (10.0 ** rng.uniform(-30, 30, n)).astype(np.float32),
    "zeros among others": _zeros_among_others,
    "unsigned": lambda rng, n: rng.normal(2**15, 10, n).astype(np.uint16),
    "integers": lambda rng, n: rng.integers(-999, 999, n).astype(np.int32),
    "loud": lambda rng, n: rng.normal(0, 1e30, n).astype(np.float32),
    "quiet": lambda rng, n: rng.normal(0, 1e-22, n).astype(np.float32),
    "words": lambda rng, n: rng.integers(0, 2**32, n, dtype=np.uint32).view(np.float32),
}
KINDS = list(DRAWN)


def samples(kind: str, seed: int, size: int) -> NDArray[Any]:
    return DRAWN[kind](np.random.default_rng(seed), size)


@given(
    st.sampled_from(KINDS),
    st.integers(0, 999),
    st.lists(st.integers(0, 4000), max_size=6),
    st.randoms(),
)
def test_any_grouping_gives_the_same_statistics(
    kind: str, seed: int, cuts: list[int], random: Any
) -> None:
    amplitude = samples(kind, seed, 4000)
    pieces = np.split(amplitude, sorted(cuts))
    whole = facts(amplitude)
    parted = facts(*pieces)
    random.shuffle(pieces)
    statistics = AmplitudeStatistics()
    for piece in pieces:
        statistics.add(piece)
    for other in (parted, facts(*pieces), merge_statistics([statistics.as_dict()])):
        assert {name: other[name] for name in EXACT} == {name: whole[name] for name in EXACT}
        for name in ("mean", "std", "rms"):
            near = pytest.approx(whole[name], rel=1e-5, abs=1e-5 * (whole["rms"] or 0))
            assert other[name] == near
    assert json.loads(json.dumps(parted)) == parted


@given(st.sampled_from(KINDS), st.integers(0, 999), st.sampled_from([1, 2, 300, BLOCK + 7]))
def test_moments_are_those_of_numpy(kind: str, seed: int, size: int) -> None:
    amplitude = samples(kind, seed, size)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = facts(amplitude)
    exact = amplitude[np.isfinite(amplitude)].astype(np.float64)
    assert found["samples"] == size
    assert found["finite"] == len(exact)
    assert found["zeros"] == np.count_nonzero(exact == 0)
    if not len(exact):
        assert [found[name] for name in ("min", "max", "mean", "std", "rms")] == [None] * 5
        return
    rms = float(np.sqrt(np.mean(exact**2)))
    assert found["min"] == pytest.approx(exact.min(), rel=1e-6, abs=0)
    assert found["max"] == pytest.approx(exact.max(), rel=1e-6, abs=0)
    assert found["rms"] == pytest.approx(rms, rel=1e-5, abs=0)
    assert found["mean"] == pytest.approx(exact.mean(), abs=1e-5 * rms)
    # One sample is its mean; the rounding of its square must not pass for a spread.
    assert found["std"] == pytest.approx(exact.std(), rel=1e-3, abs=1e-7 * rms)


@given(st.sampled_from(KINDS[:-1]), st.integers(0, 999))
def test_quantiles_are_those_of_numpy_within_a_bin(kind: str, seed: int) -> None:
    amplitude = samples(kind, seed, 20_000)
    exact = np.quantile(amplitude.astype(np.float64), QUANTILES, method="inverted_cdf")
    found = facts(amplitude)["quantiles"]
    assert list(found) == [f"{share:g}" for share in QUANTILES]
    np.testing.assert_allclose(list(found.values()), exact, rtol=1.01 * BIN, atol=0)
    assert (np.diff(list(found.values())) >= 0).all()


def test_quantiles_are_told_within_a_bin() -> None:
    amplitude = np.linspace(1, 2, 100_001)
    quantiles = facts(amplitude)["quantiles"]
    for share, value in quantiles.items():
        assert value == pytest.approx(1 + float(share), abs=0.02 * BIN)


@given(st.sampled_from(KINDS), st.integers(0, 999))
def test_the_histogram_counts_every_finite_sample_that_is_not_zero(kind: str, seed: int) -> None:
    amplitude = samples(kind, seed, 4000)
    normal = np.isfinite(amplitude) & (np.abs(amplitude) >= np.finfo(np.float32).tiny)
    histogram = facts(amplitude)["histogram"]
    assert sum(histogram.values()) == np.count_nonzero(normal)
    negative = sum(count for name, count in histogram.items() if float(name) < 0)
    assert negative == np.count_nonzero(amplitude[normal] < 0)
    assert merge([histogram, histogram]) == {name: 2 * n for name, n in histogram.items()}


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_every_type_of_sample_gives_the_same_statistics(dtype: str) -> None:
    amplitude = np.arange(100).reshape(4, 5, 5)
    assert facts(amplitude.astype(dtype)) == facts(amplitude.astype("f4"))


def test_what_is_not_finite_is_counted_and_left_out() -> None:
    amplitude = np.array([np.nan, 1, np.inf, -np.inf, -3, 0, -0.0, np.nan], np.float32)
    found = facts(amplitude)
    assert (found["samples"], found["finite"], found["zeros"]) == (8, 4, 2)
    assert (found["min"], found["max"], found["mean"]) == (-3.0, 1.0, -0.5)


@pytest.mark.parametrize(
    "amplitude", [np.empty(0, np.float32), np.full(9, np.nan), np.full((2, 3), np.inf)]
)
def test_no_finite_sample_has_no_moments(amplitude: NDArray[Any]) -> None:
    found = facts(amplitude)
    assert found["samples"] == amplitude.size
    assert found["finite"] == found["zeros"] == 0
    assert found["min"] is found["mean"] is found["std"] is None
    assert found["quantiles"] == found["histogram"] == {}


def test_doubles_that_floats_cannot_hold_are_counted_at_the_end_of_the_histogram() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = facts(np.array([1e300, -1e300, 2.0]))
    assert (found["finite"], found["min"], found["max"]) == (3, -1e300, 1e300)
    assert sum(found["histogram"].values()) == 3
    assert np.isfinite([found["mean"], found["std"], found["rms"]]).all()


def test_a_histogram_names_the_edges_of_its_bins() -> None:
    found = facts(np.array([1.0, 1.05, 1.07, -0.3, 0.0]))["histogram"]
    assert found == {"1.0": 2, "1.0625": 1, "-0.296875": 1}


def test_zeros_lie_between_the_signs_among_the_quantiles() -> None:
    amplitude = np.concatenate([np.full(30, -5.0), np.zeros(40), np.full(30, 5.0)])
    quantiles = facts(amplitude)["quantiles"]
    assert quantiles["0.5"] == 0.0
    assert quantiles["0.25"] == pytest.approx(-5, rel=BIN)
    assert quantiles["0.75"] == pytest.approx(5, rel=BIN)


def test_a_spread_about_a_level_far_from_zero_is_not_lost() -> None:
    rng = np.random.default_rng(5)
    for level, spread in ((2**15, 10.0), (2**30, 5000.0), (-(2**30), 5000.0)):
        amplitude = rng.normal(level, spread, 100_000).astype(np.int32)
        assert facts(amplitude)["std"] == pytest.approx(spread, rel=0.02)
