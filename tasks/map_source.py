"""A map that is read a rectangle at a time, by whoever needs it, and never whole."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.wells.frame import MapFrame
from models.wells.map_tiles import Cell, MapTile, Shape
from models.wells.objective import ValueMap
from storage.errors import MapError
from storage.map_store import is_map_store, map_attributes, read_map_part, shape_of_map_store
from storage.maps.spread import spread_in

Float = NDArray[np.float64]

AGAIN = "Make it again with graben ingest-map."


class MapSource(Protocol):
    """A map of any size; small enough to travel with every job."""

    @property
    def shape(self) -> Shape:
        """Rows and columns."""

    @property
    def cell_m(self) -> Cell:
        """Width and height of a cell, metres."""

    def values(self, tile: MapTile) -> Float:
        """Return the values of a rectangle, finite, not negative."""


@dataclass(frozen=True, slots=True)
class StoredMap:
    """A map that ``graben ingest-map`` keeps as Zarr.

    Attributes
    ----------
    path, sha256
        The store, and the hash of the file that it was made from.
    shape, cell_m
        Rows and columns, width and height of a cell in metres.
    without_value, below_zero
        Number of cells without a value, and of those a little below 0: both count as 0.
    """

    path: Path
    sha256: str
    shape: Shape
    cell_m: Cell
    without_value: int
    below_zero: int

    def values(self, tile: MapTile) -> Float:
        """Return the values of a rectangle, 0 where there is none or one a little below 0.

        Raises
        ------
        MapError
            If the store changed during the run.
        """
        if map_attributes(self.path).get("sha256") != self.sha256:
            raise MapError(self.path, "it changed during the run", "Start again with --overwrite.")
        found = read_map_part(
            self.path, slice(tile.top, tile.bottom), slice(tile.left, tile.right)
        )
        # The larger of two numbers; of NaN and a number the number.
        return np.asarray(np.fmax(found, 0.0))


def stored_map(path: Path) -> StoredMap:
    """Return a kept map, none of its values read.

    Raises
    ------
    MapError
        If there is no complete one, or its values are no map to place wells on.
    """
    facts = _facts(path)
    spread = spread_in(facts)
    if spread is None:
        raise MapError(
            path,
            "it was kept before graben noted the range of values",
            f"{AGAIN[:-1]} --overwrite.",
        )
    spread.refuse(path)
    shape = shape_of_map_store(path)
    cell = float(facts["cell_width_m"]), float(facts["cell_height_m"])
    return StoredMap(
        path.absolute(),
        str(facts["sha256"]),
        (shape[0], shape[1]),
        cell,
        spread.without_value,
        spread.below_zero,
    )


def stored_frame(path: Path) -> MapFrame | None:
    """Return where a kept map lies in CDP X/Y, as its file said; None where it did not."""
    facts = _facts(path)
    corner = facts["corner"]
    if corner is None:
        return None
    return MapFrame(float(corner[0]), float(corner[1]), float(facts["azimuth_deg"]))


def cells_of_store(path: Path) -> int:
    """Return the number of cells of a kept map; 0 where there is none."""
    if not map_attributes(path).get("complete"):
        return 0
    return int(np.prod(shape_of_map_store(path)))


def part_of(source: MapSource, tile: MapTile) -> ValueMap:
    """Return a rectangle of a map as a map, which begins at the corner of its first cell."""
    return ValueMap(source.values(tile), *source.cell_m)


def _facts(path: Path) -> dict[str, Any]:
    if not is_map_store(path):
        raise MapError(path, "it is no kept map", "Keep it as Zarr with graben ingest-map first.")
    facts = map_attributes(path)
    if not facts.get("complete"):
        raise MapError(path, "the map is incomplete", AGAIN)
    return facts
