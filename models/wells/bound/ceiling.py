"""The proven upper bound: prices held against every position that a well could have.

The largest gain of a disc on the prices is sought over boxes that cover the map: first one a cell,
then quarters of those that could hold more than what a disc is known to collect. A box that is left
is counted with its own bound, so stopping early costs sharpness and not validity. Positions off the
map need no boxes: the nearest point of the map is nearer to all of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from models.wells.bound.box_kernel import BoxKernel, box_kernel
from models.wells.bound.kernels import most_in_boxes
from models.wells.constraints import Ground
from models.wells.objective import Drainage, ValueMap, gross

Float = NDArray[np.float64]
Int = NDArray[np.int64]

FINEST = 64
"""Boxes are no smaller than this part of a cell's side."""

OUTSET = 1e-10
"""Added in proportion: sums of fewer than 400,000 positive products in float64, and their sum."""

PROBES = 30
"""Boxes whose centre is valued exactly, to know what can be reached."""


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
        four = np.arange(4).repeat(self.rows.size)
        rows, columns, up, across = (
            np.tile(field, 4) for field in (self.rows, self.columns, self.up, self.across)
        )
        return Boxes(rows, columns, 2 * up + four // 2, 2 * across + four % 2, 2 * self.part)

    def centres(self, value_map: ValueMap) -> Float:
        """Return x, y of their centres, metres."""
        x = (self.columns + (self.across + 0.5) / self.part) * value_map.cell_width_m
        y = (self.rows + (self.up + 0.5) / self.part) * value_map.cell_height_m
        return np.column_stack([x, y])


def upper_bound(
    value_map: ValueMap,
    drainage: Drainage,
    prices: NDArray[np.floating],
    ground: Ground,
    *,
    tolerance: float = 2e-4,
    most_boxes: int = 400_000,
) -> float:
    """Return a number that no plan of these wells on this ground exceeds.

    Parameters
    ----------
    value_map, drainage, ground
        What there is to collect, by what wells, and where they may stand.
    prices
        Any prices, the shape of the map, 0 <= prices <= values.
    tolerance
        How much above what a disc is known to collect the search for more may end, in proportion.
    most_boxes
        Boxes of one size to look at: where more are needed, their present bounds count.

    Returns
    -------
    float
        Map value times square metres, rounding accounted for.
    """
    values = value_map.values
    # Prices in float32 that should be the value lie a hair below it, which on a large map adds up.
    lifted = np.where(prices >= values * (1 - 2e-7), values, prices)
    held = ValueMap(np.clip(lifted, 0.0, values), value_map.cell_width_m, value_map.cell_height_m)
    cell = value_map.cell_width_m * value_map.cell_height_m
    everything = float(value_map.values.sum()) * cell * drainage.periods
    total = float((value_map.values - held.values).sum()) * cell * drainage.periods
    for radius, count in zip(*np.unique(drainage.radii_m, return_counts=True), strict=True):
        search = _Ceiling(held, drainage, float(radius), ground)
        total += int(count) * search.run(tolerance, most_boxes)
    return min(total, everything) * (1 + OUTSET)


class _Ceiling:
    """The largest gain of one disc on the prices."""

    def __init__(
        self, prices: ValueMap, drainage: Drainage, radius_m: float, ground: Ground
    ) -> None:
        self._map, self._ground = prices, ground
        self._radius = radius_m
        self._one = Drainage(np.array([radius_m]), drainage.periods, drainage.growth_m)
        self._kernels: dict[tuple[int, int, int], BoxKernel] = {}

    def run(self, tolerance: float, most_boxes: int) -> float:
        """Return a number that no disc on this ground exceeds."""
        boxes, most = self._cells()
        reached = 0.0
        while boxes.rows.size:
            reached = max(reached, self._reached(boxes, most))
            open_ones = most > reached * (1 + tolerance)
            boxes, most = boxes.take(open_ones), most[open_ones]
            if not boxes.rows.size or boxes.part >= FINEST or 4 * boxes.rows.size > most_boxes:
                break
            boxes = self._allowed(boxes.quartered())
            most = self._most(boxes)
        # What was set aside lies below the first, what is left below the second.
        most_anywhere = max(reached * (1 + tolerance), float(most.max(initial=0.0)))
        # Of discs far smaller than a box no more is known than their size.
        radii = self._radius + np.arange(self._one.periods) * self._one.growth_m
        return min(most_anywhere, float(self._map.values.max() * np.pi * (radii**2).sum()))

    def _cells(self) -> tuple[Boxes, Float]:
        """Return one box a cell and their bounds, by transforms, whose error is added."""
        kernel = self._kernel(1, 0, 0)
        values = self._map.values
        length = float(np.linalg.norm(values))
        fields, errors = [], []
        for weights in (kernel.area, kernel.by_x, kernel.by_y):
            fields.append(oaconvolve(values, weights[::-1, ::-1], mode="same"))
            # Each transform errs by less than 8 log2(n) units in the norm (Higham 2002, ch. 24).
            norms = 2 * float(np.linalg.norm(weights)) + float(np.abs(weights).sum())
            units = 8 * np.log2(values.size + weights.size) * np.finfo(np.float64).eps
            errors.append(units * length * norms)
        most = fields[0] + errors[0]
        most += (np.abs(fields[1]) + errors[1]) * kernel.half_x
        most += (np.abs(fields[2]) + errors[2]) * kernel.half_y
        rows, columns = (index.ravel() for index in np.indices(values.shape))
        boxes = Boxes(rows, columns, np.zeros_like(rows), np.zeros_like(rows), 1)
        flat = most.ravel()
        if len(self._ground.keep_out_m):
            chosen = np.nonzero(self._clear(boxes))[0]
            boxes, flat = boxes.take(chosen), flat[chosen]
        return boxes, flat

    def _clear(self, boxes: Boxes) -> NDArray[np.bool_]:
        """Return the boxes that hold allowed positions, perhaps."""
        diagonal = np.hypot(self._map.cell_width_m, self._map.cell_height_m) / boxes.part / 2
        return np.asarray(self._ground.clearance_m(boxes.centres(self._map)) >= -diagonal * 1.001)

    def _allowed(self, boxes: Boxes) -> Boxes:
        return boxes.take(self._clear(boxes)) if len(self._ground.keep_out_m) else boxes

    def _reached(self, boxes: Boxes, most: Float) -> float:
        """Return what a disc in the middle of the most promising boxes collects."""
        first = np.argsort(-most, kind="stable")[:PROBES] if most.size <= 10**6 else most.argmax()
        centres = boxes.take(np.atleast_1d(first)).centres(self._map)
        drainage = Drainage(
            np.full(len(centres), self._radius), self._one.periods, self._one.growth_m
        )
        return float(gross(self._map, centres, drainage).max())

    def _most(self, boxes: Boxes) -> Float:
        """Return the bounds of the boxes, those at one place in their cells together."""
        most = np.empty(boxes.rows.size)
        place = boxes.up * boxes.part + boxes.across
        order = np.argsort(place, kind="stable")
        firsts = np.nonzero(np.diff(place[order], prepend=-1))[0]
        for group in np.split(order, firsts[1:]):
            if not group.size:
                continue
            kernel = self._kernel(boxes.part, int(boxes.up[group[0]]), int(boxes.across[group[0]]))
            most[group] = most_in_boxes(
                self._map.values,
                boxes.rows[group],
                boxes.columns[group],
                np.ascontiguousarray(kernel.area),
                np.ascontiguousarray(kernel.by_x),
                np.ascontiguousarray(kernel.by_y),
                (kernel.half_x, kernel.half_y),
            )
        return most

    def _kernel(self, part: int, up: int, across: int) -> BoxKernel:
        """Return a kernel; a quarter of them is worked out, the others are its mirror images."""
        low = up < part // 2, across < part // 2
        key = (part, part - 1 - up if low[0] else up, part - 1 - across if low[1] else across)
        if key not in self._kernels:
            offset = ((key[2] + 0.5) / part - 0.5, (key[1] + 0.5) / part - 0.5)
            self._kernels[key] = box_kernel(self._map, self._one, self._radius, part, offset)
        return self._kernels[key].mirrored(x=low[1], y=low[0])
