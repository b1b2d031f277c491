"""The proven upper bound: prices held against every position that a well could have.

The largest gain of a disc on the prices is sought over boxes that cover the map: first one a cell,
then quarters of those that could hold more than what a disc is known to collect. A box that is left
is counted with its own bound, so stopping early costs sharpness and not validity. Positions off the
map need no boxes: the nearest point of the map is nearer to all of it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from models.wells.bound.box_kernel import BoxKernel, box_kernel, outset_of
from models.wells.bound.boxes import Boxes, Where
from models.wells.bound.classes import most_of_classes
from models.wells.bound.kernels import most_in_boxes
from models.wells.constraints import Ground
from models.wells.objective import Drainage, ValueMap, evaluate, gross

Float = NDArray[np.float64]

FINEST = 64
"""Boxes are no smaller than this part of a cell's side."""

PROBES = 30
"""Boxes whose centre is valued exactly, to know what can be reached."""


def upper_bound(
    value_map: ValueMap,
    drainage: Drainage,
    prices: NDArray[np.floating],
    ground: Ground,
    *,
    costs: Float | None = None,
    tolerance: float = 2e-4,
    most_boxes: int = 4_000_000,
    more: Callable[[], bool] | None = None,
) -> float:
    """Return a number that no plan of these wells on this ground exceeds.

    Distances between wells would only lower it, so it holds with them as well.

    Parameters
    ----------
    value_map, drainage, ground
        What there is to collect, by what wells, and where they may stand.
    prices
        Any prices, the shape of the map, 0 <= prices <= values.
    costs
        What each well costs, shape (wells,), in units of what is collected: then no plan of any of
        these wells has a larger value less the costs of its wells. Default: all wells are drilled.
    tolerance
        How much above what a disc is known to collect the search for more may end, in proportion.
    most_boxes
        Boxes of one size to look at: where more are needed, their present bounds count.
    more
        Asked before each class of wells but the first whether there is time for it: those left count
        with what a larger class collects at most. Default: there is time for all.

    Returns
    -------
    float
        Map value times square metres, rounding accounted for.
    """
    values = value_map.values
    # Prices in float32 that should be the value lie a hair below it, which on a large map adds up.
    lifted = np.where(prices >= values * (1 - 2e-7), values, prices)
    held = ValueMap(np.clip(lifted, 0.0, values), value_map.cell_width_m, value_map.cell_height_m)
    cell = value_map.cell_width_m * value_map.cell_height_m * drainage.total_weight
    everything = float(values.sum()) * cell - value_map.taken
    total = float((values - held.values).sum()) * cell
    sums = everything + total
    if value_map.existing is not None:
        # Existing wells hold their places in the plan and in the bound: F(S and E) less F(E).
        theirs = value_map.existing
        total += evaluate(held, theirs.positions_m, theirs.drainage).value - value_map.taken
    where = Where.of(held, ground)

    def highest(number: int) -> float:
        one = drainage.of_class(number)
        return _Ceiling(held, one, where).run(tolerance, most_boxes)

    for number, most in enumerate(most_of_classes(held, drainage, highest, more).tolist()):
        if costs is None:
            total += int(drainage.counts[number]) * most
        else:
            # A well that collects less than it costs is not drilled.
            total += float(np.maximum(most - costs[drainage.class_of == number], 0.0).sum())
    cell_m = value_map.cell_width_m, value_map.cell_height_m
    outset = outset_of(float(drainage.table_m.max()), values.shape, cell_m)
    return min(total, everything) + (sums + abs(total) + 2 * value_map.taken) * outset


def largest_gain(
    prices: ValueMap,
    one: Drainage,
    ground: Ground,
    *,
    known: float = 0.0,
    tolerance: float = 2e-4,
    most_boxes: int = 4_000_000,
) -> float:
    """Return a number that no disc on this ground exceeds on the prices.

    Parameters
    ----------
    prices, one, ground
        What there is to collect, by one well, and where it may stand.
    known
        A gain that matters: whether the true largest one is below it need not be known.
    tolerance, most_boxes
        As in `upper_bound`.
    """
    return _Ceiling(prices, one, Where.of(prices, ground), known).run(tolerance, most_boxes)


class _Ceiling:
    """The largest gain of one disc on the prices."""

    def __init__(
        self,
        prices: ValueMap,
        one: Drainage,
        where: Where,
        known: float = 0.0,
    ) -> None:
        self._map, self._one, self._where = prices, one, where
        self._reached = known
        self._kernels: dict[tuple[int, int, int], BoxKernel] = {}

    def run(self, tolerance: float, most_boxes: int) -> float:
        """Return a number that no disc on this ground exceeds."""
        boxes, most = self._cells(tolerance)
        while boxes.rows.size:
            self._probe(boxes, most)
            open_ones = most > self._reached * (1 + tolerance)
            boxes, most = boxes.take(open_ones), most[open_ones]
            if not boxes.rows.size or boxes.part >= FINEST or 4 * boxes.rows.size > most_boxes:
                break
            boxes = self._where.allowed(boxes.quartered(), self._map)
            most = self._most(boxes)
        # What was set aside lies below the first, what is left below the second.
        most_anywhere = max(self._reached * (1 + tolerance), float(most.max(initial=0.0)))
        # Of discs far smaller than a box no more is known than their size.
        discs = np.pi * float(self._one.table_m[0] ** 2 @ self._one.weight_of)
        return min(most_anywhere, float(self._map.values.max()) * discs)

    def _cells(self, tolerance: float) -> tuple[Boxes, Float]:
        """Return boxes of one cell each, and their bounds: those that could hold the most."""
        most = self._on_cells().ravel()
        if self._where.perhaps is not None:
            most[~self._where.perhaps.ravel()] = -1.0
        # There may be very many cells: most of them are set aside before they are listed.
        top = np.argpartition(most, -min(PROBES, most.size))[-PROBES:]
        top = top[most[top] >= 0]
        if top.size:
            self._probe(self._whole_cells(top), most[top])
        chosen = np.flatnonzero(most > self._reached * (1 + tolerance))
        return self._whole_cells(chosen), most[chosen]

    def _whole_cells(self, cells: NDArray[np.intp]) -> Boxes:
        """Return the boxes that are these cells, numbered row by row."""
        rows, columns = (
            one.astype(np.int32) for one in np.divmod(cells, self._map.values.shape[1])
        )
        nothing = np.zeros(cells.size, np.int32)
        return Boxes(rows, columns, nothing, nothing, 1)

    def _on_cells(self) -> Float:
        """Return the bounds of all cells, by transforms, whose error is added."""
        kernel = self._kernel(1, 0, 0)
        values = self._map.values
        length = float(np.linalg.norm(values))
        units = 8 * np.log2(values.size + kernel.area.size) * np.finfo(np.float64).eps
        most = np.zeros_like(values)
        for weights, move in (
            (kernel.area, 0.0),
            (kernel.by_x, kernel.half_x),
            (kernel.by_y, kernel.half_y),
        ):
            field = oaconvolve(values, weights[::-1, ::-1], mode="same")
            # Each transform errs by less than 8 log2(n) units in the norm (Higham 2002, ch. 24).
            norms = 2 * float(np.linalg.norm(weights)) + float(np.abs(weights).sum())
            error = units * length * norms
            most += (np.abs(field) + error) * move if move else field + error
        return most

    def _probe(self, boxes: Boxes, most: Float) -> None:
        """Note what a disc in the middle of the most promising boxes collects."""
        first = np.argpartition(most, -min(PROBES, most.size))[-PROBES:]
        centres = boxes.take(first).centres(self._map)
        collected = gross(self._map, centres, self._one.of_class(0, len(centres)))
        self._reached = max(self._reached, float(collected.max()))

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
            radii, weights = self._one.table_m[0], self._one.weight_of
            self._kernels[key] = box_kernel(self._map, radii, weights, part, offset)
        return self._kernels[key].mirrored(x=low[1], y=low[0])
