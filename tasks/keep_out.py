"""Bins of a fault volume that wells keep away from: one job reduces one lateral shard over the interval."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from storage.errors import InputError
from storage.layout import lateral_blocks
from storage.volume import job_shape, open_volume, read_region
from tasks.bin_layout import layout_of
from tasks.fan_out import Progress, Result, run_jobs
from tasks.map_extent import MapExtent, refuse_nowhere

Float = NDArray[np.float64]
VARIABLE = "fault_probability"
SLAB = 256
"""Samples read at a time: a job holds a shard's width of them, never a whole shard of a deep volume."""


@dataclass(frozen=True, slots=True)
class FaultSource:
    """A fault volume and what of it counts as fault.

    Parameters
    ----------
    path
        The ``faults.zarr``.
    first, stop
        Sample indices of the interval.
    threshold
        Probability from which a bin is faulty.
    key
        Identity of the volume.
    """

    path: Path
    first: int
    stop: int
    threshold: float
    key: str

    def facts(self) -> dict[str, Any]:
        """Return what decides the faulty bins, as plain values."""
        samples = [self.first, self.stop]
        return {"faults": self.key, "samples": samples, "threshold": self.threshold}


@dataclass(frozen=True, slots=True)
class Bins:
    """Where a survey's bins lie in CDP X/Y, metres.

    Attributes
    ----------
    live
        All bins with a trace, shape (n, 2).
    faulty
        The faulty ones, shape (m, 2). Trace headers round coordinates, the survey's affine does not;
        where both are known and differ a bin appears twice, and wells keep away from both.
    reach_m
        Distance within which every place among live bins has one of them.
    """

    live: Float
    faulty: Float
    reach_m: float


def fault_source(
    path: Path, *, interval: tuple[float, float] | None, threshold: float | None
) -> FaultSource:
    """Look at a fault volume; no sample is read.

    Raises
    ------
    InputError
        If there is no complete fault volume, no threshold, or no sample in the interval.
    """
    volume = open_volume(path)
    if VARIABLE not in volume:
        raise InputError(
            path, f"it has no {VARIABLE}", "Name the faults.zarr of a map-faults run."
        )
    attributes: Mapping[str, Any] = volume.attrs
    limit = threshold if threshold is not None else attributes.get("threshold")
    if limit is None:
        raise InputError(path, "it stores no threshold", "Give one with --threshold.")
    if (unit := volume["cdp_x"].attrs.get("units", "m")) != "m":
        raise InputError(
            path,
            f"its coordinates are in {unit}",
            "Keep-out works in metres: export it in metres.",
        )
    axis = str(volume[VARIABLE].dims[2])
    samples = volume[axis].to_numpy()
    inside = np.arange(len(samples))
    if interval is not None:
        inside = np.flatnonzero((samples >= interval[0]) & (samples <= interval[1]))
    if not len(inside):
        raise InputError(
            path,
            f"no sample lies in the interval (its {axis} is {samples[0]:g} to {samples[-1]:g})",
            "Correct --interval.",
        )
    key = str(attributes.get("key", sorted(attributes.items())))
    return FaultSource(path.absolute(), int(inside[0]), int(inside[-1]) + 1, float(limit), key)


def faulty_bins(
    source: FaultSource, *, client: Client | None = None, progress: Progress | None = None
) -> Bins:
    """Reduce a fault volume to its faulty bins.

    Parameters
    ----------
    source
        The volume, and what counts as fault.
    client
        Where to run; None: threads of this process.
    progress
        Told of every finished shard.

    Raises
    ------
    InputError
        If it is unknown where the bins lie in CDP X/Y, or none of them has a trace.
    """
    layout = layout_of(source.path)
    live, places = layout.live, layout.places
    blocks = lateral_blocks(live.shape, job_shape(source.path, VARIABLE))
    jobs = {f"{rows.start},{columns.start}": (rows, columns) for rows, columns in blocks}
    found = run_jobs(
        partial(faulty_in, source=source), jobs, what="keep-out", client=client, progress=progress
    )
    faulty = np.zeros(live.shape, bool)
    for name, (rows, columns) in jobs.items():
        block = faulty[rows, columns]
        block.flat[found[name]["faulty"]] = True
    faulty &= live
    found_at = np.concatenate(_distinct([each[faulty] for each in places]))
    return Bins(places[0][live], found_at, layout.reach_m)


def faulty_in(block: tuple[slice, slice], *, source: FaultSource) -> Result:
    """Return the flat indices of the faulty bins within one lateral block."""
    faulty = highest_in(block, source) >= np.float32(source.threshold)
    return {"faulty": np.flatnonzero(faulty).tolist()}


def highest_in(block: tuple[slice, slice], source: FaultSource) -> NDArray[np.float32]:
    """Return the largest probability of each bin of a block over the interval, NaN without a trace."""
    highest: NDArray[np.float32] | None = None
    for first in range(source.first, source.stop, SLAB):
        region = (*block, slice(first, min(first + SLAB, source.stop)))
        # fmax passes over NaN, which stands where there is no trace.
        slab = np.fmax.reduce(read_region(source.path, VARIABLE, region), axis=2)
        highest = slab if highest is None else np.fmax(highest, slab)
    if highest is None:
        return np.full([span.stop - span.start for span in block], np.nan, np.float32)
    return highest


def on_map(path: Path, bins: Float, live: Float, extent: MapExtent, *, reach_m: float) -> Float:
    """Return bins of a survey as positions on the map, shape (n, 2), metres.

    Parameters
    ----------
    path
        The fault volume, for messages.
    bins, live
        The bins, and all that have a trace, CDP X/Y, shape (n, 2) each.
    extent
        The map, and where it lies.
    reach_m
        Distance within which every place among live bins has one of them.

    Raises
    ------
    InputError
        If it is not known where the map lies, or no bin of the survey lies on it.
    """
    frame = refuse_nowhere(extent)
    low, high = live.min(axis=0), live.max(axis=0)
    live = frame.to_map(live)
    # A map smaller than a bin may lie between bin centres.
    size = np.array([extent.width_m, extent.height_m])
    nearest, _ = cKDTree(live).query(size[None] / 2)
    inside = ((live >= 0) & (live <= size)).all(axis=1).any()
    if not (inside or nearest[0] <= reach_m):
        corners = frame.to_cdp(np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * size)
        raise InputError(
            path,
            f"map and survey do not overlap: CDP X {low[0]:.0f} to {high[0]:.0f} and Y {low[1]:.0f} to "
            f"{high[1]:.0f} for the survey, X {corners[:, 0].min():.0f} to {corners[:, 0].max():.0f} "
            f"and Y {corners[:, 1].min():.0f} to {corners[:, 1].max():.0f} for the map",
            "Correct --map-origin or --map-azimuth.",
        )
    return frame.to_map(bins)


def nearest_fault_m(bins: Bins, cdp: Float) -> float | None:
    """Return the smallest distance of positions in CDP X/Y from a faulty bin; None without any."""
    if not len(bins.faulty):
        return None
    distance, _ = cKDTree(bins.faulty).query(cdp)
    return float(np.min(distance))


def _distinct(places: list[Float]) -> list[Float]:
    """Drop the second set of positions where it is the first."""
    if len(places) == 2 and np.allclose(places[0], places[1], rtol=0.0, atol=1e-4):
        return places[:1]
    return places
