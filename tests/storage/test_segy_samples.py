"""Samples: IBM words of the literature, every format and byte order, records in any order."""

from pathlib import Path

import numpy as np
import pytest
import segyio
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from storage.errors import SegyError
from storage.segy.kernels import SCALES, decode_ibm
from storage.segy.reader import read_file_header, read_records
from storage.segy.records import inspect
from storage.segy.samples import decode, stored_dtype
from tests.surveys import DTYPES, PLAIN, Form, grid_traces, to_ibm, write_segy

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


def decoded(words: NDArray[np.uint32], *, big: bool = True) -> NDArray[np.float32]:
    raw = words.astype(">u4" if big else "<u4").view(np.uint8).reshape(1, -1)
    out = np.empty((1, len(words)), np.float32)
    decode_ibm(raw, SCALES, big, out)
    return out.ravel()


@pytest.mark.parametrize(("word", "value"), PUBLISHED)
@pytest.mark.parametrize("big", [True, False])
def test_ibm_words_have_their_published_values(word: int, value: float, big: bool) -> None:
    (result,) = decoded(np.array([word], np.uint32), big=big)
    assert result == np.float32(value)
    assert np.signbit(result) == np.signbit(value)


@given(st.lists(st.integers(-(2**20), 2**20), min_size=1), st.integers(-60, 60))
def test_ibm_words_of_numbers_that_fit_come_back_exact(numbers: list[int], power: int) -> None:
    values = np.array(numbers, np.float64) * 2.0**power
    np.testing.assert_array_equal(decoded(to_ibm(values)), values.astype(np.float32))


def test_ibm_words_too_large_or_small_for_floats_become_infinity_or_zero() -> None:
    words = np.array([0x7FFFFFFF, 0xFFFFFFFF, 0x00100000], np.uint32)
    np.testing.assert_array_equal(decoded(words), [np.inf, -np.inf, 0.0])


def test_ibm_decoding_agrees_with_segyio(tmp_path: Path) -> None:
    traces = grid_traces((4, 5, 200))
    amplitude = np.random.default_rng(4).normal(0, 1000, traces.amplitude.shape).round(1)
    words = to_ibm(np.round(amplitude * 8) / 8)
    path = write_segy(tmp_path / "ibm.sgy", traces, Form(code=1))
    content = bytearray(path.read_bytes())
    for i, row in enumerate(words.astype(">u4")):
        start = 3600 + i * (240 + 800) + 240
        content[start : start + 800] = row.tobytes()
    path.write_bytes(bytes(content))
    layout = inspect(path)
    samples = decode(read_records(layout, np.arange(layout.traces)), layout)
    with segyio.open(path, ignore_geometry=True) as file:
        np.testing.assert_array_equal(samples, file.trace.raw[:])


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("code", [1, *DTYPES])
def test_every_format_and_byte_order_reads_what_was_written(
    tmp_path: Path, code: int, order: str
) -> None:
    traces = PLAIN()
    signed = code not in (10, 11, 12, 16)
    signs = np.where(traces.amplitude % 3 == 0, -1, 1) if signed else 1
    amplitude = traces.amplitude * signs
    form = Form(code=code, order="big" if order == "big" else "little")
    path = write_segy(
        tmp_path / "any.sgy",
        type(traces)(traces.inline, traces.crossline, traces.x, traces.y, amplitude),
        form,
    )
    layout = inspect(path)
    assert (layout.order, layout.format_code) == (order, code)
    assert (layout.traces, layout.samples, layout.first) == (len(traces), 21, 3600)
    samples = decode(read_records(layout, np.arange(layout.traces)), layout)
    assert samples.dtype == stored_dtype(code)
    assert samples.dtype.isnative
    np.testing.assert_array_equal(samples, amplitude)


@given(st.lists(st.integers(0, 62), max_size=63, unique=True))
def test_records_come_in_the_order_asked_for(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int]
) -> None:
    path = tmp_path_factory.getbasetemp() / "ordered.sgy"
    if not path.exists():
        write_segy(path, PLAIN())
    layout = inspect(path)
    wanted = np.array(numbers, np.int64)
    records = read_records(layout, wanted)
    assert records.shape == (len(numbers), layout.record_bytes)
    np.testing.assert_array_equal(decode(records, layout), PLAIN().amplitude[wanted])


def test_a_file_cut_after_its_scan_is_noticed_with_the_trace(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "cut.sgy", PLAIN())
    layout = inspect(path)
    path.write_bytes(path.read_bytes()[: layout.offset(40) + 7])
    with pytest.raises(SegyError, match="ends within trace 41"):
        read_records(layout, np.arange(layout.traces))


@pytest.mark.parametrize("revision", [0x0100, 0])
def test_extended_text_headers_are_kept_whole(tmp_path: Path, revision: int) -> None:
    path = write_segy(tmp_path / "texts.sgy", PLAIN(), Form(texts=2, revision=revision))
    layout = inspect(path)
    assert layout.first == 3600 + 2 * 3200
    assert layout.traces == len(PLAIN())
    assert read_file_header(layout).tobytes() == path.read_bytes()[: layout.first]


def test_foreign_formats_of_one_crop_hold_the_same_samples(shared_data: Path) -> None:
    folder = shared_data / "segy" / "segyio" / "formats"
    expected = None
    for path in sorted(folder.glob("*.sgy")):
        layout = inspect(path)
        samples = decode(read_records(layout, np.arange(layout.traces)), layout)
        if layout.format_code in (8, 10, 16):  # clipped, or negative numbers wrapped round
            continue
        expected = samples if expected is None else expected
        np.testing.assert_array_equal(samples, expected, err_msg=path.name)
        assert samples.any()
