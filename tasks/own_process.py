"""Work in a process of its own: its memory is its own, and TensorFlow's threads can be chosen anew."""

from collections.abc import Callable
from typing import TypeVar

from tasks.fan_out import Progress
from tasks.standing_process import StandingProcess

ReturnT = TypeVar("ReturnT")


def in_own_process(
    work: Callable[..., ReturnT], *arguments: object, progress: Progress | None = None
) -> ReturnT:
    """Return what ``work(*arguments, progress=...)`` returns, or raise what it raises.

    Parameters and errors are those of `tasks.standing_process.StandingProcess.do`; the process ends with the
    work.
    """
    process = StandingProcess()
    try:
        return process.do(work, *arguments, progress=progress)
    finally:
        process.end()
