"""Where wells may stand: on the map, clear of faults, within the lease, apart from each other."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.errors import ParameterError
from models.wells.areas.polygons import Areas
from models.wells.objective import ValueMap

Float = NDArray[np.float64]
Int = NDArray[np.intp]
NO_POINTS: Float = np.empty((0, 2))

HAIR_M = 1e-9
"""More than asked, where a position is moved to the edge of what is allowed."""

ROWS = 512
"""Rows of a map whose cells are held against points at a time."""


@dataclass(frozen=True)
class Ground:
    """The rectangle of a map, less what is kept out, and how far wells keep from each other.

    Parameters
    ----------
    width_m, height_m
        Extent of the map; the rectangle is closed and begins at 0, 0.
    keep_out_m
        Positions on the map of the points to keep away from, shape (n, 2), metres. They may lie
        outside the map.
    distance_m
        Distance that every well keeps from every one of them; exactly this far is allowed.
    lease
        Areas that every well lies within; default: the map.
    no_drill
        Areas that no well lies within.
    edge_m
        Distance that wells keep from the edges of both.
    others_m
        Wells that are there already, shape (n, 2), metres.
    spacing_m
        Distance that wells keep from each other and from those that are there already.

    Raises
    ------
    ParameterError
        If a distance is negative or not finite.
    """

    width_m: float
    height_m: float
    keep_out_m: Float = field(default_factory=lambda: NO_POINTS, repr=False)
    distance_m: float = 0.0
    lease: Areas | None = field(default=None, repr=False)
    no_drill: Areas | None = field(default=None, repr=False)
    edge_m: float = 0.0
    others_m: Float = field(default_factory=lambda: NO_POINTS, repr=False)
    spacing_m: float = 0.0
    _trees: tuple[cKDTree | None, ...] = field(init=False, default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        trees: list[cKDTree | None] = []
        for name, far, at in (
            ("keep_out_m", self.distance_m, self.keep_out_m),
            ("others_m", self.spacing_m, self.others_m),
        ):
            if not (math.isfinite(far) and far >= 0):
                raise ParameterError(
                    "keep-out" if name == "keep_out_m" else "spacing",
                    f"{far} m",
                    "It must not be negative.",
                )
            points = np.asarray(at, dtype=np.float64).reshape(-1, 2)
            near = (points >= -far) & (points <= np.array([self.width_m, self.height_m]) + far)
            points = points[near.all(axis=1)]
            object.__setattr__(self, name, points)
            counts = len(points) and (far > 0 or name == "keep_out_m")
            trees.append(cKDTree(points) if counts else None)
        object.__setattr__(self, "_trees", tuple(trees))

    @property
    def _discs(self) -> list[tuple[cKDTree, float]]:
        """What is to be kept away from, and how far."""
        far = self.distance_m, self.spacing_m
        return [
            (tree, one) for tree, one in zip(self._trees, far, strict=True) if tree is not None
        ]

    @property
    def is_whole(self) -> bool:
        """Tell whether a well may stand anywhere on the map, as far as other new wells allow."""
        return not self._discs and self.lease is None and self.no_drill is None

    def points_near(self, low: Float, high: Float) -> tuple[Float, Float]:
        """Return of ``keep_out_m`` and ``others_m`` what lies in a rectangle, in the same order."""
        faults, others = zip((self.keep_out_m, self.others_m), self._trees, strict=True)
        return _inside(*faults, low, high), _inside(*others, low, high)

    def clearance_m(self, positions_m: Float) -> Float:
        """Return how much farther than asked each position is from forbidden ground, metres.

        All that is nearer to a position than this is allowed too. Negative in forbidden ground,
        infinite where nothing is to be kept away from; shape (n,).
        """
        clear = np.full(len(positions_m), np.inf)
        for tree, far in self._discs:
            distance, _ = tree.query(positions_m)
            clear = np.minimum(clear, np.asarray(distance) - far)
        if self.lease is not None:
            clear = np.minimum(clear, self.lease.depth_m(positions_m) - self.edge_m)
        if self.no_drill is not None:
            clear = np.minimum(clear, -self.no_drill.depth_m(positions_m) - self.edge_m)
        return clear

    def allows(self, positions_m: Float) -> NDArray[np.bool_]:
        """Return which positions are on the map and on no forbidden ground, shape (n,)."""
        on_map = (positions_m >= 0) & (positions_m <= np.array([self.width_m, self.height_m]))
        return on_map.all(axis=1) & (self.clearance_m(positions_m) >= 0)

    def apart_m(self, positions_m: Float) -> Float:
        """Return how much farther than asked the nearest new well is from each, shape (n,), metres."""
        if self.spacing_m == 0 or len(positions_m) < 2:
            return np.full(len(positions_m), np.inf)
        distance, _ = cKDTree(positions_m).query(positions_m, k=2)
        return np.asarray(distance)[:, 1] - self.spacing_m

    def room_m(self, positions_m: Float) -> Float:
        """Return how far each well may go, whatever the others do within theirs, shape (n,), metres."""
        return np.minimum(self.clearance_m(positions_m), self.apart_m(positions_m) / 2)

    def allowed_cells(self, value_map: ValueMap) -> NDArray[np.bool_]:
        """Return the cells whose centre is allowed, in the shape of the map.

        Raises
        ------
        ParameterError
            If there is none.
        """
        allowed = self.clear_cells(value_map, 0.0)
        if not allowed.any():
            raise self.nowhere()
        return allowed

    def cells_near(self, value_map: ValueMap) -> NDArray[np.bool_]:
        """Return the cells whose centre is no farther than a cell's side from allowed ground.

        Wells stand anywhere in their cells: prices that only held wells on allowed centres in check
        would be too high for those between the last of them and the edge.
        """
        return self.clear_cells(value_map, -max(value_map.cell_width_m, value_map.cell_height_m))

    def clear_cells(self, value_map: ValueMap, least_m: float) -> NDArray[np.bool_]:
        """Return the cells whose centres have a clearance of so much at least, in the shape of the map.

        That of cells far from the edges of areas, which are most of them, follows from the side on which
        they lie: a lease of many corners costs no more than its own length.

        Parameters
        ----------
        value_map
            The cells.
        least_m
            As `clearance_m` counts, metres.
        """
        shape = value_map.values.shape
        cell_m = value_map.cell_width_m, value_map.cell_height_m
        clear = np.ones(shape, bool)
        for areas, sign in ((self.lease, 1), (self.no_drill, -1)):
            if areas is None:
                continue
            inside, near = areas.on_cells(shape, cell_m, abs(self.edge_m + least_m) + HAIR_M)
            clear &= near | (inside if sign > 0 else ~inside)
            rows, columns = np.nonzero(near & clear)
            depth = sign * areas.depth_m(_centres(value_map, rows, columns))
            clear[rows, columns] = depth - self.edge_m >= least_m
        for tree, far in self._discs:
            if far + least_m <= 0:
                continue
            for first in range(0, shape[0], ROWS):
                rows, columns = np.nonzero(clear[first : first + ROWS])
                rows += first
                # A search that may stop at the distance asked for is much cheaper than a nearest neighbour.
                distance, _ = tree.query(
                    _centres(value_map, rows, columns),
                    distance_upper_bound=(far + least_m) * (1 + 1e-9) + 1e-9,
                )
                clear[rows, columns] = np.asarray(distance) - far >= least_m
        return clear

    def pushed_out(self, positions_m: Float) -> Float:
        """Return each position moved straight out of the forbidden ground it is in, if any.

        Out of one may be into another, so this is repeated a few times; what is then still forbidden
        stays so, and the caller must ask `allows`.
        """
        corner = np.array([self.width_m, self.height_m])
        moved = np.clip(positions_m, 0.0, corner)
        if self.is_whole:
            return moved
        for _ in range(8):
            if (self.clearance_m(moved) >= 0).all():
                break
            for tree, far in self._discs:
                moved = _out_of_discs(moved, tree, far)
            for areas, sign in ((self.lease, 1), (self.no_drill, -1)):
                if areas is not None:
                    moved = _over_edge(moved, areas, sign, self.edge_m)
            moved = np.clip(moved, 0.0, corner)
        return moved

    def pushed_apart(self, positions_m: Float, before_m: Float) -> Float:
        """Return positions with wells that are too near to each other moved apart.

        A well that is then on forbidden ground, or still too near to another, goes back to where it
        was before; with all of them back there the plan is as allowed as it was.
        """
        moved = np.array(positions_m)
        for _ in range(8 if self.spacing_m > 0 else 0):
            if (self.apart_m(moved) >= 0).all():
                break
            for one, other in cKDTree(moved).query_pairs(self.spacing_m, output_type="ndarray"):
                between = moved[one] - moved[other]
                distance = float(np.hypot(*between))
                lacking = self.spacing_m * (1 + 1e-12) + HAIR_M - distance
                if lacking > 0 and distance > 0:
                    moved[one] += between * (lacking / distance / 2)
                    moved[other] -= between * (lacking / distance / 2)
            moved = self.pushed_out(moved)
        while True:
            wrong = ~self.allows(moved) | (self.apart_m(moved) < 0)
            wrong &= (moved != before_m).any(axis=1)
            if not wrong.any():
                return moved
            moved[wrong] = before_m[wrong]

    def nowhere(self) -> ParameterError:
        """Return the error that says which of the wishes leave no cell."""
        given: list[tuple[str, str, str]] = []
        if len(self.keep_out_m):
            mend = "keep less distance, raise the threshold or narrow the interval"
            text = f"that far from all faults: {mend}"
            given.append(("keep-out", f"{self.distance_m:g} m", text))
        if len(self.others_m) and self.spacing_m:
            text = "that far from all existing wells: ask for less"
            given.append(("spacing", f"{self.spacing_m:g} m", text))
        if self.lease is not None:
            text = "within it: look at its coordinates"
            given.append(("lease", f"{len(self.lease.polygons)} polygons", text))
        if self.no_drill is not None:
            text = "outside of them: look at their coordinates"
            given.append(("no-drill", f"{len(self.no_drill.polygons)} polygons", text))
        name, value, _ = given[0]
        reasons = ", or ".join(text for _, _, text in given)
        return ParameterError(name, value, f"No cell of the map is {reasons}.")


def _inside(points: Float, tree: cKDTree | None, low: Float, high: Float) -> Float:
    """Return the points in a rectangle; a tree knows them without looking at all others."""
    if tree is not None:
        middle, half = (low + high) / 2, float((high - low).max()) / 2
        near = tree.query_ball_point(middle, half * (1 + 1e-9) + HAIR_M, p=np.inf)
        points = points[np.sort(np.array(near, np.intp))]
    return points[((points >= low) & (points <= high)).all(axis=1)]


def _centres(value_map: ValueMap, rows: Int, columns: Int) -> Float:
    """Return the centres of some cells, shape (cells, 2), metres."""
    x, y = (columns + 0.5) * value_map.cell_width_m, (rows + 0.5) * value_map.cell_height_m
    return np.column_stack([x, y])


def _out_of_discs(positions: Float, tree: cKDTree, far: float) -> Float:
    """Move positions straight away from the point they are too near to."""
    distance, nearest = tree.query(positions)
    inside = (distance < far) & (distance > 0)
    points = tree.data[nearest[inside]]
    away = (positions[inside] - points) / distance[inside, None]
    moved = positions.copy()
    # A hair more than asked, or rounding would leave half of them inside.
    moved[inside] = points + away * (far * (1 + 1e-12) + HAIR_M)
    return moved


def _over_edge(positions: Float, areas: Areas, sign: int, edge_m: float) -> Float:
    """Move positions over the nearest edge into polygons (sign 1) or out of them (-1)."""
    depth, nearest = sign * areas.depth_m(positions), areas.nearest_m(positions)
    wrong = (depth < edge_m) & (depth != 0)
    # From the wrong side on over the edge; from too near to it back, away from it.
    toward = (nearest[wrong] - positions[wrong]) / -depth[wrong, None]
    moved = positions.copy()
    moved[wrong] = nearest[wrong] + toward * (edge_m + 2 * HAIR_M)
    return moved
