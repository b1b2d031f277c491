"""Who may see a page, and how the server that runs is found: by what only its own user knows."""

import json
import stat
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.settings.view import View
from flows.view import running, start
from flows.view.running import Running, answering, forget, proof, record, remember, remembered
from flows.view.shelf import Shelf, Spot
from storage.errors import InputError
from tests.page_survey import personal_of

KEY = "k" * 32


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


class Other(BaseHTTPRequestHandler):
    """A program that listens at a port and answers as somebody who has a key, its own."""

    key = KEY

    def do_GET(self) -> None:
        nonce = parse_qs(urlsplit(self.path).query)["nonce"][0]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(proof(self.key, nonce).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Other)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_is_found_while_it_answers_and_is_forgotten_by_itself_alone(port: int) -> None:
    assert answering() is None
    ours, later = Running(port, KEY), Running(port + 1, "other")
    remember(ours)
    assert answering() == ours
    forget(later)
    assert remembered() == ours
    remember(later)
    forget(ours)
    assert remembered() == later
    forget(later)
    assert remembered() is None


def test_another_program_at_the_port_is_not_taken_for_it(port: int) -> None:
    remember(Running(port, "a key that the other does not have"))
    assert answering() is None


def test_a_server_that_is_gone_is_not_found(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "ANSWER_S", 0.2)
    remember(Running(1, KEY))
    assert answering() is None
    assert port


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"port": "x", "key": "y"}', "null"])
def test_a_record_that_cannot_be_used_is_none(content: str) -> None:
    record().write_text(content)
    assert remembered() is None


def test_only_its_user_can_read_what_is_known_of_it() -> None:
    remember(Running(8620, KEY))
    assert stat.S_IMODE(record().parent.stat().st_mode) == 0o700
    assert json.loads(record().read_text())["key"] == KEY


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    folder = record().parent
    folder.chmod(0o777)
    with pytest.raises(InputError, match="not a folder of yours alone"):
        record()
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(InputError, match="not a folder of yours alone"):
        record()


def kept(shelf: Shelf, address: str) -> bytes | None:
    return shelf.get(address.removeprefix("download/"))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=12))
def test_the_shelf_holds_no_more_bytes_than_it_may_but_for_what_was_laid_last(
    sizes: list[tuple[int, int]],
) -> None:
    shelf, laid = Shelf(most=100), []
    for first, second in sizes:
        laid.append(shelf.lay({"a.png": bytes(first), "b.png": bytes(second)}))
        there = [[kept(shelf, each) for each in pair] for pair in laid]
        assert all((one is None) == (other is None) for one, other in there)
        assert there[-1] == [bytes(first), bytes(second)]
        alone = all(one is None for one, _ in there[:-1])
        assert alone or sum(len(each or b"") for pair in there for each in pair) <= 100
        gone = [one is None for one, _ in there]
        assert gone == sorted(gone, reverse=True)  # the oldest go first
        assert not any(gone) or sum(map(sum, sizes[: len(laid)])) > 100


def test_the_shelf_tells_no_name_that_can_be_guessed() -> None:
    shelf = Shelf()
    (first,), (second,) = shelf.lay({"a.png": b"1"}), shelf.lay({"a.png": b"2"})
    assert first != second
    assert min(map(len, (first, second))) > 30
    assert shelf.get("a.png") is None


def test_what_a_page_lays_anew_takes_the_place_of_its_own_alone() -> None:
    shelf = Shelf()
    ours, theirs = Spot(shelf), Spot(shelf)
    (other,) = theirs.lay({"a.png": b"theirs"})
    before = ours.lay({"a.png": b"1", "b.png": b"2"})
    after = ours.lay({"a.png": b"3", "b.png": b"4"})
    assert [kept(shelf, each) for each in (*before, *after)] == [None, None, b"3", b"4"]
    ours.clear()
    assert [kept(shelf, each) for each in (*after, other)] == [None, None, b"theirs"]
    assert shelf.size == len(b"theirs")


def words(address: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}


def viewed(**given: object) -> View:
    return View.model_validate(given)


def two_opendtects(tmp_path: Path) -> tuple[Path, Path]:
    """Return the settings of two users' worth of OpendTect, each at work on a survey of its own."""
    folders = []
    for name in ("one", "other"):
        survey = tmp_path / name / "surveys" / "North"
        survey.mkdir(parents=True)
        (survey / ".survey").write_text("")
        folders.append(personal_of(tmp_path / name / "od", survey))
    return folders[0], folders[1]


@pytest.mark.parametrize("button", [True, False])
def test_a_press_asks_for_the_survey_of_its_own_opendtect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int, button: bool
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(start, "volumes_at", lambda _: [])
    remember(Running(port, KEY))  # somebody else's OpendTect has started it
    for personal in two_opendtects(tmp_path):
        monkeypatch.setenv("DTECT_SETTINGS", str(personal))
        monkeypatch.delenv("DTECT_DATA", raising=False)
        start.view(viewed(from_button=button))
        assert words(opened[-1])["open"] == str(personal.parent / "surveys" / "North")
    other = tmp_path / "one" / "surveys"
    monkeypatch.setenv("DTECT_DATA", str(other))  # which OpendTect tells what it starts
    start.view(viewed(from_button=button))
    assert words(opened[-1])["open"] == str(other / "North")
    start.view(viewed(target=tmp_path, from_button=button))
    assert (
        words(opened[-1]).items()
        >= {"open": str(tmp_path), "project": str(other / "North")}.items()
    )
    assert KEY not in "".join(opened)


def test_a_press_without_a_current_survey_opens_a_page_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setenv("DTECT_SETTINGS", str(tmp_path / "nothing"))
    monkeypatch.delenv("DTECT_DATA", raising=False)
    remember(Running(port, KEY))
    start.view(viewed(from_button=True))
    assert words(opened[-1]).keys() == {"ticket"}
    with pytest.raises(InputError, match="no settings of this user"):
        start.view(viewed())


def test_a_page_stores_where_its_opendtect_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two_opendtects(tmp_path)
    monkeypatch.setenv("DTECT_SETTINGS", str(one))
    monkeypatch.delenv("DTECT_DATA", raising=False)
    survey = other.parent / "surveys" / "North"
    assert start._project(tmp_path, {"project": str(survey)}) == survey
    assert start._project(survey, {"project": str(tmp_path)}) == survey
    assert start._project(tmp_path, {"project": str(tmp_path)}) is None
    assert start._project(tmp_path, {}) == one.parent / "surveys" / "North"
