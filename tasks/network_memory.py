"""The memory that one call of a network takes, which decides how large its tiles can be."""

import numpy as np

from tasks.fan_out import Progress
from tasks.memory import peak_memory
from tasks.network import ExportedNetwork, KerasNetwork
from tasks.own_process import in_own_process

BLOCK = (192, 192, 256)
"""Large enough for what a call takes to stand far above what the libraries take."""


def measure_memory(network: KerasNetwork | ExportedNetwork) -> int:
    """Return the peak memory of one call for each sample of its input, bytes.

    In a process of its own, as memory that others have used and freed would serve again, unseen.
    """
    return in_own_process(_memory_of, network)


def _memory_of(network: KerasNetwork | ExportedNetwork, *, progress: Progress) -> int:
    """Return by how much a call raises this process's peak, for each sample."""
    progress(0, 1)
    runtime = network.load()
    runtime.predict(np.zeros((runtime.stride,) * 3, dtype=np.float32))
    before = peak_memory()
    runtime.predict(np.zeros(BLOCK, dtype=np.float32))
    return int(np.ceil((peak_memory() - before) / np.prod(BLOCK)))
