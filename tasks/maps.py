"""What a search is asked: a reservoir map, read once in every process, and the wells to place on it."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from models.wells.frame import MapFrame
from models.wells.objective import Drainage, ValueMap
from storage.errors import InputError, MapError
from storage.map_store import is_map_store, read_map_store
from storage.maps.chosen import PLAIN, Reading
from storage.maps.formats import ECLIPSE, TEXT, form_of, read_any
from storage.maps.grid import UNNAMED, say_map
from storage.tables import read_radii
from tasks.keep_map import keep_map, kept_in
from tasks.map_extent import MapExtent

POROSITY = Reading(keyword="PORO")
"""How growth is read from Eclipse files: their porosity, a mean over all layers."""


@dataclass(frozen=True, slots=True)
class ReservoirMap:
    """A map with where it came from.

    Attributes
    ----------
    value_map
        What there is to collect.
    kind
        What the values are, such as ``OIL`` or ``PORO``.
    without_value
        Number of cells without a value, which hold 0.
    sha256
        Of the file and of what was chosen from it, hexadecimal.
    frame
        Where the map lies in CDP X/Y, as the file says; None where it does not.
    form
        What the file is, for people.
    below_zero
        Number of cells that held a little less than 0 and hold 0.
    """

    value_map: ValueMap
    kind: str
    without_value: int
    sha256: str
    frame: MapFrame | None = None
    form: str = ""
    below_zero: int = 0

    def placed(
        self, origin: tuple[float, float] | None, azimuth_deg: float | None
    ) -> MapFrame | None:
        """Return where the map lies: as it is given, and for the rest as the file says."""
        own = self.frame
        if own is None:
            return None if origin is None else MapFrame(*origin, azimuth_deg or 0.0)
        x, y = origin or (own.origin_x, own.origin_y)
        return MapFrame(x, y, own.azimuth_deg if azimuth_deg is None else azimuth_deg)


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
    reading
        How the file is read.
    """

    path: Path
    reservoir: ReservoirMap
    drainage: Drainage
    frame: MapFrame | None
    reading: Reading = PLAIN

    @property
    def extent(self) -> MapExtent:
        """Size and place of the map."""
        value_map = self.reservoir.value_map
        return MapExtent(self.path, value_map.width_m, value_map.height_m, self.frame)

    @property
    def growth(self) -> float | list[float]:
        """Growth of the wells, metres: one number where they are alike."""
        each: list[float] = self.drainage.growth_of.tolist()
        return each[0] if len(set(each)) == 1 else each

    def facts(self) -> dict[str, Any]:
        """Return what decides the plan, as plain values."""
        frame, cells = self.frame, self.reservoir.value_map
        return {
            "map_sha256": self.reservoir.sha256,
            # One and the same file has other cells where its units are read otherwise.
            "map_cell": [cells.cell_width_m, cells.cell_height_m],
            "radii": self.drainage.radii_m.tolist(),
            "periods": self.drainage.periods,
            "growth": self.growth,
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
    azimuth_deg: float | None,
    reading: Reading = PLAIN,
) -> Assignment:
    """Read what the wells are placed on and how far they reach.

    Parameters
    ----------
    path
        The map.
    radii
        One first radius for all, metres, or a file of one for each, with growths of their own or without.
    wells
        Number of wells; None: as many as there are radii.
    periods
        Number of periods.
    growth
        What radii gain after each period, metres, or a PORO map whose mean it is, unless they say so
        themselves.
    origin, azimuth_deg
        As in `models.wells.frame`; None: as the file of the map says.
    reading
        How the file is read.

    Raises
    ------
    MapError
        If a map cannot be read.
    InputError
        If the radii cannot be read or are not as many as the wells.
    """
    if reading.rows != "south" and isinstance(growth, Path) and form_of(growth) == TEXT:
        reading = replace(reading, rows_of_growth=True)
    reservoir = reservoir_map(path, reading)
    growth_m = mean_value(growth, reading) if isinstance(growth, Path) else growth
    if isinstance(radii, Path):
        each, growths = read_radii(radii)
        if wells is not None and wells != len(each):
            raise InputError(
                radii,
                f"it has {len(each)} radii for {wells} wells",
                "Give one radius for each well.",
            )
        grown = np.array([growth_m if own is None else own for own in growths])
    else:
        each, grown = [radii] * (wells or 1), np.array(growth_m)
    frame = reservoir.placed(origin, azimuth_deg)
    return Assignment(path, reservoir, Drainage(np.array(each), periods, grown), frame, reading)


def reservoir_map(
    path: Path, reading: Reading = PLAIN, *, sha256: str | None = None
) -> ReservoirMap:
    """Return a map, from memory if this process has read it before.

    Parameters
    ----------
    path
        The file, of any form, or a store of a map.
    reading
        What of the file is asked for, and where it is kept.
    sha256
        What the file must be, for workers that read it later than the driver.

    Raises
    ------
    MapError
        If it cannot be read, or is another than it was.
    """
    try:
        stamp = (path / "zarr.json" if is_map_store(path) else path).stat()
    except OSError as error:
        reason = error.strerror or str(error)
        raise MapError(path, reason, "Name a map file that can be read.") from None
    if reading.rows_of_growth:
        rows = reading.rows if form_of(path) == TEXT else "south"
        reading = replace(reading, rows=rows, rows_of_growth=False)
    found = _read(path.absolute(), reading, stamp.st_size, stamp.st_mtime_ns)
    if sha256 is not None and found.sha256 != sha256:
        raise MapError(path, "it changed during the run", "Start again with --overwrite.")
    return found


def described(path: Path, reading: Reading = PLAIN) -> str:
    """Say what a map is: its form, size and place."""
    found = reservoir_map(path, reading)
    grid, frame = found.value_map, found.frame
    return say_map(
        found.form,
        grid.values.shape,
        (grid.cell_width_m, grid.cell_height_m),
        None if frame is None else (frame.origin_x, frame.origin_y),
        0.0 if frame is None else frame.azimuth_deg,
    )


def map_of_growth(path: Path, reading: Reading, *, sha256: str | None = None) -> ReservoirMap:
    """Return the map of growth that belongs to a map.

    Parameters
    ----------
    path
        The file.
    reading
        How the map itself is read: rows of text begin on the side that is asked for, whatever form the map
        itself has.
    sha256
        As in `reservoir_map`.

    Raises
    ------
    MapError
        As `reservoir_map`.
    """
    form = form_of(path)
    own = POROSITY if form == ECLIPSE else PLAIN
    if form == TEXT:
        own = Reading(rows=reading.rows)
    return reservoir_map(path, own, sha256=sha256)


def mean_value(path: Path, reading: Reading = PLAIN) -> float:
    """Return the mean of the cells that have a value: the growth, for a PORO map.

    Raises
    ------
    MapError
        If the map cannot be read or is not of porosity.
    """
    found = map_of_growth(path, reading)
    if found.kind not in ("PORO", UNNAMED):
        raise MapError(
            path,
            f"it is a map of {found.kind}",
            "The growth is a number, or the mean of a PORO map.",
        )
    values = found.value_map.values
    return float(values.sum() / (values.size - found.without_value))


@lru_cache(maxsize=2)
def _read(path: Path, reading: Reading, _size: int, _modified_ns: int) -> ReservoirMap:
    """Read a map; a file of another size or time is another map."""
    if reading.cache is not None and not is_map_store(path):
        store = kept_in(reading.cache, path, reading)
        keep_map(path, store, reading)
        grid = read_map_store(store)
    else:
        grid = read_any(path, reading)
    grid = grid.checked(path)
    return ReservoirMap(
        ValueMap(grid.values, grid.cell_width_m, grid.cell_height_m),
        grid.kind,
        grid.without_value,
        grid.sha256,
        None if grid.corner is None else MapFrame(*grid.corner, grid.azimuth_deg),
        grid.form,
        grid.below_zero,
    )
