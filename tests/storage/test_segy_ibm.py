"""IBM words: the values of the literature, exact both ways, and what does not come back is listed."""

from pathlib import Path

import numpy as np
import pytest
import segyio
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from storage.segy.ibm import decode_ibm, encode_ibm
from tests.surveys import PLAIN, Form, grid_traces, to_ibm, write_segy

Words = NDArray[np.uint32]

# IBM System/360 Principles of Operation, form A22-6821 (1964), and the worked example -118.625 that
# textbooks share (0xC276A000); the extremes are 16**-65 and (1 - 16**-6) * 16**63.
PUBLISHED = [
    (0x00000000, 0.0),
    (0x80000000, -0.0),
    (0xC276A000, -118.625),
    (0x4276A000, 118.625),
    (0x41100000, 1.0),
    (0xC1100000, -1.0),
    (0x40800000, 0.5),
    (0x40100000, 0.0625),
    (0x41280000, 2.5),
    (0x42640000, 100.0),
    (0x3F100000, 0.00390625),
    (0x46F42400, 16000000.0),
    (0x40000001, 2.0**-24),
    (0x60FFFFFF, 16.0**32 * (1 - 2.0**-24)),
]


def decoded(words: Words) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    out = np.full(words.shape, np.nan, np.float32)
    odd = decode_ibm(words, out)
    return out, odd


def exact(words: Words) -> NDArray[np.float64]:
    """The definition, in arithmetic that holds every IBM number."""
    exponent = (words >> 24 & 0x7F).astype(int) - 64
    fraction = (words & 0xFFFFFF).astype(np.float64) / 2**24
    return np.where(words >> 31, -1.0, 1.0) * fraction * 16.0**exponent


def random_words(seed: int, zeros: int, count: int = 4096) -> Words:
    """Words of any sign and exponent, whose fraction begins with up to so many zero bits."""
    rng = np.random.default_rng(seed)
    head = rng.integers(0, 256, count, dtype=np.uint32) << 24
    fraction = rng.integers(0, 1 << 24, count, dtype=np.uint32)
    return np.asarray(head | fraction >> rng.integers(0, zeros + 1, count, dtype=np.uint32))


def plain_words(seed: int, count: int = 4096) -> Words:
    """Words as real surveys have them: normalized, and numbers of float32."""
    rng = np.random.default_rng(seed)
    sign, exponent = rng.integers(0, 2, count), rng.integers(34, 97, count)
    words = sign << 31 | exponent << 24 | rng.integers(1 << 20, 1 << 24, count)
    return words.astype(np.uint32)


def words_of(seed: int, kind: str) -> Words:
    if kind == "plain":
        return plain_words(seed)
    return random_words(seed, {"any": 0, "unnormalized": 24}[kind])


seeds = st.integers(0, 2**32 - 1)
kinds = st.sampled_from(["plain", "any", "unnormalized"])


@pytest.mark.parametrize(("word", "value"), PUBLISHED)
def test_words_have_their_published_values(word: int, value: float) -> None:
    (result,), _ = decoded(np.array([word], np.uint32))
    assert result == np.float32(value)
    assert np.signbit(result) == np.signbit(value)


@given(seeds, kinds)
def test_decoding_is_the_definition_rounded_once(seed: int, kind: str) -> None:
    words = words_of(seed, kind)
    with np.errstate(over="ignore", under="ignore"):
        expected = exact(words).astype(np.float32)
    np.testing.assert_array_equal(decoded(words)[0].view(np.uint32), expected.view(np.uint32))


@given(seeds, kinds)
def test_words_come_back_unless_they_are_listed(seed: int, kind: str) -> None:
    words = words_of(seed, kind)
    values, odd = decoded(words)
    came_back = encode_ibm(values) == words
    np.testing.assert_array_equal(odd, np.flatnonzero(~came_back))


@given(seeds)
def test_the_words_of_real_surveys_come_back(seed: int) -> None:
    values, odd = decoded(plain_words(seed))
    assert len(odd) == 0
    assert np.isfinite(values).all()
    zeros = np.array([0, 1 << 31], np.uint32)
    assert len(decoded(zeros)[1]) == 0


@given(seeds, st.integers(0, 8))
def test_one_odd_word_among_plain_ones_is_found(seed: int, place: int) -> None:
    words = plain_words(seed, 9)
    for odd in (0x7FFFFFFE, 0x00100000, 0x41012345, 0x40000000, 0x61100000, 0x20FFFFFF, 1):
        words[place] = odd
        assert decoded(words)[1].tolist() == [place], hex(odd)


@given(seeds, st.integers(-36, 36))
def test_floats_become_the_nearest_word(seed: int, power: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = rng.uniform(-1, 1, 4096) * 10.0**power
    values = drawn[np.abs(drawn) >= 1e-37].astype(np.float32)
    words = encode_ibm(values)
    # A step of the last bit of the fraction, at the exponent of 16 that the value asks for.
    sixteens = -(-np.frexp(np.abs(values.astype(np.float64)))[1] // 4)
    step = np.ldexp(1.0, 4 * sixteens - 24)
    assert (np.abs(exact(words) - values) <= step / 2).all()
    assert (words[values != 0] & 0x00F00000).all()


@given(st.lists(st.integers(-(2**20), 2**20), min_size=1), st.integers(-60, 60))
def test_numbers_that_fit_are_exact_in_both_directions(numbers: list[int], power: int) -> None:
    values = (np.array(numbers, np.float64) * 2.0**power).astype(np.float32)
    words = to_ibm(values.astype(np.float64))
    np.testing.assert_array_equal(decoded(words)[0], values)
    np.testing.assert_array_equal(encode_ibm(values), words)


def test_what_floats_do_not_hold_becomes_infinity_or_zero() -> None:
    words = np.array([0x7FFFFFFF, 0xFFFFFFFF, 0x00100000, 0x80100000], np.uint32)
    values, odd = decoded(words)
    np.testing.assert_array_equal(values, [np.inf, -np.inf, 0.0, -0.0])
    np.testing.assert_array_equal(np.signbit(values), [False, True, False, True])
    # Infinity comes back as the largest word.
    assert odd.tolist() == [2, 3]


def test_what_words_do_not_hold_becomes_the_largest_or_zero() -> None:
    values = np.array([np.inf, -np.inf, 1e-40, -1e-40, 0.0, -0.0], np.float32)
    expected = [0x7FFFFFFF, 0xFFFFFFFF, 0, 0x80000000, 0, 0x80000000]
    assert encode_ibm(values).tolist() == expected


def test_no_words_are_no_values() -> None:
    assert decoded(np.empty(0, np.uint32))[1].size == encode_ibm(np.empty(0, np.float32)).size == 0


def test_positions_count_through_the_rows() -> None:
    words = np.full((3, 4), 0x41100000, np.uint32)
    words[1, 2] = words[2, 0] = 0x7FFFFFFE
    values, odd = decoded(words)
    assert odd.tolist() == [6, 8]
    assert values.shape == words.shape


def test_decoding_agrees_with_segyio(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "ibm.sgy", grid_traces((4, 5, 200)), Form(code=1))
    words = plain_words(4, 20 * 200).reshape(20, 200)
    content = np.frombuffer(path.read_bytes()[3600:], np.uint8).reshape(20, -1).copy()
    content[:, 240:] = words.astype(">u4").view(np.uint8)
    path.write_bytes(path.read_bytes()[:3600] + content.tobytes())
    with segyio.open(path, ignore_geometry=True) as file:
        np.testing.assert_array_equal(decoded(words)[0], file.trace.raw[:])


def test_the_makers_of_test_files_agree_with_the_definition() -> None:
    amplitude = PLAIN().amplitude
    np.testing.assert_array_equal(exact(to_ibm(amplitude)), amplitude)
