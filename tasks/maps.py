"""What a search is asked: a reservoir map, read once in every process, and the wells to place on it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from models.wells.frame import MapFrame
from models.wells.objective import Drainage, ValueMap
from storage.errors import InputError, MapError
from storage.maps.grid import GridMap
from storage.maps.text import read_map
from storage.tables import read_radii


@dataclass(frozen=True, slots=True)
class ReservoirMap:
    """A map with where it came from.

    Attributes
    ----------
    value_map
        What there is to collect.
    kind
        ``OIL`` or ``PORO``.
    without_value
        Number of cells without a value, which hold 0.
    sha256
        Of the file, hexadecimal.
    """

    value_map: ValueMap
    kind: str
    without_value: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Wells to place on a map.

    Attributes
    ----------
    path, reservoir
        The map.
    drainage
        First radii, periods, growth.
    frame
        Where the map lies in CDP X/Y; None where that is not known.
    """

    path: Path
    reservoir: ReservoirMap
    drainage: Drainage
    frame: MapFrame | None

    def facts(self) -> dict[str, Any]:
        """Return what decides the plan, as plain values."""
        frame = self.frame
        return {
            "map_sha256": self.reservoir.sha256,
            "radii": self.drainage.radii_m.tolist(),
            "periods": self.drainage.periods,
            "growth": self.drainage.growth_m,
            "map_origin": [frame.origin_x, frame.origin_y] if frame else None,
            "map_azimuth": frame.azimuth_deg if frame else None,
        }


def assign(
    path: Path,
    radii: Path | float,
    *,
    wells: int | None,
    periods: int,
    growth: Path | float,
    origin: tuple[float, float] | None,
    azimuth_deg: float,
) -> Assignment:
    """Read what the wells are placed on and how far they reach.

    Parameters
    ----------
    path
        The map.
    radii
        One first radius for all, metres, or a file of one for each.
    wells
        Number of wells; None: as many as there are radii.
    periods
        Number of periods.
    growth
        What radii gain after each period, metres, or a PORO map whose mean it is.
    origin, azimuth_deg
        As in `models.wells.frame`; without an origin the map lies nowhere.

    Raises
    ------
    MapError
        If a map cannot be read.
    InputError
        If the radii cannot be read or are not as many as the wells.
    """
    reservoir = reservoir_map(path)
    if isinstance(radii, Path):
        each = read_radii(radii)
        if wells is not None and wells != len(each):
            raise InputError(
                radii,
                f"it has {len(each)} radii for {wells} wells",
                "Give one radius for each well.",
            )
    else:
        each = [radii] * (wells or 1)
    growth_m = mean_value(growth) if isinstance(growth, Path) else growth
    frame = MapFrame(*origin, azimuth_deg) if origin else None
    return Assignment(path, reservoir, Drainage(np.array(each), periods, growth_m), frame)


def reservoir_map(path: Path, *, sha256: str | None = None) -> ReservoirMap:
    """Return a map, from memory if this process has read it before.

    Parameters
    ----------
    path
        The file.
    sha256
        What the file must be, for workers that read it later than the driver.

    Raises
    ------
    MapError
        If it cannot be read, or is another than it was.
    """
    try:
        stamp = path.stat()
    except OSError as error:
        reason = error.strerror or str(error)
        raise MapError(path, reason, "Name a map file that can be read.") from None
    found = _read(path.absolute(), stamp.st_size, stamp.st_mtime_ns)
    if sha256 is not None and found.sha256 != sha256:
        raise MapError(path, "it changed during the run", "Start again with --overwrite.")
    return found


def mean_value(path: Path) -> float:
    """Return the mean of the cells that have a value: the growth, for a PORO map.

    Raises
    ------
    MapError
        If the map cannot be read or is not of porosity.
    """
    text = read_map(path)
    if text.kind != "PORO":
        raise MapError(
            path,
            f"it is a map of {text.kind}",
            "The growth is a number, or the mean of a PORO map.",
        )
    return float(text.values.sum() / (text.values.size - text.without_value))


@lru_cache(maxsize=2)
def _read(path: Path, _size: int, _modified_ns: int) -> ReservoirMap:
    """Read a map; a file of another size or time is another map."""
    text: GridMap = read_map(path)
    values = ValueMap(np.asarray(text.values), text.cell_width_m, text.cell_height_m)
    return ReservoirMap(values, text.kind, text.without_value, text.sha256)
