"""How large a map is and where it lies: what leases, wells and faults on it are held against."""

from dataclasses import dataclass
from pathlib import Path

from models.wells.frame import MapFrame
from storage.errors import MapError


@dataclass(frozen=True, slots=True)
class MapExtent:
    """How large a map is, and where it lies; its values play no part.

    Attributes
    ----------
    path
        The map, for messages.
    width_m, height_m
        Its size.
    frame
        Where it lies in CDP X/Y; None where that is not known.
    """

    path: Path
    width_m: float
    height_m: float
    frame: MapFrame | None


def refuse_nowhere(extent: MapExtent) -> MapFrame:
    """Return where the map lies, refused where nobody knows.

    Raises
    ------
    MapError
        Naming the option that says so.
    """
    if extent.frame is None:
        raise MapError(extent.path, "it is placed nowhere", "Give --map-origin X,Y.")
    return extent.frame
