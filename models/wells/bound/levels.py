"""Shadow prices from coarse to fine: first on larger cells, where an iteration costs little.

Prices change over distances like a radius, so cells of an eighth of one show them nearly as well as
finer ones. What part of the value they are there is carried over to the map's own cells, and the
iteration goes on from that. Any prices give a bound: only its sharpness hangs on how well this goes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.wells.bound.patches import Mask
from models.wells.bound.prices import PriceSearch
from models.wells.objective import Drainage, ValueMap

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]

RADIUS_CELLS = 8
"""Larger cells are so many times in the smallest radius."""

COARSE_ITERATIONS = 300
"""Iterations on the larger cells."""

FEWEST_CELLS = 16
"""The map has no fewer of the larger cells along an axis."""


class PriceLevels:
    """A search for prices on larger cells, then on those of the map, with the methods of `PriceSearch`.

    Parameters
    ----------
    value_map, drainage, possible, costs, worst, weight
        As of `PriceSearch`.
    """

    def __init__(
        self,
        value_map: ValueMap,
        drainage: Drainage,
        possible: Mask | None = None,
        costs: Float | None = None,
        worst: Float | None = None,
        weight: float | None = None,
    ) -> None:
        self._fine = PriceSearch(value_map, drainage, possible, costs, worst, weight)
        self._coarse: _LargerCells | None = None
        self._made = 0
        times = _times_larger(value_map, drainage)
        if max(times) > 1:
            larger = coarsened(value_map, times)
            allowed = possible
            if possible is not None:
                allowed = np.asarray(_blocks(possible, times).any(axis=(1, 3)))
            # The norm of the prices under one well goes by the root of the number of cells there.
            scaled = None if weight is None else weight / float(np.sqrt(np.prod(times)))
            search = PriceSearch(larger, drainage, allowed, costs, worst, scaled)
            self._coarse = _LargerCells(search, larger.values, times)

    @property
    def iterations(self) -> int:
        """Iterations made, on cells of any size."""
        return self._made + self._fine.iterations

    @property
    def ahead(self) -> int:
        """Iterations that are left to make on larger cells."""
        return 0 if self._coarse is None else COARSE_ITERATIONS - self._coarse.search.iterations

    @property
    def cells(self) -> int:
        """Number of the map's cells whose prices are sought."""
        return self._fine.cells

    def run(self, iterations: int) -> None:
        """Make so many iterations, on larger cells while there are any to make there."""
        coarse = self._coarse
        if coarse is not None:
            there = min(iterations, self.ahead)
            coarse.search.run(there)
            self._made, iterations = self._made + there, iterations - there
            if not self.ahead:
                values = self._fine.values
                self._fine.look_wider(coarse.search.least)
                self._fine.begin(coarse.prices_on(values), coarse.wells_on(values.shape))
                self._coarse = None
        self._fine.run(iterations)

    def prices(self) -> list[Float32]:
        """Return the prices to try, the shape of the map, 0 <= prices <= value."""
        if self._coarse is not None:
            return [self._coarse.prices_on(self._fine.values)]
        return self._fine.prices()

    def highest(self, prices: Float32) -> float:
        """Return about what the bound would be, as `PriceSearch.highest` does."""
        return self._fine.highest(prices)


@dataclass(frozen=True, slots=True)
class _LargerCells:
    """A search on larger cells, their values, and how many of the map's cells one is long."""

    search: PriceSearch
    values: Float
    times: tuple[int, int]

    def prices_on(self, values: Float32) -> Float32:
        """Return the best prices on the map's own cells: the same parts of its values."""
        best = min(self.search.prices(), key=self.search.highest)
        parts = np.divide(best, self.values, out=np.ones(best.shape), where=self.values > 0)
        return np.asarray(np.minimum(finer(parts, self.times, values.shape) * values, values))

    def wells_on(self, shape: tuple[int, ...]) -> list[Float32]:
        """Return as many wells of each class on the map's own cells."""
        many = np.float32(np.prod(self.times))
        return [finer(one, self.times, shape) / many for one in self.search.wells()]


def coarsened(value_map: ValueMap, times: tuple[int, int]) -> ValueMap:
    """Return a map of cells so many times larger along rows and columns, with as much value in all."""
    rows, columns = times
    return ValueMap(
        _blocks(value_map.values, times).mean(axis=(1, 3)),
        value_map.cell_width_m * columns,
        value_map.cell_height_m * rows,
        value_map.existing,
    )


def finer(field: NDArray[np.floating], times: tuple[int, int], shape: tuple[int, ...]) -> Float32:
    """Return a field on larger cells at the centres of smaller ones, straight between its own centres.

    Parameters
    ----------
    field
        On larger cells.
    times
        How many smaller cells one is long along rows and columns.
    shape
        Of what is returned: the last larger cells may hang over.
    """
    found = field.astype(np.float32)
    for axis, (many, side) in enumerate(zip(times, shape, strict=True)):
        place = np.clip((np.arange(side) + 0.5) / many - 0.5, 0, found.shape[axis] - 1)
        low = place.astype(np.intp)
        high = np.minimum(low + 1, found.shape[axis] - 1)
        part = (place - low).astype(np.float32)
        part = part[:, None] if axis == 0 else part
        found = found.take(low, axis) * (1 - part) + found.take(high, axis) * part
    return found


def _times_larger(value_map: ValueMap, drainage: Drainage) -> tuple[int, int]:
    """Return how many cells one of the larger ones is long along rows and columns."""
    least = float(drainage.profiles_m.max(axis=1).min())
    sides = value_map.cell_height_m, value_map.cell_width_m
    rows, columns = (
        max(1, min(int(least / RADIUS_CELLS / side), many // FEWEST_CELLS))
        for side, many in zip(sides, value_map.values.shape, strict=True)
    )
    return rows, columns


def _blocks(field: NDArray[Any], times: tuple[int, int]) -> NDArray[Any]:
    """Return a field in blocks, shape (block rows, rows, block columns, columns), zeros beyond its end."""
    missing = [(0, -side % many) for side, many in zip(field.shape, times, strict=True)]
    padded = np.pad(field, missing)
    (rows, columns), (down, across) = padded.shape, times
    return padded.reshape(rows // down, down, columns // across, across)
