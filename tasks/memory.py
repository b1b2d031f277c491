"""The memory of this process, now and at most, as the system counts it."""

import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def used_memory() -> int:
    """Return the bytes that this process holds in memory now, where Linux tells; else the most ever."""
    return _from_status("VmRSS") or peak_memory()


def peak_memory() -> int:
    """Return the most bytes that this process ever held in memory."""
    # Where the system keeps it apart, not ru_maxrss, which begins with the parent's memory.
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return _from_status("VmHWM") or (most if sys.platform == "darwin" else most * 1024)


def _from_status(name: str) -> int:
    """Return an entry of the process's status, bytes; 0 where there is none."""
    if not STATUS.exists():
        return 0
    lines = STATUS.read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)
