"""Boxes that cover the map, each within a cell, and which of them a well may stand in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.wells.constraints import Ground
from models.wells.objective import ValueMap

Float = NDArray[np.float64]
Int = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Boxes within cells: row and column of the cell, place within it from 0 to part - 1."""

    rows: Int
    columns: Int
    up: Int
    across: Int
    part: int

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> "Boxes":
        """Return some of them."""
        rows, columns = self.rows[chosen], self.columns[chosen]
        return Boxes(rows, columns, self.up[chosen], self.across[chosen], self.part)

    def quartered(self) -> "Boxes":
        """Return the four quarters of each."""
        four = np.arange(4, dtype=np.int32).repeat(self.rows.size)
        rows, columns, up, across = (
            np.tile(field, 4) for field in (self.rows, self.columns, self.up, self.across)
        )
        return Boxes(rows, columns, 2 * up + four // 2, 2 * across + four % 2, 2 * self.part)

    def centres(self, value_map: ValueMap) -> Float:
        """Return x, y of their centres, metres."""
        x = (self.columns + (self.across + 0.5) / self.part) * value_map.cell_width_m
        y = (self.rows + (self.up + 0.5) / self.part) * value_map.cell_height_m
        return np.column_stack([x, y])


@dataclass(frozen=True, slots=True)
class Where:
    """Where wells may stand, by the cells of the map.

    Clearance falls by no more than one goes: what it is in the middle of a cell says of most cells that
    they hold allowed positions nowhere or everywhere, and only boxes in the others need be asked.

    Attributes
    ----------
    ground
        Where they may stand.
    perhaps
        Cells that hold allowed positions, perhaps; None: all.
    surely
        Cells that hold nothing else; None: all.
    """

    ground: Ground
    perhaps: Mask | None
    surely: Mask | None

    @classmethod
    def of(cls, value_map: ValueMap, ground: Ground) -> "Where":
        """Return where wells may stand on a map."""
        if ground.is_whole:
            return cls(ground, None, None)
        half = _half_diagonal(value_map)
        return cls(
            ground, ground.clear_cells(value_map, -half), ground.clear_cells(value_map, half)
        )

    def allowed(self, boxes: Boxes, value_map: ValueMap) -> Boxes:
        """Return the boxes that hold allowed positions, perhaps, of some in cells that do."""
        if self.surely is None:
            return boxes
        kept = self.surely[boxes.rows, boxes.columns]
        asked = np.flatnonzero(~kept)
        clearance = self.ground.clearance_m(boxes.take(asked).centres(value_map))
        kept[asked] = clearance >= -_half_diagonal(value_map) / boxes.part
        return boxes.take(kept)


def _half_diagonal(value_map: ValueMap) -> float:
    """Return how far from its centre a cell reaches, and a hair more, metres."""
    return float(np.hypot(value_map.cell_width_m, value_map.cell_height_m)) / 2 * 1.001
