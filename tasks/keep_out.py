"""Bins of a fault volume that wells keep away from: one job reduces one lateral shard over the interval."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from distributed import Client
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from storage.errors import InputError
from storage.layout import lateral_blocks
from storage.volume import job_shape, open_volume, read_region
from tasks.fan_out import Progress, Result, run_jobs
from tasks.maps import Assignment

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
    """

    live: Float
    faulty: Float


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
        If it is unknown where the bins lie in CDP X/Y.
    """
    with open_volume(source.path) as volume:
        live = volume["live_mask"].to_numpy().astype(bool)
        places = _places(source.path, volume)
    if not live.any():
        raise InputError(source.path, "no bin has a trace", "Map faults again.")
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
    return Bins(places[0][live], np.concatenate(_distinct([each[faulty] for each in places])))


def faulty_in(block: tuple[slice, slice], *, source: FaultSource) -> Result:
    """Return the flat indices of the faulty bins within one lateral block."""
    highest: NDArray[np.float32] | None = None
    for first in range(source.first, source.stop, SLAB):
        region = (*block, slice(first, min(first + SLAB, source.stop)))
        # fmax passes over NaN, which stands where there is no trace.
        slab = np.fmax.reduce(read_region(source.path, VARIABLE, region), axis=2)
        highest = slab if highest is None else np.fmax(highest, slab)
    if highest is None:
        return {"faulty": []}
    return {"faulty": np.flatnonzero(highest >= np.float32(source.threshold)).tolist()}


def on_map(path: Path, bins: Bins, assignment: Assignment) -> Float:
    """Return the faulty bins as positions on the map, shape (n, 2), metres.

    Raises
    ------
    InputError
        If it is not known where the map lies, or no bin of the survey lies on it.
    """
    frame, value_map = assignment.frame, assignment.reservoir.value_map
    if frame is None:
        raise InputError(assignment.path, "it is placed nowhere", "Give --map-origin X,Y.")
    live = frame.to_map(bins.live)
    # A map smaller than a bin may lie between bin centres.
    nearest, _ = cKDTree(live).query(np.array([[value_map.width_m, value_map.height_m]]) / 2)
    size = np.array([value_map.width_m, value_map.height_m])
    inside = ((live >= 0) & (live <= size)).all(axis=1).any()
    if not (inside or nearest[0] <= _spacing(live)):
        low, high = bins.live.min(axis=0), bins.live.max(axis=0)
        corners = frame.to_cdp(np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * size)
        raise InputError(
            path,
            f"map and survey do not overlap: CDP X {low[0]:.0f} to {high[0]:.0f} and Y {low[1]:.0f} to "
            f"{high[1]:.0f} for the survey, X {corners[:, 0].min():.0f} to {corners[:, 0].max():.0f} "
            f"and Y {corners[:, 1].min():.0f} to {corners[:, 1].max():.0f} for the map",
            "Correct --map-origin or --map-azimuth.",
        )
    return frame.to_map(bins.faulty)


def nearest_fault_m(bins: Bins, cdp: Float) -> float | None:
    """Return the smallest distance of positions in CDP X/Y from a faulty bin; None without any."""
    if not len(bins.faulty):
        return None
    distance, _ = cKDTree(bins.faulty).query(cdp)
    return float(np.min(distance))


def _places(path: Path, volume: xr.Dataset) -> list[Float]:
    """Return CDP X/Y of all bins, shape (inline, crossline, 2): by the affine, by the headers."""
    places = []
    affine = volume.attrs.get("affine")
    if affine:
        x0, x_inline, x_crossline, y0, y_inline, y_crossline = affine
        inline = volume["inline"].to_numpy()[:, None].astype(np.float64)
        crossline = volume["crossline"].to_numpy()[None, :].astype(np.float64)
        x = x0 + x_inline * inline + x_crossline * crossline
        y = y0 + y_inline * inline + y_crossline * crossline
        places.append(np.stack([x, y], axis=-1))
    if "cdp_x" in volume and "cdp_y" in volume:
        headers = np.stack([volume["cdp_x"].to_numpy(), volume["cdp_y"].to_numpy()], axis=-1)
        live = volume["live_mask"].to_numpy().astype(bool)
        if live.any() and np.isfinite(headers[live]).all():
            places.append(headers)
    if not places:
        raise InputError(
            path,
            "it does not say where its bins lie in CDP X/Y",
            "Map faults again from a SEG-Y file with coordinates at bytes 181 and 185.",
        )
    return places


def _distinct(places: list[Float]) -> list[Float]:
    """Drop the second set of positions where it is the first."""
    if len(places) == 2 and np.allclose(places[0], places[1], rtol=0.0, atol=1e-4):
        return places[:1]
    return places


def _spacing(live: Float) -> float:
    """Return the distance from a bin to its nearest neighbour, the largest found in a sample."""
    if len(live) < 2:
        return 0.0
    distance, _ = cKDTree(live).query(live[:: max(1, len(live) // 1000)], k=2)
    return float(distance[:, 1].max())
