"""What a report shows of a fault volume: its busiest inline, crossline and time slice."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.normalize import Scale, normalize
from storage.geometry import SurveyGeometry
from storage.volume import attributes_of, geometry_of, read_region
from tasks.infer import FAULT_PROBABILITY
from tasks.ingest import AMPLITUDE
from tasks.surface_tiles import FAULT_ID

LARGEST_PICTURE = 1500
"""Samples along a side of a slice; longer axes are thinned, as no screen shows more."""


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """One slice through amplitude and fault probability.

    Parameters
    ----------
    title
        Such as ``Inline 245``.
    across, down
        Names of the horizontal and the vertical axis.
    extent
        Left, right, bottom and top in line numbers, ms or metres.
    amplitude
        Normalized to -4..4, shape (down, across), NaN where there is no trace.
    probability
        0..1, the same shape.
    fault_id
        Number of the fault on its surface, 0 elsewhere, the same shape; None where no surfaces were found.
    """

    title: str
    across: str
    down: str
    extent: tuple[float, float, float, float]
    amplitude: NDArray[np.float32]
    probability: NDArray[np.float32]
    fault_id: NDArray[np.int32] | None = None


def busiest_slices(volume: Path, faults: Path, surfaces: Path | None = None) -> list[Slice]:
    """Return the inline, the crossline and the time or depth slice with the most faulty samples.

    Lines along which the survey has a single bin are left out: they show nothing.
    """
    geometry = geometry_of(faults)
    attributes = attributes_of(faults)
    scale = Scale(**attributes["normalization"])
    return [
        _slice((volume, faults, surfaces), geometry, scale, axis, index)
        for axis, index in enumerate(attributes["busiest"])
        if min(n for i, n in enumerate(geometry.shape) if i != axis) > 1
    ]


def _slice(
    stores: tuple[Path, Path, Path | None],
    geometry: SurveyGeometry,
    scale: Scale,
    axis: int,
    index: int,
) -> Slice:
    """Read one slice, thinned where it is long."""
    volume, faults, surfaces = stores
    labels = (geometry.inlines, geometry.crosslines, geometry.samples.values())
    across, down = [i for i in range(3) if i != axis]
    steps = [max(1, -(-n // LARGEST_PICTURE)) for n in geometry.shape]
    region = [slice(0, n, step) for n, step in zip(geometry.shape, steps, strict=True)]
    region[axis] = slice(index, index + 1)
    amplitude = read_region(volume, AMPLITUDE, tuple(region)).squeeze(axis).T
    probability = read_region(faults, FAULT_PROBABILITY, tuple(region)).squeeze(axis).T
    fault_id = None
    if surfaces:
        fault_id = read_region(surfaces, FAULT_ID, tuple(region)).squeeze(axis).T
    shown = normalize(amplitude, scale)
    shown[np.isnan(probability)] = np.nan
    unit = f" {geometry.samples.unit}" if axis == 2 else ""
    name = (geometry.dims[axis] if axis < 2 else geometry.samples.name).capitalize()
    (left, right), (top, bottom) = _ends(labels[across]), _ends(labels[down])
    return Slice(
        f"{name} {labels[axis][index]:g}{unit}",
        _axis_title(geometry, across),
        _axis_title(geometry, down),
        (left, right, bottom, top),
        shown,
        probability,
        fault_id,
    )


def _ends(values: NDArray[np.generic]) -> tuple[float, float]:
    """Return the outer edges of the first and the last sample."""
    first, last = float(values[0]), float(values[-1])
    half = (last - first) / max(len(values) - 1, 1) / 2 or 0.5
    return first - half, last + half


def _axis_title(geometry: SurveyGeometry, axis: int) -> str:
    names = ("inline", "crossline", f"{geometry.samples.name}, {geometry.samples.unit}")
    return names[axis]


def facts_of(geometry: SurveyGeometry, faults: Path) -> dict[str, object]:
    """Return what was found, for people and for the record of the run."""
    attributes = attributes_of(faults)
    live = int(geometry.live_mask.sum())
    axis = geometry.samples
    share = attributes["faulty_samples"] / max(1, live * axis.count)
    return {
        "inlines": f"{geometry.inlines[0]} to {geometry.inlines[-1]}, {len(geometry.inlines)}",
        "crosslines": f"{geometry.crosslines[0]} to {geometry.crosslines[-1]}, "
        f"{len(geometry.crosslines)}",
        axis.name: f"{axis.start:g} to {axis.values()[-1]:g} {axis.unit}, every {axis.interval:g}",
        "traces": live,
        "threshold": attributes["threshold"],
        "faulty samples": f"{attributes['faulty_samples']} ({share:.2%})",
        "runtime": attributes["runtime"],
        "weights": attributes["weights_sha256"],
        "normalization": f"center {attributes['normalization']['center']:.6g}, "
        f"spread {attributes['normalization']['spread']:.6g}",
    }
