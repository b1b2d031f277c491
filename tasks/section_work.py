"""What a page asks for that takes time: faults of a section that is looked at, in a process of its own.

The process keeps the networks and the last sections, so that one that was seen is stored without another
prediction.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.section_levels import Levels, amplitude_levels, probability_levels
from storage.volume import is_complete
from tasks.ensemble import fault_networks
from tasks.fan_out import Progress
from tasks.preload import runtime_of
from tasks.project import Contents, plan_project, write_project
from tasks.section import predict_plane
from tasks.section_source import (
    VolumeAt,
    known_faults,
    open_volume,
    read_plane,
)
from tasks.section_store import add_section
from tasks.standing_process import Reporter

AxisNumber = Literal[0, 1, 2]


KEPT = 24
"""Sections whose faults are kept: those that somebody goes back to."""


class Seen(NamedTuple):
    """Faults of a section, as a page draws them.

    Attributes
    ----------
    levels
        Shape (down, across), see `models.section_levels`.
    most
        Largest probability.
    """

    levels: Levels
    most: float


@dataclass(frozen=True, slots=True)
class SectionAt:
    """One section of a volume.

    Attributes
    ----------
    volume
        Which.
    axis
        0 an inline, 1 a crossline, 2 a time or depth slice.
    index
        Along that axis, from 0.
    """

    volume: VolumeAt
    axis: AxisNumber
    index: int


def load_networks(*, progress: Progress) -> None:
    """Load what sees lines, before the first section is asked for."""
    runtime_of(fault_networks(None).view(line=True))
    progress(1, 1)


def own_threshold(*, line: bool) -> float:
    """Return the probability from which the networks of lines, or of volumes, see a fault."""
    return fault_networks(None).view(line=line).facts.threshold


def seismic_of(section: SectionAt) -> Levels:
    """Return the amplitudes of a section as they are drawn, shape (down, across)."""
    return amplitude_levels(read_plane(section.volume, section.axis, section.index).T)


def faults_of(section: SectionAt, *, progress: Reporter) -> Seen:
    """Return the faults of a section, found by a run before, or now."""
    probability = probability_of(section, progress)
    live = np.isfinite(probability)
    most = float(probability[live].max()) if live.any() else 0.0
    return Seen(probability_levels(probability.T), most)


@lru_cache(maxsize=KEPT)  # the process has one reporter, so the section decides
def probability_of(section: SectionAt, progress: Reporter) -> NDArray[np.float32]:
    """Return the fault probability of a section, the other two axes in the volume's order."""
    known = known_faults(section.volume, section.axis, section.index)
    if known is not None:
        return known
    volume = open_volume(section.volume)
    return predict_plane(
        volume.read,
        volume.geometry.shape,
        section.axis,
        section.index,
        scale=volume.scale,
        progress=progress,
    )


def store_faults(section: SectionAt, survey: Path, *, progress: Reporter) -> tuple[str, ...]:
    """Put faults into a survey of OpendTect: those of the whole run, where there is one, else the section's.

    Returns
    -------
    tuple of str
        Names of what is new there; of a run nothing is put there twice.

    Raises
    ------
    InputError
        If they do not lie on the survey, or its tables cannot be used.
    """
    volume, faults = section.volume, section.volume.faults
    if faults is None:
        probability = probability_of(section, progress)
        return (add_section(volume, section.axis, section.index, probability, survey),)
    surfaces = faults.with_name("surfaces.zarr")
    found = surfaces if is_complete(surfaces) else None
    contents = Contents(volume.path, faults, found, wells=None, seismic=False)
    added = write_project(plan_project(survey, contents), progress)
    return tuple(each.entry.name for each in added if not each.before)
