"""Polygons with holes: how deep positions lie within them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError
from models.wells.areas.kernels import fill_polygon, inside_by, mark_near

Float = NDArray[np.float64]
Rings = tuple[Float, ...]
"""Corners of the rings of one polygon, shape (n, 2) each, closed or not: what lies in an odd number of
them belongs to it, so a ring in a ring is a hole."""


@dataclass(frozen=True)
class Areas:
    """The ground within any of some polygons.

    Parameters
    ----------
    polygons
        Rings of each polygon, metres.

    Raises
    ------
    ParameterError
        If there is no polygon, or a ring is not of three finite corners or more.
    """

    polygons: tuple[Rings, ...]
    _edges: Float = field(init=False, repr=False, compare=False)
    _first: NDArray[np.int64] = field(init=False, repr=False, compare=False)
    _boxes: Float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.polygons or not all(self.polygons):
            raise ParameterError("polygons", "none", "At least one polygon is needed.")
        edges, first, boxes = [], [0], []
        for rings in self.polygons:
            for ring in rings:
                corners = np.asarray(ring, dtype=np.float64)
                if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3:
                    raise ParameterError(
                        "polygon", f"a ring of {len(corners)} corners", "Three or more are needed."
                    )
                if not np.isfinite(corners).all():
                    raise ParameterError("polygon", "a corner", "Corners must be finite.")
                edges.append(np.concatenate([corners, np.roll(corners, -1, axis=0)], axis=1))
            first.append(sum(len(each) for each in edges))
            every = np.concatenate([np.asarray(ring, dtype=np.float64) for ring in rings])
            boxes.append(np.concatenate([every.min(axis=0), every.max(axis=0)]))
        object.__setattr__(self, "_edges", np.concatenate(edges))
        object.__setattr__(self, "_first", np.array(first))
        object.__setattr__(self, "_boxes", np.array(boxes))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Lowest x and y, highest x and y of all corners, metres."""
        low, high = self._boxes[:, :2].min(axis=0), self._boxes[:, 2:].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def depth_m(self, positions_m: Float) -> Float:
        """Return how far inside each position is, negative outside, shape (n,), metres.

        No edge of the polygon is nearer, and all that is nearer than this is inside as well. Where
        polygons overlap the deepest counts.
        """
        return np.asarray(self._looked_at(positions_m)[0])

    def nearest_m(self, positions_m: Float) -> Float:
        """Return the point of an edge that `depth_m` is the distance to, shape (n, 2), metres."""
        return np.asarray(self._looked_at(positions_m)[1])

    def on_cells(
        self, shape: tuple[int, ...], cell_m: tuple[float, float], band_m: float
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which cell centres are inside, and which may be as near to an edge as a distance.

        Of all that are not so near, `depth_m` is larger than the distance inside and less than its
        negative outside: only the others need be asked one by one.

        Parameters
        ----------
        shape
            Rows and columns of a map whose first outer corner is 0, 0.
        cell_m
            Width and height of a cell, metres.
        band_m
            The distance, not negative, metres.

        Returns
        -------
        inside, near
            In the shape of the map.
        """
        inside, near = np.zeros(shape, bool), np.zeros(shape, bool)
        for (first, stop), box in zip(pairwise(self._first), self._boxes, strict=True):
            fill_polygon(inside, self._edges[first:stop], box, *cell_m)
        mark_near(near, self._edges, band_m, *cell_m)
        return inside, near

    def near(self, low: Float, high: Float) -> "Areas | None":
        """Return the polygons with an edge that may meet a rectangle, None where none has one."""
        chosen = tuple(
            self.polygons[number] for number, meets in enumerate(self._meet(low, high)) if meets
        )
        return Areas(chosen) if chosen else None

    def cover(self, low: Float, high: Float) -> bool:
        """Tell whether a rectangle lies within one of the polygons, away from all its edges."""
        around = ((self._boxes[:, :2] < low) & (self._boxes[:, 2:] > high)).all(axis=1)
        middle = (low + high)[None] / 2
        for number in np.flatnonzero(around & ~self._meet(low, high)):
            edges = self._edges[self._first[number] : self._first[number + 1]]
            whole = np.array([0, len(edges)])
            if inside_by(middle, edges, whole, self._boxes[[number]])[0][0] > 0:
                return True
        return False

    def _meet(self, low: Float, high: Float) -> NDArray[np.bool_]:
        """Return which polygons have an edge whose own box meets a rectangle, shape (polygons,)."""
        one, other = self._edges[:, :2], self._edges[:, 2:]
        meets = (np.minimum(one, other) <= high) & (np.maximum(one, other) >= low)
        return np.logical_or.reduceat(meets.all(axis=1), self._first[:-1])

    def moved(self, move: Callable[[Float], Float]) -> "Areas":
        """Return the polygons with their corners elsewhere, such as on a map."""
        return Areas(
            tuple(
                tuple(np.asarray(move(np.asarray(ring, dtype=np.float64))) for ring in rings)
                for rings in self.polygons
            )
        )

    def _looked_at(self, positions_m: Float) -> tuple[Float, Float]:
        points = np.ascontiguousarray(positions_m, dtype=np.float64).reshape(-1, 2)
        depth, nearest = inside_by(points, self._edges, self._first, self._boxes)
        return depth, nearest
