"""The generator's inner loops: samples mapped back through faults and folds; convolution.

Every sample is carried back, youngest fault first, to where it was deposited; its reflectivity is
then read from a table along the stratigraphic coordinate. Nothing is interpolated in three
dimensions, so faults stay sharp.
"""

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

FARTHEST = 15.0
"""Distances to faults are cut off here, samples."""


@njit(fastmath=True, nogil=True, cache=True)
def _undo_fault(
    fault: Any,  # noqa: ANN401 - a record of faults.FAULT
    x: float,
    y: float,
    z: float,
) -> tuple[float, float, float, float]:
    """Return the position before one fault moved, and the distance to it where visible."""
    dx, dy, dz = x - fault.x, y - fault.y, z - fault.z
    along = dx * fault.strike_x + dy * fault.strike_y
    down = dx * fault.down_x + dy * fault.down_y + dz * fault.down_z
    radius = (along / fault.half_length) ** 2 + (down / fault.half_height) ** 2
    if radius >= 1.0:
        return x, y, z, FARTHEST
    fade = 1.0 - radius
    off = dx * fault.normal_x + dy * fault.normal_y + dz * fault.normal_z
    off += fault.bend_strike * along * along + fault.bend_dip * down * down
    slope = (2 * fault.bend_strike * along) ** 2 + (2 * fault.bend_dip * down) ** 2
    off /= math.sqrt(1.0 + slope)
    away = abs(off)
    slip, sag = fault.slip * fade, fault.sag * fade
    distance = FARTHEST
    if max(abs(slip * fault.down_z), abs(sag)) > fault.visible_from:
        distance = away * fault.distance_scale
    # Both walls move half the slip, less with distance; drag rounds the step at the fault.
    move = 0.5 * slip * math.exp(-away / fault.reach) * off / (away + fault.drag + 1e-6)
    x -= move * fault.down_x
    y -= move * fault.down_y
    z -= move * fault.down_z + sag * math.exp(-((away / fault.sag_half_width) ** 2))
    return x, y, z, distance


@njit(fastmath=True, nogil=True, cache=True)
def _deposited_at(
    x: float,
    y: float,
    z: float,
    above: bool,
    bumps: NDArray[np.void],
    layout: Any,  # noqa: ANN401 - a record of folds.STRUCTURE
    relief: NDArray[np.float32],
    upper_layers: float,
) -> Any:  # noqa: ANN401 - a number, untyped as it comes from a record
    """Return the stratigraphic coordinate of a position that no fault has moved."""
    bulge = 0.0
    for number in range(bumps.shape[0]):
        bump = bumps[number]
        square = (x - bump.x) ** 2 + (y - bump.y) ** 2
        bulge += bump.height * math.exp(-square * bump.narrowness)
    if above:
        level = z + bulge * layout.upper_folding + upper_layers
        level += layout.upper_tilt_x * x + layout.upper_tilt_y * y
    else:
        level = z + bulge * (layout.folding + layout.folding_growth * z)
        level += layout.tilt_x * x + layout.tilt_y * y
    row = min(max(int(x), 0), relief.shape[0] - 1)
    column = min(max(int(y), 0), relief.shape[1] - 1)
    inside = (level - layout.band_center) / layout.band_half_width
    return level + relief[row, column] * math.exp(-inside * inside)


@njit(nogil=True, cache=True)
def _is_above(x: float, y: float, z: float, layout: Any) -> bool:  # noqa: ANN401 - a record
    """Say whether a position lies above the unconformity."""
    wave = math.sin(layout.wave_x * x + layout.wave_y * y + layout.wave_phase)
    depth = layout.surface + layout.surface_x * x + layout.surface_y * y
    return bool(z < depth + layout.wave_height * wave)


@njit(nogil=True, cache=True)
def map_back(
    faults: NDArray[np.void],
    younger: int,
    bumps: NDArray[np.void],
    structure: NDArray[np.void],
    relief: NDArray[np.float32],
    upper_layers: float,
    level: NDArray[np.float32],
    distance: NDArray[np.float32],
) -> None:
    """Fill in the stratigraphic coordinate and the distance to the nearest visible fault.

    Parameters
    ----------
    faults
        Records of ``faults.FAULT``, youngest first.
    younger
        So many of them are younger than the unconformity and cut it; the others end at it.
    bumps, structure, relief
        As in ``folds.Folding``.
    upper_layers
        Stratigraphic coordinate added above the unconformity.
    level, distance
        Outputs, shape of the example, in samples.
    """
    n0, n1, n2 = level.shape
    layout = structure[0]
    for i in range(n0):
        for j in range(n1):
            for k in range(n2):
                x, y, z = float(i), float(j), float(k)
                nearest, above = FARTHEST, False
                for number in range(faults.shape[0] + 1):
                    if number == younger and _is_above(x, y, z, layout):
                        above = True
                        break
                    if number == faults.shape[0]:
                        break
                    x, y, z, away = _undo_fault(faults[number], x, y, z)
                    nearest = min(nearest, away)
                level[i, j, k] = _deposited_at(x, y, z, above, bumps, layout, relief, upper_layers)
                distance[i, j, k] = nearest


@njit(nogil=True, cache=True)
def undo_faults(
    faults: NDArray[np.void],
    younger: int,
    structure: NDArray[np.void],
    origin: NDArray[np.float64],
    distance: NDArray[np.float32],
    attitude: NDArray[np.float32],
    above: NDArray[np.bool_],
) -> None:
    """Fill in throw, strike and dip of the nearest visible fault, where there is one.

    Parameters
    ----------
    faults, younger, structure
        As in `map_back`.
    origin
        Output, shape (3, n0, n1, n2): where each sample lay before the faults moved, samples.
    distance
        Output, shape (n0, n1, n2): to the nearest visible fault, samples.
    attitude
        Output, shape (3, n0, n1, n2): throw in samples, strike and dip in degrees; samples without
        a visible fault within `FARTHEST` are left as they are.
    above
        Output, shape (n0, n1, n2): whether the layer is younger than the unconformity.
    """
    _, n0, n1, n2 = origin.shape
    layout = structure[0]
    for i in range(n0):
        for j in range(n1):
            for k in range(n2):
                x, y, z = float(i), float(j), float(k)
                nearest = FARTHEST
                above[i, j, k] = False
                for number in range(faults.shape[0] + 1):
                    if number == younger and _is_above(x, y, z, layout):
                        above[i, j, k] = True
                        break
                    if number == faults.shape[0]:
                        break
                    fault = faults[number]
                    u, v, w, away = _undo_fault(fault, x, y, z)
                    if away < nearest:
                        nearest = away
                        throw, strike, dip = _attitude(fault, x, y, z)
                        attitude[0, i, j, k] = throw
                        attitude[1, i, j, k] = strike
                        attitude[2, i, j, k] = dip
                    x, y, z = u, v, w
                origin[0, i, j, k], origin[1, i, j, k], origin[2, i, j, k] = x, y, z
                distance[i, j, k] = nearest


@njit(nogil=True, cache=True)
def _attitude(
    fault: Any,  # noqa: ANN401 - a record of faults.FAULT
    x: float,
    y: float,
    z: float,
) -> tuple[float, float, float]:
    """Return throw, strike and dip of a fault beside a position within its ellipse of slip."""
    dx, dy, dz = x - fault.x, y - fault.y, z - fault.z
    along = dx * fault.strike_x + dy * fault.strike_y
    down = dx * fault.down_x + dy * fault.down_y + dz * fault.down_z
    fade = 1.0 - (along / fault.half_length) ** 2 - (down / fault.half_height) ** 2
    turn_strike, turn_dip = 2 * fault.bend_strike * along, 2 * fault.bend_dip * down
    normal_x = fault.normal_x + turn_strike * fault.strike_x + turn_dip * fault.down_x
    normal_y = fault.normal_y + turn_strike * fault.strike_y + turn_dip * fault.down_y
    normal_z = fault.normal_z + turn_dip * fault.down_z
    if normal_z > 0:  # beyond the vertical, the fault dips the other way
        normal_x, normal_y, normal_z = -normal_x, -normal_y, -normal_z
    lateral = math.sqrt(normal_x * normal_x + normal_y * normal_y)
    strike = math.degrees(math.atan2(normal_y, normal_x)) - 90.0
    dip = math.degrees(math.atan2(lateral, -normal_z))
    return fault.slip * fade * fault.down_z, strike % 360.0, dip


@njit(nogil=True, cache=True)
def look_up(
    table: NDArray[np.float32], level: NDArray[np.float32], origin: float, oversampling: float
) -> NDArray[np.float32]:
    """Return table entries at stratigraphic coordinates, linearly interpolated."""
    flat = level.ravel()
    out = np.empty(flat.size, dtype=np.float32)
    for index in range(flat.size):
        position = (flat[index] + origin) * oversampling
        entry = min(max(int(position), 0), table.size - 2)
        weight = min(max(position - entry, 0.0), 1.0)  # beyond the table, its ends go on
        out[index] = table[entry] * (1.0 - weight) + table[entry + 1] * weight
    return out.reshape(level.shape)


@njit(fastmath=True, nogil=True, cache=True)
def convolve_traces(
    samples: NDArray[np.float32], wavelet: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return every trace (last axis) convolved with a wavelet of odd length, the same size."""
    n0, n1, n2 = samples.shape
    half = wavelet.size // 2
    out = np.zeros(samples.shape, dtype=np.float32)
    for i in range(n0):
        for j in range(n1):
            for lag in range(-half, half + 1):
                weight = wavelet[lag + half]
                for k in range(max(0, lag), min(n2, n2 + lag)):
                    out[i, j, k] += samples[i, j, k - lag] * weight
    return out
