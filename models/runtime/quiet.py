"""TensorFlow's first import, without its chatter and with its fast kernels.

It writes lines to the process's standard error before any of its log settings apply, in every worker;
they mean nothing to a user. Errors are not lost: they come as exceptions.

oneDNN's convolutions are in use wherever TensorFlow has them. By itself it takes them only on processors with
AVX-512 VNNI; on others a training step took 3.5 times as long without them.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_start() -> Iterator[None]:
    """Send what is written to file descriptor 2 nowhere while a library is imported."""
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # TensorFlow reads it once, when imported
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
