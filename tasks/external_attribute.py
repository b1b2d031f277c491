"""The conversation with OpendTect's External Attribute: a trace is asked for, its probabilities go back.

The volume of the project is opened here, as a network needs far more than the trace that comes through the
pipe. Where it cannot be, the traces that come must do.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from storage.cbvs.fingerprint import fingerprint
from storage.cbvs.reader import open_cbvs
from storage.errors import InputError
from storage.geometry import SampleAxis
from storage.opendtect.attribute_pipe import (
    PipeHead,
    Request,
    read_head,
    read_request,
    write_answer,
)
from storage.tile_cache import TileCache
from tasks.attribute_volume import AttributeVolume, Say, Seen, Trace, index_of
from tasks.ensemble import FaultNetworks
from tasks.locate import Located, locate
from tasks.passing_traces import PassingTraces
from tasks.section_source import VolumeAt, open_volume

ALONE = (
    "Faults are sought in the passing traces alone, which shows less: choose a stored CBVS volume as input, "
    "or a stepout of 0,32."
)

ALIKE, CHECKED = 0.9, 20
"""Correlation of traces of the pipe with those of the volume; how many are looked at."""

AHEAD = 0.02
"""Part of a sample by which the times asked for may differ from those of the volume."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user set in OpendTect.

    Attributes
    ----------
    survey
        Survey folder.
    name
        Of the input.
    seen
        What the networks see: tiles of the volume, or every inline or crossline for itself.
    """

    survey: Path
    name: str
    seen: Seen


def cache_in(folder: Path, most_bytes: int) -> TileCache:
    """Return what keeps predictions in a folder, for all processes, up to so many bytes."""
    return TileCache(folder, most_bytes)


def serve(
    asked: Asked,
    requests: BinaryIO,
    answers: BinaryIO,
    *,
    networks: FaultNetworks,
    cache: TileCache,
    threads: int,
    say: Say,
) -> None:
    """Answer the requests of OpendTect until it closes the pipe.

    Parameters
    ----------
    asked
        What the user set.
    requests, answers
        The pipe.
    networks
        Which are to see the volume.
    cache
        Of what was predicted, shared by processes.
    threads
        Of the runtime.
    say
        Takes lines for people, which OpendTect logs.

    Raises
    ------
    InputError
        If what comes is no request.
    """
    head = read_head(requests)
    if head is None:
        return
    volume = _volume(asked, networks, cache, threads, say)
    alone = PassingTraces(networks, threads)
    check = _Check()
    while (request := read_request(requests, head)) is not None:
        if volume and not check.agrees(volume, request, head):
            say(f"the input is not the volume {asked.name!r} as it is stored. {ALONE}")
            volume = None
        if volume:
            trace = volume.trace(request.inline, request.crossline)
            answer = _at_times(trace, volume.volume.geometry.samples, request, head)
        else:
            answer = alone.answer(request)
        write_answer(answers, head, answer)


def _volume(
    asked: Asked, networks: FaultNetworks, cache: TileCache, threads: int, say: Say
) -> AttributeVolume | None:
    """Return the volume of the project; None, with its reason said, where it cannot be opened."""
    try:
        located = locate([asked.survey / asked.name])
        path = _cbvs_of(located)
        at = VolumeAt(asked.name, path, "cbvs", path.stat().st_mtime, project=asked.survey)
        identity = fingerprint(open_cbvs(path))
        opened = open_volume(at)
    except (InputError, OSError) as error:
        say(f"{error} {ALONE}")
        return None
    return AttributeVolume(opened, identity, networks, asked.seen, cache, threads, say)


def _cbvs_of(located: Located) -> Path:
    """Return the file of a volume that is stored in the project."""
    if located.form != "cbvs":
        raise InputError(located.title, "only CBVS is read here", "Copy it to CBVS in OpendTect.")
    return Path(located.files[0])


@dataclass
class _Check:
    """Whether the traces that come are those of the volume, by the first of them."""

    left: int = CHECKED

    def agrees(self, volume: AttributeVolume, request: Request, head: PipeHead) -> bool:
        """Compare a trace; True where nothing speaks against it."""
        if self.left == 0:
            return True
        geometry = volume.volume.geometry
        i = index_of(geometry.inlines, request.inline)
        j = index_of(geometry.crosslines, request.crossline)
        if i is None or j is None:
            return True
        whole = volume.volume.read(
            (slice(i, i + 1), slice(j, j + 1), slice(0, geometry.shape[2]))
        )[0, 0]
        stored = np.nan_to_num(_at_times(whole, geometry.samples, request, head))
        came = request.samples[0, head.inlines // 2, head.crosslines // 2]
        if stored.std() == 0 or came.std() == 0:
            return True
        self.left -= 1
        return float(np.corrcoef(stored, came)[0, 1]) >= ALIKE


def _at_times(trace: Trace | None, axis: SampleAxis, request: Request, head: PipeHead) -> Trace:
    """Return a trace of the volume at the times that are asked for, NaN outside."""
    count = request.samples.shape[-1]
    if trace is None:
        return np.full(count, np.nan, np.float32)
    step = head.z_step * (1000 if axis.domain == "time" else 1)
    place = ((request.first + np.arange(count)) * step - axis.start) / axis.interval
    near = np.rint(place).astype(int)
    if np.abs(place - near).max() > AHEAD:
        found = np.interp(place, np.arange(trace.size), trace, left=np.nan, right=np.nan)
        return np.asarray(found, np.float32)
    inside = (near >= 0) & (near < trace.size)
    found = np.where(inside, trace[np.clip(near, 0, trace.size - 1)], np.nan)
    return np.asarray(found, np.float32)
