"""The length of a record, told from headers that come again and again."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.files import LocalFile
from storage.segy.doctor.strides import (
    alike,
    find_record,
    first_out_of_step,
    header_at,
    in_step,
    walk,
)
from tests.segy_parts import CUBE, Variant, shorten_every
from tests.surveys import DTYPES, Form, grid_traces, shuffled, write_segy

WIDTHS = {1: 4} | {code: np.dtype(kind).itemsize for code, kind in DTYPES.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("strides")


@given(
    samples=st.integers(1, 600),
    code=st.sampled_from([1, 3, 5, 8]),
    order=st.sampled_from(["big", "little"]),
    lines=st.tuples(st.integers(2, 6), st.integers(3, 9)),
    mixed=st.booleans(),
)
def test_a_record_is_as_long_as_headers_lie_apart(
    folder: Path, samples: int, code: int, order: str, lines: tuple[int, int], mixed: bool
) -> None:
    traces = grid_traces((*lines, samples))
    form = Form(code=code, order=order)  # type: ignore[arg-type]
    path = write_segy(folder / "a.sgy", shuffled(traces) if mixed else traces, form)
    record = 240 + samples * WIDTHS[code]
    file = LocalFile(str(path))
    assert find_record(file, 3600) == record
    assert in_step(file, 3600, record, len(traces)) == 1.0
    assert first_out_of_step(file, 3600, record, len(traces)) is None
    file.close()


@given(lost=st.integers(1, 299), trace=st.integers(1, 470))
def test_the_trace_is_found_behind_which_bytes_are_missing(
    folder: Path, lost: int, trace: int
) -> None:
    content = Variant(form=Form(code=5)).write(folder / "b.sgy").read_bytes()
    at = 3600 + trace * 400 + 300
    (folder / "b.sgy").write_bytes(content[: at - min(lost, 60)] + content[at:])
    file = LocalFile(str(folder / "b.sgy"))
    assert first_out_of_step(file, 3600, 400, 479) == trace + 1
    file.close()


def test_traces_that_state_their_length_are_followed_to_the_end(tmp_path: Path) -> None:
    path = Variant(shorten_every(7)).write(tmp_path / "a.sgy")
    file = LocalFile(str(path))
    found = walk(file, 3600, 240, 4, "big")
    assert found is not None
    assert (found.traces, found.fewest, found.most) == (480, 30, 40)
    assert walk(file, 3600, 240, 2, "big") is None
    assert walk(file, 3604, 240, 4, "big") is None
    file.close()
    path.write_bytes(path.read_bytes()[:-10])
    torn = LocalFile(str(path))
    assert walk(torn, 3600, 240, 4, "big") is None
    torn.close()


def test_one_trace_and_empty_headers_tell_nothing(tmp_path: Path) -> None:
    one = LocalFile(str(write_segy(tmp_path / "one.sgy", grid_traces((1, 1, 40)))))
    assert find_record(one, 3600) is None
    assert in_step(one, 3600, 400, 1) is None
    empty = (tmp_path / "empty.sgy").write_bytes(bytes(3600 + 40 * 400))
    assert empty
    assert find_record(LocalFile(str(tmp_path / "empty.sgy")), 3600) is None


def test_a_dead_first_trace_does_not_stand_for_all(tmp_path: Path) -> None:
    traces, live = CUBE(), np.arange(480) > 0
    fields = {
        189: traces.inline,
        193: traces.crossline,
        181: 45_500_000,
        185: 678_000_000,
        9: 7,
        21: 9,
    }
    form = Form(fields={byte: live * np.asarray(numbers) for byte, numbers in fields.items()})
    file = LocalFile(str(write_segy(tmp_path / "a.sgy", traces, form)))
    assert not alike(header_at(file, 3600), header_at(file, 4000))
    assert in_step(file, 3600, 400, 480) == 1.0
    file.close()
