"""Ctrl-C in the process of the tests, which never reaches a later test."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def ctrl_c_after(seconds: float) -> Iterator[threading.Event]:
    """Press Ctrl-C once this time has passed, unless the block has ended; yield whether it was pressed."""
    pressed = threading.Event()

    def press() -> None:
        pressed.set()
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(seconds, press)
    timer.start()
    try:
        yield pressed
    finally:
        with suppress(KeyboardInterrupt):  # of a press as the block ends
            timer.cancel()
            timer.join()
