"""Do coordinates lie on the grid that line numbers make: a fit that a few wrong ones do not bend."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.geometry import Affine
from storage.segy.columns import Column

Flags = NDArray[np.bool_]
Points = NDArray[np.float64]

DRAWS = 80
"""Tries of three traces; with a third of all wrong, one in three draws is right."""

MOST = 20_000
"""Traces that a fit needs."""

NEAR = 0.5
"""How far from its bin's centre a trace may lie, in bins."""

ENOUGH = 0.8
"""Share of the traces that must lie near."""

SQUARE = 0.05
"""Cosine of the angle between the two steps of a grid, from which on it is not right-angled."""


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates2D:
    """Coordinates of traces from one place; NaN where unknown."""

    pair: tuple[int, int]
    x: Points
    y: Points


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A grid, and the traces that are not on it.

    Parameters
    ----------
    affine
        As `storage.geometry.SurveyGeometry` has it.
    off
        True for traces with coordinates that lie more than half a bin away, shape (n,).
    bin
        The shorter side of a bin, in the unit of the coordinates.
    """

    affine: Affine
    off: Flags
    bin: float

    @property
    def steps(self) -> Points:
        """Steps of one inline number and one crossline number, shape (2, 2)."""
        _, dx_il, dx_xl, _, dy_il, dy_xl = self.affine
        return np.array([[dx_il, dy_il], [dx_xl, dy_xl]])

    @property
    def cosine(self) -> float:
        """Cosine of the angle between inlines and crosslines; 0 is right-angled."""
        one, other = self.steps
        return float(abs(one @ other) / (np.hypot(*one) * np.hypot(*other)))


def fit_grid(inline: Column, crossline: Column, x: Points, y: Points) -> Fit | None:
    """Return the grid that most traces lie on, None where there is none.

    Parameters
    ----------
    inline, crossline
        Line numbers, shape (n,).
    x, y
        Coordinates of the same traces, NaN where unknown.
    """
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    known = known[:: max(1, len(known) // MOST)]
    numbers = np.stack([inline[known], crossline[known]], axis=1).astype(np.float64)
    points = np.stack([x[known], y[known]], axis=1)
    if len(known) < 4 or (np.ptp(numbers, axis=0) == 0).any():
        return None
    center = np.median(numbers, axis=0)
    design = np.concatenate([np.ones((len(known), 1)), numbers - center], axis=1)
    units = [np.min(np.diff(np.unique(column))) for column in numbers.T]
    best, inside = None, np.zeros(len(known), bool)
    rng = np.random.default_rng(0)
    for _ in range(DRAWS):
        drawn = rng.choice(len(known), 3, replace=False)
        if abs(np.linalg.det(design[drawn])) < 0.5:
            continue
        solution = np.linalg.solve(design[drawn], points[drawn])
        near = _near(design, points, solution, units)
        if near.sum() > inside.sum():
            best, inside = solution, near
            if near.mean() > 0.99:
                break
    if best is None:
        return None
    solution, _, rank, _ = np.linalg.lstsq(design[inside], points[inside])
    if rank < 3 or _near(design, points, solution, units).mean() < ENOUGH:
        return None
    x0, y0 = solution[0] - center @ solution[1:]
    (dx_il, dy_il), (dx_xl, dy_xl) = solution[1:]
    affine = float(x0), float(dx_il), float(dx_xl), float(y0), float(dy_il), float(dy_xl)
    side = _bin(solution, units)
    return Fit(affine, _off(affine, side, inline, crossline, x, y), side)


def agree(inline: Column, crossline: Column, coordinates: Coordinates2D) -> bool | None:
    """Tell whether coordinates make a right-angled grid of line numbers; None: they say nothing."""
    x, y = coordinates.x, coordinates.y
    known = np.isfinite(x) & np.isfinite(y)
    if known.sum() < 4 or not (np.ptp(x[known]) or np.ptp(y[known])):
        return None
    fit = fit_grid(inline, crossline, x, y)
    if fit is None:
        return False
    return True if fit.cosine < SQUARE else None


def _bin(solution: Points, units: list[float]) -> float:
    return float(
        min(np.hypot(*step) * unit for step, unit in zip(solution[1:], units, strict=True))
    )


def _near(design: Points, points: Points, solution: Points, units: list[float]) -> Flags:
    off = np.hypot(*(points - design @ solution).T)
    return np.asarray(off <= NEAR * _bin(solution, units))


def _off(
    affine: Affine, side: float, inline: Column, crossline: Column, x: Points, y: Points
) -> Flags:
    x0, dx_il, dx_xl, y0, dy_il, dy_xl = affine
    with np.errstate(invalid="ignore"):
        far = np.hypot(
            x - x0 - dx_il * inline - dx_xl * crossline,
            y - y0 - dy_il * inline - dy_xl * crossline,
        )
        return np.asarray(far > NEAR * side)
