"""Shadow prices of a map beyond memory: a file a tile while a bound is under way, then a kept map."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.wells.frame import MapFrame
from models.wells.map_tiles import Cell, MapTile, Shape
from storage.errors import OutputError
from storage.locations import whole_file
from storage.map_store import (
    create_map_store,
    finish_map_store,
    missing_chunks,
    part_of_store,
    write_part,
)
from storage.maps.grid import GridMap
from storage.maps.spread import Spread

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]

PRICE = "what a well is credited for ground, per square metre and period"

MAP = "map.zarr"
SEARCHED, LOWERED = "searched", "lowered"
"""The map of prices that is made; prices as they were found, and as they were lowered: files begin so."""


@dataclass(frozen=True, slots=True)
class PriceFiles:
    """Prices of the tiles where they are not the value, a file each.

    Attributes
    ----------
    folder
        Where they lie, for all workers.
    shape, side
        Rows and columns of the map, side of a tile, cells.
    """

    folder: Path
    shape: Shape
    side: int

    def begin_map(self, cell_m: Cell) -> None:
        """Lay out the map of the prices that prove a bound, unless a run before did."""
        path = self.folder / MAP
        if not path.exists():
            part, chunks = part_of_store(path), (self.side, self.side)
            create_map_store(part, self.shape, cell_m, "float32", chunks=chunks, what=PRICE)
            part.replace(path)

    def keep(self, tile: MapTile, prices: Float32) -> None:
        """Write the prices of a tile into the map, whole or not at all."""
        write_part(self.folder / MAP, tile.top, tile.left, prices)

    def write(self, stage: str, tile: MapTile, prices: Float32) -> None:
        """Write the prices of a tile, whole or not at all."""
        with whole_file(self._path(stage, tile)) as part, part.open("wb") as file:
            np.save(file, prices)

    def on(self, stage: str, wide: MapTile, values: Float) -> Float32:
        """Return the prices of a rectangle: the values, where no tile has others; never above them."""
        prices = values.astype(np.float32)
        for tile in self._around(wide):
            path, both = self._path(stage, tile), tile.shared(wide)
            if both is not None and path.exists():
                prices[both.within(wide)] = np.load(path, mmap_mode="r")[both.within(tile)]
        # float32 may lie above the value; prices must not, and none is no number.
        over = ~(prices <= values)
        prices[over] = np.nextafter(values[over].astype(np.float32), np.float32(0))
        return np.maximum(prices, np.float32(0))

    def _around(self, wide: MapTile) -> Iterator[MapTile]:
        first_row, first_column = wide.top // self.side, wide.left // self.side
        for row in range(first_row, -(-wide.bottom // self.side)):
            for column in range(first_column, -(-wide.right // self.side)):
                top, left = row * self.side, column * self.side
                yield MapTile(
                    top,
                    min(top + self.side, self.shape[0]),
                    left,
                    min(left + self.side, self.shape[1]),
                )

    def _path(self, stage: str, tile: MapTile) -> Path:
        return self.folder / f"{stage}-{tile.top}-{tile.left}.npy"


def keep_price_map(
    path: Path, folder: Path, proves: str, cell_m: Cell, frame: MapFrame | None, dearest: float
) -> None:
    """Give the map of the prices that prove a bound its place, as ``graben ingest-map`` keeps maps.

    Parameters
    ----------
    path
        The store; where there is one, the run was stopped after this, and it stays.
    folder
        Of the `PriceFiles`.
    proves
        What was asked, in any words that tell it from other runs.
    cell_m, frame
        Width and height of a cell, metres, and where the map lies; None: nobody knows.
    dearest
        The highest price.

    Raises
    ------
    OutputError
        If somebody has removed prices meanwhile.
    """
    if path.exists():
        return
    if missing := missing_chunks(folder / MAP):
        raise OutputError(
            path, f"the prices of {missing} tiles are gone", "Start anew with --overwrite."
        )
    grid = GridMap(
        "SHADOW PRICE",
        np.empty((0, 0)),
        *cell_m,
        without_value=0,
        sha256=hashlib.sha256(proves.encode()).hexdigest(),
        corner=None if frame is None else (frame.origin_x, frame.origin_y),
        azimuth_deg=0.0 if frame is None else frame.azimuth_deg,
        form="shadow prices",
    )
    finish_map_store(folder / MAP, path, {**grid.facts(), **Spread(most=dearest).facts()})
