"""Where records lie: found for any form a file may have, mended by what the user says, torn files told."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import SegyError
from storage.segy.fields import ByteOrder
from storage.segy.file_head import Reading
from storage.segy.records import RecordLayout, inspect
from tests.segy_parts import (
    TEXT,
    Change,
    Variant,
    add_extra_headers,
    put,
    put_between,
    put_tail,
    put_traces,
    several,
    stanzas,
)
from tests.surveys import DTYPES, PLAIN, Form, grid_traces, write_segy

REVISION_2 = Form(code=5, revision=0x0200)
LITTLE_21 = Form(code=3, revision=0x0201, order="little")


def assert_whole(layout: RecordLayout, path: Path) -> None:
    """Headers, records and trailer are the file, without a gap."""
    assert layout.first + layout.traces * layout.record_bytes == layout.end
    assert layout.end + layout.trailer_bytes == path.stat().st_size


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("records")


orders: st.SearchStrategy[ByteOrder] = st.sampled_from(["big", "little"])
side = st.integers(1, 12)


@given(
    st.tuples(side, side, st.integers(1, 40)),
    st.sampled_from([1, *DTYPES]),
    orders,
    st.sampled_from([0, 0x0100, 0x0200, 0x0201]),
    st.integers(0, 3),
)
def test_the_records_of_any_file_are_found(
    folder: Path,
    shape: tuple[int, int, int],
    code: int,
    order: ByteOrder,
    revision: int,
    texts: int,
) -> None:
    form = Form(code=code, order=order, revision=revision, texts=texts)
    path = write_segy(folder / "any.sgy", grid_traces(shape), form)
    layout = inspect(path)
    assert (layout.order, layout.format_code) == (order, code)
    assert (layout.samples, layout.traces) == (shape[2], shape[0] * shape[1])
    assert (layout.first, layout.header_bytes, layout.trailer_bytes) == (
        3600 + TEXT * texts,
        240,
        0,
    )
    assert_whole(layout, path)


UNSTATED = put(3505, -1)
LAST = "((SEG: EndText))"
FORMS: dict[str, tuple[Change, Form, dict[str, object]]] = {
    "extra-headers": (add_extra_headers, REVISION_2, {"header_bytes": 720}),
    "extra-headers-little": (add_extra_headers, LITTLE_21, {"header_bytes": 720}),
    "extra-headers-that-are-not-there": (put(3507, 3, "i4"), REVISION_2, {"header_bytes": 240}),
    "wide-samples": (several(put(3221, 0), put(3269, 40, "u4")), REVISION_2, {"samples": 40}),
    "wide-samples-before": (
        several(put(3269, 40, "u4"), put(3221, 22)),
        REVISION_2,
        {"samples": 40},
    ),
    "samples-of-the-traces": (put(3221, 0), Form(), {"samples": 40}),
    "samples-of-the-traces-before": (put(3221, 39), Form(), {"samples": 40}),
    "wide-interval": (put(3273, 1999.5, "f8"), REVISION_2, {"interval_us": 1999.5}),
    "no-wide-interval": (put(3273, np.nan, "f8"), REVISION_2, {"interval_us": 4000.0}),
    "wide-fields-of-revision-1": (
        several(put(3269, 140, "u4"), put(3273, 5.0, "f8"), put(3507, 1), put(3529, 1, "i4")),
        Form(),
        {"samples": 40, "interval_us": 4000.0, "header_bytes": 240, "trailer_bytes": 0},
    ),
    "first-trace": (
        several(put(3521, 3700, "u8"), put_between(bytes(100))),
        REVISION_2,
        {"first": 3700},
    ),
    "byte-order-mark": (put(3297, 0x01020304, "i4"), LITTLE_21, {"order": "little"}),
    "trailer": (
        several(put(3529, 2, "i4"), put_tail(stanzas("cp037", "((A: B))", LAST))),
        REVISION_2,
        {"trailer_bytes": 2 * TEXT, "traces": 480},
    ),
    "trailer-that-is-not-there": (
        put(3529, 2, "i4"),
        Form(code=6, revision=0x0200),
        {"trailer_bytes": 0},
    ),
    "unstated-trailer": (
        several(put(3529, -1, "i4"), put_tail(stanzas("ascii", "((A: B))", LAST))),
        LITTLE_21,
        {"trailer_bytes": 2 * TEXT, "traces": 480},
    ),
    "unstated-texts": (
        several(UNSTATED, put_between(stanzas("cp037", "((A: B))", "more", LAST))),
        Form(),
        {"first": 3600 + 3 * TEXT},
    ),
    "unstated-texts-in-ascii": (
        several(UNSTATED, put_between(stanzas("ascii", "( ( seg:endtext ) )"))),
        Form(code=1),
        {"first": 3600 + TEXT},
    ),
    "garbage-for-texts-in-revision-0": (put(3505, 77), Form(revision=0), {"first": 3600}),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_the_standard_is_read(tmp_path: Path, name: str) -> None:
    change, form, facts = FORMS[name]
    path = Variant(change, form=form).write(tmp_path / "made.sgy")
    layout = inspect(path)
    assert {fact: getattr(layout, fact) for fact in facts} == facts
    assert (layout.samples, layout.traces) == (40, 480)
    assert_whole(layout, path)


def test_what_the_user_says_goes_before_what_the_file_says(tmp_path: Path) -> None:
    lies = several(put(3221, 30), put_traces(115, 30, "i2"), put(3225, 5))
    path = Variant(lies, form=Form(code=3)).write(tmp_path / "lies.sgy")
    layout = inspect(path, Reading(samples=40, format_code=3))
    assert (layout.samples, layout.format_code, layout.traces) == (40, 3, 480)
    assert_whole(layout, path)


def test_a_file_without_a_format_is_read_when_the_user_names_format_and_order(
    tmp_path: Path,
) -> None:
    form = Form(code=3, order="little")
    path = Variant(put(3225, 0), form=form).write(tmp_path / "none.sgy")
    with pytest.raises(SegyError, match=r"sample format 0, which does not exist.*--format"):
        inspect(path)
    layout = inspect(path, Reading(format_code=3, order="little"))
    assert (layout.order, layout.samples, layout.traces) == ("little", 40, 480)


def test_the_other_byte_order_is_refused(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "big.sgy", PLAIN())
    with pytest.raises(SegyError, match="sample format 1280"):
        inspect(path, Reading(order="little"))


@pytest.mark.parametrize("code", [-1, 0, 4, 7, 15, 99])
def test_a_format_that_nobody_reads_cannot_be_named(tmp_path: Path, code: int) -> None:
    path = write_segy(tmp_path / "plain.sgy", PLAIN())
    with pytest.raises(SegyError, match=rf"format {code} that is named.*Name one of 1, 2, 3"):
        inspect(path, Reading(format_code=code))


@given(st.integers(1, 63 * 324 - 1))
def test_the_whole_traces_of_a_torn_file_are_salvaged(folder: Path, cut: int) -> None:
    path = folder / "torn.sgy"
    content = write_segy(path, PLAIN()).read_bytes()
    path.write_bytes(content[:-cut])
    whole, rest = divmod(63 * 324 - cut, 324)
    if whole and rest:
        with pytest.raises(SegyError) as caught:
            inspect(path)
        assert f"after {whole} traces of 21 samples {rest} bytes are left" in str(caught.value)
        assert "--salvage" in caught.value.mend
        layout = inspect(path, Reading(salvage=True))
        assert (layout.traces, layout.trailer_bytes) == (whole, rest)
        assert_whole(layout, path)
    elif whole:
        assert inspect(path, Reading(salvage=True)) == inspect(path)
    else:
        with pytest.raises(SegyError, match=r"truncated|no trace"):
            inspect(path, Reading(salvage=True))


def test_a_whole_file_is_the_same_with_salvage(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "whole.sgy", PLAIN())
    assert inspect(path, Reading(salvage=True)) == inspect(path)


@given(st.integers(4, 15), st.integers(1, 120), st.sampled_from([0, 1, 77]), orders)
def test_the_refusal_names_the_samples_that_fit(
    folder: Path, traces: int, samples: int, stated: int, order: ByteOrder
) -> None:
    survey, form = grid_traces((traces, 3, samples)), Form(code=5, order=order)
    lie = several(put(3221, stated), put_traces(115, stated, "i2"))
    path = Variant(lie, lambda: survey, form).write(folder / "guess.sgy")
    room, stated_record = 3 * traces * (240 + 4 * samples), 240 + 4 * stated
    if stated and not room % stated_record:
        return  # the lie fits, too
    with pytest.raises(SegyError) as caught:
        inspect(path)
    assert caught.value.mend.startswith(f"--samples {samples} fits the file; if not: ")
    assert inspect(path, Reading(samples=samples)).traces == 3 * traces


def test_no_samples_are_named_where_none_fit(tmp_path: Path) -> None:
    content = write_segy(tmp_path / "torn.sgy", PLAIN()).read_bytes()
    (tmp_path / "torn.sgy").write_bytes(content[:-17])
    with pytest.raises(SegyError) as caught:
        inspect(tmp_path / "torn.sgy")
    assert "--samples" not in str(caught.value)


def test_a_file_that_may_not_be_read_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_segy(tmp_path / "locked.sgy", PLAIN())

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("storage.files.os.open", refuse)
    with pytest.raises(SegyError, match=r"locked\.sgy: the file may not be read"):
        inspect(path)
