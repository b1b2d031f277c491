"""Columns: header fields of all traces in one pass, and the first trace where a steady one changes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from storage.segy import columns, source
from storage.segy.columns import Columns, Steady, read_columns
from storage.segy.fields import ByteOrder, width
from storage.segy.records import RecordLayout
from storage.segy.source import Source, source_of

TRACES = 50
FIELDS = [1, 5, 9, 21, 29, 37, 71, 73, 89, 105, 109, 181, 185, 189, 193, 215, 233, 237]


def made(folder: Path, order: ByteOrder) -> tuple[Source, NDArray[np.uint8]]:
    """A file of noise in two parts, with one byte a sample."""
    records = np.random.default_rng(3).integers(0, 256, (TRACES, 250), dtype=np.uint8)
    files = []
    for name, part in (("a", records[:17]), ("b", records[17:])):
        path = folder / f"{order}-{name}"
        path.write_bytes(bytes(7) + part.tobytes())
        files.append(
            RecordLayout(str(path), order, 8, 10, 7, len(part), 240, 0, 0x0100, 4000.0, False, "")
        )
    return source_of(files), records


def expected(records: NDArray[np.uint8], byte: int, order: ByteOrder) -> list[int]:
    raw = [row[byte - 1 : byte - 1 + width(byte)].tobytes() for row in records]
    return [int.from_bytes(one, order, signed=True) for one in raw]


def read(
    made_of: Source, kept: list[int], steady: list[int], block: int, long: int = 1 << 20
) -> Columns:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "BLOCK_BYTES", block)
        patch.setattr(source, "LONG_RECORD", long)
        return read_columns(made_of, kept, steady)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("columns")


orders: st.SearchStrategy[ByteOrder] = st.sampled_from(["big", "little"])
blocks = st.sampled_from([1, 700, 1 << 20])


@given(orders, st.lists(st.sampled_from(FIELDS), unique=True), blocks, st.sampled_from([1, 999]))
def test_a_column_holds_the_field_of_every_trace(
    folder: Path, order: ByteOrder, wanted: list[int], block: int, long: int
) -> None:
    made_of, records = made(folder, order)
    found = read(made_of, wanted, [], block, long)
    assert list(found.kept) == wanted
    for byte, values in found.kept.items():
        assert values.tolist() == expected(records, byte, order), byte


@given(orders, st.lists(st.integers(1, TRACES - 1), max_size=3), blocks)
def test_the_first_change_of_a_steady_field_is_found(
    folder: Path, order: ByteOrder, odd: list[int], block: int
) -> None:
    made_of, records = made(folder, order)
    records[:, 108:110] = records[0, 108:110]
    for trace in odd:
        records[trace, 108:110] = 255 - records[0, 108:110]
    Path(made_of.files[0].path).write_bytes(bytes(7) + records[:17].tobytes())
    Path(made_of.files[1].path).write_bytes(bytes(7) + records[17:].tobytes())
    values = expected(records, 109, order)
    first = min(odd, default=None)
    change = () if first is None else (first, values[first])
    assert read(made_of, [], [109], block).steady[109] == Steady(values[0], *change)


def test_columns_that_are_let_go_leave_the_others(folder: Path) -> None:
    made_of, _ = made(folder, "big")
    found = read(made_of, [9, 21, 181], [109], 700)
    assert set(found.without({9, 21}).kept) == {181}
    assert found.without({9}).steady == found.steady
