"""A map in memory that gives itself out a rectangle at a time, for tests."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from models.wells.map_tiles import MapTile
from models.wells.objective import ValueMap


@dataclass(frozen=True)
class InMemory:
    """The map; it travels whole with every job."""

    map_values: NDArray[np.float64]
    cell_m: tuple[float, float] = (50.0, 40.0)

    @property
    def shape(self) -> tuple[int, int]:
        return self.map_values.shape[0], self.map_values.shape[1]

    def values(self, tile: MapTile) -> NDArray[np.float64]:
        return self.map_values[tile.top : tile.bottom, tile.left : tile.right].copy()

    @property
    def whole(self) -> ValueMap:
        return ValueMap(self.map_values, *self.cell_m)


def hilly(shape: tuple[int, int], seed: int, smooth: float = 8.0) -> InMemory:
    """Return a map of hills, as float32 holds it."""
    field = gaussian_filter(np.random.default_rng(seed).standard_normal(shape), smooth)
    return InMemory(np.exp(field / field.std()).astype(np.float32).astype(np.float64))
