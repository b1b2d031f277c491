"""Polish: wells leave the cell centres and climb the exact gradient, never onto forbidden ground."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.wells.climbing.kernels import climb
from models.wells.constraints import HAIR_M, Ground
from models.wells.objective import Drainage, ValueMap, evaluate, with_existing

Float = NDArray[np.float64]

ROUNDS = 30
"""Rounds of climb and slide at most; each begins with boxes as wide as the new positions allow."""

ENOUGH = 1e-7
"""A round that gains less than this part of the value is the last."""


def polish(
    value_map: ValueMap,
    positions_m: Float,
    drainage: Drainage,
    ground: Ground,
    *,
    iterations: int = 500,
    leash_m: Float | None = None,
) -> Float:
    """Return a plan of at least the same value, all wells on allowed ground.

    Every point closer to a well than its clearance is allowed, so each well may move freely within
    the square that fits into that circle: L-BFGS-B climbs within all squares at once. Wells that have
    come up against kept-out ground have no square left, so they then slide along its edge; both repeat
    while it pays. Without anything to keep out the square is the map, and one climb is all. Wells that
    keep apart from each other share the room between them, and slide along each other.

    Parameters
    ----------
    value_map, drainage, ground
        What there is to collect, how far wells reach, where they may stand.
    positions_m
        Allowed positions to start from, shape (wells, 2), metres.
    iterations
        Iterations of one climb at most.
    leash_m
        How far each well may go along x and y from where it begins, shape (wells,), metres; 0: it
        stays. With a leash there is one short climb and no slide. Default: as far as it likes.

    Returns
    -------
    ndarray of float64, shape (wells, 2)
        Allowed positions, metres.

    References
    ----------
    Byrd, R. H., Lu, P., Nocedal, J. and Zhu, C. (1995). A limited memory algorithm for bound
    constrained optimization. SIAM Journal on Scientific Computing, 16(5), 1190-1208.
    https://doi.org/10.1137/0916069
    """
    positions = np.array(positions_m, dtype=np.float64)
    value = evaluate(value_map, positions, drainage).value
    for _ in range(ROUNDS):
        before = value
        room = ground.room_m(positions)
        if leash_m is not None:
            # A square of half side h fits into a circle of h times the root of 2.
            room = np.minimum(room, leash_m * np.sqrt(2.0))
        quickly = leash_m is not None
        positions, value = _climb(
            value_map, positions, drainage, ground, value, iterations, room, quickly=quickly
        )
        if leash_m is not None or (ground.is_whole and ground.spacing_m == 0):
            break
        positions, value = _slide(value_map, positions, drainage, ground, value)
        if value - before <= ENOUGH * abs(value):
            break
    return positions


def _climb(
    value_map: ValueMap,
    positions: Float,
    drainage: Drainage,
    ground: Ground,
    value: float,
    iterations: int,
    room_m: Float,
    *,
    quickly: bool,
) -> tuple[Float, float]:
    """Climb within the square that fits into the room around each well; return positions, value."""
    corner = np.array([ground.width_m, ground.height_m])
    # A little less than the largest square, so that rounding does not put a corner outside.
    half = np.maximum(room_m - HAIR_M, 0.0)[:, None] * (np.sqrt(0.5) * (1 - 1e-9))
    low, high = np.maximum(positions - half, 0.0), np.minimum(positions + half, corner)
    # Distances in radii and values in wells: the curvature is then of order one.
    length, scale = float(drainage.radii_m.mean()), max(value, 1e-300) / len(positions)

    if quickly:
        return _climb_quickly(value_map, positions, drainage, (low, high), value, iterations)

    def descend(scaled: Float) -> tuple[float, Float]:
        result = evaluate(value_map, scaled.reshape(-1, 2) * length, drainage)
        return -result.value / scale, -result.by_position.ravel() * (length / scale)

    found = minimize(
        descend,
        (positions / length).ravel(),
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip((low / length).ravel(), (high / length).ravel(), strict=True)),
        options={"maxiter": iterations, "maxcor": 12, "ftol": 1e-9, "gtol": 1e-7},
    )
    moved = np.clip(found.x.reshape(-1, 2) * length, low, high)
    moved_value = evaluate(value_map, moved, drainage).value
    return (moved, moved_value) if moved_value > value else (positions, value)


def _climb_quickly(
    value_map: ValueMap,
    positions: Float,
    drainage: Drainage,
    box: tuple[Float, Float],
    value: float,
    iterations: int,
) -> tuple[Float, float]:
    """Climb as a step of the search does, existing wells among those that stay where they are."""
    centres, radii = with_existing(value_map, positions, drainage)
    length = float(drainage.radii_m.mean())
    old = centres[len(positions) :]
    low, high = (np.concatenate([side, old]).T.ravel() / length for side in box)
    begun = np.clip(centres.T.ravel() / length, low, high)
    place, _ = climb(
        value_map.grid, begun, radii, drainage.weight_of, (low, high), length, iterations
    )
    moved = np.clip(place.reshape(2, -1).T[: len(positions)] * length, *box)
    moved_value = evaluate(value_map, moved, drainage).value
    return (moved, moved_value) if moved_value > value else (positions, value)


def _slide(
    value_map: ValueMap, positions: Float, drainage: Drainage, ground: Ground, value: float
) -> tuple[Float, float]:
    """Step uphill with the wells at the edge of kept-out ground, and back straight out of it."""
    cell = min(value_map.cell_width_m, value_map.cell_height_m)
    slope = evaluate(value_map, positions, drainage).by_position
    steepness = np.hypot(*slope.T)
    tight = (ground.room_m(positions) < cell) & (steepness > 0)
    if not tight.any():
        return positions, value
    uphill = slope[tight] / steepness[tight, None]
    for step in cell * 0.5 ** np.arange(-1, 7):
        moved = positions.copy()
        moved[tight] = ground.pushed_out(positions[tight] + step * uphill)
        moved = np.where(ground.allows(moved)[:, None], moved, positions)
        moved = ground.pushed_apart(moved, positions)
        moved_value = evaluate(value_map, moved, drainage).value
        if moved_value > value:
            return moved, moved_value
    return positions, value
