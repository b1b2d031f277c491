"""Blocks: what was read of any block is what is written of it, record for record."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from storage.segy import blocks
from storage.segy.blocks import Block, batches, read_block, record_batches
from storage.segy.fields import SAMPLE_TYPES, ByteOrder
from storage.segy.ibm import decode_ibm
from storage.segy.records import RecordLayout
from storage.segy.samples import SampleFormat
from storage.segy.source import Source, open_records, source_of

TRACES, SAMPLES = 60, 9
ODD_IBM = [0x7FFFFFFE, 0x00100000, 0x41012345, 0x40000000, 0xFFFFFFFF, 0x80000000, 1]
ODD_FLOATS = {
    "f4": [0x7F800001, 0x7FC12345, 0xFFC00001, 0x80000000, 1, 0x807FFFFF, 0xFF800000],
    "f8": [0x7FF0000000000001, 0xFFF8123456789ABC, 1 << 63, 1, 0x7FF0000000000000],
}


def random_records(code: int, order: ByteOrder, header_bytes: int) -> NDArray[np.uint8]:
    """Records of noise, their samples every bit pattern and the odd ones of the format."""
    how, rng = SampleFormat(code, order), np.random.default_rng(code)
    size = header_bytes + SAMPLES * how.in_file.itemsize
    records = rng.integers(0, 256, (TRACES, size), dtype=np.uint8)
    odd = ODD_IBM if how.is_ibm else ODD_FLOATS.get(SAMPLE_TYPES[code], [])
    words: NDArray[Any] = records[:, header_bytes:].view(f"u{how.in_file.itemsize}")
    for row in range(0, TRACES, 3):
        words[row, : len(odd)] = odd
    if order != "little":
        words[::3].byteswap(inplace=True)
    return records


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("records")


def source_in(
    folder: Path, code: int, order: ByteOrder, header_bytes: int
) -> tuple[Source, NDArray[np.uint8]]:
    """A source whose records are noise after 100 bytes that are not theirs."""
    records = random_records(code, order, header_bytes)
    path = folder / f"{code}-{order}-{header_bytes}"
    if not path.exists():
        path.write_bytes(bytes(100) + records.tobytes())
    layout = RecordLayout(
        str(path), order, code, SAMPLES, 100, TRACES, header_bytes, 0, 0x0200, 4000.0, False, ""
    )
    assert layout.record_bytes == records.shape[1]
    return source_of([layout]), records


@st.composite
def bin_numbers(draw: st.DrawFn) -> NDArray[np.int64]:
    """Trace numbers of the bins of a block: some traces of the file in any order, with holes."""
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    numbers = np.arange(draw(st.integers(1, TRACES)), dtype=np.int64)
    numbers += draw(st.integers(0, TRACES - len(numbers)))
    if draw(st.booleans()):
        rng.shuffle(numbers)
    numbers[rng.random(len(numbers)) < draw(st.sampled_from([0.0, 0.3, 1.0]))] = -1
    return numbers


orders: st.SearchStrategy[ByteOrder] = st.sampled_from(["big", "little"])
sizes = st.sampled_from([1, 1000, 1 << 20])


@pytest.mark.parametrize("code", SAMPLE_TYPES)
@given(bin_numbers(), orders, st.sampled_from([240, 480]), sizes)
def test_the_records_that_were_read_come_back(
    folder: Path,
    code: int,
    numbers: NDArray[np.int64],
    order: ByteOrder,
    header_bytes: int,
    batch: int,
) -> None:
    source, records = source_in(folder, code, order, header_bytes)
    how, seen = SampleFormat(code, order), list[NDArray[np.generic]]()
    with pytest.MonkeyPatch.context() as patch, open_records(source) as reader:
        patch.setattr(blocks, "BATCH_BYTES", batch)
        block, sha256 = read_block(reader, numbers, how, lambda part: seen.append(part.copy()))
        back = list(record_batches(block, numbers, how))
    expected = np.sort(numbers[numbers >= 0])
    none = np.empty((0, records.shape[1]), np.uint8)
    np.testing.assert_array_equal(np.concatenate([[], *(t for t, _ in back)]), expected)
    np.testing.assert_array_equal(np.concatenate([none, *(r for _, r in back)]), records[expected])
    assert sha256 == hashlib.sha256(records[expected].tobytes()).hexdigest()
    assert_stored(block, numbers, records, how, header_bytes)
    shown = np.concatenate([np.empty((0, SAMPLES), how.stored), *seen])
    live = np.flatnonzero(numbers >= 0)
    in_order = block.samples[live[np.argsort(numbers[live])]]
    np.testing.assert_array_equal(shown.view(np.uint8), in_order.view(np.uint8))


def assert_stored(
    block: Block,
    numbers: NDArray[np.int64],
    records: NDArray[np.uint8],
    how: SampleFormat,
    header_bytes: int,
) -> None:
    """The block holds headers and samples bin by bin, and the words that samples do not give back."""
    live = numbers >= 0
    np.testing.assert_array_equal(block.headers[live], records[numbers[live], :header_bytes])
    assert not block.headers[~live].any()
    empty = block.samples[~live]
    assert np.isnan(empty).all() if how.stored.kind == "f" else not empty.any()
    raw = np.ascontiguousarray(records[numbers[live], header_bytes:]).view(how.in_file)
    if not how.is_ibm:
        bits = f"u{how.stored.itemsize}"
        stored = block.samples[live].view(bits)
        np.testing.assert_array_equal(stored, raw.astype(how.stored).view(bits))
        assert len(block.odd) == len(block.words) == 0
        return
    words, flags = raw.astype(np.uint32), np.zeros(raw.shape, bool)
    flags.reshape(-1)[decode_ibm(words, np.empty(words.shape, np.float32))] = True
    if not flags.any():
        assert len(block.odd) == len(block.words) == 0
        return
    odd = np.unpackbits(block.odd, axis=1, count=SAMPLES).view(bool)
    np.testing.assert_array_equal(odd[live], flags)
    assert not odd[~live].any()
    order = np.argsort(numbers[live])
    np.testing.assert_array_equal(block.words, words[order][flags[order]])


@given(bin_numbers(), st.integers(1, 10_000))
def test_batches_partition_the_live_bins_in_the_order_of_the_traces(
    numbers: NDArray[np.int64], record_bytes: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BATCH_BYTES", 30_000)
        parts = list(batches(numbers, record_bytes))
    bins = np.concatenate([np.empty(0, np.int64), *(part for part, _ in parts)])
    np.testing.assert_array_equal(np.sort(bins), np.flatnonzero(numbers >= 0))
    for part, traces in parts:
        np.testing.assert_array_equal(numbers[part], traces)
        assert len(part) * record_bytes <= max(30_000, record_bytes)
    assert (np.diff(numbers[bins]) > 0).all()


def test_a_changed_sample_or_header_gives_other_records(folder: Path) -> None:
    source, records = source_in(folder, 5, "big", 240)
    numbers, how = np.arange(TRACES), SampleFormat(5, "big")
    with open_records(source) as reader:
        block, _ = read_block(reader, numbers, how, lambda _: None)
    block.samples.view(np.uint32)[7, 3] ^= 1
    block.headers[11, 239] ^= 1
    back = np.concatenate([part for _, part in record_batches(block, numbers, how)])
    assert np.unique(np.nonzero(back != records)[0]).tolist() == [7, 11]
