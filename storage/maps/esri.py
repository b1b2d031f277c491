"""ESRI ASCII grids: a head of words with a number each, then rows from north to south."""

from pathlib import Path

from storage.errors import MapError
from storage.maps.grid import GridMap
from storage.maps.numbers import null_value, number, numbers_in, read_bytes, size
from storage.maps.placement import placed, without


def read_esri(path: Path) -> GridMap:
    """Read an ESRI ASCII grid; ``dx`` and ``dy`` are taken as GDAL writes them.

    Raises
    ------
    MapError
        What of it is wrong.

    References
    ----------
    https://desktop.arcgis.com/en/arcmap/latest/manage-data/raster-and-images/esri-ascii-raster-format.htm
    https://gdal.org/en/stable/drivers/raster/aaigrid.html
    """
    content, sha256 = read_bytes(path)
    head, start = _head(content)
    columns = size(path, head.get("ncols"), "ncols")
    rows = size(path, head.get("nrows"), "nrows")
    square = head.get("cellsize")
    width = number(path, head.get("dx", square), "cellsize")
    height = number(path, head.get("dy", square), "cellsize")
    first = []
    for axis, step in (("x", width), ("y", height)):
        centre = head.get(f"{axis}llcenter")
        place = number(path, centre or head.get(f"{axis}llcorner"), f"{axis}llcorner")
        first.append(place if centre else place + step / 2)
    if width <= 0 or height <= 0:
        raise MapError(path, f"its cells measure {width:g} x {height:g} m", "Export it again.")
    values = numbers_in(path, content, start, rows * columns).reshape(rows, columns)
    return placed(
        path,
        without(values, null_value(path, head.get("nodata_value", b"-9999"))),
        first=(first[0], first[1] + (rows - 1) * height),
        along=(width, 0.0),
        across=(0.0, -height),
        sha256=sha256,
        form="ESRI ASCII",
    )


def _head(content: bytes) -> tuple[dict[str, bytes], int]:
    """Return the words of the head with their numbers, and where values begin."""
    head: dict[str, bytes] = {}
    at = 0
    while at < len(content):
        stop = content.find(b"\n", at)
        end = len(content) if stop < 0 else stop + 1
        words = content[at:end].removeprefix(b"\xef\xbb\xbf").split()
        if words and (not words[0][:1].isalpha() or words[0].lower() == b"nan"):
            break
        if len(words) == 2:
            head[words[0].lower().decode("ascii", "replace")] = words[1]
        at = end
    return head, at
