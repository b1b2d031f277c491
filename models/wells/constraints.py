"""Where wells may stand: on the map, and no nearer to any faulty bin than asked."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.errors import ParameterError
from models.wells.objective import ValueMap

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """The rectangle of a map less the open discs around points to keep away from.

    Parameters
    ----------
    width_m, height_m
        Extent of the map; the rectangle is closed and begins at 0, 0.
    keep_out_m
        Positions on the map of the points to keep away from, shape (n, 2), metres. They may lie
        outside the map.
    distance_m
        Distance that every well keeps from every one of them; exactly this far is allowed.

    Raises
    ------
    ParameterError
        If the distance is negative or not finite.
    """

    width_m: float
    height_m: float
    keep_out_m: Float = field(default_factory=lambda: np.empty((0, 2)), repr=False)
    distance_m: float = 0.0
    _tree: cKDTree | None = field(init=False, default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.distance_m) and self.distance_m >= 0):
            raise ParameterError("keep-out", f"{self.distance_m} m", "It must not be negative.")
        points = np.asarray(self.keep_out_m, dtype=np.float64).reshape(-1, 2)
        reach = self.distance_m
        near = (points >= -reach) & (points <= np.array([self.width_m, self.height_m]) + reach)
        points = points[near.all(axis=1)]
        object.__setattr__(self, "keep_out_m", points)
        object.__setattr__(self, "_tree", cKDTree(points) if len(points) else None)

    def clearance_m(self, positions_m: Float) -> Float:
        """Return how much farther than asked each position is from the nearest point, metres.

        Negative in forbidden ground, infinite where nothing is to be kept away from; shape (n,).
        """
        if self._tree is None:
            return np.full(len(positions_m), np.inf)
        distance, _ = self._tree.query(positions_m)
        return np.asarray(distance) - self.distance_m

    def allows(self, positions_m: Float) -> NDArray[np.bool_]:
        """Return which positions are on the map and clear of all points, shape (n,)."""
        on_map = (positions_m >= 0) & (positions_m <= np.array([self.width_m, self.height_m]))
        return on_map.all(axis=1) & (self.clearance_m(positions_m) >= 0)

    def allowed_cells(self, value_map: ValueMap) -> NDArray[np.bool_]:
        """Return the cells whose centre is allowed, in the shape of the map.

        Raises
        ------
        ParameterError
            If there is none.
        """
        shape = value_map.values.shape
        if self._tree is None:
            return np.ones(shape, bool)
        x = (np.arange(shape[1]) + 0.5) * value_map.cell_width_m
        y = (np.arange(shape[0]) + 0.5) * value_map.cell_height_m
        centres = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        # A search that may stop at the distance asked for is much cheaper than a nearest neighbour.
        bound = self.distance_m * (1 + 1e-9) + 1e-9
        distance, _ = self._tree.query(centres, distance_upper_bound=bound)
        allowed = (np.asarray(distance) >= self.distance_m).reshape(shape)
        if not allowed.any():
            raise ParameterError(
                "keep-out",
                f"{self.distance_m:g} m",
                "No cell of the map is that far from all faults: keep less distance, raise the "
                "threshold or narrow the interval.",
            )
        return allowed

    def pushed_out(self, positions_m: Float) -> Float:
        """Return each position moved straight away from the point it is too near to, if any.

        Away from one point may be too near to another, so this is repeated a few times; what is then
        still forbidden stays so, and the caller must ask `allows`.
        """
        corner = np.array([self.width_m, self.height_m])
        moved = np.clip(positions_m, 0.0, corner)
        if self._tree is None:
            return moved
        for _ in range(8):
            distance, nearest = self._tree.query(moved)
            inside = (distance < self.distance_m) & (distance > 0)
            if not inside.any():
                break
            points = self.keep_out_m[nearest[inside]]
            away = (moved[inside] - points) / distance[inside, None]
            # A hair more than asked, or rounding would leave half of them inside.
            moved[inside] = points + away * (self.distance_m * (1 + 1e-12) + 1e-9)
            moved = np.clip(moved, 0.0, corner)
        return moved
