"""Work in a process of its own: its memory is its own, and TensorFlow's threads can be chosen anew."""

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from tasks.fan_out import Progress

ReturnT = TypeVar("ReturnT")


def in_own_process(
    work: Callable[..., ReturnT], *arguments: object, progress: Progress | None = None
) -> ReturnT:
    """Return what ``work(*arguments, progress=...)`` returns, or raise what it raises.

    Parameters
    ----------
    work
        A function of a module; arguments and result are pickled.
    arguments
        Of ``work``.
    progress
        Told here what the work tells there.

    Raises
    ------
    RuntimeError
        If the process dies, as it does where memory is short.
    """
    context = multiprocessing.get_context("spawn")  # TensorFlow does not bear a fork
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(there, work, arguments), daemon=True)
    process.start()
    there.close()
    try:
        while True:
            kind, content = here.recv()
            if kind == "progress" and progress:
                progress(*content)
            elif kind == "error":
                raise content
            elif kind == "result":
                result: ReturnT = content
                return result
    except EOFError:
        process.join()
        message = f"the process that did the work died (exit code {process.exitcode})"
        raise RuntimeError(message) from None
    finally:
        process.terminate()  # it has ended, or nobody waits for it any more
        process.join()
        here.close()


def _serve(pipe: Connection, work: Callable[..., Any], arguments: tuple[object, ...]) -> None:
    """Do the work; a caller that is gone ends it at the next report of progress."""

    def report(done: int, total: int) -> None:
        pipe.send(("progress", (done, total)))

    with suppress(BrokenPipeError, KeyboardInterrupt):
        try:
            result = work(*arguments, progress=report)
        except Exception as error:  # it is raised where the caller is
            pipe.send(("error", error))
        else:
            pipe.send(("result", result))
