"""Work that a page asks for, off the server's own loop: the page stays alive, whatever takes long."""

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from bokeh.document import Document

from flows.settings.reading import SettingsError
from models.errors import ModelError
from storage.errors import InputError, is_full
from tasks.fan_out import Progress
from tasks.standing_process import ProcessDiedError, StandingProcess

logger = logging.getLogger(__name__)

ReturnT = TypeVar("ReturnT")

READERS = 2
"""Threads that read planes for all pages."""


class Workshop:
    """Threads that read, and one process that predicts, for all pages of a server."""

    def __init__(self) -> None:
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="asking")
        self._process = StandingProcess()

    def read(self, work: Callable[..., ReturnT], *arguments: object) -> Future[ReturnT]:
        """Do what is short in a thread of this process."""
        return self._readers.submit(work, *arguments)

    def ask(
        self, work: Callable[..., ReturnT], *arguments: object, progress: Progress | None = None
    ) -> Future[ReturnT]:
        """Do what is long in the other process, after what was asked for before."""
        return self._asking.submit(self._process.do, work, *arguments, progress=progress)

    def close(self) -> None:
        """End all work, done or not."""
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._asking.shutdown(wait=False, cancel_futures=True)
        self._process.end()


class Desk:
    """One page's work: what it waits for, and what of it is still wanted.

    Parameters
    ----------
    document
        The page's; results are taken in by its own loop.
    workshop
        Who does the work.
    failed
        Told in one line why something did not work.
    """

    def __init__(
        self, document: Document, workshop: Workshop, failed: Callable[[str], None]
    ) -> None:
        self._document, self._workshop, self._failed = document, workshop, failed
        self._turn = 0
        self._waiting: list[Future[Any]] = []
        self._gone = False
        document.on_session_destroyed(self._leave)

    def clear(self) -> None:
        """Want nothing any more of what was asked for so far."""
        self._turn += 1
        for future in self._waiting:
            future.cancel()  # one that is under way goes on, and nobody hears of it
        self._waiting.clear()

    def read(
        self, done: Callable[[ReturnT], None], work: Callable[..., ReturnT], *arguments: object
    ) -> None:
        """Have short work done; ``done`` gets its result."""
        self._expect(self._workshop.read(work, *arguments), done)

    def ask(
        self,
        done: Callable[[ReturnT], None],
        work: Callable[..., ReturnT],
        *arguments: object,
        progress: Progress | None = None,
    ) -> None:
        """Have long work done; ``done`` gets its result, ``progress`` hears of it before."""
        turn, take = self._turn, done

        def tell(done: int, total: int) -> None:
            if progress:
                self._later(turn, partial(progress, done, total))

        self._expect(self._workshop.ask(work, *arguments, progress=tell), take)

    def _expect(self, future: Future[ReturnT], done: Callable[[ReturnT], None]) -> None:
        turn = self._turn
        self._waiting.append(future)
        future.add_done_callback(lambda each: self._later(turn, partial(self._take, each, done)))

    def _take(self, future: Future[ReturnT], done: Callable[[ReturnT], None]) -> None:
        if future in self._waiting:
            self._waiting.remove(future)
        try:
            result = future.result()
        except CancelledError:
            return
        except Exception as error:  # whatever it is, the page says it in one line and lives
            self._failed(in_one_line(error))
            return
        done(result)

    def _later(self, turn: int, action: Callable[[], None]) -> None:
        """Have the page's loop do something, if it is still wanted then; from any thread."""
        if self._gone:
            return

        def act() -> None:
            if turn == self._turn:
                action()

        self._document.add_next_tick_callback(act)

    def _leave(self, _session: object) -> None:
        self._gone = True
        self.clear()


def in_one_line(error: Exception) -> str:
    """Return what a page says of an error; one that is a defect goes to the log in full."""
    if isinstance(error, InputError | ModelError | ProcessDiedError | SettingsError):
        return " ".join(str(error).split())
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        mend = "make room there" if is_full(error) else "mend that"
        return f"{place}{error.strerror or error}; {mend} and try again"
    logger.error("a page could not do what it was asked for", exc_info=error)
    return f"a defect of graben, please report it: {type(error).__name__}: {error}"
