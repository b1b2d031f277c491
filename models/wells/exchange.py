"""Choices over many tiles: the wells that gain most, and which of those there had better stand elsewhere."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Float = NDArray[np.float64]
Int = NDArray[np.intp]

ENOUGH = 1e-6
"""A well goes elsewhere when that brings more than this in proportion."""


def merged(
    positions_m: Float,
    gains: Float,
    tile_of: Int,
    count: int,
    apart_m: float,
    spacing_m: float = 0.0,
) -> Int:
    """Return which of the wells that tiles have listed are chosen: by gain, clear of other tiles' wells.

    Each tile has listed its wells as if there were no other tiles. What two wells of different tiles have
    in common they would both count, so the second of them waits until all others are chosen.

    Parameters
    ----------
    positions_m, gains, tile_of
        Place of each listed well, shape (n, 2), what it adds to those before it on the same list, and the
        number of its tile, shape (n,).
    count
        Number of wells to choose.
    apart_m
        Distance from which on two wells have nothing in common.
    spacing_m
        Distance that wells keep from each other, no more than that: those that would not are left out.

    Returns
    -------
    ndarray of intp
        Indices into the lists, the largest gain first.
    """
    order = np.argsort(-gains, kind="stable")
    others = _neighbours(positions_m, apart_m)
    chosen: list[int] = []
    waiting: list[int] = []
    taken = np.zeros(len(gains), bool)
    for well in order:
        near = others[well]
        if (taken[near] & (tile_of[near] != tile_of[well])).any():
            waiting.append(well)
            continue
        taken[well] = True
        chosen.append(well)
        if len(chosen) == count:
            break
    for well in waiting[: None if spacing_m else count - len(chosen)]:
        away = np.hypot(*(positions_m[others[well]] - positions_m[well]).T)
        if len(chosen) < count and not (taken[others[well]] & (away < spacing_m)).any():
            taken[well] = True
            chosen.append(well)
    return np.array(chosen, dtype=np.intp)


def exchanged(
    wells_m: Float, lost: Float, places_m: Float, gains: Float, apart_m: float
) -> tuple[Float, float]:
    """Return the plan with its worst wells at better places, and by how much its value has grown.

    Of all that changes no two are nearer than circles may meet, so that the changes add up exactly.

    Parameters
    ----------
    wells_m, lost
        The plan, shape (wells, 2), metres, and what would be lost without each well.
    places_m, gains
        Places where a well might stand, shape (n, 2), and what it would add to the plan there.
    apart_m
        Distance from which on two wells have nothing in common.
    """
    found, gained = np.array(wells_m), 0.0
    if not len(places_m):
        return found, gained
    near = _neighbours(np.concatenate([wells_m, places_m]), apart_m)
    barred = np.zeros(len(near), bool)
    worst = np.argsort(lost, kind="stable")
    for place in np.argsort(-gains, kind="stable"):
        at = len(wells_m) + int(place)
        if barred[at]:
            continue
        barred_here = barred.copy()
        barred_here[near[at]] = True
        free = worst[~barred_here[worst]]
        if not free.size or gains[place] <= lost[free[0]] * (1 + ENOUGH):
            continue
        well = int(free[0])
        found[well] = places_m[place]
        gained += float(gains[place] - lost[well])
        for changed in (at, well):
            barred[near[changed]] = True
            barred[changed] = True
    return found, gained


def _neighbours(positions_m: Float, apart_m: float) -> list[Int]:
    """Return for each position the others that are no farther than a distance."""
    found = cKDTree(positions_m).query_ball_point(positions_m, apart_m)
    return [np.array([one for one in near if one != at], np.intp) for at, near in enumerate(found)]
