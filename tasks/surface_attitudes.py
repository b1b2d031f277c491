"""How fault surfaces lie, counted over all their samples: strikes, dips; a job a shard column."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from models.surfaces.frame import Frame
from storage.layout import lateral_blocks
from storage.volume import attributes_of, geometry_of, job_shape, read_region, whole
from tasks.fan_out import Progress, Result, run_jobs
from tasks.surface_tiles import DIP, FAULT_ID, STRIKE

Float = NDArray[np.float64]

STRIKE_STEP_DEG, DIP_STEP_DEG = 10, 5


@dataclass(frozen=True, slots=True, eq=False)
class Attitudes:
    """How much of all surfaces lies how, in square metres; on a single line in samples.

    Attributes
    ----------
    strike
        By steps of `STRIKE_STEP_DEG` over half a turn, as a strike has two directions; zeros on a line.
    dip
        By steps of `DIP_STEP_DEG` from 0 to 90.
    """

    strike: Float
    dip: Float


def attitudes_of(
    surfaces: Path, *, client: Client | None = None, progress: Progress | None = None
) -> Attitudes:
    """Return how the surfaces of a complete store lie.

    Parameters
    ----------
    surfaces
        The store.
    client, progress
        As in `tasks.fan_out.run_jobs`.
    """
    shape = geometry_of(surfaces).shape
    frame = Frame(**attributes_of(surfaces)["frame"])
    jobs = {
        f"{block[0].start},{block[1].start}": block
        for block in lateral_blocks(shape, job_shape(surfaces, FAULT_ID))
    }
    work = partial(count_attitudes, surfaces=surfaces, frame=frame, depth=shape[2])
    results = run_jobs(work, jobs, what="attitudes", client=client, progress=progress).values()
    return Attitudes(*(np.sum([each[name] for each in results], 0) for name in ("strike", "dip")))


def count_attitudes(
    block: tuple[slice, slice], *, surfaces: Path, frame: Frame, depth: int
) -> Result:
    """Return the histograms of one block."""
    region = whole(block, depth)
    on_fault = read_region(surfaces, FAULT_ID, region) > 0
    strike, dip = (
        read_region(surfaces, name, region)[on_fault].astype(np.float64) for name in (STRIKE, DIP)
    )
    line = frame.missing is not None
    weight = np.ones(len(dip)) if line else areas_m2(strike, dip, frame)
    known = np.isfinite(strike)
    strikes, _ = np.histogram(
        strike[known] % 180, _edges(180, STRIKE_STEP_DEG), weights=weight[known]
    )
    dips, _ = np.histogram(dip, _edges(90, DIP_STEP_DEG), weights=weight)
    return {"strike": strikes.tolist(), "dip": dips.tolist()}


def areas_m2(strike_deg: Float, dip_deg: Float, frame: Frame) -> Float:
    """Return what a surface has within the row of samples that it cuts most squarely, shape (n,)."""
    strike, dip = np.radians(strike_deg), np.radians(dip_deg)
    normal = np.stack(
        [np.sin(dip) * np.cos(strike), -np.sin(dip) * np.sin(strike), -np.cos(dip)], axis=1
    )
    return np.asarray(frame.cell_m3 / np.abs(normal @ frame.steps.T).max(axis=1, initial=1e-9))


def _edges(end: int, step: int) -> Float:
    return np.arange(0, end + step, step, dtype=np.float64)
