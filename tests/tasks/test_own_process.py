"""Work in a process of its own: results, progress and errors come back, a death is said."""

import os

import psutil
import pytest

from models.errors import ParameterError
from tasks.fan_out import Progress
from tasks.own_process import in_own_process


def told(count: int, progress: Progress) -> int:
    for number in range(count):
        progress(number + 1, count)
    return os.getpid()


def refused(progress: Progress) -> None:
    progress(0, 1)
    raise ParameterError(name="threads", value=0, mend="Take one.")


def dies(progress: Progress) -> None:
    progress(0, 1)
    os._exit(9)


def test_result_and_progress_come_back_from_another_process() -> None:
    seen: list[tuple[int, int]] = []
    other = in_own_process(told, 3, progress=lambda *each: seen.append(each))
    assert other != os.getpid()
    assert not psutil.pid_exists(other)
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_errors_come_back_as_they_are() -> None:
    with pytest.raises(ParameterError, match="threads = 0"):
        in_own_process(refused)


def test_a_process_that_dies_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="exit code 9"):
        in_own_process(dies)
