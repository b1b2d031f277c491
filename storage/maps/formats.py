"""Which form a map file has, told by its content, and its reader."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from storage.errors import MapError
from storage.files import open_file
from storage.map_store import is_map_store, read_map_store
from storage.maps.chosen import PLAIN, Reading
from storage.maps.cps3 import read_cps3
from storage.maps.eclipse.read import read_eclipse
from storage.maps.eclipse.results import is_results
from storage.maps.esri import read_esri
from storage.maps.geotiff import MARKS, read_geotiff
from storage.maps.grid import GridMap
from storage.maps.irap import BINARY_MARK, MARK, read_irap_binary, read_irap_text
from storage.maps.text import read_text
from storage.maps.zmap import read_zmap

TEXT, STORE, ECLIPSE = "OIL/PORO text", "kept map", "Eclipse"
LOOK_BYTES = 1 << 16
_WORD = re.compile(
    rb"\s*(?:--[^\n]*\n\s*)*([A-Za-z][A-Za-z0-9_+-]{1,7})[ \t]*(?:--[^\n]*)?\r?$", re.M
)


def read_any(path: Path, reading: Reading = PLAIN) -> GridMap:
    """Read a map of any form.

    Parameters
    ----------
    path
        The file.
    reading
        What of it is asked for.

    Returns
    -------
    GridMap
        With NaN where there is no value: see `GridMap.checked`.

    Raises
    ------
    MapError
        If the file cannot be read as a map: what is wrong and how to mend it.
    """
    form = form_of(path)
    if form == TEXT:
        reading.refuse_choice(path, form)
        return _in_order(read_text(path), reading)
    reading.refuse_rows(path, form)
    if form == ECLIPSE:
        return read_eclipse(path, reading)
    if form == "GeoTIFF":
        return read_geotiff(path, reading)
    reading.refuse_choice(path, form)
    readers = {
        "IRAP binary": read_irap_binary,
        "IRAP text": read_irap_text,
        "ZMAP+": read_zmap,
        "CPS-3": read_cps3,
        "ESRI ASCII": read_esri,
        STORE: read_map_store,
    }
    return readers[form](path)


def _in_order(found: GridMap, reading: Reading) -> GridMap:
    """Return a text map with its first row in the south."""
    if reading.rows == "south":
        return found
    values = np.ascontiguousarray(found.values[::-1])
    return replace(found, values=values, sha256=reading.hashed(found.sha256))


def form_of(path: Path) -> str:
    """Return the form of a map file: one that `read_any` names, or `TEXT`.

    Raises
    ------
    MapError
        If the file cannot be read.
    """
    if is_map_store(path):
        return STORE
    head, tail = _ends(path)
    return _binary_form(head) or _text_form(head.removeprefix(b"\xef\xbb\xbf").lstrip(), tail)


def _binary_form(head: bytes) -> str | None:
    """Return the form of a file that begins with a mark of its own."""
    if head.startswith(BINARY_MARK):
        return "IRAP binary"
    if head.startswith(MARKS):
        return "GeoTIFF"
    return ECLIPSE if is_results(head) else None


def _text_form(text: bytes, tail: bytes) -> str:
    """Return the form of a text file, by its first word that is no remark."""
    first = text.split(None, 1)[0].upper() if text else b""
    if first == MARK:
        return "IRAP text"
    if first in (b"NCOLS", b"NROWS"):
        return "ESRI ASCII"
    lines = [line.strip() for line in text.splitlines() if line.strip()[:1] not in (b"!", b"")]
    if lines and lines[0][:6].upper() == b"FSASCI":
        return "CPS-3"
    if lines and lines[0].startswith(b"@") and b"GRID" in lines[0].upper():
        return "ZMAP+"
    # A slash ends every keyword of Eclipse's, PORO among them; OIL/PORO text has none.
    if _WORD.match(text) and (b"/" in text or b"/" in tail):
        return ECLIPSE
    return TEXT


def _ends(path: Path) -> tuple[bytes, bytes]:
    """Return some bytes of both ends of a file."""
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a directory")
        file = open_file(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise MapError(path, reason, "Name a map file that can be read.") from None
    try:
        return file.read(0, LOOK_BYTES), file.read(max(0, file.size - LOOK_BYTES), LOOK_BYTES)
    finally:
        file.close()
