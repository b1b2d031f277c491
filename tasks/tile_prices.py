"""Shadow prices of a map beyond memory: a file a tile, beside the results while a bound is under way."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.wells.map_tiles import MapTile
from storage.locations import whole_file

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]

SEARCHED, LOWERED = "searched", "lowered"
"""Prices as they were found, and as they were lowered: names of files begin so."""


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
    shape: tuple[int, int]
    side: int

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
