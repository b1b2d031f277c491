"""What OpendTect will see of a file: one rule after the other on files with a flaw, then flaws by chance."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.__main__ import run
from flows.opendtect_check import page, verdict
from storage.errors import SegyError
from storage.segy.opendtect.keys import OF_REVISION_1
from storage.segy.opendtect.setup import Setup
from storage.segy.opendtect.tally import Tally, tally
from storage.segy.opendtect.view import View
from tasks.opendtect_check import look
from tests.surveys import Form, Traces, crossline_major, falling, grid_traces, write_segy

NEXT = "OpendTect imports it by pressing Next"


def both_places(traces: Traces, scalar: int = -100) -> dict[int, object]:
    x, y = (np.rint(values * -scalar) for values in (traces.x, traces.y))
    return {9: traces.inline, 21: traces.crossline, 73: x, 77: y}


def made(path: Path, traces: Traces | None = None, **form: object) -> View:
    traces = grid_traces((20, 18, 5)) if traces is None else traces
    fields = both_places(traces) | dict(form.pop("fields", {}))  # type: ignore[call-overload]
    return look(write_segy(path / "made.sgy", traces, Form(fields=fields, **form)))  # type: ignore[arg-type]


def numbers(view: View) -> list[int | None]:
    return [remark.number for remark in view.remarks]


@pytest.mark.parametrize("revision", [0, 1, 2, 0x0100, 0x0200])
@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("code", [1, 2, 3, 5, 8])
def test_a_good_file_comes_in_by_pressing_next(
    tmp_path: Path, revision: int, order: str, code: int
) -> None:
    traces = grid_traces((20, 18, 5), step=(3, 2))
    view = made(tmp_path, traces, revision=revision, order=order, code=code, delay=500)
    assert verdict(view) == f"{NEXT}, into an existing survey or a new one"
    assert view.remarks == ()
    assert view.accepted == view.traces == 360
    assert (view.start, view.interval, view.samples) == (500, 4.0, 5)
    assert isinstance(view.setup, Setup)
    assert view.setup.inlines == (101, 158, 3)
    assert view.setup.crosslines == (2001, 2035, 2)
    assert (view.setup.bin_inline, view.setup.bin_crossline) == pytest.approx((75, 25), abs=0.02)
    assert view.head.order == order
    assert view.proposed.inline == (189 if revision else 9)


@pytest.mark.parametrize(
    ("order_of", "found"),
    [(falling, True), (crossline_major, False), (lambda t: t.take(np.arange(0, 360, 18)), False)],
    ids=["falling", "by crossline", "one crossline"],
)
def test_the_order_of_the_traces_decides_whether_a_survey_is_found(
    tmp_path: Path, order_of: Callable[[Traces], Traces], found: bool
) -> None:
    view = made(tmp_path, order_of(grid_traces((20, 18, 5))))
    assert isinstance(view.setup, Setup) is found
    if isinstance(view.setup, Setup):
        assert view.setup.inlines == (101, 120, 1)


def test_the_quick_scan_goes_on_until_it_has_seen_two_lines(tmp_path: Path) -> None:
    """A line of a thousand traces: the second one is seen, and so is the end of the file."""
    view = made(tmp_path, grid_traces((7, 1000, 1)))
    assert isinstance(view.setup, Setup)
    assert view.setup.inlines == (101, 107, 1)
    assert view.setup.crosslines == (2001, 3000, 1)


FLAWS: dict[str, tuple[dict[str, object], int | None, str]] = {
    "double": ({"code": 6}, 1, "format 6 is taken for IBM floats"),
    "byte": ({"code": 16}, 1, "format 16 is taken for IBM floats"),
    "indices from 0": (
        {"fields": {189: 0, 193: 0}},
        2,
        "360 traces in a row have no line numbers",
    ),
    "one without": ({"fields": {189: 0, 193: [0, *[7] * 359]}}, 2, "hold no line numbers"),
    "no interval in traces": ({"fields": {117: 0}}, 3, NEXT),
    "angles": ({"fields": {89: 3}}, 5, NEXT),
    "scalar": ({"fields": {71: 10000}}, 6, NEXT),
    "texts": ({"texts": 1}, 7, "the traces begin at byte 6801"),
    "dead": ({"fields": {29: [1, 2] * 180}}, None, "less 180 of its 360 traces"),
    "weights": ({"fields": {169: 3}}, None, NEXT),
    "starts": ({"fields": {109: [0, *[4] * 359]}}, None, NEXT),
    "no places": ({"fields": {181: 0, 185: 0}}, None, "it sets no new survey up"),
    "no interval": ({"interval": 0}, 3, "no sample interval is stated"),
    "same place": ({"fields": {193: np.repeat(np.arange(1, 181), 2)}}, None, "pressing Next"),
}


@pytest.mark.parametrize("name", FLAWS)
def test_every_flaw_is_told(tmp_path: Path, name: str) -> None:
    form, number, words = FLAWS[name]
    view = made(tmp_path, **form)  # type: ignore[arg-type]
    assert words in verdict(view)
    assert number in numbers(view) or (number is None and name == "no places")


def test_places_of_revision_0_are_kept_where_they_hold_numbers(tmp_path: Path) -> None:
    lines = {9: 0, 21: 0}
    view = made(tmp_path, revision=0, fields=lines)
    assert (view.proposed.inline, view.proposed.crossline) == (189, 193)
    assert (view.proposed.x, view.proposed.y) == (73, 77)
    assert not view.guesses[0].usable
    assert view.guesses[1].usable
    assert verdict(view).startswith(NEXT)


def test_revision_1_without_numbers_in_its_places_wants_another_choice(tmp_path: Path) -> None:
    view = made(tmp_path, fields={189: [0, *[1] * 359], 193: 0})
    assert "choose revision 0 in the wizard" in verdict(view)


def test_a_truncated_file_and_a_length_of_no_kind_are_told(tmp_path: Path) -> None:
    made(tmp_path)
    path = tmp_path / "made.sgy"
    raw = bytearray(path.read_bytes())
    path.write_bytes(raw[:-7])
    assert 4 in numbers(look(path))
    raw[3502:3504] = b"\0\0"
    path.write_bytes(raw)
    assert 8 in numbers(look(path))


def test_samples_that_are_no_numbers_are_told(tmp_path: Path) -> None:
    traces = grid_traces((20, 18, 5))
    traces.amplitude[0, 2] = np.nan
    assert made(tmp_path, traces).undefined == 1


def test_a_coordinate_system_in_the_text_is_picked(tmp_path: Path) -> None:
    made(tmp_path)
    path = tmp_path / "made.sgy"
    raw = bytearray(path.read_bytes())
    line = "C12 Projection: WGS 84 / UTM zone 31N [EPSG:32631]"
    raw[880:960] = line.ljust(80).encode("cp037")
    path.write_bytes(raw)
    assert look(path).head.crs is None, "the brackets of code page 037 are not those of its table"
    its_own = bytes.maketrans("[]".encode("cp037"), b"\x4a\x5a")
    raw[880:960] = raw[880:960].translate(its_own)
    path.write_bytes(raw)
    view = look(path)
    assert view.head.crs == "EPSG:32631"
    assert any("picks EPSG:32631" in line for line in page(view))
    raw[0] = ord("x")
    path.write_bytes(raw)
    assert look(path).head.crs is None, "the text is then taken for ASCII"


BAD: dict[str, tuple[Callable[[bytearray], bytes], str]] = {
    "empty": (lambda _: b"", "empty"),
    "short": (lambda raw: bytes(raw[:3000]), "not a SEG-Y file"),
    "no traces": (lambda raw: bytes(raw[:3600]), "no traces"),
    "half a trace": (lambda raw: bytes(raw[:3850]), "not one whole trace"),
    "gain": (lambda raw: bytes(raw[:3225] + b"\x04" + raw[3226:]), "refuses the sample format 4"),
    "picture": (lambda _: b"\x89PNG" + bytes(9000), "not a SEG-Y file"),
    "no samples": (
        lambda raw: bytes(raw[:3220] + b"\0\0" + raw[3222:3714] + b"\0\0" + raw[3716:]),
        "no number of samples",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_opendtect_cannot_read_is_one_line(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)
    path, (change, words) = tmp_path / "made.sgy", BAD[name]
    path.write_bytes(change(bytearray(path.read_bytes())))
    with pytest.raises(SegyError, match=words):
        look(path)
    assert run(["opendtect", "check", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_command_prints_a_page_or_one_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)
    path = str(tmp_path / "made.sgy")
    assert run(["opendtect", "check", path]) == 0
    assert f"{NEXT}, into an existing survey or a new one." in capsys.readouterr().out
    assert run(["opendtect", "check", path, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["accepted"] == 360
    assert found["setup"]["inlines"] == [101, 120, 1]
    assert run(["opendtect", "check", str(tmp_path)]) == 2


def foreign_files() -> list[Path]:
    folder = Path(__file__).parents[3] / "shared" / "data" / "segy"
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", foreign_files(), ids=lambda path: path.name)
def test_every_odd_file_gets_a_verdict(path: Path) -> None:
    if path.name in {"small.su", "text-only-no-traces.sgy"}:
        with pytest.raises(SegyError):
            look(path)
        return
    view = look(path)
    assert 0 <= view.accepted <= view.traces
    assert verdict(view)
    assert all(line == "" or line.isprintable() for line in page(view))
    assert ("format" in verdict(view)) == (view.head.stated_format not in (1, 2, 3, 5, 8))


PLAIN = grid_traces((6, 7, 3))


@given(
    st.lists(
        st.tuples(st.integers(0, 3600 + 3 * 252), st.binary(min_size=1, max_size=4)), max_size=8
    ),
    st.integers(0, 400),
    st.sampled_from([0, 0x0100]),
)
def test_headers_broken_by_chance_give_a_page_or_one_line(
    tmp_path_factory: pytest.TempPathFactory,
    edits: list[tuple[int, bytes]],
    cut: int,
    revision: int,
) -> None:
    path = tmp_path_factory.getbasetemp() / "broken.sgy"
    write_segy(path, PLAIN, Form(revision=revision, fields=both_places(PLAIN)))
    raw = bytearray(path.read_bytes())
    for at, data in edits:
        raw[at : at + len(data)] = data
    path.write_bytes(raw[: len(raw) - cut])
    try:
        view = look(path)
    except SegyError:
        return
    assert 0 <= view.accepted <= view.traces
    assert all(line == "" or line.isprintable() for line in page(view))


headers = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).integers(0, 3, (60, 240)).astype(np.uint8)
)


@given(headers, st.integers(0, 60), st.integers(0, 60))
def test_a_tally_of_parts_is_the_tally_of_the_whole(
    raw: np.ndarray, first: int, second: int
) -> None:
    raw[np.random.default_rng(first).random(60) < 0.6, 188:196] = 0  # long runs without numbers
    judge = partial(tally, order="big", places=OF_REVISION_1, start=(0, 0), samples=5)
    cuts = sorted((first, second))
    parts = [judge(part) for part in np.split(raw, cuts) if len(part)]
    joined = Tally(0, {}, 0, 0, 0)
    for part in parts:
        joined = joined.then(part)
    assert joined == judge(raw)
