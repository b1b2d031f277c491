"""Sticks of all faults: one job a slab of planes, then nodes in line numbers, time or depth, and CDP X/Y."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from models.surfaces.frame import Frame
from models.surfaces.sticks import sticks_on_plane
from storage.geometry import SurveyGeometry, line_step
from storage.layout import CHUNK, LATERAL_SHARD
from storage.volume import read_region
from tasks.fan_out import Result
from tasks.surface_tiles import FAULT_ID, packed, unpacked

Float = NDArray[np.float64]

NODE_COLUMNS = ("fault_id", "stick", "inline", "crossline", "sample", "cdp_x", "cdp_y")
PLANE_AXES = {"inline": 0, "crossline": 1, "slice": 2}

SIXTEENTHS = 16
"""Nodes lie at sixteenths of a sample, so that they are whole numbers in the ledger."""


@dataclass(frozen=True, slots=True)
class StickJob:
    """Planes that lie in one slab of chunks.

    Parameters
    ----------
    surfaces
        The store with the numbers of the faults.
    shape
        Samples of the survey.
    axis
        Across the planes.
    planes
        Their places along it, all within a chunk.
    axis_of
        Axis across the planes on which each fault has its sticks, by number; packed.
    """

    surfaces: Path
    shape: tuple[int, int, int]
    axis: int
    planes: range
    axis_of: str


def plane_axis(strike_deg: float | None, frame: Frame, planes: str) -> int:
    """Return the axis across the planes on which a fault has its sticks.

    Parameters
    ----------
    strike_deg
        Of the fault; None on a line, which is its own plane.
    frame
        Of the survey.
    planes
        ``inline``, ``crossline``, ``slice``, or ``auto`` for those lines that cut the strike more squarely.
    """
    if frame.missing is not None:
        return frame.missing
    if planes != "auto" or strike_deg is None:
        return PLANE_AXES.get(planes, 0)
    strike = np.array([np.sin(np.radians(strike_deg)), np.cos(np.radians(strike_deg))])
    # An inline runs along the crossline step, and the other way round.
    along = [np.array(step[:2]) / np.hypot(*step[:2]) for step in (frame.crossline, frame.inline)]
    return int(abs(along[1] @ strike) < abs(along[0] @ strike))


def planes_of(n: int, spacing: int) -> range:
    """Return the places of the planes along an axis of ``n`` samples, half a spacing from its start on."""
    return range(min(spacing, n) // 2, n, spacing)


def stick_jobs(
    surfaces: Path, shape: tuple[int, int, int], spacing: int, axis_of: NDArray[np.int64]
) -> dict[str, StickJob]:
    """Return the jobs that find all sticks, by name."""
    jobs = {}
    for axis in sorted(set(axis_of.tolist())):
        planes = planes_of(shape[axis], spacing)
        for start in range(0, shape[axis], CHUNK):
            inside = [each for each in planes if start <= each < start + CHUNK]
            if inside:
                part = range(inside[0], inside[-1] + 1, spacing)
                jobs[f"sticks:{axis},{start}"] = StickJob(
                    surfaces, shape, axis, part, packed(axis_of)
                )
    return jobs


def find_sticks(job: StickJob) -> Result:
    """Return the sticks of some planes: rows of (fault, plane, piece, i, j, k), the last in sixteenths."""
    axis_of = np.concatenate([[-1], unpacked(job.axis_of, 1)[:, 0]])
    samples = _samples(job, axis_of)
    order = np.lexsort((samples[:, 2], samples[:, 1], samples[:, 0], samples[:, 3]))
    samples = samples[order]
    ends = np.flatnonzero(np.any(np.diff(samples[:, [3, 0]], axis=0), axis=1)) + 1
    rows = []
    for each in np.split(samples, ends) if len(samples) else []:
        plane, fault = each[0, 0], each[0, 3]
        for piece, nodes in enumerate(sticks_on_plane(each[:, 1], each[:, 2])):
            places = np.rint(np.insert(nodes, job.axis, plane, axis=1) * SIXTEENTHS)
            head = np.broadcast_to([fault, plane, piece], (len(nodes), 3))
            rows.append(np.concatenate([head, places], axis=1))
    table = np.concatenate(rows) if rows else np.zeros((0, 6))
    return {"nodes": packed(table.astype(np.int64))}


def _samples(job: StickJob, axis_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the samples of faults on the planes: rows of (plane, row, column, fault).

    Read block by block, so that memory does not grow with the survey.
    """
    across, step = job.axis, job.planes.step
    sides = [n if axis == 2 else LATERAL_SHARD for axis, n in enumerate(job.shape)]
    if across == 2:
        sides[2] = CHUNK
    starts = [range(0, n, side) for n, side in zip(job.shape, sides, strict=True)]
    starts[across] = range(job.planes.start, job.planes.start + 1)
    sides[across] = job.planes.stop - job.planes.start
    others = [axis for axis in range(3) if axis != across]
    found = [np.zeros((0, 4), np.int64)]
    for corner in product(*starts):
        region = tuple(
            slice(a, min(a + side, n)) for a, side, n in zip(corner, sides, job.shape, strict=True)
        )
        thinned = [slice(None)] * 3
        thinned[across] = slice(None, None, step)
        ids = read_region(job.surfaces, FAULT_ID, region)[tuple(thinned)]
        places = np.argwhere((ids > 0) & (axis_of[ids] == across))
        faults = ids[tuple(places.T)]
        places[:, across] *= step
        places += np.array(corner)
        found.append(np.column_stack([places[:, [across, *others]], faults]))
    return np.concatenate(found)


def nodes_of(results: Mapping[str, Result], geometry: SurveyGeometry) -> Float:
    """Return the nodes of all sticks, fault after fault: rows of `NODE_COLUMNS`."""
    tables = [unpacked(result["nodes"], 6) for result in results.values()]
    rows = np.concatenate([np.zeros((0, 6), np.int64), *tables])
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
    begins = np.any(np.diff(rows[:, :3], axis=0, prepend=-1) != 0, axis=1)
    stick = np.cumsum(begins) - 1
    places = rows[:, 3:] / SIXTEENTHS
    return np.column_stack([rows[:, 0], stick, _positions(places, geometry)])


def _positions(places: Float, geometry: SurveyGeometry) -> Float:
    """Return inline, crossline, time or depth, CDP X and Y of places between samples, shape (n, 5)."""
    inline = geometry.inlines[0] + line_step(geometry.inlines) * places[:, 0]
    crossline = geometry.crosslines[0] + line_step(geometry.crosslines) * places[:, 1]
    sample = geometry.samples.start + geometry.samples.interval * places[:, 2]
    if geometry.affine is not None:
        x0, dx_il, dx_xl, y0, dy_il, dy_xl = geometry.affine
        x = x0 + dx_il * inline + dx_xl * crossline
        y = y0 + dy_il * inline + dy_xl * crossline
    else:
        x, y = (
            map_coordinates(each, places[:, :2].T, order=1, mode="nearest")
            for each in (geometry.cdp_x, geometry.cdp_y)
        )
    return np.stack([inline, crossline, sample, x, y], axis=1)


def stick_counts(nodes: Float) -> Counter[int]:
    """Return how many sticks each fault has."""
    pairs = np.unique(nodes[:, :2], axis=0)
    return Counter(pairs[:, 0].astype(int).tolist())
