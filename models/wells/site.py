"""The site of a plan on a map beyond memory: where wells may stand, and which are there already.

A job knows a rectangle of the map, and of the site what matters there.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.wells.areas.polygons import Areas
from models.wells.constraints import HAIR_M, Ground
from models.wells.drainage import Existing

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Site:
    """Ground and existing wells, of the map or of a rectangle of it.

    Attributes
    ----------
    ground
        Where wells may stand.
    existing
        Wells that are there already; None: none.
    """

    ground: Ground
    existing: Existing | None = None

    def near(self, low: Float, high: Float) -> "Site":
        """Return what of it matters in a rectangle of the map; positions stay those on the map."""
        existing = None if self.existing is None else self.existing.near(low, high)
        return Site(_ground_near(self.ground, low, high), existing)

    def on(self, low: Float, high: Float) -> "Site":
        """Return it on a rectangle of the map as on a map that begins at its lower corner."""
        here = self.near(low, high)
        existing = here.existing
        if existing is not None:
            existing = Existing(existing.positions_m - low, existing.drainage)
        return Site(_shifted(here.ground, low, high), existing)

    def with_wells(self, more: Existing | None) -> Existing | None:
        """Return the existing wells and more of them; None for none."""
        if self.existing is None or more is None:
            return more if self.existing is None else self.existing
        return self.existing.joined(more)

    def away_from(self, wells_m: Float) -> "Site":
        """Return the site where new wells keep their distance from these, shape (n, 2), too."""
        if not self.ground.spacing_m:
            return self
        others = np.concatenate([self.ground.others_m, wells_m])
        return replace(self, ground=replace(self.ground, others_m=others))


def held_within(ground: Ground, low: Float, high: Float) -> Ground:
    """Return the ground with all outside of a rectangle forbidden; at the map's own edges nothing is.

    Parameters
    ----------
    ground
        Of a map.
    low, high
        Corners of the rectangle, metres: a well may stand on its sides.
    """
    corner = np.array([ground.width_m, ground.height_m])
    if (low <= 0).all() and (high >= corner).all():
        return ground
    beyond = float(corner.max()) + ground.edge_m
    # Of what is forbidden wells keep a distance, but none from the sides of the rectangle.
    inner_low = np.where(low <= 0, -beyond, low - ground.edge_m)
    inner_high = np.where(high >= corner, corner + beyond, high + ground.edge_m)
    frame = (
        _rectangle(np.full(2, -3 * beyond), corner + 3 * beyond),
        _rectangle(inner_low, inner_high),
    )
    others = () if ground.no_drill is None else ground.no_drill.polygons
    return replace(ground, no_drill=Areas((*others, frame)))


def _ground_near(ground: Ground, low: Float, high: Float) -> Ground:
    """Return the ground as far as it matters in a rectangle of the map.

    What is allowed there is what was allowed; how far forbidden ground beyond it lies is not known. Of areas
    only those are kept whose edges come near, so that a job far from them is small.
    """
    far = max(ground.distance_m, ground.spacing_m, ground.edge_m) + HAIR_M
    low, high = low - far, high + far
    lease, no_drill, size = ground.lease, ground.no_drill, high - low
    if lease is not None:
        # Where none of it is near, any area far beyond the rectangle says so.
        beyond = Areas(((_rectangle(high + size, high + 2 * size),),))
        lease = None if lease.cover(low, high) else lease.near(low, high) or beyond
    if no_drill is not None:
        all_of_it = Areas(((_rectangle(low - size, high + size),),))
        no_drill = all_of_it if no_drill.cover(low, high) else no_drill.near(low, high)
    keep_out, others = ground.points_near(low, high)
    return replace(ground, keep_out_m=keep_out, others_m=others, lease=lease, no_drill=no_drill)


def _shifted(ground: Ground, low: Float, high: Float) -> Ground:
    """Return the ground on a rectangle of its map, which begins at its lower corner."""
    lease, no_drill = (
        None if areas is None else areas.moved(lambda corners: corners - low)
        for areas in (ground.lease, ground.no_drill)
    )
    return replace(
        ground,
        width_m=float(high[0] - low[0]),
        height_m=float(high[1] - low[1]),
        keep_out_m=ground.keep_out_m - low,
        others_m=ground.others_m - low,
        lease=lease,
        no_drill=no_drill,
    )


def _rectangle(low: Float, high: Float) -> Float:
    """Return the corners of a rectangle, shape (4, 2)."""
    return np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
