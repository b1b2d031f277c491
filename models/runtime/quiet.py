"""TensorFlow's first import, without its chatter.

It writes lines to the process's standard error before any of its log settings apply, in every worker;
they mean nothing to a user. Errors are not lost: they come as exceptions.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_start() -> Iterator[None]:
    """Send what is written to file descriptor 2 nowhere while a library is imported."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
