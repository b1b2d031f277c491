"""Ruin and recreate: a few wells are taken out and placed anew where more is left."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from models.wells.constraints import Ground
from models.wells.disc import disc_kernel
from models.wells.objective import Drainage, ValueMap, evaluate, marginal
from models.wells.polish import polish

Float = NDArray[np.float64]

MOST_WELLS = 5
"""Wells taken out in one step at most."""

NEAR, FAR, FAR_PART = 4.0, 11.0, 0.25
"""Half side of the window of a step in reaches of a well, and of a wide one; how often it is wide."""

STRAYING = (0.0, 0.01, 0.03, 0.08)
"""Standard deviations of the factors on the gains; greed without them falls into the same hole."""

POLISH = 25
"""Iterations of the polish of one step."""

GAIN = 1e-9
"""A step counts when the value grows by more than this in proportion."""


class Refinement:
    """A plan that each step leaves as it is, or better.

    What follows from a step depends on the plan, the seed and the number of steps alone. A step looks
    at a window of a few reaches, so that it costs the same on a map of any size.

    Parameters
    ----------
    value_map, drainage, ground
        What there is to collect, by what wells, where they may stand.
    positions_m
        An allowed plan to begin with, shape (wells, 2), metres.
    allowed
        Cells that a well may be placed in, the shape of the map; default all.
    seed
        Of the choice of wells.

    References
    ----------
    Schrimpf, G., Schneider, J., Stamm-Wilbrandt, H. and Dueck, G. (2000). Record breaking optimization
    results using the ruin and recreate principle. Journal of Computational Physics, 159, 139-171.
    https://doi.org/10.1006/jcph.1999.6413
    """

    def __init__(
        self,
        value_map: ValueMap,
        drainage: Drainage,
        ground: Ground,
        positions_m: Float,
        *,
        allowed: NDArray[np.bool_] | None = None,
        seed: int | list[int] = 0,
    ) -> None:
        self._map, self._drainage, self._ground = value_map, drainage, ground
        self._allowed = allowed
        self._rng = np.random.default_rng(seed)
        self._kernels: dict[float, Float] = {}
        self._reach = drainage.last_radii_m
        self.positions_m = np.array(positions_m, dtype=np.float64)
        self.value = evaluate(value_map, self.positions_m, drainage).value
        self.steps = 0

    def step(self) -> bool:
        """Take some wells out and place them anew; return whether the plan is better now."""
        self.steps += 1
        rng, widest = self._rng, float(self._reach.max())
        wide = rng.random() < FAR_PART
        centre = self.positions_m[rng.integers(len(self.positions_m))]
        window = _Window.around(self._map, centre, widest * (FAR if wide else NEAR))
        away = np.abs(self.positions_m - centre).max(axis=1)
        within = np.nonzero(away <= widest * (FAR if wide else NEAR) - widest)[0]
        out = self._ruined(centre, within, wide)
        placed = self._recreated(window, out)
        touched = self._near(np.concatenate([placed[out], self.positions_m[out]]), out, 1.0)
        return self._accepted(placed, out, touched)

    def polish(self) -> None:
        """Climb with all wells together, as far as it goes."""
        self.positions_m = polish(self._map, self.positions_m, self._drainage, self._ground)
        self.value = evaluate(self._map, self.positions_m, self._drainage).value

    def _ruined(self, centre: Float, within: NDArray[np.intp], wide: bool) -> NDArray[np.intp]:
        """Choose wells: neighbours, any, or those that would be missed least."""
        rng = self._rng
        count = int(rng.integers(1, min(MOST_WELLS, len(within)) + 1))
        if not wide and rng.random() < 0.7:
            distance = np.hypot(*(self.positions_m[within] - centre).T)
            return within[np.argsort(distance, kind="stable")[:count]]
        if rng.random() < 0.5:
            return np.asarray(rng.choice(within, count, replace=False))
        near = self._near(self.positions_m[within], within, 0.0)
        missed = marginal(self._map, self.positions_m[near], self._some(near))
        missed = missed[np.isin(near, within)]
        order = np.argsort(missed * np.exp(0.3 * rng.standard_normal(len(missed))))
        return near[np.isin(near, within)][order[: -(-count // 2)]]

    def _recreated(self, window: "_Window", out: NDArray[np.intp]) -> Float:
        """Place the wells one by one where most is left, the largest first."""
        rng = self._rng
        placed = self.positions_m.copy()
        middle = (
            self._drainage.radii_m + (self._drainage.periods - 1) * self._drainage.growth_m / 2
        )
        left = self._map.values[window.rows, window.columns].copy()
        stay = np.ones(len(placed), bool)
        stay[out] = False
        low, high = window.corners_m
        meets = (placed + self._reach[:, None] > low) & (placed - self._reach[:, None] < high)
        for well in np.nonzero(stay & meets.all(axis=1))[0]:
            window.take(left, placed[well], middle[well])
        order = rng.permutation(len(out))
        for well in out[order[np.argsort(-self._reach[out[order]], kind="stable")]]:
            gain = oaconvolve(left, self._kernel(float(self._drainage.radii_m[well])), mode="same")
            straying = STRAYING[rng.integers(len(STRAYING))]
            if straying:
                coarse = rng.standard_normal([-(-side // 8) for side in gain.shape])
                factors = np.repeat(np.repeat(coarse, 8, axis=0), 8, axis=1)
                gain *= 1 + straying * factors[: gain.shape[0], : gain.shape[1]]
            if self._allowed is not None:
                gain[~self._allowed[window.rows, window.columns]] = -np.inf
                if not np.isfinite(gain).any():
                    continue
            row, column = np.unravel_index(np.argmax(gain), gain.shape)
            placed[well] = low + (np.array([column, row]) + 0.5) * [
                self._map.cell_width_m,
                self._map.cell_height_m,
            ]
            window.take(left, placed[well], middle[well])
        return placed

    def _accepted(self, placed: Float, out: NDArray[np.intp], touched: NDArray[np.intp]) -> bool:
        """Polish the wells that meet what has changed; keep the plan if it is better.

        Wells move by a radius at most, so only circles within that of theirs can matter: the change of
        the whole value is that of the value of these.
        """
        moving = np.union1d(touched, out)
        leash = float(self._drainage.radii_m.max())
        spots = np.concatenate([placed[moving], self.positions_m[moving]])
        involved = np.union1d(self._near(spots, np.tile(moving, 2), 1.0, extra=2 * leash), moving)
        drainage = self._some(involved)
        ropes = np.where(np.isin(involved, moving), leash, 0.0)
        before = evaluate(self._map, self.positions_m[involved], drainage).value
        found = polish(
            self._map,
            placed[involved],
            drainage,
            self._ground,
            iterations=POLISH,
            leash_m=ropes,
        )
        gained = evaluate(self._map, found, drainage).value - before
        if gained <= GAIN * abs(self.value):
            return False
        self.positions_m[involved] = found
        self.value = evaluate(self._map, self.positions_m, self._drainage).value
        return True

    def _near(
        self, spots: Float, owners: NDArray[np.intp], scale: float, extra: float = 0.0
    ) -> NDArray[np.intp]:
        """Return the wells whose last circles, and a margin, meet those of the owners at the spots."""
        near = np.zeros(len(self.positions_m), bool)
        for spot, reach in zip(spots, np.resize(self._reach[owners], len(spots)), strict=True):
            limit = self._reach + reach + extra
            near |= ((self.positions_m - spot) ** 2).sum(axis=1) < limit**2
        if scale == 0.0:
            near[owners] = True
        return np.nonzero(near)[0]

    def _some(self, wells: NDArray[np.intp]) -> Drainage:
        drainage = self._drainage
        return Drainage(drainage.radii_m[wells], drainage.periods, drainage.growth_m)

    def _kernel(self, radius_m: float) -> Float:
        if radius_m not in self._kernels:
            rows, columns = self._map.values.shape
            self._kernels[radius_m] = disc_kernel(
                radius_m,
                periods=self._drainage.periods,
                growth_m=self._drainage.growth_m,
                cell_width_m=self._map.cell_width_m,
                cell_height_m=self._map.cell_height_m,
                largest=(rows, columns),
            )
        return self._kernels[radius_m]


@dataclass(frozen=True, slots=True)
class _Window:
    """A rectangle of cells of a map."""

    rows: slice
    columns: slice
    width_m: float
    height_m: float

    @classmethod
    def around(cls, value_map: ValueMap, centre: Float, half_m: float) -> "_Window":
        """Return the cells within so many metres of a point along x and y."""
        width, height = value_map.cell_width_m, value_map.cell_height_m
        rows, columns = value_map.values.shape
        top, left = int((centre[1] - half_m) / height), int((centre[0] - half_m) / width)
        bottom, right = (
            int((centre[1] + half_m) / height) + 1,
            int((centre[0] + half_m) / width) + 1,
        )
        return cls(
            slice(max(0, top), min(rows, bottom)), slice(max(0, left), min(columns, right)),
            width, height,
        )  # fmt: skip

    @property
    def corners_m(self) -> tuple[Float, Float]:
        """Lower left and upper right corner, metres."""
        low = np.array([self.columns.start * self.width_m, self.rows.start * self.height_m])
        return low, np.array([self.columns.stop * self.width_m, self.rows.stop * self.height_m])

    def take(self, left: Float, centre: Float, radius_m: float) -> None:
        """Take off what a disc covers, about: a cell at its rim by how far its centre is within."""
        width, height = self.width_m, self.height_m
        reach = radius_m + max(width, height)
        first = max(self.rows.start, int((centre[1] - reach) / height))
        last = min(self.rows.stop, int((centre[1] + reach) / height) + 1)
        near = max(self.columns.start, int((centre[0] - reach) / width))
        far = min(self.columns.stop, int((centre[0] + reach) / width) + 1)
        if first >= last or near >= far:
            return
        y = (np.arange(first, last) + 0.5)[:, None] * height - centre[1]
        x = (np.arange(near, far) + 0.5)[None, :] * width - centre[0]
        covered = np.clip(0.5 + (radius_m - np.hypot(x, y)) / np.sqrt(width * height), 0.0, 1.0)
        top, side = self.rows.start, self.columns.start
        left[first - top : last - top, near - side : far - side] *= 1 - covered
