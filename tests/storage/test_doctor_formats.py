"""What samples are, told from the samples alone: for any amplitudes of a survey, in every format."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.segy.doctor.formats import best_format, codes_of_width, judge_format, told_by_digits
from storage.segy.fields import ByteOrder, sample_dtype
from storage.segy.ibm import encode_ibm

ORDERS: tuple[ByteOrder, ...] = ("big", "little")


def traces(scale: float, seed: int, *, count: int = 60, samples: int = 200) -> np.ndarray:
    """Return band-limited noise that fades along the trace, muted at the top."""
    rng = np.random.default_rng(seed)
    smooth = np.exp(-0.5 * (np.arange(-8, 9) / 2.0) ** 2)
    noise = rng.standard_normal((count, samples + 16))
    made = np.stack([np.convolve(row, smooth, mode="valid") for row in noise])
    made *= scale * np.exp(-np.arange(samples) / 60.0)
    made[:, :10] = 0
    return made


def written(amplitude: np.ndarray, code: int, order: ByteOrder) -> np.ndarray:
    """Return the sample bytes of traces."""
    values = encode_ibm(amplitude.astype(np.float32)) if code == 1 else np.rint(amplitude)
    values = amplitude if code in (5, 6) else values
    return values.astype(sample_dtype(code, order)).view(np.uint8).reshape(len(amplitude), -1)


@given(
    exponent=st.floats(-6, 9),
    seed=st.integers(0, 99),
    code=st.sampled_from([1, 5]),
    order=st.sampled_from(ORDERS),
)
def test_floats_are_told_from_one_another_by_their_digits(
    exponent: float, seed: int, code: int, order: ByteOrder
) -> None:
    raw = written(traces(10**exponent, seed), code, order)
    assert told_by_digits(raw, order) == code
    assert judge_format(raw, code, order) == []
    (finding,) = judge_format(raw, 6 - code, order)
    assert (finding.code, finding.options) == ("format", {"format": code})


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("code", [1, 2, 3, 5, 6, 8, 9])
def test_samples_that_are_what_the_file_says_are_left_alone(code: int, order: ByteOrder) -> None:
    raw = written(traces(100 if code == 8 else 3000, 1), code, order)
    assert judge_format(raw, code, order) == []


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("code", "stated"), [(2, 1), (2, 5), (5, 2), (1, 2), (6, 9)])
def test_integers_and_floats_are_not_taken_for_one_another(
    code: int, stated: int, order: ByteOrder
) -> None:
    (finding,) = judge_format(written(traces(3000, 2), code, order), stated, order)
    assert (finding.severity, finding.options) == ("wrong", {"format": code})


@pytest.mark.parametrize("code", [1, 2, 3, 5, 6])
def test_samples_in_the_other_byte_order_are_told(code: int) -> None:
    for order, other in (ORDERS, ORDERS[::-1]):
        (finding,) = judge_format(written(traces(3000, 3), code, order), code, other)
        assert finding.code == "sample-order"
        assert f"samples are {order}-endian" in finding.what


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_the_format_of_samples_without_one_is_found(width: int) -> None:
    for code in codes_of_width(width):
        raw = written(traces(100 if code == 8 else 3000, 4), code, "big")
        assert best_format(raw, "big", codes_of_width(width)) == code


def test_velocities_are_not_taken_for_ibm_floats() -> None:
    """All above 2500: no word begins just above a power of four, as none is so small."""
    velocity = (
        2500 + 1500 * np.linspace(0, 1, 200) + np.random.default_rng(5).normal(size=(60, 200))
    )
    raw = written(np.abs(velocity - 2500) + 2500, 5, "big")
    assert judge_format(raw, 5, "big") == []


def test_few_different_values_tell_nothing() -> None:
    raw = written(np.random.default_rng(6).choice([-7.0, -5, -3, 3, 5, 6], (60, 200)), 5, "big")
    assert told_by_digits(raw, "big") is None
    assert judge_format(raw, 1, "big") == []


def test_noise_in_every_bit_is_told_and_mended_by_nothing() -> None:
    raw = np.random.default_rng(7).integers(0, 256, (60, 800), dtype=np.uint8)
    (finding,) = judge_format(raw, 5, "big")
    assert (finding.code, finding.severity, finding.options) == ("absurd-samples", "look", {})


def test_some_samples_that_are_no_numbers_condemn_no_format() -> None:
    amplitude = traces(3000, 8)
    amplitude[3, 50:60], amplitude[7, 100] = np.nan, np.inf
    assert judge_format(written(amplitude, 5, "big"), 5, "big") == []


def test_zeros_are_told() -> None:
    (finding,) = judge_format(np.zeros((9, 80), np.uint8), 1, "big")
    assert (finding.code, finding.severity) == ("all-zero", "look")
