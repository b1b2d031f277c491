"""Ruin and recreate: a few wells are taken out and placed anew where more is left."""

import numpy as np
from numpy.typing import NDArray

from models.wells.constraints import Ground
from models.wells.drainage import in_one_period
from models.wells.objective import Drainage, ValueMap, evaluate, marginal
from models.wells.polish import polish
from models.wells.transforms import Transforms, kernels_of
from models.wells.window import Window

Float = NDArray[np.float64]

MOST_WELLS = 5
"""Wells taken out in one step at most."""

NEAR, FAR, FAR_PART = 4.0, 11.0, 0.25
"""Half side of the window of a step in reaches of a well, and of a wide one; how often it is wide."""

STRAYING = (0.0, 0.01, 0.03, 0.08)
"""Standard deviations of the factors on the gains; greed without them falls into the same hole."""

POLISH = 25
"""Iterations of the polish of one step."""

HEAT = 0.01
"""How much worse a plan may be that the search goes on from, in mean values of a well."""

HOPELESS = 0.12
"""A new place that is so many mean values of a well worse before the polish is not polished."""

PATIENCE = 60
"""Steps without a better plan after which the search goes back to the best."""

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
        self._quick = in_one_period(drainage) if value_map.existing is None else drainage
        self._allowed = allowed
        self._rng = np.random.default_rng(seed)
        self._transforms = Transforms(kernels_of(value_map, drainage))
        self._reach = drainage.last_radii_m
        self._left = value_map.left().astype(np.float32)
        self.positions_m = np.array(positions_m, dtype=np.float64)
        self.value = evaluate(value_map, self.positions_m, drainage).value
        self.steps = 0
        # Where the search is, and by how much more than the best is collected there, in the quick view.
        self._here, self._ahead, self._barren = self.positions_m.copy(), 0.0, 0

    def step(self) -> bool:
        """Take some wells out and place them anew; return whether the best plan is better now."""
        self.steps += 1
        rng, widest = self._rng, float(self._reach.max())
        wide = rng.random() < FAR_PART
        centre = self._here[rng.integers(len(self._here))]
        window = Window.around(self._map, centre, widest * (FAR if wide else NEAR))
        away = np.abs(self._here - centre).max(axis=1)
        within = np.nonzero(away <= widest * (FAR if wide else NEAR) - widest)[0]
        out = self._ruined(centre, within, wide)
        placed = self._recreated(window, out)
        if not self._are_back(placed, out) and self._accepted(placed, out):
            return True
        self._barren += 1
        if self._barren >= PATIENCE:
            self._settle(self.positions_m, self.value)
        return False

    def polish(self) -> None:
        """Climb with all wells together, as far as it goes."""
        found = polish(self._map, self.positions_m, self._drainage, self._ground)
        self._settle(found, evaluate(self._map, found, self._drainage).value)

    def _settle(self, positions: Float, value: float) -> None:
        """Take a plan for the best, and go on from there."""
        self.positions_m, self.value = positions, value
        self._here, self._ahead, self._barren = positions.copy(), 0.0, 0

    def _ruined(self, centre: Float, within: NDArray[np.intp], wide: bool) -> NDArray[np.intp]:
        """Choose wells: neighbours, any, or those that would be missed least."""
        rng = self._rng
        count = int(rng.integers(1, min(MOST_WELLS, len(within)) + 1))
        if not wide and rng.random() < 0.7:
            distance = np.hypot(*(self._here[within] - centre).T)
            return within[np.argsort(distance, kind="stable")[:count]]
        if rng.random() < 0.5:
            return np.asarray(rng.choice(within, count, replace=False))
        near = np.union1d(self._near(self._here[within], within), within)
        missed = marginal(self._map, self._here[near], self._quick.some(near))
        missed = missed[np.isin(near, within)]
        order = np.argsort(missed * np.exp(0.3 * rng.standard_normal(len(missed))))
        return near[np.isin(near, within)][order[: -(-count // 2)]]

    def _recreated(self, window: Window, out: NDArray[np.intp]) -> Float:
        """Place the wells one by one where most is left, the largest first."""
        rng = self._rng
        placed = self._here.copy()
        middle = self._drainage.middle_radii_m
        left = self._left[window.rows, window.columns].copy()
        stay = np.ones(len(placed), bool)
        stay[out] = False
        low, high = window.corners_m
        meets = (placed + self._reach[:, None] > low) & (placed - self._reach[:, None] < high)
        for well in np.nonzero(stay & meets.all(axis=1))[0]:
            window.take(left, placed[well], middle[well])
        size = self._transforms.size_for(left.shape)
        order = rng.permutation(len(out))
        for well in out[order[np.argsort(-self._reach[out[order]], kind="stable")]]:
            gain = self._transforms.passed(left, size, int(self._drainage.class_of[well]))
            straying = STRAYING[rng.integers(len(STRAYING))]
            if straying:
                gain = gain * stray_factors(gain.shape, straying, rng)
            if self._allowed is not None:
                gain[~self._allowed[window.rows, window.columns]] = -np.inf
            for other in np.nonzero(stay & (self._ground.spacing_m > 0))[0]:
                window.forbid(gain, placed[other], self._ground.spacing_m)
            if not np.isfinite(gain).any():
                # One that finds no place would stand in the way of the others.
                return self._here.copy()
            stay[well] = True
            row, column = np.unravel_index(np.argmax(gain), gain.shape)
            placed[well] = low + (np.array([column, row]) + 0.5) * [
                self._map.cell_width_m,
                self._map.cell_height_m,
            ]
            window.take(left, placed[well], middle[well])
        return placed

    def _are_back(self, placed: Float, out: NDArray[np.intp]) -> bool:
        """Tell whether wells have come back to where they, or others like them, have been."""
        away = np.hypot(*(placed[out][:, None] - self._here[out][None]).transpose(2, 0, 1))
        alike = self._drainage.class_of[out][:, None] == self._drainage.class_of[out][None]
        nearest = np.where(alike, away, np.inf).min(axis=1)
        return bool((nearest < np.hypot(self._map.cell_width_m, self._map.cell_height_m)).all())

    def _accepted(self, placed: Float, out: NDArray[np.intp]) -> bool:
        """Polish the wells that meet what has changed; go on from there if that is not much worse.

        Wells move by a radius at most, so only circles within that of theirs can matter: the change of
        the whole value is that of the value of these.
        """
        moving = np.union1d(self._near(np.concatenate([placed[out], self._here[out]]), out), out)
        leash = float(self._drainage.radii_m.max())
        spots = np.concatenate([placed[moving], self._here[moving]])
        extra = 2 * leash + self._ground.spacing_m
        involved = np.union1d(self._near(spots, moving, extra), moving)
        ropes = np.where(np.isin(involved, moving), leash, 0.0)
        quick, well = self._quick.some(involved), abs(self.value) / len(placed)
        before = evaluate(self._map, self._here[involved], quick).value
        if evaluate(self._map, placed[involved], quick).value < before - HOPELESS * well:
            return False
        found = self._climbed(placed[involved], quick, ropes)
        change = evaluate(self._map, found, quick).value - before
        if change < HEAT * well * np.log(self._rng.random()):
            return False
        self._here[involved] = found
        self._ahead += change
        if self._ahead <= GAIN * abs(self.value):
            return False
        return self._is_best(involved, ropes)

    def _is_best(self, involved: NDArray[np.intp], ropes: Float) -> bool:
        """Hold the plan that seems the best against the best, by its true value."""
        plan = self._here.copy()
        if self._quick is not self._drainage:
            plan[involved] = self._climbed(plan[involved], self._drainage.some(involved), ropes)
        value = evaluate(self._map, plan, self._drainage).value
        if value <= self.value + GAIN * abs(self.value):
            self._ahead = 0.0
            return False
        self._settle(plan, value)
        return True

    def _climbed(self, positions: Float, drainage: Drainage, ropes: Float) -> Float:
        return polish(
            self._map, positions, drainage, self._ground, iterations=POLISH, leash_m=ropes
        )

    def _near(
        self, spots: Float, owners: NDArray[np.intp], extra: float = 0.0
    ) -> NDArray[np.intp]:
        """Return the wells whose last circles, and a margin, meet those of the owners at the spots."""
        limit = np.resize(self._reach[owners], len(spots))[:, None] + self._reach[None] + extra
        away = ((spots[:, None] - self._here[None]) ** 2).sum(axis=2)
        return np.nonzero((away < limit**2).any(axis=0))[0]


def stray_factors(
    shape: tuple[int, ...], straying: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return random factors about 1, alike within squares of eight cells."""
    coarse = rng.standard_normal([-(-side // 8) for side in shape], dtype=np.float32)
    factors = np.repeat(np.repeat(1 + straying * coarse, 8, axis=0), 8, axis=1)
    return np.asarray(factors[: shape[0], : shape[1]])
