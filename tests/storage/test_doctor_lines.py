"""Line numbers are found wherever in the trace headers they lie, and what is none is not taken for one."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.segy.doctor.candidate import Candidate
from storage.segy.doctor.lines import line_like, rank
from storage.segy.doctor.look import COORDINATE_PLACES, coordinates_at, some_headers
from storage.segy.doctor.placing import judge_found_lines, judge_missing_lines, pre_stack
from storage.segy.records import inspect
from storage.segy.source import source_of
from tests.segy_parts import CUBE
from tests.surveys import Form, Traces, grid_traces, holes, shuffled, write_segy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines")


def ranking(path: Path, traces: Traces, form: Form) -> list[Candidate]:
    source = source_of([inspect(write_segy(path, traces, form))])
    headers = some_headers(source)
    found = [coordinates_at(headers, pair) for pair in COORDINATE_PLACES]
    columns = line_like(headers.raw, source.order)
    return rank(columns, source.traces, [each for each in found if each])


@given(
    places=st.permutations([5, 9, 17, 21, 41, 45, 53, 57, 61, 65, 205, 219, 225, 233, 237]),
    order=st.sampled_from(["big", "little"]),
    mixed=st.booleans(),
    gaps=st.booleans(),
    step=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    first=st.tuples(st.integers(-300, 9000), st.integers(-300, 9000)),
)
def test_the_lines_of_a_survey_are_found_wherever_they_lie(
    folder: Path,
    places: list[int],
    order: str,
    mixed: bool,
    gaps: bool,
    step: tuple[int, int],
    first: tuple[int, int],
) -> None:
    one, other = places[:2]
    traces = grid_traces((7, 11, 2), first=first, step=step)
    traces = holes(traces) if gaps else traces
    traces = shuffled(traces) if mixed else traces
    form = Form(line_bytes=(one, other), order=order)  # type: ignore[arg-type]
    best = ranking(folder / "a.sgy", traces, form)[0]
    assert set(best.pair) == {one, other}
    assert (best.agrees, best.doubled) == (True, 0)
    assert sorted((best.inlines, best.crosslines)) == [7, 11]
    assert best.occupancy == pytest.approx(len(traces) / 77, abs=1e-3)


def test_coordinates_decide_between_numbers_that_are_all_regular(tmp_path: Path) -> None:
    traces, count = CUBE(), np.arange(480)
    scattered = np.random.default_rng(5).permutation(480)
    numbers = {189: scattered // 24, 193: scattered % 24, 1: count % 24, 5: count // 24}
    form = Form(line_bytes=(9, 21), fields=numbers)
    found = {c.pair: c for c in ranking(tmp_path / "a.sgy", traces, form)}
    assert next(iter(found)) == (9, 21)
    assert found[189, 193].regular
    assert found[189, 193].agrees is False


def test_numbers_of_traces_place_nothing_beside_others(tmp_path: Path) -> None:
    """A number of its own for every trace and one for every third would always make bins."""
    count = np.arange(60)
    fields = {189: 0, 193: 0, 9: count // 3, 21: count + 101, 5: count + 1}
    traces = grid_traces((1, 60, 4))
    best = ranking(tmp_path / "a.sgy", traces, Form(coordinate_bytes=None, fields=fields))[0]
    assert best.pair == (189, 21)
    assert best.is_line


def test_shots_and_channels_are_no_lines_without_coordinates(tmp_path: Path) -> None:
    traces = CUBE()
    form = Form(line_bytes=(9, 13), coordinate_bytes=None)
    path = write_segy(tmp_path / "a.sgy", traces, form)
    headers = some_headers(source_of([inspect(path)]))
    columns = line_like(headers.raw, "big")
    found = rank(columns, 480, [])
    assert (9, 13) not in [candidate.pair for candidate in found]
    unstacked = pre_stack(columns, headers.field(37))
    assert unstacked == "bytes 9/13 count 20 shots and their traces"
    (finding,) = judge_missing_lines(found, unstacked, [(189, 193)])
    assert (finding.code, finding.options) == ("pre-stack", {})


@pytest.mark.parametrize(
    ("offsets", "told"),
    [
        (np.zeros(12), False),
        (np.full(12, 250), False),
        (np.tile([100, 200, 300], 4), True),
        (np.arange(12), True),
        (np.arange(12) + 1, False),
    ],
)
def test_offsets_that_come_again_are_those_of_gathers(offsets: np.ndarray, told: bool) -> None:
    assert (pre_stack({}, offsets.astype(np.int32)) is not None) == told


def candidate(**facts: object) -> Candidate:
    plain: dict[str, object] = {
        "inline_byte": 17,
        "crossline_byte": 125,
        "inlines": 20,
        "crosslines": 24,
        "doubled": 0,
        "occupancy": 1.0,
        "regular": True,
        "agrees": None,
        "in_order": True,
    }
    return Candidate(**(plain | facts))  # type: ignore[arg-type]


NOW = candidate(inline_byte=189, crossline_byte=193, agrees=True)


@pytest.mark.parametrize(
    ("other", "now", "better"),
    [
        (candidate(agrees=True), NOW, False),
        (candidate(agrees=True), candidate(inline_byte=9, agrees=False), True),
        (candidate(agrees=True), candidate(inline_byte=9, inlines=1), True),
        (candidate(), candidate(inline_byte=9, occupancy=0.2, regular=False), True),
        (candidate(agrees=False), candidate(inline_byte=9, occupancy=0.2, regular=False), False),
        (candidate(), candidate(inline_byte=9, occupancy=0.8, regular=False), False),
        (candidate(agrees=True, doubled=5), candidate(inline_byte=9, agrees=False), True),
        (candidate(agrees=True, doubled=15), candidate(inline_byte=9, agrees=False), False),
    ],
)
def test_other_numbers_are_better_for_a_reason_only(
    other: Candidate, now: Candidate, better: bool
) -> None:
    findings = judge_found_lines([other, now], now, made=False)
    assert [dict(finding.options) for finding in findings] == (
        [{"inline_byte": 17, "crossline_byte": 125}] if better else []
    )


@pytest.mark.parametrize(
    ("found", "options"),
    [
        ([candidate(agrees=True)], {"inline_byte": 17, "crossline_byte": 125}),
        ([candidate()], {"inline_byte": 17, "crossline_byte": 125}),
        ([candidate(occupancy=0.3, regular=False)], {"as_line": True}),
        ([candidate(occupancy=0.7, regular=False, in_order=False)], {"as_line": True}),
        ([candidate(agrees=False)], {"as_line": True}),
        ([candidate(doubled=15, regular=False)], {"as_line": True}),
        ([], {"as_line": True}),
    ],
)
def test_without_lines_the_next_best_thing_is_recommended(
    found: list[Candidate], options: dict[str, object]
) -> None:
    (finding,) = judge_missing_lines(found, None, [(189, 193)])
    assert (finding.severity, dict(finding.options)) == ("stops", options)
