"""Traces that have no bin of their own: kept beside the grid while they are few, and told."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import zarr
from numpy.typing import NDArray

from storage.errors import SegyError
from storage.segy.bins import Duplicates
from storage.segy.group import create_group, records_without_bin
from storage.segy.scan import Survey
from storage.segy.source import open_records
from tests.scanning import scanned, told
from tests.surveys import PLAIN, Form, Traces


def with_copies(traces: Traces) -> Traces:
    """Six of 69 traces come twice, their samples others."""
    twice = traces.take(np.array([0, 9, 10, 33, 34, 62]))
    twice = replace(twice, amplitude=twice.amplitude + 1)
    names = (field.name for field in fields(Traces))
    return Traces(*(np.concatenate([getattr(traces, n), getattr(twice, n)]) for n in names))


def without_numbers(traces: Traces, x: float = 0.0) -> Traces:
    """Three traces have zeros for line numbers, their coordinates one value."""
    lost = np.isin(np.arange(len(traces)), LOST)
    return replace(
        traces,
        inline=np.where(lost, 0, traces.inline),
        crossline=np.where(lost, 0, traces.crossline),
        x=np.where(lost, x, traces.x),
        y=np.where(lost, x, traces.y),
    )


LOST = [5, 6, 40]
COPIES = list(range(63, 69))
MADE: dict[str, tuple[Callable[[Traces], Traces], list[int]]] = {
    "copies": (with_copies, COPIES),
    "no-numbers": (without_numbers, LOST),
    "no-numbers-elsewhere": (partial(without_numbers, x=123_456.0), LOST),
    "both": (lambda traces: without_numbers(with_copies(traces)), [*LOST, *COPIES]),
}


@pytest.mark.parametrize("name", MADE)
def test_traces_without_a_bin_are_kept_beside_the_grid_of_the_others(
    tmp_path: Path, name: str
) -> None:
    change, beside = MADE[name]
    survey = scanned(tmp_path / "made.sgy", change(PLAIN()))
    assert survey.without_bin.tolist() == beside
    assert survey.geometry.shape == (9, 7, 21)
    binned = survey.trace_map[survey.trace_map >= 0]
    together = np.sort(np.concatenate([binned, survey.without_bin]))
    np.testing.assert_array_equal(together, np.arange(survey.source.traces))
    assert survey.line_bytes == (189, 193)


@pytest.mark.parametrize("name", MADE)
def test_traces_without_a_bin_do_not_bend_the_map(tmp_path: Path, name: str) -> None:
    change, _ = MADE[name]
    whole = scanned(tmp_path / "plain.sgy", PLAIN()).geometry.affine
    assert whole is not None
    survey = scanned(tmp_path / "made.sgy", change(PLAIN()))
    assert survey.geometry.affine == pytest.approx(whole, rel=1e-3)
    assert not told(survey, "no regular grid")


def test_copies_and_traces_without_numbers_are_told_apart(tmp_path: Path) -> None:
    survey = scanned(tmp_path / "made.sgy", MADE["both"][0](PLAIN()))
    assert told(survey, "6 traces share the bin of another")
    assert told(survey, "3 traces have no line numbers; they are kept beside the grid")
    assert not told(survey, "OpendTect")


@pytest.mark.parametrize(("keep", "beside"), [("first", COPIES), ("last", [0, 9, 10, 33, 34, 62])])
def test_the_first_or_the_last_copy_is_on_the_grid(
    tmp_path: Path, keep: Duplicates, beside: list[int]
) -> None:
    survey = scanned(tmp_path / "made.sgy", with_copies(PLAIN()), duplicates=keep)
    assert survey.without_bin.tolist() == beside
    assert survey.geometry.live_mask.all()


def test_copies_are_refused_when_the_user_says(tmp_path: Path) -> None:
    with pytest.raises(SegyError, match=r"6 traces share the bin of another.*--duplicates first"):
        scanned(tmp_path / "made.sgy", with_copies(PLAIN()), duplicates="error")
    assert scanned(tmp_path / "plain.sgy", PLAIN(), duplicates="error").geometry.live_mask.all()


@pytest.mark.parametrize(("copies", "fate"), [(7, "kept"), (8, "refused")])
def test_more_copies_than_a_tenth_of_the_traces_are_refused(
    tmp_path: Path, copies: int, fate: str
) -> None:
    traces = PLAIN().take(np.array([*range(63), *range(copies)]))
    form = Form(coordinate_bytes=None)
    if fate == "kept":
        assert len(scanned(tmp_path / "made.sgy", traces, form).without_bin) == copies
        return
    with pytest.raises(SegyError, match="8 traces share the bin of another, such as traces 1 and"):
        scanned(tmp_path / "made.sgy", traces, form)


def kept_records(survey: Survey, path: Path) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    zarr.create_group(path)
    create_group(path, survey)
    parts = list(records_without_bin(path))
    assert parts
    return np.concatenate([n for n, _ in parts]), np.concatenate([r for _, r in parts])


@pytest.mark.parametrize("at_once", [1, 700, 1 << 20])
def test_the_store_keeps_their_records_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("storage.segy.group.RECORDS_AT_ONCE", at_once)
    survey = scanned(tmp_path / "made.sgy", MADE["both"][0](PLAIN()), Form(code=1))
    numbers, records = kept_records(survey, tmp_path / "volume.zarr")
    np.testing.assert_array_equal(numbers, survey.without_bin)
    with open_records(survey.source) as reader:
        np.testing.assert_array_equal(records, reader.read(survey.without_bin))


def test_a_survey_without_such_traces_keeps_none(tmp_path: Path) -> None:
    survey = scanned(tmp_path / "plain.sgy", PLAIN())
    zarr.create_group(tmp_path / "volume.zarr")
    create_group(tmp_path / "volume.zarr", survey)
    assert list(records_without_bin(tmp_path / "volume.zarr")) == []
