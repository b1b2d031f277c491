"""Wells of many sizes: what each collects at most, where there is not the time to look at all of them.

A disc that lies within another one collects no more. So those that are not looked at count with what one
that is and is larger in every period collects at most: the bound is less sharp, and as valid.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from models.wells.objective import Drainage, ValueMap

Float = NDArray[np.float64]


def most_of_classes(
    prices: ValueMap,
    drainage: Drainage,
    highest: Callable[[int], float],
    more: Callable[[], bool] | None = None,
) -> Float:
    """Return numbers that no well of each class exceeds on the prices, shape (classes,).

    Parameters
    ----------
    prices, drainage
        What there is to collect, and by what wells.
    highest
        Returns such a number of one class; takes long.
    more
        Asked before each class but the first whether there is time for it; default: for all.
    """
    profiles = drainage.profiles_m
    areas = np.pi * (profiles**2 @ drainage.weight_of)
    largest_first = np.argsort(-areas, kind="stable")
    most = np.full(len(profiles), np.inf)
    for place, at in enumerate(_halving(len(profiles))):
        if place and more is not None and not more():
            break
        number = int(largest_first[at])
        most[number] = highest(number)
    looked_at = np.flatnonzero(np.isfinite(most))
    # Without a larger one there is the richest ground, or all of it. A larger one counts for those looked
    # at as well: how near each comes to its true maximum differs by more than some sizes do.
    cell = prices.cell_width_m * prices.cell_height_m
    everything = float(prices.values.sum()) * cell * drainage.total_weight
    least = np.empty(len(profiles))
    for number, profile in enumerate(profiles):
        holds_it = (profiles[looked_at] >= profile).all(axis=1)
        known = float(most[looked_at][holds_it].min(initial=np.inf))
        richest = float(prices.values.max()) * float(areas[number])
        least[number] = min(known, richest, everything)
    return least


def alike(drainage: Drainage, most: int) -> Drainage:
    """Return about the same wells in so many classes at most: each takes the size of one much like it.

    Wells that begin in different periods stay apart, unless there are more such periods than classes.
    For choices, such as that of prices, which need not be exact.

    Parameters
    ----------
    drainage
        The wells.
    most
        Number of classes, positive.
    """
    classes = len(drainage.profiles_m)
    if classes <= most:
        return drainage
    areas = drainage.profiles_m**2 @ drainage.weight_of
    starts = (drainage.profiles_m == 0).sum(axis=1)
    stands_for = np.empty(classes, np.intp)
    for group in _groups(np.lexsort((areas, starts)), starts, most):
        stands_for[group] = group[len(group) // 2]
    first_of = np.unique(drainage.class_of, return_index=True)[1]
    return drainage.some(first_of[stands_for[drainage.class_of]])


def _groups(
    ordered: NDArray[np.intp], starts: NDArray[np.intp], most: int
) -> Iterator[NDArray[np.intp]]:
    """Yield so many parts of more classes, ordered by their first period: of one period, if they can be."""
    _, firsts, sizes = np.unique(starts[ordered], return_index=True, return_counts=True)
    if len(sizes) > most:
        yield from np.array_split(ordered, most)
        return
    parts = np.ones(len(sizes), np.intp)
    for _ in range(most - len(sizes)):
        parts[np.argmax(sizes / parts)] += 1
    for first, size, into in zip(firsts, sizes, parts, strict=True):
        yield from np.array_split(ordered[first : first + size], into)


def _halving(count: int) -> Iterator[int]:
    """Yield all of 0 to count - 1: 0, the middle, and again and again the middles between."""
    seen, step = set[int](), count
    while len(seen) < count:
        for at in range(0, count, max(step, 1)):
            if at not in seen:
                seen.add(at)
                yield at
        step //= 2
