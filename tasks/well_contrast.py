"""Plans of wells at random places: what the best plans are held against when a simulator judges them."""

import numpy as np
from numpy.typing import NDArray

from models.wells.objective import evaluate
from tasks.well_decks import Layout
from tasks.well_problem import Problem, posed_on, rounded

Float = NDArray[np.float64]

TRIES = 200
"""Places that are looked at for each well before a plan is given up, where spacing leaves little room."""


def random_layouts(problem: Problem, count: int, wells: int) -> list[Layout]:
    """Return plans of wells on allowed ground, anywhere on it; fewer where it has no room for them.

    Parameters
    ----------
    problem
        What is asked; its seed decides the places.
    count
        Number of plans.
    wells
        Wells of each.
    """
    value_map = posed_on(problem)[0]
    found = []
    for number in range(1, count + 1):
        rng = np.random.default_rng([problem.seed, 2**31, number])
        positions = _placed(problem, wells, rng)
        if positions is not None:
            value = evaluate(value_map, positions, problem.at(positions)).value
            found.append(Layout(f"random {number}", positions, value))
    return found


def _placed(problem: Problem, wells: int, rng: np.random.Generator) -> Float | None:
    """Return so many places, None where they are not found."""
    value_map, ground, allowed = posed_on(problem)
    rows, columns = value_map.values.shape
    cells = np.arange(rows * columns) if allowed is None else np.flatnonzero(allowed)
    size = np.array([value_map.cell_width_m, value_map.cell_height_m])
    placed = np.empty((0, 2))
    for _ in range(TRIES * wells):
        row, column = divmod(int(rng.choice(cells)), columns)
        place = rounded((np.array([[column, row]]) + rng.random((1, 2))) * size, value_map)
        more = np.concatenate([placed, place])
        if ground.allows(place)[0] and (ground.apart_m(more) >= 0).all():
            placed = more
            if len(placed) == wells:
                return placed
    return None
