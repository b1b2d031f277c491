"""Which place is drilled when: two wells change places where that collects more."""

import numpy as np
from numpy.typing import NDArray

from models.wells.objective import Drainage, ValueMap, evaluate

Float = NDArray[np.float64]

MOST_WELLS = 80
"""With more wells their order stays as the search left it: trying all pairs costs the square of them."""


def reordered(value_map: ValueMap, positions_m: Float, drainage: Drainage) -> Float:
    """Return the positions, wells of different classes exchanged as long as that collects more.

    Parameters
    ----------
    value_map, drainage
        What there is to collect, and by what wells.
    positions_m
        Shape (wells, 2), metres.
    """
    positions = np.array(positions_m, dtype=np.float64)
    wells = len(positions)
    if len(drainage.profiles_m) == 1 or wells > MOST_WELLS:
        return positions
    value, improved = evaluate(value_map, positions, drainage).value, True
    while improved:
        improved = False
        for one in range(wells):
            for other in range(one + 1, wells):
                if drainage.class_of[one] == drainage.class_of[other]:
                    continue
                tried = positions.copy()
                tried[[one, other]] = tried[[other, one]]
                found = evaluate(value_map, tried, drainage).value
                if found > value * (1 + 1e-12):
                    positions, value, improved = tried, found, True
    return positions
