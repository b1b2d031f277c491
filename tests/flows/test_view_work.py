"""A page hears of what it still wants, in its own loop, and of what went wrong in one line."""

import errno
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from bokeh.document import Document

from flows.view.work import Desk, Workshop, in_one_line
from models.errors import ParameterError
from storage.errors import InputError
from tasks.standing_process import ProcessDiedError


class Loop:
    """As much of a document as a desk needs: what is to be done in its loop waits until it is done."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []
        self.added = threading.Semaphore(0)
        self.leave: Callable[[object], None] | None = None

    def add_next_tick_callback(self, action: Callable[[], None]) -> None:
        self.waiting.append(action)
        self.added.release()

    def on_session_destroyed(self, leave: Callable[[object], None]) -> None:
        self.leave = leave

    def turn(self) -> None:
        """Do one thing that is waiting, or will be soon."""
        assert self.added.acquire(timeout=20)
        self.waiting.pop(0)()


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    workshop = Workshop()
    yield workshop
    workshop.close()


def desk_of(loop: Loop, workshop: Workshop) -> tuple[Desk, list[Any]]:
    heard: list[Any] = []
    return Desk(cast(Document, loop), workshop, lambda line: heard.append(("failed", line))), heard


def test_results_come_within_the_loop_and_errors_in_one_line(workshop: Workshop) -> None:
    loop = Loop()
    desk, heard = desk_of(loop, workshop)
    desk.read(heard.append, len, "four")
    assert loop.added.acquire(timeout=20)
    assert heard == []  # not before the loop has its turn
    loop.waiting.pop(0)()
    assert heard == [4]
    desk.read(heard.append, Path("/nowhere/at/all").read_bytes)
    loop.turn()
    assert heard[1:] == [
        ("failed", "/nowhere/at/all: No such file or directory; mend that and try again")
    ]


def test_of_what_is_no_longer_wanted_nothing_is_heard(workshop: Workshop) -> None:
    loop, gate = Loop(), threading.Event()
    desk, heard = desk_of(loop, workshop)
    desk.read(heard.append, gate.wait, 20)
    desk.clear()
    desk.read(heard.append, len, "new")
    gate.set()
    loop.turn()
    loop.turn()
    assert heard == [3]


def test_a_page_that_was_closed_is_left_alone(workshop: Workshop) -> None:
    loop, gate = Loop(), threading.Event()
    desk, heard = desk_of(loop, workshop)
    desk.read(heard.append, gate.wait, 20)
    assert loop.leave is not None
    loop.leave(None)
    gate.set()
    workshop.read(len, "").result(20)
    workshop.close()
    assert heard == loop.waiting == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InputError("x.sgy", "it is\nwrong", "Mend it."), "x.sgy: it is wrong. Mend it."),
        (ParameterError("crop", 3, "Name four."), "crop"),
        (ProcessDiedError(-9), "exit code -9"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/d/x"),
            "/d/x: No space left on device",
        ),
        (ZeroDivisionError("division by zero"), "please report it: ZeroDivisionError"),
    ],
)
def test_whatever_goes_wrong_is_one_line(
    error: Exception, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL):
        line = in_one_line(error)
    assert words in line
    assert "\n" not in line
