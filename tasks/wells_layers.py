"""What the page of wells draws: the map and what lies on it, no finer than a screen shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.map_image import image_size, thinned
from tasks.search import WellPlan
from tasks.well_picture import picture_of
from tasks.wells_page import Stated

Float = NDArray[np.float64]
Image = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What lies on a map; lengths in metres on it.

    Attributes
    ----------
    values
        Mean value of the cells, NaN beside the map, row 0 at y = 0.
    image_m
        Extent of that image along x and y, up to a cell of it more than the map's.
    size_m
        Extent of the map.
    forbidden
        1 where no well may stand, else NaN, on a grid of its own over the map; None: they may anywhere.
    lease, no_drill
        Rings of their polygons, shape (n, 2) each.
    existing_m, existing_radii_m
        Wells that are there already, shape (n, 2), and their first circles.
    periods
        Number of periods.
    """

    values: Image
    image_m: tuple[float, float]
    size_m: tuple[float, float]
    forbidden: Image | None
    lease: tuple[Float, ...]
    no_drill: tuple[Float, ...]
    existing_m: Float
    existing_radii_m: Float
    periods: int


def layers_of(stated: Stated) -> Layers:
    """Return what there is to draw of a problem, its wells apart."""
    value_map, drainage = stated.assignment.reservoir.value_map, stated.problem.drainage
    nowhere = np.zeros((drainage.radii_m.size, 2))
    picture = picture_of(stated.assignment, stated.problem, WellPlan(nowhere, 0.0, 0, ()))
    forbidden = None
    if picture.forbidden is not None:
        forbidden = np.where(picture.forbidden, np.float32(1), np.float32(np.nan))
    places, radii = picture.existing_m, picture.existing_radii_m
    return Layers(
        values=thinned(value_map.values),
        image_m=image_size(value_map.values.shape, value_map.cell_m),
        size_m=picture.size_m,
        forbidden=forbidden,
        lease=picture.lease,
        no_drill=picture.no_drill,
        existing_m=np.empty((0, 2)) if places is None else places,
        existing_radii_m=np.empty(0) if radii is None else radii,
        periods=drainage.periods,
    )


def circles_of(stated: Stated, positions_m: Float) -> Float:
    """Return the radii of a plan's wells in every period, shape (wells, periods), 0 before they begin."""
    return stated.problem.at(positions_m).table_m
