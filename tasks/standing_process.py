"""A process that stands by for one piece of work after another, and keeps what it has loaded between them.

It has memory and threads of its own, so a page that asks it stays alive while networks run. It ends with the
process that made it, whatever ends that one: it waits on a pipe that nobody else holds.
"""

import multiprocessing
from collections.abc import Callable, Hashable
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any, Protocol, TypeVar

from tasks.fan_out import Progress

ReturnT = TypeVar("ReturnT")


class Reporter(Progress, Hashable, Protocol):
    """What work reports to: one for all work of a process, so that a cache may have it among its keys."""


class ProcessDiedError(RuntimeError):
    """The process died over a piece of work; the next one gets a new one."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code

    def __str__(self) -> str:
        return (
            f"the process that does the work died (exit code {self.exit_code}), as it does where memory "
            "is short; close what needs memory and try again"
        )


class StandingProcess:
    """One process for work that is asked for by any thread, one piece at a time.

    It starts with the first piece.
    """

    def __init__(self) -> None:
        self._turn = Lock()
        self._change = Lock()  # held while the process comes or goes, never while it works
        self._ended = False
        self._pipe: Connection | None = None
        self._process: multiprocessing.process.BaseProcess | None = None

    def do(
        self, work: Callable[..., ReturnT], *arguments: object, progress: Progress | None = None
    ) -> ReturnT:
        """Return what ``work(*arguments, progress=...)`` returns there, or raise what it raises.

        Parameters
        ----------
        work
            A function of a module; arguments and result are pickled.
        arguments
            Of ``work``.
        progress
            Told here, in the asking thread, what the work tells there.

        Raises
        ------
        ProcessDiedError
            If the process ends before it answers.
        """
        with self._turn:
            pipe = self._ready()
            try:
                pipe.send((work, arguments))
                while True:
                    kind, content = pipe.recv()
                    if kind != "progress":
                        break
                    if progress:
                        progress(*content)
            except (EOFError, BrokenPipeError, ConnectionResetError):
                raise ProcessDiedError(self._bury()) from None
            except (
                BaseException
            ):  # the asking thread gives up, and an answer would meet the next one
                self._terminate()
                self._bury()
                raise
        if kind == "error":
            raise content
        result: ReturnT = content
        return result

    def end(self) -> None:
        """End the process for good, whatever it does; a thread that waits for it is told that it died."""
        self._ended = True
        self._terminate()
        if self._turn.acquire(blocking=False):  # else the thread that waits buries it
            try:
                self._bury()
            finally:
                self._turn.release()

    def _terminate(self) -> None:
        with self._change:
            if self._process is not None:
                self._process.terminate()

    def _ready(self) -> Connection:
        """Return the pipe to the process, which is started where there is none."""
        with self._change:
            if self._ended:
                raise ProcessDiedError(None)
            if self._pipe is None:
                context = multiprocessing.get_context("spawn")  # TensorFlow does not bear a fork
                here, there = context.Pipe()
                process = context.Process(target=_serve, args=(there,), daemon=True)
                process.start()
                there.close()
                self._pipe, self._process = here, process
            return self._pipe

    def _bury(self) -> int | None:
        """Forget a process that died; return its exit code."""
        with self._change:
            process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if pipe is not None:
            pipe.close()
        if process is None:
            return None
        process.join()
        return process.exitcode


def _serve(pipe: Connection) -> None:
    """Do one piece of work after another until nobody asks any more."""

    def report(done: int, total: int) -> None:
        pipe.send(("progress", (done, total)))

    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            work, arguments = pipe.recv()
            pipe.send(_outcome(work, arguments, report))


def _outcome(
    work: Callable[..., Any], arguments: tuple[object, ...], report: Progress
) -> tuple[str, Any]:
    """Return what the asking thread is told."""
    try:
        return "result", work(*arguments, progress=report)
    except Exception as error:  # it is raised where the asking thread is
        return "error", error
