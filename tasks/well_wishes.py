"""What people wish of a well plan, from their files: leases, areas without drilling, existing wells."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.wells.areas.polygons import Areas
from models.wells.constraints import NO_POINTS, Ground
from models.wells.drainage import Drainage, Existing
from storage.errors import InputError
from storage.existing_wells import read_existing_wells
from storage.polygons import read_polygons
from tasks.map_extent import MapExtent

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wishes:
    """Where wells may stand beside faults, and which are there already; positions on the map, metres.

    Attributes
    ----------
    lease, no_drill
        Areas that wells lie within, and out of; None: not asked for.
    existing
        Wells that are there already; None: none.
    names
        Of the existing wells.
    spacing_m
        Distance between wells at least, the existing ones among them.
    files
        The files, with the SHA-256 of each.
    """

    lease: Areas | None = None
    no_drill: Areas | None = None
    existing: Existing | None = None
    names: tuple[str, ...] = ()
    spacing_m: float = 0.0
    files: tuple[tuple[str, str], ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return what decides the plan, as plain values; nothing where nothing is asked."""
        found: dict[str, Any] = dict(self.files)
        return found | ({"spacing": self.spacing_m} if self.spacing_m else {})

    def ground(self, extent: MapExtent, keep_out_m: Float, distance_m: float) -> Ground:
        """Return where wells may stand, faults among it."""
        return Ground(
            extent.width_m,
            extent.height_m,
            keep_out_m,
            distance_m,
            lease=self.lease,
            no_drill=self.no_drill,
            others_m=NO_POINTS if self.existing is None else self.existing.positions_m,
            spacing_m=self.spacing_m,
        )


def wishes_of(
    extent: MapExtent,
    drainage: Drainage,
    *,
    lease: Path | None,
    no_drill: Path | None,
    existing: Path | None,
    spacing_m: float,
    coordinates: str | None,
) -> Wishes:
    """Read and check what is asked.

    Parameters
    ----------
    extent, drainage
        The map, and the wells to place.
    lease, no_drill
        GeoJSON or shapefiles of polygons.
    existing
        A table of wells.
    spacing_m
        Distance between wells at least, metres; 0: none.
    coordinates
        ``cdp``: files are in CDP X/Y; ``map``: in metres on the map; None: in CDP X/Y where it is known
        where the map lies.

    Raises
    ------
    InputError
        If a file cannot be read, or nothing of it lies on the map.
    """
    on_map = coordinates == "map" or (coordinates is None and extent.frame is None)
    given = {"lease": lease, "no_drill": no_drill, "existing": existing}
    if any(given.values()) and not on_map and extent.frame is None:
        raise InputError(extent.path, "it is placed nowhere", "Give --map-origin X,Y.")
    wells: Existing | None = None
    names: tuple[str, ...] = ()
    if existing is not None:
        wells, names = _existing(existing, extent, drainage, on_map)
    return Wishes(
        lease=None if lease is None else _areas(lease, extent, on_map),
        no_drill=None if no_drill is None else _areas(no_drill, extent, on_map),
        existing=wells,
        names=names,
        spacing_m=spacing_m,
        files=tuple((name, _sha256(path)) for name, path in given.items() if path is not None)
        + ((("coordinates", "map" if on_map else "cdp"),) if any(given.values()) else ()),
    )


def _areas(path: Path, extent: MapExtent, on_map: bool) -> Areas:
    """Return the polygons of a file on the map, refused where they lie beside it."""
    areas = Areas(read_polygons(path))
    if not on_map and extent.frame is not None:
        areas = areas.moved(extent.frame.to_map)
    low_x, low_y, high_x, high_y = areas.box
    if high_x < 0 or high_y < 0 or low_x > extent.width_m or low_y > extent.height_m:
        raise _beside(path, "polygons", areas.box, extent, on_map)
    return areas


def _existing(
    path: Path, extent: MapExtent, drainage: Drainage, on_map: bool
) -> tuple[Existing, tuple[str, ...]]:
    """Return the wells of a table; what it does not say of them is as for the new ones."""
    known = read_existing_wells(path, on_map=on_map)
    positions = np.array([(well.x, well.y) for well in known])
    if not on_map and extent.frame is not None:
        positions = extent.frame.to_map(positions)
    alike = len(np.unique(drainage.radii_m)) == len(np.unique(drainage.growth_of)) == 1
    if not alike and any(well.radius_m is None or well.growth_m is None for well in known):
        raise InputError(
            path,
            "it does not give radius and growth of every well, and the new ones differ in theirs",
            "Add the columns radius and growth.",
        )
    radii = [drainage.radii_m[0] if w.radius_m is None else w.radius_m for w in known]
    growth = [drainage.growth_of[0] if w.growth_m is None else w.growth_m for w in known]
    theirs = Drainage(
        np.array(radii), drainage.periods, np.array(growth), weights=drainage.weight_of
    )
    reach = theirs.last_radii_m[:, None]
    size = np.array([extent.width_m, extent.height_m])
    if not ((positions > -reach) & (positions < size + reach)).all(axis=1).any():
        box = (*positions.min(axis=0), *positions.max(axis=0))
        raise _beside(path, "wells", box, extent, on_map)
    return Existing(positions, theirs), tuple(well.name for well in known)


def _beside(
    path: Path,
    what: str,
    box: tuple[float, float, float, float],
    extent: MapExtent,
    on_map: bool,
) -> InputError:
    """Say where things lie that should lie on the map."""
    where = "CDP X/Y" if not on_map else "metres on the map"
    return InputError(
        path,
        f"its {what} lie beside the map: from its corner x {box[0]:.0f} to {box[2]:.0f} and "
        f"y {box[1]:.0f} to {box[3]:.0f} m, for a map of {extent.width_m:.0f} x "
        f"{extent.height_m:.0f} m (taken as {where})",
        "Correct --coordinates or --map-origin; longitudes and latitudes must become metres first.",
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
