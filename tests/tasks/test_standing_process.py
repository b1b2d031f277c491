"""The process that stands by answers one piece of work after another, whatever became of the one before."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from storage.errors import InputError
from tasks.fan_out import Progress
from tasks.standing_process import ProcessDiedError, StandingProcess


@pytest.fixture
def process() -> Iterator[StandingProcess]:
    process = StandingProcess()
    yield process
    process.end()


def who(*, progress: Progress) -> int:
    progress(1, 2)
    progress(2, 2)
    return os.getpid()


def fail(*, progress: Progress) -> None:  # noqa: ARG001
    raise InputError("x.sgy", "it is wrong", "Mend it.")


def die(*, progress: Progress) -> None:  # noqa: ARG001
    os.kill(os.getpid(), signal.SIGKILL)


def wait(*, progress: Progress) -> None:
    progress(0, 1)
    time.sleep(60)


def test_it_is_one_process_that_outlives_errors_and_is_replaced_when_it_dies(
    process: StandingProcess,
) -> None:
    told: list[tuple[int, int]] = []
    first = process.do(who, progress=lambda done, total: told.append((done, total)))
    assert first != os.getpid()
    assert told == [(1, 2), (2, 2)]
    with pytest.raises(InputError, match=r"x\.sgy: it is wrong"):
        process.do(fail)
    assert process.do(who) == first
    with pytest.raises(ProcessDiedError, match=r"died \(exit code -9\)"):
        process.do(die)
    second = process.do(who)
    assert second != first
    assert not psutil.pid_exists(first)


def test_who_waits_when_it_is_ended_is_told(process: StandingProcess) -> None:
    began, heard = threading.Event(), []

    def ask() -> None:
        try:
            process.do(wait, progress=lambda *_: began.set())
        except ProcessDiedError as error:
            heard.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert began.wait(60)
    process.end()
    thread.join(20)
    assert len(heard) == 1


def test_one_that_was_ended_does_not_begin(process: StandingProcess) -> None:
    process.end()
    with pytest.raises(ProcessDiedError):
        process.do(who)


@pytest.mark.parametrize("after_s", [0.0, 0.002, 0.01, 0.05])
def test_one_that_is_ended_while_it_begins_is_gone(
    process: StandingProcess, after_s: float
) -> None:
    heard: list[object] = []

    def ask() -> None:
        try:
            process.do(wait)
        except ProcessDiedError as error:
            heard.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(after_s)
    process.end()
    thread.join(20)
    assert len(heard) == 1
