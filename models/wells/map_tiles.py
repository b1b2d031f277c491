"""Tiles of a map too large to be looked at whole, and windows of it in four colours.

::

    +---+---+---+---+
    | 2 | 3 | 2 | 3 |    windows of one colour have a window of another between them: what is done in
    +---+---+---+---+    one of them, to wells whose circles lie wholly inside, is unknown to the others
    | 0 | 1 | 0 | 1 |
    +---+---+---+---+
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Shape = tuple[int, int]
Cell = tuple[float, float]
"""Width and height of a cell, metres."""


@dataclass(frozen=True, slots=True)
class MapTile:
    """A rectangle of cells: rows top to bottom, columns left to right, ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def shape(self) -> Shape:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    def widened(self, far: Shape, shape: Shape) -> "MapTile":
        """Return the tile with so many rows and columns around it, as far as the map goes."""
        return MapTile(
            max(0, self.top - far[0]),
            min(shape[0], self.bottom + far[0]),
            max(0, self.left - far[1]),
            min(shape[1], self.right + far[1]),
        )

    def within(self, other: "MapTile") -> tuple[slice, slice]:
        """Return where this tile lies in a larger one."""
        return (
            slice(self.top - other.top, self.bottom - other.top),
            slice(self.left - other.left, self.right - other.left),
        )

    def shared(self, other: "MapTile") -> "MapTile | None":
        """Return what two tiles have in common, None for nothing."""
        top, bottom = max(self.top, other.top), min(self.bottom, other.bottom)
        left, right = max(self.left, other.left), min(self.right, other.right)
        return MapTile(top, bottom, left, right) if top < bottom and left < right else None

    def corners_m(self, cell_m: Cell) -> tuple[Float, Float]:
        """Return lower left and upper right corner x, y, metres."""
        width, height = cell_m
        return (
            np.array([self.left * width, self.top * height]),
            np.array([self.right * width, self.bottom * height]),
        )

    def safe_m(self, far_m: float, cell_m: Cell, shape: Shape) -> tuple[Float, Float]:
        """Return the corners of where circles of a radius lie wholly inside, or reach off the map."""
        low, high = self.corners_m(cell_m)
        inner_low = np.array([self.left > 0, self.top > 0])
        inner_high = np.array([self.right < shape[1], self.bottom < shape[0]])
        return low + far_m * inner_low, high - far_m * inner_high


def tiles_of(shape: Shape, side: int, shift: int = 0) -> list[MapTile]:
    """Return the tiles of a map, row by row; they share no cell and leave none out.

    Parameters
    ----------
    shape
        Rows and columns of the map.
    side
        Of a tile, cells; those at the edges are smaller.
    shift
        Cells by which the lines between tiles lie below and left of multiples of the side.
    """
    rows, columns = (_cuts(count, side, shift) for count in shape)
    return [
        MapTile(top, bottom, left, right)
        for top, bottom in pairwise(rows)
        for left, right in pairwise(columns)
    ]


def colours_of(shape: Shape, side: int, shift: int = 0) -> list[list[MapTile]]:
    """Return the tiles of a map in four groups: two of one group have no side or corner in common."""
    groups: list[list[MapTile]] = [[], [], [], []]
    for tile in tiles_of(shape, side, shift):
        row, column = ((at + shift % side) // side for at in (tile.top, tile.left))
        groups[2 * (row % 2) + column % 2].append(tile)
    return groups


def reach_cells(reach_m: float, cell_m: Cell) -> Shape:
    """Return how many rows and columns of cells a circle may touch beyond that of its centre."""
    return int(np.ceil(reach_m / cell_m[1])) + 1, int(np.ceil(reach_m / cell_m[0])) + 1


def inside(positions_m: Float, low: Float, high: Float) -> NDArray[np.bool_]:
    """Return which positions lie in a closed rectangle, shape (n,)."""
    return np.asarray(((positions_m >= low) & (positions_m <= high)).all(axis=1))


def _cuts(count: int, side: int, shift: int) -> list[int]:
    """Return where the tiles of one axis begin, and where the last one ends."""
    return [0, *range(side - shift % side, count, side), count]
