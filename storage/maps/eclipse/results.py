"""Eclipse results: .INIT and .EGRID, binary or formatted, by resfo of the extra ``maps``."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError
from storage.maps.chosen import needs_extra

FIRST = (b"INTEHEAD", b"FILEHEAD", b"SEQNUM  ")
_FORMATTED = re.compile(rb"\s*'(INTEHEAD|FILEHEAD|SEQNUM  )'\s+\d+\s+'")


def is_results(head: bytes) -> bool:
    """Tell whether a file begins as Eclipse results do."""
    binary = head[:4] == b"\0\0\0\x10" and head[4:12] in FIRST
    return binary or _FORMATTED.match(head) is not None


def read_results(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a result file by their names; of those named twice the first.

    Raises
    ------
    MapError
        If resfo is absent, or the file is damaged.
    """
    try:
        import resfo  # an extra, which the other forms do without
    except ImportError:
        raise needs_extra(path, "Eclipse results", "resfo") from None
    arrays: dict[str, NDArray[Any]] = {}
    try:
        for entry in resfo.lazy_read(path):
            name = str(entry.read_keyword()).strip()
            if name not in arrays:
                array = entry.read_array()
                arrays[name] = array if isinstance(array, np.ndarray) else np.empty(0)
    except (resfo.ResfoParsingError, OSError, ValueError, IndexError, EOFError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise MapError(path, f"the file is damaged ({reason})", "Copy it again.") from None
    return arrays
