"""GeoTIFF rasters, one band of them, by rasterio of the extra ``maps``."""

import warnings
from pathlib import Path

import numpy as np

from storage.errors import MapError
from storage.maps.chosen import Reading, needs_extra
from storage.maps.grid import GridMap
from storage.maps.numbers import read_bytes
from storage.maps.placement import placed

MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def read_geotiff(path: Path, reading: Reading) -> GridMap:
    """Read a band of a GeoTIFF: the only one, or the one that is chosen as a layer.

    Raises
    ------
    MapError
        If rasterio is absent, the raster is damaged, lies nowhere, or is in degrees or feet.
    """
    try:
        import rasterio  # an extra, which the other forms do without
        from rasterio.errors import NotGeoreferencedWarning, RasterioError
    except ImportError:
        raise needs_extra(path, "a GeoTIFF", "rasterio") from None
    _, sha256 = read_bytes(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver="GTiff") as raster:
                band = _band(path, raster.count, reading)
                _refuse_other_lengths(path, raster.crs, raster.transform)
                scale, offset = raster.scales[band - 1], raster.offsets[band - 1]
                read = raster.read(band, masked=True)
                transform = raster.transform
    except RasterioError as error:
        reason = str(error).splitlines()[0]
        raise MapError(path, f"the GeoTIFF is damaged ({reason})", "Export it again.") from None
    if not np.issubdtype(read.dtype, np.number) or np.iscomplexobj(read):
        raise MapError(path, f"its values are {read.dtype}", "Export it with real numbers.")
    values = np.ma.filled(read.astype(np.float64), np.nan) * scale + offset
    along, across = (transform.a, transform.d), (transform.b, transform.e)
    return placed(
        path,
        values,
        first=(
            transform.c + (along[0] + across[0]) / 2,
            transform.f + (along[1] + across[1]) / 2,
        ),
        along=along,
        across=across,
        sha256=reading.hashed(sha256),
        form="GeoTIFF",
    )


def _band(path: Path, count: int, reading: Reading) -> int:
    """Return the number of the band to read."""
    if reading.layers is None and count == 1:
        return 1
    bands = reading.numbers(path, count, "bands")
    if reading.layers is None or len(bands) != 1:
        raise MapError(path, f"it has {count} bands", "Choose one: --layers 1.")
    return bands[0] + 1


def _refuse_other_lengths(path: Path, crs: object, transform: object) -> None:
    """Refuse a raster that is not in metres, or does not say how large its cells are."""
    mend = "Write it in metres: gdalwarp -t_srs EPSG:... in.tif out.tif."
    if getattr(transform, "is_identity", False):
        raise MapError(path, "it says neither where it lies nor how large its cells are", mend)
    if not crs:
        return
    if getattr(crs, "is_geographic", False):
        raise MapError(path, "it is in degrees", mend)
    unit = str(getattr(crs, "linear_units", "metre")).lower()
    if unit not in ("metre", "meter", "metres", "meters", "m", "unknown"):
        raise MapError(path, f"it is in {unit}", mend)
