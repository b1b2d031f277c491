"""Shadow prices: the multiplier of the bound, by a primal-dual iteration on cell centres.

With prices p, 0 <= p <= value, no plan of any N wells collects more than

    periods * integral of (value - p) + sum over wells of the largest gain that one disc has on p,

as ground that k circles cover is worth value once, and value <= (value - p) + k * p. The prices that
make this least solve the dual of the linear relaxation. Any prices give a bound, so this iteration may
stop at any time and need not be exact: it runs in float32, and only where wells could pay.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.wells.bound.patches import Mask, patches_of, worthwhile
from models.wells.objective import Drainage, ValueMap
from models.wells.transforms import Float32, Transforms, kernels_of

Float = NDArray[np.float64]

SOONEST, RESTART = 10, 200
"""Iterations after which the mean of the prices begins anew: at first, and later on."""

LOOK = 50
"""Iterations between two looks at whether wells could pay elsewhere."""

MARGIN = 0.95
"""Wells that collect less than this part of what a well has to are left out; a wrong guess is mended."""


GUESS = 0.98
"""So much of the last level of the projection is guessed to be exceeded."""


class PriceSearch:
    """Chambolle and Pock's primal-dual iteration; wells are fractions that sum to their number.

    Parameters
    ----------
    value_map, drainage
        What there is to collect, and by what wells.
    possible
        Cells that a well may stand in, the shape of the map; default all.
    costs
        What each well costs, shape (wells,), in units of what is collected: then as many wells as pay
        for themselves are drilled. Default: all of them.
    worst
        About what the worst well of each class collects in the best plan, shape (classes,): cells where
        a well collects much less on the whole value need no look. Too much is noticed and mended.
        Default: every cell is looked at.
    weight
        How large prices are beside wells, which sets the steps of both. Default: by the mean value.

    References
    ----------
    Chambolle, A. and Pock, T. (2011). A first-order primal-dual algorithm for convex problems with
    applications to imaging. Journal of Mathematical Imaging and Vision, 40, 120-145.
    https://doi.org/10.1007/s10851-010-0251-1
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
        self._values = value_map.values.astype(np.float32)
        # float32 may lie above the value; prices must not.
        over = self._values > value_map.values
        self._values[over] = np.nextafter(self._values[over], np.float32(0))
        self._possible = possible
        # What existing wells cover is covered, whatever the new ones do.
        self._covered = value_map.covered().astype(np.float32)
        self._counts = drainage.counts
        self._unit = value_map.cell_width_m * value_map.cell_height_m * drainage.total_weight
        self._costs = None
        if costs is not None:
            sums = np.bincount(drainage.class_of, np.asarray(costs))
            self._costs = (sums / self._counts / self._unit).astype(np.float32)
        self._transforms = Transforms(
            [one / self._unit for one in kernels_of(value_map, drainage)]
        )
        norm = self._transforms.norm
        # So many mean values to one well: of 1 to 40 the one with the least bounds after 50 to 400
        # iterations on two maps.
        weight = weight or 20.0 * (float(self._values.mean()) or 1.0)
        self._price_step, self._well_step = 0.95 * weight / norm, 0.95 / weight / norm
        self.iterations = self._terms = 0
        self._least = np.full(len(self._counts), -np.inf)
        if worst is not None:
            self._least = MARGIN * np.asarray(worst) / self._unit
        self._levels = np.zeros(len(self._counts))
        self._settle()

    @property
    def values(self) -> Float32:
        """The map, in float32, nowhere above its values."""
        return self._values

    @property
    def cells(self) -> int:
        """Number of cells whose prices are sought."""
        return sum(patch.own.size for patch in self._patches)

    def run(self, iterations: int) -> None:
        """Make so many iterations."""
        for _ in range(iterations):
            gains = self._iterate()
            if self.iterations % LOOK == 0:
                self._look_elsewhere(gains)

    def prices(self) -> list[Float32]:
        """Return the prices to try: the last ones and their mean, 0 <= prices <= value."""
        last = self._on_map(self._prices)
        if not self._terms:
            return [last]
        mean = [total / np.float32(self._terms) for total in self._sums]
        return [last, np.minimum(self._on_map(mean), self._values)]

    def wells(self) -> list[Float32]:
        """Return the wells of each class as they stand, fractions of wells, the shape of the map."""
        found = []
        for each in range(len(self._counts)):
            field = np.zeros_like(self._values)
            for patch, part in zip(self._patches, self._parts(each), strict=True):
                patch.put(field, each, self._wells[each][part])
            found.append(field)
        return found

    @property
    def least(self) -> Float:
        """What a well of each class has to collect for its cell to be looked at, shape (classes,)."""
        return np.asarray(self._least * self._unit)

    def look_wider(self, least: Float) -> None:
        """Look at all cells where a well collects so much, and begin anew if there are more of them."""
        wider = np.minimum(self._least, least / self._unit)
        if (wider < self._least * (1 - 1e-9)).any():  # more than rounding
            self._least = wider
            self._settle()

    def begin(self, prices: Float32, wells: list[Float32]) -> None:
        """Go on from prices and wells of each class, the shape of the map, as if they were the first."""
        self._begin([patch.cut(prices).copy() for patch in self._patches])
        self._wells = [
            np.concatenate(
                [patch.cut(field).ravel()[patch.spots[each]] for patch in self._patches]
            )
            for each, field in enumerate(wells)
        ]

    def highest(self, prices: Float32) -> float:
        """Return about what the bound would be for wells on cell centres, in cells and one period.

        What existing wells collect is still in it.
        """
        gains = 0.0
        for each, count in enumerate(self._counts):
            most = max(
                float(patch.collected(patch.cut(prices), each).max(initial=0.0))
                for patch in self._patches
            )
            gains += int(count) * (
                most if self._costs is None else max(most - self._costs[each], 0)
            )
        # What existing wells cover keeps its price in the plan.
        rest = self._values - (1 - self._covered) * prices
        return float(rest.sum(dtype=np.float64)) + gains

    def _iterate(self) -> list[Float32]:
        """Make one iteration; return what wells collect at the prices ahead, by class."""
        covered = [patch.cut(self._covered).copy() for patch in self._patches]
        seen = []
        for each, count in enumerate(self._counts):
            gain = self._collected(self._ahead, each)
            seen.append(gain)
            if self._costs is not None:
                gain = gain - self._costs[each]
            wells = self._wells[each] + np.float32(self._well_step) * gain
            self._wells[each] = self._held(wells, int(count), each)
            for at, (patch, part) in enumerate(zip(self._patches, self._parts(each), strict=True)):
                covered[at] += patch.covered(self._wells[each][part], each)
        for at, values in enumerate(self._worth):
            step = np.float32(self._price_step) * (covered[at] - 1)
            prices = np.clip(self._prices[at] - step, self._floors[at], values)
            self._ahead[at] = 2 * prices - self._prices[at]
            self._prices[at] = prices
        if self._terms == min(RESTART, max(self.iterations // 2, SOONEST)):
            # The first prices are far off: the mean is one of the latter half.
            self._sums, self._terms = [np.zeros_like(one) for one in self._prices], 0
        for at, prices in enumerate(self._prices):
            self._sums[at] += prices
        self._terms += 1
        self.iterations += 1
        return seen

    def _settle(self) -> None:
        """Find where wells could pay, and begin there."""
        possible = worthwhile(self._values, self._transforms, self._possible, self._least)
        self._patches = patches_of(possible, self._transforms)
        self._worth = [patch.cut(self._values) for patch in self._patches]
        # Ground of other patches keeps its value here.
        pairs = zip(self._patches, self._worth, strict=True)
        self._floors = [np.where(patch.own, np.float32(0), worth) for patch, worth in pairs]
        self._begin([worth.copy() for worth in self._worth])
        self._wells = [
            _spread(self._collected(self._prices, each), int(count))
            for each, count in enumerate(self._counts)
        ]

    def _begin(self, prices: list[Float32]) -> None:
        """Go on from prices, as if they were the first."""
        self._prices, self._ahead = prices, [one.copy() for one in prices]
        self._sums, self._terms = [np.zeros_like(one) for one in prices], 0

    def _look_elsewhere(self, gains: list[Float32]) -> None:
        """Widen the patches where wells have come to collect less than those left out might."""
        asked = np.array([float(gain.max()) for gain in gains])
        if self._costs is not None:
            asked = np.maximum(asked, self._costs)
        if (asked >= self._least).all():
            return
        self._least = np.minimum(self._least, MARGIN * asked)
        prices, wells = self._on_map(self._prices), self.wells()
        self._settle()
        self.begin(prices, wells)

    def _collected(self, prices: list[Float32], each: int) -> Float32:
        """Return what a well of a class collects in every cell that is looked at."""
        pairs = zip(self._patches, prices, strict=True)
        return np.concatenate([patch.collected(one, each) for patch, one in pairs])

    def _parts(self, each: int) -> list[slice]:
        """Return which of the cells looked at are each patch's."""
        ends = np.cumsum([0] + [patch.spots[each].size for patch in self._patches])
        return [slice(int(low), int(high)) for low, high in pairwise(ends)]

    def _on_map(self, prices: list[Float32]) -> Float32:
        """Return prices on the map: the value where no patch is."""
        field = self._values.copy()
        for patch, one in zip(self._patches, prices, strict=True):
            np.copyto(patch.cut(field), one, where=patch.own)
        return field

    def _held(self, wells: Float32, count: int, each: int) -> Float32:
        """Return the nearest wells that are as many, or as many as there may be."""
        if self._costs is not None:
            some = np.maximum(wells, 0)
            if some.sum(dtype=np.float64) <= count:
                return np.asarray(some)
        # From one iteration to the next the level hardly moves.
        held, level = projected(wells, count, self._levels[each] * GUESS)
        self._levels[each] = max(level, 0.0)
        return held


def projected(wells: Float32, total: int, guess: float = -np.inf) -> tuple[Float32, float]:
    """Return the nearest numbers that are not negative and sum to ``total``, and what was taken off.

    Parameters
    ----------
    wells
        The numbers, shape (n,).
    total
        Their sum to be, positive.
    guess
        What will have to be taken off at least, perhaps: right guesses save time.

    References
    ----------
    Michelot, C. (1986). A finite algorithm for finding the projection of a point onto the canonical
    simplex of R^n. Journal of Optimization Theory and Applications, 50, 195-200.
    https://doi.org/10.1007/BF00938486
    """
    # A guess above the true level leaves out too much, which shows in the result.
    for start in (guess, -np.inf):
        above = wells[wells > start]
        level = start
        while above.size:
            level = (float(above.sum(dtype=np.float64)) - total) / above.size
            rest = above[above > level]
            if rest.size == above.size:
                break
            above = rest
        if level > start:
            break
    return np.asarray(np.maximum(wells - np.float32(level), np.float32(0))), level


def _spread(gain: Float32, count: int) -> Float32:
    """Return wells spread evenly over the cells of the largest gains."""
    rank = min(gain.size, 4 * count)
    least = np.partition(gain, gain.size - rank)[gain.size - rank]
    return projected((gain >= least).astype(np.float32), count)[0]
