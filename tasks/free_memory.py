"""Memory that this process may still take: of the machine, or of the part of it that a container gives."""

import psutil
from distributed.system import MEMORY_LIMIT


def free_bytes() -> int:
    """Return how many bytes this process may take beside what it has, as far as others leave them."""
    mine = int(psutil.Process().memory_info().rss)
    return max(0, min(int(psutil.virtual_memory().available), int(MEMORY_LIMIT) - mine))
