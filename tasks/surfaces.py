"""From fault probability to surfaces: thinned, oriented, numbered, with sticks and a table of faults.

Tiles are thinned and their segments labelled in a scratch store; seams tell which segments of neighbours are
one; the driver numbers the faults, tiles are given the numbers, planes their sticks. All of it follows from
the survey alone, whatever the tiles and however many the workers.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from models.errors import ParameterError
from models.surfaces.shape import shape_of
from storage.layout import lateral_blocks
from storage.ledger import Identity, key_of, open_ledger
from storage.locations import remove
from storage.stick_nodes import read_nodes, write_nodes
from storage.volume import (
    Variable,
    attributes_of,
    create_volume,
    finish,
    geometry_of,
    is_complete,
    job_shape,
)
from tasks.fan_out import Progress
from tasks.fault_numbers import Runs, number_all
from tasks.ingest import TEMPLATE
from tasks.sticks import (
    NODE_COLUMNS,
    find_sticks,
    nodes_of,
    plane_axis,
    stick_counts,
    stick_jobs,
)
from tasks.surface_tiles import (
    ATTITUDE,
    DIP,
    FAULT_ID,
    FAULT_THINNED,
    SEGMENT,
    STRIKE,
    SurfaceJob,
    find_segments,
)
from tasks.survey_frame import frame_of

Integers = NDArray[np.int64]

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
    """One row of the table of faults; None where a line does not show it."""

    fault_id: int
    samples: int
    area_m2: float | None
    strike_deg: float | None
    dip_deg: float
    length_m: float | None
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


VARIABLES = (
    Variable(FAULT_THINNED, np.float32, "1", "fault probability on the ridge, 0 elsewhere"),
    Variable(STRIKE, np.float32, "degree", "strike, clockwise from north; dip is to its right"),
    Variable(DIP, np.float32, "degree", "dip from the horizontal"),
    Variable(FAULT_ID, np.int32, "1", "number of the fault, 0 for none"),
)
SCRATCH = (
    Variable(SEGMENT, np.int32, "1", "number of the segment within its tile"),
    Variable(ATTITUDE, np.int32, "1", "code of the normal"),
)


def find_surfaces(
    faults: Path,
    volume: Path,
    surfaces: Path,
    *,
    settings: SurfaceSettings,
    identity: Identity,
    client: Client | None = None,
    progress: Progress | None = None,
    shards: int = 1,
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
    shards
        Of a tile, along each lateral axis: the same when a run goes on; the result does not depend on it.
    """
    del volume  # amplitudes will tell the throw
    geometry = geometry_of(faults)
    frame = frame_of(geometry, settings.velocity)
    scratch = surfaces.with_name(f".{surfaces.name}.segments")
    with open_ledger(surfaces, identity) as ledger:
        if is_complete(surfaces, identity):
            remove(scratch)
            ledger.close_complete()
            return
        if TEMPLATE not in ledger.done:
            _lay_out(faults, surfaces, scratch, identity)
            ledger.record(TEMPLATE, {})
        threshold = float(attributes_of(faults)["threshold"])
        sides = [shards * n for n in job_shape(surfaces, FAULT_ID)]
        tiles = {
            f"{core[0].start},{core[1].start}": SurfaceJob(
                core=core,
                shape=geometry.shape,
                faults=faults,
                surfaces=surfaces,
                scratch=scratch,
                frame=frame,
                threshold=threshold,
                smallest=settings.smallest,
                angle_deg=settings.angle_deg,
            )
            for core in lateral_blocks(geometry.shape, (sides[0], sides[1]))
        }
        run = Runs(client, ledger, progress)
        found = run("surfaces", find_segments, tiles)
        fault_sums = number_all(run, tiles, found)
        shapes = [shape_of(row, frame) for row in fault_sums]
        axis_of = np.array(
            [plane_axis(each.strike_deg, frame, settings.stick_planes) for each in shapes],
            np.int64,
        )
        planes = stick_jobs(surfaces, geometry.shape, settings.stick_spacing, axis_of)
        nodes = nodes_of(run("sticks", find_sticks, planes), geometry)
        counts = stick_counts(nodes)
        rows: list[dict[str, Any]] = [
            {"fault_id": number, **asdict(shape), "sticks": counts[number]}
            for number, shape in enumerate(shapes, start=1)
        ]
        write_nodes(surfaces, NODE_COLUMNS, nodes)
        facts = {
            FAULT_TABLE: rows,
            "settings": asdict(settings),
            "velocity": settings.velocity,
            "threshold": threshold,
            "frame": asdict(frame),
            "ridge_samples": sum(result["ridge"] for result in found.values()),
        }
        finish(surfaces, facts)
        remove(scratch)
        ledger.close_complete()


def _lay_out(faults: Path, surfaces: Path, scratch: Path, identity: Identity) -> None:
    """Write the templates of the result and of the segments."""
    source = attributes_of(faults)
    kept: dict[str, Any] = {
        name: source[name] for name in ("title", "domain", "affine", "crs") if name in source
    }
    geometry = geometry_of(faults)
    attributes = kept | {"identity": dict(identity), "key": key_of(identity)}
    create_volume(surfaces, geometry, VARIABLES, attributes)
    create_volume(scratch, geometry, SCRATCH, kept)


def faults_of(surfaces: Path) -> list[FaultRow]:
    """Return the table of faults of a complete store, the largest first."""
    return list(attributes_of(surfaces)[FAULT_TABLE])


def sticks_of(surfaces: Path) -> Iterator[Stick]:
    """Yield the sticks of a complete store, fault after fault."""
    _, rows = read_nodes(surfaces)
    ends = np.flatnonzero(np.diff(rows[:, 1])) + 1
    for part in np.split(rows, ends) if len(rows) else []:
        yield Stick(int(part[0, 0]), int(part[0, 1]), part[:, 2:])
