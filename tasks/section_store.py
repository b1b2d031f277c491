"""The faults of one section as an entry of an OpendTect survey: a volume that is one plane thick."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.cbvs.header import Component
from storage.cbvs.writer import writing
from storage.geometry import SurveyGeometry
from storage.opendtect.adding import New, add
from storage.opendtect.fit import check_fit
from storage.opendtect.survey import read_survey
from storage.opendtect.tables import VOLUME
from tasks.section_axes import axes_of
from tasks.section_source import VolumeAt, open_volume

COMPONENT = "Fault probability"


def add_section(
    volume: VolumeAt, axis: int, index: int, probability: NDArray[np.float32], survey: Path
) -> str:
    """Add a plane of fault probability to a survey.

    Parameters
    ----------
    volume, axis, index
        Which plane.
    probability
        The other two axes in the volume's order, NaN where there is no trace.
    survey
        The survey folder; a name that is taken there is counted on.

    Returns
    -------
    str
        The name that the entry got.

    Raises
    ------
    InputError
        If the plane does not lie on the survey, or the survey's tables cannot be used.
    """
    whole = open_volume(volume).geometry
    plane = plane_geometry(whole, axis, index)
    check_fit(plane, read_survey(survey), survey)
    place = axes_of(whole)[axis]
    unit = f" {place.unit}" if place.unit else ""
    name = f"{volume.name} faults {place.word.lower()} {place.value(index):g}{unit}"
    samples = np.expand_dims(probability, axis)
    return add(survey, New(name, VOLUME, partial(_write, plane, samples))).name


def plane_geometry(whole: SurveyGeometry, axis: int, index: int) -> SurveyGeometry:
    """Return the geometry of one plane of a volume."""
    cut = [slice(index, index + 1) if each == axis else slice(None) for each in range(3)]
    samples, bins = whole.samples, (cut[0], cut[1])
    if axis == 2:
        samples = replace(samples, start=float(samples.values()[index]), count=1)
    return replace(
        whole,
        inlines=whole.inlines[cut[0]],
        crosslines=whole.crosslines[cut[1]],
        samples=samples,
        live_mask=whole.live_mask[bins],
        cdp_x=whole.cdp_x[bins],
        cdp_y=whole.cdp_y[bins],
    )


def _write(geometry: SurveyGeometry, samples: NDArray[np.float32], path: Path) -> None:
    """Write the volume; of a slice there is a trace where the volume has one."""
    with writing(path, geometry, [Component(COMPONENT, np.dtype(np.float32))]) as add_lines:
        add_lines(slice(0, len(geometry.inlines)), samples[np.newaxis])
