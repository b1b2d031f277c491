"""From a volume that OpendTect alone can read to a CBVS file, through OpendTect's own library."""

from pathlib import Path

import numpy as np

from storage.cbvs.header import Component
from storage.cbvs.writer import writing
from storage.errors import OutputError, ProjectError
from storage.opendtect.odbind import open_volume
from storage.opendtect.survey import is_survey
from tasks.fan_out import Progress

BLOCK_BYTES = 64 << 20
"""Samples that are asked for at once."""


def fetch(
    volume: Path, out: Path, *, overwrite: bool = False, progress: Progress
) -> tuple[int, ...]:
    """Copy a volume of a survey to a CBVS file, inline by inline; the file appears whole.

    Parameters
    ----------
    volume
        The survey folder with the volume's name behind it.
    out
        The file.
    overwrite
        Replace a file that is there.
    progress
        Told after every block.

    Returns
    -------
    tuple of int
        Inlines, crosslines and samples.

    Raises
    ------
    ProjectError
        If there is no such survey, or OpendTect's library is not there or cannot read the volume.
    OutputError
        If a file is there.
    """
    if out.exists() and not overwrite:
        raise OutputError(out, "it is there", "Name another file, or replace it with --overwrite.")
    folder = next((each for each in volume.parents if is_survey(each)), None)
    if folder is None:
        raise ProjectError(
            volume,
            "no survey folder of OpendTect is in this path",
            "Name SURVEY_FOLDER/Name of volume.",
        )
    found = open_volume(folder.absolute(), str(volume.relative_to(folder)))
    shape, components = found.geometry.shape, found.components
    step = max(1, BLOCK_BYTES // (4 * shape[1] * shape[2] * len(components)))
    stored = [Component(name, np.dtype(np.float32)) for name in components]
    with writing(out, found.geometry, stored) as add:
        for start in range(0, shape[0], step):
            inlines = slice(start, min(start + step, shape[0]))
            add(inlines, found.read(inlines))
            progress(inlines.stop, shape[0])
    return shape
