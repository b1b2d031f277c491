"""Jobs of the surfaces on tiles: ridges and segments, seams between tiles, numbers of faults."""

import base64
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.surfaces.frame import Frame
from models.surfaces.orientation import HALO, around, encoded, normals_of, strike_and_dip
from models.surfaces.segments import LINK, across, joining, kept, label, sums_of
from models.surfaces.thinning import on_ridge
from storage.volume import read_region, write_region
from tasks.fan_out import Result
from tasks.infer import FAULT_PROBABILITY

FAULT_THINNED, STRIKE, DIP, FAULT_ID = "fault_thinned", "strike_deg", "dip_deg", "fault_id"
SEGMENT, ATTITUDE = "segment", "attitude"
"""Arrays of the scratch store: segment within its tile, code of the normal."""

CANDIDATE = 0.5
"""Share of the threshold from which strike and dip are known."""

Region = tuple[slice, slice, slice]
Faces = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class SurfaceJob:
    """What all jobs on tiles need.

    Parameters
    ----------
    core
        Whole shards.
    shape
        Samples of the survey.
    faults, surfaces, scratch
        Stores of probability, of the result, of segments.
    frame, threshold, smallest, angle_deg
        As in `tasks.surfaces.SurfaceSettings`.
    """

    core: tuple[slice, slice]
    shape: tuple[int, int, int]
    faults: Path
    surfaces: Path
    scratch: Path
    frame: Frame
    threshold: float
    smallest: int
    angle_deg: float

    @property
    def region(self) -> Region:
        """The core over the full depth."""
        return (*self.core, slice(0, self.shape[2]))


def packed(values: NDArray[np.int64]) -> str:
    """Return whole numbers as text for the ledger."""
    return base64.b64encode(zlib.compress(values.astype("<i8").tobytes(), 1)).decode()


def unpacked(text: str, columns: int) -> NDArray[np.int64]:
    """Return what `packed` made of rows of so many columns."""
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), "<i8").reshape(-1, columns)


def find_segments(job: SurfaceJob) -> Result:
    """Thin and orient one tile, label its segments; return their number and sums."""
    block = _with_halo(job)
    core = block[tuple(slice(HALO, n - HALO) for n in block.shape)]
    live = np.asarray(np.isfinite(core).any(axis=2))
    candidates = np.argwhere(core >= CANDIDATE * job.threshold).astype(np.int32)
    normals = normals_of(block, candidates + HALO, job.frame)
    for name, degrees in zip(
        (STRIKE, DIP), strike_and_dip(normals.in_space, job.frame), strict=True
    ):
        _write(job, name, candidates, degrees.astype(np.float32), live, elsewhere=np.nan)
    probability = core[tuple(candidates.T)]
    strong = np.flatnonzero(probability >= job.threshold)
    ridge = on_ridge(block, candidates[strong] + HALO, normals.in_samples[strong])
    chosen = strong[ridge]
    positions, in_space = candidates[chosen], normals.in_space[chosen]
    _write(job, FAULT_THINNED, positions, probability[chosen], live, elsewhere=0.0)
    code = encoded(in_space)
    attitude = np.zeros(core.shape, np.uint16)
    attitude[tuple(positions.T)] = code
    labels = label(attitude, positions, joining(job.frame, job.angle_deg))
    sums = sums_of(
        labels,
        positions,
        probability[chosen],
        in_space,
        origin=(job.core[0].start, job.core[1].start, 0),
        shape=job.shape,
        frame=job.frame,
    )
    stay = kept(labels, sums, positions, core=job.core, shape=job.shape, smallest=job.smallest)
    number = np.cumsum(stay, dtype=np.int32) * stay
    _write(job, SEGMENT, positions, number[labels], live, elsewhere=0, store=job.scratch)
    _write(job, ATTITUDE, positions, code.astype(np.int32), live, elsewhere=0, store=job.scratch)
    return {"segments": int(stay.sum()), "sums": packed(sums[stay]), "ridge": len(positions)}


def _with_halo(job: SurfaceJob) -> NDArray[np.float32]:
    """Return the probabilities of a tile with `HALO` samples on each side, NaN where there are none."""
    wanted = [(part.start - HALO, part.stop + HALO) for part in job.region]
    read = tuple(
        slice(max(0, first), min(n, last))
        for (first, last), n in zip(wanted, job.shape, strict=True)
    )
    probability = read_region(job.faults, FAULT_PROBABILITY, read)
    before = tuple(part.start - first for part, (first, _) in zip(read, wanted, strict=True))
    after = tuple(last - part.stop for part, (_, last) in zip(read, wanted, strict=True))
    return around(probability, (before[0], before[1], before[2]), (after[0], after[1], after[2]))


def _write(
    job: SurfaceJob,
    name: str,
    positions: NDArray[np.int32],
    values: NDArray[np.float32] | NDArray[np.int32],
    live: NDArray[np.bool_],
    *,
    elsewhere: float,
    store: Path | None = None,
) -> None:
    """Write one array of a tile from a few of its samples; what is not live stays empty."""
    sides = [part.stop - part.start for part in job.region]
    full = np.full(sides, elsewhere, values.dtype)
    full[tuple(positions.T)] = values
    if full.dtype.kind == "f":
        full[~live] = np.nan
    write_region(store or job.surfaces, name, job.region, full, live)


@dataclass(frozen=True, slots=True)
class SeamJob:
    """The samples on both sides of a tile's far face along one axis.

    Parameters
    ----------
    scratch, frame, angle_deg
        As in `SurfaceJob`.
    region
        `LINK` samples to each side, and as much beyond the tile along the other axis, whose neighbours are
        thus asked too.
    faces
        Where tiles end within the region: inline and crossline, None where none does.
    """

    scratch: Path
    frame: Frame
    angle_deg: float
    region: Region
    faces: Faces


def seams_of(
    core: tuple[slice, slice], shape: tuple[int, int, int]
) -> list[tuple[int, Region, Faces]]:
    """Return axis, region and faces of the seams at a tile's far faces, the corner with the first of them."""
    n = shape
    far = [part.stop if part.stop < n[axis] else None for axis, part in enumerate(core)]
    astride = [
        slice(part.stop - LINK, min(part.stop + LINK, n[axis])) for axis, part in enumerate(core)
    ]
    beyond = slice(core[1].start, astride[1].stop)
    seams: list[tuple[int, Region, Faces]] = []
    if far[0] is not None:
        seams.append((0, (astride[0], beyond, slice(0, n[2])), (far[0], far[1])))
    if far[1] is not None:
        seams.append((1, (core[0], astride[1], slice(0, n[2])), (None, far[1])))
    return seams


def join_seam(job: SeamJob) -> Result:
    """Return which segments on two sides of a face are one: rows of (owner, segment, owner, segment).

    The owner is 2 beyond the inline face plus 1 beyond the crossline face.
    """
    segment = read_region(job.scratch, SEGMENT, job.region)
    attitude = read_region(job.scratch, ATTITUDE, job.region).astype(np.uint16)
    inline, crossline = (
        np.arange(part.start, part.stop) >= (part.stop if face is None else face)
        for part, face in zip(job.region[:2], job.faces, strict=True)
    )
    owner = (2 * inline[:, None] + crossline).astype(np.int8)
    pairs = across(attitude, segment, owner, joining(job.frame, job.angle_deg))
    return {"pairs": packed(pairs)}


@dataclass(frozen=True, slots=True)
class NumberJob:
    """One tile whose segments are to be numbered as faults; ``ids`` is packed, one for each segment."""

    job: SurfaceJob
    ids: str


def number_tile(numbering: NumberJob) -> Result:
    """Write the numbers of the faults of one tile."""
    job = numbering.job
    segment = read_region(job.scratch, SEGMENT, job.region)
    ids = np.concatenate([[0], unpacked(numbering.ids, 1)[:, 0]]).astype(np.int32)
    write_region(job.surfaces, FAULT_ID, job.region, ids[segment])
    return {}
