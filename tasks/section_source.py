"""Volumes whose sections are looked at: where they lie, what axes they have, one plane of samples.

A volume is a Zarr store, of a run or not, or an entry of an OpendTect project. What is handed to another
process is where it lies; it is opened where it is read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.normalize import Scale
from storage.cbvs.reader import open_cbvs, read_traces
from storage.errors import InputError
from storage.geometry import Region, SurveyGeometry
from storage.opendtect.survey import is_survey, read_survey
from storage.opendtect.tables import VOLUME, objects
from storage.volume import attributes_of, geometry_of, is_complete, read_region, volumes_of
from tasks.locate import survey_says

AMPLITUDE, FAULT_PROBABILITY = "amplitude", "fault_probability"

Form = Literal["zarr", "cbvs"]
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class VolumeAt:
    """Where a volume lies.

    Attributes
    ----------
    name
        As people know it.
    path
        Of the store or file.
    form
        How it is read.
    stamp
        When it was last changed: what was written again is another volume.
    faults
        Store of the fault probability that a run found, None where there is none.
    project
        OpendTect survey folder that it is an entry of, None for others.
    """

    name: str
    path: Path
    form: Form
    stamp: float
    faults: Path | None = None
    project: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OpenVolume:
    """A volume that can be read.

    Attributes
    ----------
    geometry
        Its axes.
    read
        From a region to its samples, NaN where there is no trace.
    scale
        Of its amplitudes, None where nobody knows it.
    """

    geometry: SurveyGeometry
    read: Callable[[Region], Samples]
    scale: Scale | None


def volumes_at(target: Path) -> list[VolumeAt]:
    """Return the volumes that a run folder, a store, a CBVS file or an OpendTect survey folder holds.

    Raises
    ------
    InputError
        If there is none to look at.
    """
    if not target.exists():
        raise InputError(target, "there is nothing", "Name a run folder, a project or a volume.")
    if is_survey(target):
        return volumes_of_survey(target)
    if target.suffix == ".cbvs":
        return [VolumeAt(target.stem, target, "cbvs", target.stat().st_mtime)]
    store = target / "volume.zarr" if (target / "run.json").exists() else target
    if not is_complete(store) or AMPLITUDE not in volumes_of(store):
        raise InputError(
            target,
            "it holds no complete volume of amplitudes",
            "Name the folder of a map-faults run, a volume that 'graben ingest' made, or an OpendTect "
            "survey folder.",
        )
    faults = store.with_name("faults.zarr")
    found = faults if store != target and is_complete(faults) else None
    name = target.name if store != target else store.stem
    return [VolumeAt(name, store, "zarr", (store / "zarr.json").stat().st_mtime, found)]


def volumes_of_survey(survey: Path) -> list[VolumeAt]:
    """Return the CBVS volumes that an OpendTect survey lists and that are there.

    Raises
    ------
    InputError
        If there is none.
    """
    read_survey(survey)
    entries = [each for each in objects(survey, VOLUME.folder) if each.group == VOLUME.group]
    found = []
    for entry in entries:
        path = survey / VOLUME.folder / entry.file
        if entry.translator == VOLUME.translator and path.is_file():
            found.append(VolumeAt(entry.name, path, "cbvs", path.stat().st_mtime, project=survey))
    if not found:
        others = ", ".join(f"{each.name} ({each.translator})" for each in entries)
        raise InputError(
            survey,
            f"it lists no CBVS volume that is there{f', but {others}' if others else ''}",
            "Import seismic data into CBVS in OpendTect, or copy the volume there into CBVS.",
        )
    return found


@lru_cache(maxsize=4)
def open_volume(at: VolumeAt) -> OpenVolume:
    """Open a volume; one that is open already is shared.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    return _open_store(at) if at.form == "zarr" else _open_cbvs(at)


def _open_store(at: VolumeAt) -> OpenVolume:
    from tasks.section import scale_of_store  # only what predicts waits for Dask

    geometry = geometry_of(at.path)

    def read(region: Region) -> Samples:
        samples = read_region(at.path, AMPLITUDE, region).astype(np.float32, copy=False)
        samples[~geometry.live_mask[region[:2]]] = np.nan  # volumes of integers have 0 there
        return samples

    return OpenVolume(geometry, read, scale_of_store(at.path))


def _open_cbvs(at: VolumeAt) -> OpenVolume:
    """Open an OpendTect volume: time or depth, and where lines lie, is what its survey says of it."""
    folder = at.project or at.path.absolute().parent.parent
    if is_survey(folder):
        said = survey_says(folder, at.path)
        cbvs = open_cbvs(
            at.path,
            domain=said.domain,
            length_unit=said.length_unit,
            affine=said.affine,
            xy_unit=said.xy_unit,
        )
    else:
        cbvs = open_cbvs(at.path)
    geometry = cbvs.geometry

    def read(region: Region) -> Samples:
        samples = read_traces(cbvs, 0, *region).astype(np.float32, copy=False)
        samples[~geometry.live_mask[region[:2]]] = np.nan
        return samples

    return OpenVolume(geometry, read, None)


def plane_region(shape: tuple[int, int, int], axis: int, index: int) -> Region:
    """Return the region of one plane."""
    i, j, k = (
        slice(index, index + 1) if each == axis else slice(0, n) for each, n in enumerate(shape)
    )
    return i, j, k


def read_plane(at: VolumeAt, axis: int, index: int) -> Samples:
    """Return one plane of samples, the other two axes in the volume's order."""
    volume = open_volume(at)
    return volume.read(plane_region(volume.geometry.shape, axis, index)).squeeze(axis)


def known_faults(at: VolumeAt, axis: int, index: int) -> Samples | None:
    """Return the fault probability of a plane where a run has found it, None elsewhere."""
    if at.faults is None:
        return None
    region = plane_region(open_volume(at).geometry.shape, axis, index)
    found = read_region(at.faults, FAULT_PROBABILITY, region).squeeze(axis)
    return found.astype(np.float32, copy=False)


def threshold_of(at: VolumeAt) -> float | None:
    """Return the threshold of the faults that a run has found."""
    return float(attributes_of(at.faults)["threshold"]) if at.faults else None
