"""Compiled loops of the objective: arcs of circles, walked from grid line to grid line.

The map's value is constant within a cell, so by Green's theorem the integral of the value over a
region is the integral of ``Q dy`` along its boundary, where ``Q(x, y)`` is the integral of the value
along the row from the map's edge to ``x``. Within a cell ``Q`` is linear in ``x`` and the boundary is
an arc, so every piece has a closed form: cost follows the perimeter in cells, and the error is
rounding error. Circles are walked counter-clockwise; angles are in radians from the x axis.

Plain loops without threads: several starts of a search may run in threads of one process.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Grid = tuple[Float, Float, float, float]
"""Values of the cells (rows, columns); their integrals along the rows (rows, columns + 1); width and
height of a cell in metres."""

Circle = tuple[float, float, float]
"""Centre x, centre y and radius, metres."""

FULL_TURN = 2.0 * math.pi
QUARTER_TURN = 0.5 * math.pi

VALUE, BY_X, BY_Y, BY_RADIUS = 0, 1, 2, 3
"""Columns of the sums: the value, and its derivatives by centre x, centre y, radius."""


@njit(cache=True, nogil=True)
def angle_between(cross: float, dot: float) -> float:
    """Return the angle with the given sine and cosine; arcs within a cell are mostly short."""
    if abs(cross) > 0.1 or dot < 0.0:
        return math.atan2(cross, dot)
    # The series of the arc sine: full precision below 0.1, and several times faster than atan2.
    z = cross * cross
    tail = z * (35 / 1152 + z * (63 / 2816 + z * (231 / 13312 + z * 143 / 10240)))
    return cross * (1.0 + z * (1 / 6 + z * (3 / 40 + z * (5 / 112 + tail))))


@njit(cache=True, nogil=True)
def first_cell(coordinate: float, step: int) -> int:
    """Return the cell that a path enters at a coordinate (in cells) when it moves by ``step``."""
    index = math.floor(coordinate)
    if step < 0 and coordinate == index:
        index -= 1
    return index


@njit(cache=True, nogil=True)
def piece_of(
    grid: Grid, circle: Circle, ix: int, iy: int, ends: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """Return the sums of one arc within one cell; ``ends`` are its cosines and sines."""
    values, rows, width, _ = grid
    cx, _, r = circle
    c0, s0, c1, s1 = ends
    if iy < 0 or iy >= values.shape[0] or ix < 0:
        return 0.0, 0.0, 0.0, 0.0
    rise = r * (s1 - s0)
    if ix >= values.shape[1]:
        return rows[iy, values.shape[1]] * rise, 0.0, 0.0, 0.0
    value = values[iy, ix]
    angle = r * angle_between(c0 * s1 - s0 * c1, c0 * c1 + s0 * s1)
    at_centre = rows[iy, ix] + value * (cx - ix * width)
    swept = at_centre * rise + 0.5 * value * r * (angle + r * (s1 * c1 - s0 * c0))
    return swept, value * rise, -value * r * (c1 - c0), value * angle


@njit(cache=True, nogil=True)
def walk_quadrant(
    grid: Grid, circle: Circle, quadrant: int, start: float, end: float, sums: Float
) -> None:
    """Walk an arc that lies within one quadrant, where x and y change in one direction each.

    Which side of a cell the arc leaves by follows from the cell corner ahead: inside the circle or
    outside. One comparison and one square root a cell, and no case is special.
    """
    (_, _, width, height), (cx, cy, r) = grid, circle
    c, s = math.cos(start), math.sin(start)
    c_end, s_end = math.cos(end), math.sin(end)
    step_x = -1 if quadrant < 2 else 1
    step_y = 1 if quadrant in (0, 3) else -1
    side_up, ahead = math.copysign(1.0, 0.5 - (quadrant >= 2)), float(step_y)
    ix = first_cell((cx + r * c) / width, step_x)
    iy = first_cell((cy + r * s) / height, step_y)
    # The corner ahead in radii from the centre, and its part of the comparison: a line beyond the
    # quadrant's end counts as the axis there, as the arc does not come back.
    u = ((ix + (step_x > 0)) * width - cx) / r
    v = ((iy + (step_y > 0)) * height - cy) / r
    total = by_x = by_y = by_radius = 0.0
    while True:
        if quadrant % 2 == 0:
            by_side = max(0.0, -step_x * u) ** 2 + v * v >= 1.0
        else:
            by_side = u * u + max(0.0, -step_y * v) ** 2 < 1.0
        last = step_x * u >= step_x * c_end if by_side else step_y * v >= step_y * s_end
        if last:
            c1, s1 = c_end, s_end
        elif by_side:
            c1, s1 = u, side_up * math.sqrt(max(0.0, 1.0 - u * u))
        else:
            c1, s1 = ahead * math.sqrt(max(0.0, 1.0 - v * v)), v
        piece = piece_of(grid, circle, ix, iy, (c, s, c1, s1))
        total, by_x, by_y = total + piece[0], by_x + piece[1], by_y + piece[2]
        by_radius += piece[3]
        if last:
            break
        c, s = c1, s1
        if by_side:
            ix += step_x
            u = ((ix + (step_x > 0)) * width - cx) / r
        else:
            iy += step_y
            v = ((iy + (step_y > 0)) * height - cy) / r
    sums[VALUE] += total
    sums[BY_X] += by_x
    sums[BY_Y] += by_y
    sums[BY_RADIUS] += by_radius


@njit(cache=True, nogil=True)
def walk_arc(grid: Grid, circle: Circle, start: float, end: float, sums: Float) -> None:
    """Add the integrals over the arc from ``start`` to ``end``, 0 <= start < end <= 2 pi."""
    for quadrant in range(4):
        low = max(start, quadrant * QUARTER_TURN)
        high = min(end, (quadrant + 1) * QUARTER_TURN)
        if low < high:
            walk_quadrant(grid, circle, quadrant, low, high, sums)


@njit(cache=True, nogil=True)
def add_interval(
    low: float, high: float, owner: int, count: int, angles: Float, owners: NDArray[np.int64]
) -> None:
    """Note where a covered interval begins (owner + 1) and where it ends (its negative)."""
    angles[count], owners[count] = low, owner + 1
    angles[count + 1], owners[count + 1] = high, -(owner + 1)


@njit(cache=True, nogil=True)
def cover_by(
    circle: Circle, other: Circle, first: bool, owner: int, count: int,
    angles: Float, owners: NDArray[np.int64],
) -> int:  # fmt: skip
    """Note the part of a circle that another covers; return the number of interval ends so far.

    Of circles that coincide the ``first`` hides the rest, so that exactly one is walked. Both circles
    decide by the same rounded sums, so they agree on which of them that is.
    """
    r, wide = circle[2], other[2]
    dx, dy = other[0] - circle[0], other[1] - circle[1]
    distance = math.sqrt(dx * dx + dy * dy)
    within, around = distance + r <= wide, distance + wide <= r
    if within and (first or not around):
        add_interval(0.0, FULL_TURN, owner, count, angles, owners)
        return count + 2
    if within or around or distance >= r + wide:
        return count
    cosine = (distance * distance + (r - wide) * (r + wide)) / (2.0 * distance * r)
    half = math.acos(min(1.0, max(-1.0, cosine)))
    low = math.atan2(dy, dx) - half
    if low < 0.0:
        low += FULL_TURN
    high = low + 2.0 * half
    if high <= FULL_TURN:
        add_interval(low, high, owner, count, angles, owners)
        return count + 2
    add_interval(low, FULL_TURN, owner, count, angles, owners)
    add_interval(0.0, high - FULL_TURN, owner, count + 2, angles, owners)
    return count + 4


@njit(cache=True, nogil=True)
def sweep(
    grid: Grid, circle: Circle, angles: Float, owners: NDArray[np.int64], weight: float,
    sums: Float, lost: Float,
) -> None:  # fmt: skip
    """Walk the arcs that no other circle covers and, if asked, those that exactly one covers.

    An arc covered by one circle alone appears on the boundary when that circle is taken away, so its
    integral is added to what that circle's removal leaves: ``lost[owner]``. ``lost`` may be empty.
    """
    depth, active, at = 0, 0, 0.0
    exposed, arc = np.zeros(4), np.zeros(4)
    for event in np.argsort(angles):
        if angles[event] > at:
            if depth == 0:
                walk_arc(grid, circle, at, angles[event], exposed)
            elif depth == 1 and lost.size:
                arc[:] = 0.0
                walk_arc(grid, circle, at, angles[event], arc)
                lost[active - 1] += weight * arc[VALUE]
            at = angles[event]
        depth += 1 if owners[event] > 0 else -1
        active += owners[event]
    if at < FULL_TURN:
        walk_arc(grid, circle, at, FULL_TURN, exposed)
    for column in range(4):
        sums[column] += weight * exposed[column]


@njit(cache=True, nogil=True)
def neighbours_of(i: int, x: Float, y: Float, reach: Float, widest: float) -> NDArray[np.int64]:
    """Return the wells whose widest circle meets that of well i; ``x`` is in ascending order."""
    found = np.empty(x.size, np.int64)
    count = 0
    first = np.searchsorted(x, x[i] - reach[i] - widest)
    for j in range(first, x.size):
        if x[j] > x[i] + reach[i] + widest:
            break
        both = reach[i] + reach[j]
        if j != i and (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2 < both * both:
            found[count] = j
            count += 1
    return found[:count]


@njit(cache=True, nogil=True)
def widest_of(radii: Float) -> Float:
    """Return the widest radius of each well, shape (wells,)."""
    reach = np.zeros(radii.shape[0])
    for i in range(radii.shape[0]):
        for period in range(radii.shape[1]):
            reach[i] = max(reach[i], radii[i, period])
    return reach


@njit(cache=True, nogil=True)
def integrate(
    grid: Grid, x: Float, y: Float, radii: Float, weights: Float, with_lost: bool
) -> tuple[Float, Float]:
    """Integrate over the union of the circles of every period.

    Parameters
    ----------
    grid
        The map.
    x, y
        Centres, metres; ``x`` in ascending order.
    radii
        Shape (wells, periods), metres; 0 where a well has not begun.
    weights
        What each period counts.
    with_lost
        Whether to work out what the removal of each well leaves to the others.

    Returns
    -------
    sums of shape (wells, 4)
        What the exposed arcs of each well add: `VALUE`, `BY_X`, `BY_Y`, `BY_RADIUS`.
    lost of shape (wells,) or (0,)
        What the arcs add that only this well covers.
    """
    sums = np.zeros((x.size, 4))
    lost = np.zeros(x.size if with_lost else 0)
    reach = widest_of(radii)
    widest = reach.max() if x.size else 0.0
    for i in range(x.size):
        near = neighbours_of(i, x, y, reach, widest)
        angles, owners = np.empty(4 * near.size), np.empty(4 * near.size, np.int64)
        for period in range(weights.size):
            if radii[i, period] <= 0.0:
                continue
            circle, count, hidden = (x[i], y[i], radii[i, period]), 0, 0
            for j in near:
                # A circle without a radius covers nothing.
                other = (x[j], y[j], radii[j, period])
                before = count
                count = cover_by(circle, other, j < i, j, count, angles, owners)
                hidden += count > before and angles[count - 1] - angles[count - 2] == FULL_TURN
                # Twice hidden: no removal of a single well brings it out.
                if hidden > (1 if with_lost else 0):
                    break
            else:
                seen = angles[:count], owners[:count]
                sweep(grid, circle, seen[0], seen[1], weights[period], sums[i], lost)
    return sums, lost


@njit(cache=True, nogil=True)
def integrate_alone(grid: Grid, x: Float, y: Float, radii: Float, weights: Float) -> Float:
    """Return what each well would collect if it were the only one, shape (wells,)."""
    collected = np.zeros(x.size)
    for i in range(x.size):
        for period in range(weights.size):
            if radii[i, period] > 0.0:
                sums = np.zeros(4)
                walk_arc(grid, (x[i], y[i], radii[i, period]), 0.0, FULL_TURN, sums)
                collected[i] += weights[period] * sums[VALUE]
    return collected
