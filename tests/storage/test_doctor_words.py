"""What a doctor reads in text headers, makes of an axis, and says: ranks and options."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.segy.doctor.axis import Stated, judge_axis
from storage.segy.doctor.finding import Finding, as_arguments, counted, ranked
from storage.segy.doctor.hints import Hints, read_hints
from storage.segy.doctor.told import FACTS, TOLD, tell
from storage.segy.notice import Code, Notice
from storage.segy.text_header import text_lines

PETREL = "C24 Inline number               : bytes 5-8"


@pytest.mark.parametrize(
    ("line", "places"),
    [
        (PETREL, {"inline": 5}),
        ("C26 CDP number                  : bytes 21-24", {"cdp": 21}),
        ("C28 X coordinate                : bytes 73-76", {"cdp_x": 73}),
        ("C37 INLINE: 189, XLINE: 193,", {"inline": 189, "crossline": 193}),
        (
            "C36 CMP UTM-X: 181, ALL COORDS SCALED BY: 10.0, CMP UTM-Y: 185",
            {"cdp_x": 181, "cdp_y": 185},
        ),
        ("C12   INLINE BYTES 189-193    | OFFSET BYTES 037-041", {"inline": 189}),
        ("C13   CROSSLINE BYTES 193-197", {"crossline": 193}),
        # The bytes of the words that follow.
        ("C32 BYTES 189-192 :WATERDEPTH AT CDP    BYTES 193-196 : PRENMO DATUM", {}),
        ("C 6     inlines:    111 .. 133", {}),
        ("C 7     INLINES 1000 TO 2000, CROSSLINES 500 TO 900", {}),
        ("C 1 CDP FOLD 0001", {}),
        ("C12 INLINE BYTE 3213, CROSSLINE: 500", {}),
    ],
)
def test_places_of_fields_are_read_from_text_headers(line: str, places: dict[str, int]) -> None:
    assert read_hints([line]).places == places


@pytest.mark.parametrize(
    ("line", "depth", "time"),
    [
        ("C 3 PRESTACK DEPTH MIGRATION, KIRCHHOFF", True, False),
        ("C 3 PSDM STACK", True, False),
        ("C 3 SAMPLE INTERVAL: 5 M", True, False),
        ("C 3 PRESTACK TIME MIGRATED", False, True),
        ("C 9 Time min: -3402.00 max: -2.00", False, True),
        ("C 6 SAMPLE RATE 4 MS", False, True),
        ("C32 BYTES 189-192 :WATERDEPTH AT CDP", False, False),
        ("C 6 SOURCE DEPTH 6 M, CABLE DEPTH 8 M", False, False),
        ("C 3 PSDM STRETCHED TO TIME", True, True),
        ("C 3 TIME STACK OF A PRE-STACK DEPTH MIGRATION", True, True),
    ],
)
def test_words_of_time_and_depth(line: str, depth: bool, time: bool) -> None:
    hints = read_hints([line])
    assert (bool(hints.depth), bool(hints.time)) == (depth, time)


@pytest.mark.parametrize("encoding", ["cp037", "latin-1"])
def test_text_headers_are_read_in_both_encodings(encoding: str) -> None:
    raw = "".join(line.ljust(80) for line in (PETREL, "C 2")).ljust(3200).encode(encoding)
    assert text_lines(raw)[:2] == [PETREL, "C 2"]
    assert len(text_lines(bytes(range(256)) * 12 + bytes(128))) == 40


TIME, DEPTH, BOTH, NONE = (
    Hints({}, time="TWT"),
    Hints({}, depth="PSDM"),
    Hints({}, depth="DEPTH MIGRATED", time="4 MS"),
    Hints({}),
)
AXIS = Hints({}, depth="DEPTH IN METRES", axis_in_depth=True)


METRES = {"domain": "depth"}


@pytest.mark.parametrize(
    ("interval", "samples", "hints", "said", "options"),
    [
        (4000, 1500, NONE, "", {}),
        (4000, 1500, BOTH, "", {}),
        (2000, 1500, TIME, "", {}),
        (0, 1500, NONE, "", {}),
        (5000, 1500, DEPTH, "wrong depth-as-time", METRES),
        (4000, 1500, AXIS, "wrong depth-as-time", METRES),
        (50_000, 100, AXIS, "wrong depth-as-time", METRES),
        (5, 1500, AXIS, "wrong depth-as-time", METRES | {"sample_interval": 5.0}),
        # Migrated in depth, and perhaps stretched to time again.
        (4000, 1500, DEPTH, "look depth-as-time", METRES),
        (10_000, 800, NONE, "look depth-as-time", METRES),
        (4000, 6000, NONE, "look depth-as-time", METRES),
        (5, 1500, NONE, "look tiny-interval", METRES | {"sample_interval": 5.0}),
        (4, 1500, NONE, "look tiny-interval", {"sample_interval": 4.0}),
        (63_536, 100, NONE, "look wide-interval", {"sample_interval": 2.0}),
    ],
)
def test_an_axis_is_judged_by_words_and_size(
    interval: int, samples: int, hints: Hints, said: str, options: dict[str, Any]
) -> None:
    stated = Stated(interval, interval, samples, "m")
    findings = judge_axis(stated, hints, sure=False, named=False)
    assert [f"{finding.severity} {finding.code}" for finding in findings] == [said] * bool(said)
    assert all(dict(finding.options) == options for finding in findings)
    assert judge_axis(stated, hints, sure=True, named=True) == []


def test_an_interval_that_headers_disagree_on_is_told() -> None:
    (finding,) = judge_axis(Stated(4000, 2000, 1500, "m"), NONE, sure=False, named=False)
    assert (finding.code, finding.options) == ("two-intervals", {"sample_interval": 2.0})
    assert judge_axis(Stated(4000, 0, 1500, "m"), NONE, sure=False, named=False) == []


def test_findings_are_ranked_from_bad_to_harmless_and_told_once() -> None:
    note, look, wrong, stops = (
        Finding(code, code, "what", options={"format": 5})
        for code in ("note", "look", "wrong", "stops")
    )
    again = Finding("look", "look", "the same again")
    assert ranked([note, look, stops, again, wrong]) == (stops, wrong, look, note)
    assert [one.must for one in (stops, wrong, look, note)] == [True, True, False, False]


def test_options_are_words_of_a_command_line() -> None:
    options = {"inline_byte": 189, "as_line": True, "salvage": False, "samples": None}
    assert as_arguments(options) == ["--inline-byte", "189", "--as-line"]
    assert as_arguments({"sample_interval": 4.0}) == ["--sample-interval", "4"]


@given(st.floats(min_value=1e-6, max_value=1e6))
def test_a_number_on_a_command_line_is_the_number_that_was_meant(value: float) -> None:
    (_, word) = as_arguments({"sample_interval": value})
    assert float(word) == value
    assert len(word) <= len(repr(value))


def test_counts_are_words() -> None:
    assert (counted(1, "trace"), counted(0, "trace")) == ("1 trace", "0 traces")


def test_notices_of_a_scan_are_findings_unless_one_says_more() -> None:
    notices = [
        Notice("duplicates", "in any words"),
        Notice("empty-bins", "a fact of any page"),
        Notice("no-interval", "four is taken", "--sample-interval names it."),
    ]
    told = tell(notices, [])
    assert [(one.code, one.what) for one in told] == [
        ("duplicates", "in any words"),
        ("no-interval", "four is taken"),
    ]
    assert tell(notices, told) == []
    covered = [Finding("regular-by-count", "look", "more")]
    assert [one.code for one in tell(notices, covered)] == ["no-interval"]


def test_every_notice_has_its_severity_or_is_a_fact() -> None:
    assert set(TOLD) | FACTS == set(get_args(Code))


def test_a_notice_is_a_sentence_for_people() -> None:
    assert str(Notice("made-lines", "numbers are made")) == "Numbers are made."
    assert str(Notice("wide-interval", "wide?", "Name another.")) == "Wide? Name another."
