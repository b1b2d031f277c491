"""Samples: every format and byte order there and back, records by number from one file or many."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from storage.errors import SegyError
from storage.files import MOST_OPEN, LocalFile
from storage.segy import source as source_module
from storage.segy.fields import ByteOrder
from storage.segy.records import inspect
from storage.segy.samples import SampleFormat
from storage.segy.source import Source, file_headers, open_records, source_of, trailers
from tests.surveys import DTYPES, PLAIN, Form, write_segy


def read(source: Source, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    with open_records(source) as reader:
        return reader.read(numbers)


def samples_of(source: Source, numbers: NDArray[np.int64] | None = None) -> NDArray[np.generic]:
    """Read and decode whole records."""
    records = read(source, np.arange(source.traces) if numbers is None else numbers)
    how = SampleFormat(source.format_code, source.order)
    out = np.empty((len(records), source.samples), how.stored)
    assert len(how.decode(records[:, source.header_bytes :], out)) == 0
    return out


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("code", [1, *DTYPES])
def test_every_format_and_byte_order_reads_what_was_written(
    tmp_path: Path, code: int, order: ByteOrder
) -> None:
    traces = PLAIN()
    signed = code not in (10, 11, 12, 16)
    signs = np.where(traces.amplitude % 3 == 0, -1, 1) if signed else 1
    amplitude = traces.amplitude * signs
    path = write_segy(
        tmp_path / "any.sgy",
        type(traces)(traces.inline, traces.crossline, traces.x, traces.y, amplitude),
        Form(code=code, order=order),
    )
    source = source_of([inspect(path)])
    assert (source.order, source.format_code) == (order, code)
    assert (source.traces, source.samples, source.first.first) == (len(traces), 21, 3600)
    samples = samples_of(source)
    assert samples.dtype.isnative
    assert samples.dtype == ("f4" if code == 1 else DTYPES[code])
    np.testing.assert_array_equal(samples, amplitude)


@given(st.sampled_from(list(DTYPES)), st.sampled_from(["big", "little"]), st.binary(min_size=16))
def test_every_bit_pattern_comes_back(code: int, order: ByteOrder, content: bytes) -> None:
    how = SampleFormat(code, order)
    usable = len(content) // how.in_file.itemsize * how.in_file.itemsize
    raw = np.frombuffer(content[:usable], np.uint8)[np.newaxis]
    samples = np.empty((1, usable // how.in_file.itemsize), how.stored)
    assert len(how.decode(raw, samples)) == 0
    back = np.empty(samples.shape, how.in_file)
    how.encode(samples, back)
    assert back.tobytes() == content[:usable]


@pytest.fixture(scope="module")
def three_files(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The plain survey in files of 20, 1 and 42 traces, with headers of different lengths."""
    folder, traces = tmp_path_factory.mktemp("files"), PLAIN()
    parts = np.split(np.arange(len(traces)), [20, 21])
    return source_of(
        [
            inspect(write_segy(folder / f"{i}.sgy", traces.take(part), Form(code=3, texts=i)))
            for i, part in enumerate(parts)
        ]
    )


@given(st.lists(st.integers(0, 62), max_size=63, unique=True).map(sorted))
def test_records_are_found_by_number_in_one_file_and_in_many(
    three_files: Source, tmp_path_factory: pytest.TempPathFactory, numbers: list[int]
) -> None:
    path = tmp_path_factory.getbasetemp() / "one.sgy"
    if not path.exists():
        write_segy(path, PLAIN(), Form(code=3))
    wanted = np.array(numbers, np.int64)
    for source in (source_of([inspect(path)]), three_files):
        assert read(source, wanted).shape == (len(numbers), source.record_bytes)
        np.testing.assert_array_equal(samples_of(source, wanted), PLAIN().amplitude[wanted])


@given(st.lists(st.integers(0, 62), max_size=63, unique=True).map(sorted))
def test_the_files_that_hold_some_traces_give_them_by_the_same_numbers(
    three_files: Source, numbers: list[int]
) -> None:
    some = three_files.holding(np.array([-1, *numbers]))
    held = {int(np.searchsorted([20, 21], number, side="right")) for number in numbers}
    assert some.files == tuple(three_files.files[file] for file in sorted(held))
    if numbers:
        wanted = np.array(numbers)
        np.testing.assert_array_equal(read(some, wanted), read(three_files, wanted))


def test_many_threads_read_many_files_of_which_few_are_open(tmp_path: Path) -> None:
    traces = PLAIN()
    source = source_of(
        [
            inspect(write_segy(tmp_path / f"{i}.sgy", traces.take(np.array([i]))))
            for i in range(len(traces))
        ]
    )
    expected = read(source, np.arange(source.traces))
    draws = [np.sort(np.random.default_rng(i).permutation(63)[:40]) for i in range(100)]
    most, folder = 0, Path("/proc/self/fd")
    before = len(list(folder.iterdir()))
    with open_records(source) as reader, ThreadPoolExecutor(4) as pool:
        for wanted, records in zip(draws, pool.map(reader.read, draws), strict=True):
            np.testing.assert_array_equal(records, expected[wanted])
            most = max(most, len(list(folder.iterdir())) - before)
    assert len(list(folder.iterdir())) == before
    assert most <= MOST_OPEN + 4


@given(
    st.lists(st.integers(0, 62), max_size=63, unique=True).map(sorted),
    st.sampled_from([1, 700, 1 << 20]),
    st.sampled_from([1, 900, 1 << 20]),
)
def test_gaps_that_are_read_along_change_nothing(
    three_files: Source, numbers: list[int], request_bytes: int, span_bytes: int
) -> None:
    wanted = np.array(numbers, np.int64)
    expected = read(three_files, wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source_module, "is_remote", lambda _: True)
        patch.setattr(source_module, "REQUEST_BYTES", request_bytes)
        patch.setattr(source_module, "SPAN_BYTES", span_bytes)
        np.testing.assert_array_equal(read(three_files, wanted), expected)


@given(st.integers(0, 62), st.integers(1, 63))
def test_headers_are_those_of_the_records(three_files: Source, start: int, count: int) -> None:
    count = min(count, three_files.traces - start)
    with open_records(three_files) as reader:
        headers = reader.headers(start, count)
        records = reader.read(np.arange(start, start + count))
    np.testing.assert_array_equal(headers, records[:, :240])


@pytest.mark.parametrize("remote", [False, True])
def test_headers_of_long_records_are_read_alone(
    three_files: Source, monkeypatch: pytest.MonkeyPatch, *, remote: bool
) -> None:
    records, read_into = read(three_files, np.arange(63)), LocalFile.read_into
    sizes = []

    def counting(self: LocalFile, offset: int, out: NDArray[np.uint8]) -> int:
        sizes.append(out.size)
        return read_into(self, offset, out)

    monkeypatch.setattr(LocalFile, "read_into", counting)
    monkeypatch.setattr(source_module, "is_remote", lambda _: remote)
    monkeypatch.setattr(source_module, "REQUEST_BYTES" if remote else "LONG_RECORD", 1)
    with open_records(three_files) as reader:
        np.testing.assert_array_equal(reader.headers(15, 30), records[15:45, :240])
    assert sizes == [240] * 30


def test_what_lies_before_and_after_the_traces_is_kept_of_every_file(three_files: Source) -> None:
    contents = [Path(file.path).read_bytes() for file in three_files.files]
    sizes = [3600, 3600 + 3200, 3600 + 2 * 3200]
    found = [part.tobytes() for part in file_headers(three_files)]
    assert found == [content[:size] for content, size in zip(contents, sizes, strict=True)]
    assert [part.size for part in trailers(three_files)] == [0, 0, 0]


def test_files_of_different_kinds_are_no_survey(tmp_path: Path) -> None:
    one = inspect(write_segy(tmp_path / "one.sgy", PLAIN()))
    for what, form in (
        ("format code", Form(code=3)),
        ("order", Form(order="little")),
        ("interval us", Form(interval=2000)),
    ):
        other = inspect(write_segy(tmp_path / "other.sgy", PLAIN(), form))
        with pytest.raises(SegyError, match=rf"other\.sgy: its {what} is .* and that of .*one"):
            source_of([one, other])


def test_files_of_one_name_are_refused(tmp_path: Path) -> None:
    """An export writes them into one folder."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_segy(tmp_path / name / "line.sgy", PLAIN())
    files = [inspect(tmp_path / name / "line.sgy") for name in ("a", "b")]
    with pytest.raises(SegyError, match=r"b/line\.sgy: it has the name of .*a/line\.sgy"):
        source_of(files)


def test_a_file_cut_after_its_scan_is_noticed_with_the_trace(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "cut.sgy", PLAIN())
    layout = inspect(path)
    path.write_bytes(path.read_bytes()[: layout.offset(40) + 7])
    source = source_of([layout])
    assert len(read(source, np.arange(40))) == 40
    with pytest.raises(SegyError, match="ends within trace 41"):
        read(source, np.arange(layout.traces))
    path.unlink()
    with pytest.raises(SegyError, match=r"cut\.sgy: the file is gone"):
        read(source, np.arange(3))


def test_foreign_formats_of_one_crop_hold_the_same_samples(shared_data: Path) -> None:
    folder = shared_data / "segy" / "segyio" / "formats"
    expected = None
    for path in sorted(folder.glob("*.sgy")):
        source = source_of([inspect(path)])
        samples = samples_of(source)
        if source.format_code in (8, 10, 16):  # clipped, or negative numbers wrapped round
            continue
        expected = samples if expected is None else expected
        np.testing.assert_array_equal(samples, expected, err_msg=path.name)
        assert samples.any()
