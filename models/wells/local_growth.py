"""Growth by the place: what the rock within a well's first circle holds decides how its radius grows.

The growth of a well is the mean of a map over its first circle, ground off the map counting nothing. A
plan that stands still for a moment has fixed growths, so search and polish work with those; its value is
that with the growths of the places where its wells end up. All radii, and so the objective, rise with the
growth: with the largest growth that any place gives the bound of `models.wells.bound` holds for all.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.wells.bound.ceiling import upper_bound
from models.wells.constraints import Ground
from models.wells.drainage import Drainage
from models.wells.objective import ValueMap, evaluate, gross
from models.wells.polish import polish

Float = NDArray[np.float64]

ROUNDS = 5
"""Times that growths are brought up to date with places at most."""


@dataclass(frozen=True, slots=True)
class LocalGrowth:
    """Growth as the mean of a map over the first circle.

    Parameters
    ----------
    rock
        Growth in metres per period, cell by cell.
    """

    rock: ValueMap

    def at(self, positions_m: Float, drainage: Drainage) -> Drainage:
        """Return the drainage with the growths of some places, shape (wells, 2), metres."""
        first = Drainage(drainage.radii_m)
        growth = gross(self.rock, positions_m, first) / (np.pi * drainage.radii_m**2)
        # Rounding may leave a hair less than nothing where the rock holds nothing.
        return replace(drainage, growth_m=np.maximum(growth, 0.0))

    def most(self, drainage: Drainage) -> Drainage:
        """Return the drainage with growths that no place on the map exceeds."""
        whole = Ground(self.rock.width_m, self.rock.height_m)
        growth = np.empty(drainage.radii_m.size)
        for radius in np.unique(drainage.radii_m):
            # With the values for prices the bound is that of the best single disc.
            one = Drainage(np.array([radius]))
            best = upper_bound(self.rock, one, self.rock.values, whole, tolerance=2e-3)
            richest = float(self.rock.values.max())
            mean = min(best / (np.pi * radius**2), richest) * (1 + 1e-9)
            growth[drainage.radii_m == radius] = mean
        return replace(drainage, growth_m=growth)

    def brought_up(
        self, value_map: ValueMap, positions_m: Float, drainage: Drainage, ground: Ground
    ) -> Float:
        """Return a plan of at least the same value, polished with the growths of its own places."""
        positions = np.array(positions_m, dtype=np.float64)
        value = evaluate(value_map, positions, self.at(positions, drainage)).value
        for _ in range(ROUNDS):
            moved = polish(value_map, positions, self.at(positions, drainage), ground)
            found = evaluate(value_map, moved, self.at(moved, drainage)).value
            if found <= value * (1 + 1e-9):
                break
            positions, value = moved, found
        return positions
