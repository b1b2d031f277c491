"""What a picture of a well plan shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.wells.objective import ValueMap
from models.wells.site import Site
from tasks.map_image import MOST_CELLS
from tasks.maps import Assignment
from tasks.search import WellPlan
from tasks.well_problem import Problem

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture of a well plan shows; positions and lengths in metres on the map.

    Attributes
    ----------
    values
        Value of the cells, row 0 at y = 0.
    image_m
        Extent of these cells along x and y.
    size_m
        Extent of the map along x and y.
    positions_m, radii_m
        The wells, shape (wells, 2), and their circles in every period, shape (wells, periods), 0 where
        a well has not begun.
    forbidden
        Where no well may stand, on a grid of its own over the map; None where they may anywhere.
    keep_out_m
        The distance that wells keep from faults; 0 without any.
    lease, no_drill
        Rings of their polygons, shape (n, 2) each.
    existing_m, existing_radii_m
        Wells that are there already, shape (n, 2), and their first circles.
    """

    values: NDArray[np.floating]
    image_m: tuple[float, float]
    size_m: tuple[float, float]
    positions_m: Float
    radii_m: Float
    forbidden: NDArray[np.bool_] | None
    keep_out_m: float
    lease: tuple[Float, ...] = ()
    no_drill: tuple[Float, ...] = ()
    existing_m: Float | None = None
    existing_radii_m: Float | None = None


def picture_of(assignment: Assignment, problem: Problem, plan: WellPlan) -> Picture:
    """Return what a picture of a plan shows."""
    value_map = assignment.reservoir.value_map
    size_m = value_map.width_m, value_map.height_m
    site = Site(problem.ground, problem.existing)
    radii = problem.at(plan.positions_m).table_m
    return picture_on(value_map.values, size_m, plan.positions_m, radii, site)


def picture_on(
    values: NDArray[np.floating],
    image_m: tuple[float, float],
    positions_m: Float,
    radii_m: Float,
    site: Site,
) -> Picture:
    """Return what a picture of wells on a site shows; parameters are as `Picture` has them."""
    ground, existing = site.ground, site.existing
    size = (ground.width_m, ground.height_m)
    forbidden = None
    if not ground.is_whole:
        columns, rows = (max(2, round(side * MOST_CELLS / max(size))) for side in size)
        cells = ValueMap(np.zeros((rows, columns)), size[0] / columns, size[1] / rows)
        forbidden = ~ground.clear_cells(cells, 0.0)
    rings = [
        () if areas is None else tuple(ring for rings in areas.polygons for ring in rings)
        for areas in (ground.lease, ground.no_drill)
    ]
    return Picture(
        values=values,
        image_m=image_m,
        size_m=size,
        positions_m=positions_m,
        radii_m=radii_m,
        forbidden=forbidden,
        keep_out_m=ground.distance_m,
        lease=rings[0],
        no_drill=rings[1],
        existing_m=None if existing is None else existing.positions_m,
        existing_radii_m=None if existing is None else existing.drainage.radii_m,
    )
