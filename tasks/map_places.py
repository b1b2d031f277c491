"""Whether two maps lie in the same place, as far as is known where they lie."""

import numpy as np

from models.wells.frame import MapFrame
from models.wells.objective import ValueMap


def apart_m(one: MapFrame, other: MapFrame, grid: ValueMap) -> float:
    """Return how far the corners of a map move at most from one place of it to another, metres.

    Parameters
    ----------
    one, other
        The two places.
    grid
        The map.
    """
    width, height = grid.width_m, grid.height_m
    corners = np.array([[0.0, 0.0], [width, 0.0], [0.0, height], [width, height]])
    return float(np.hypot(*(one.to_cdp(corners) - other.to_cdp(corners)).T).max())


def either_apart_m(one: MapFrame, grid: ValueMap, other: MapFrame, other_grid: ValueMap) -> float:
    """Return how far two maps lie from each other, by their corners or middles and their turns, metres.

    Nodes of one and the same outline make wider maps of wider cells: their corners differ, not their middles.
    A row or column more moves the middle, not the corner. The nearer of both counts.

    Parameters
    ----------
    one, grid, other, other_grid
        Place and grid of each.
    """
    here = np.array([[grid.width_m, grid.height_m]]) / 2
    there = np.array([[other_grid.width_m, other_grid.height_m]]) / 2
    middles = np.hypot(*(one.to_cdp(here) - other.to_cdp(there)).T)[0]
    corners = np.hypot(one.origin_x - other.origin_x, one.origin_y - other.origin_y)
    turn = np.radians(one.azimuth_deg - other.azimuth_deg)
    # What a turn about the middle moves a corner by; about a corner it moves the far one twice as much.
    turned = 2 * abs(np.sin(turn / 2)) * np.hypot(*here.T)[0]
    return float(min(middles + turned, corners + 2 * turned))


def said_place(frame: MapFrame) -> str:
    """Say where a map lies, for people."""
    return (
        f"with its corner at CDP X/Y {frame.origin_x:.2f}, {frame.origin_y:.2f} and azimuth "
        f"{frame.azimuth_deg:.6g} degrees"
    )
