"""From a volume to fault probability, tile by tile.

A tile reads its region, normalizes, fills dead bins, predicts, and writes the whole shards of its core.
Each worker process loads the network once.
"""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from models.fill import REACH, fill_dead
from models.normalize import Scale, normalize, scale_of
from models.runtime.protocol import Runtime
from models.tiles import (
    Tile,
    Tiling,
    core_within,
    depth_patches,
    network_input,
    tile_at,
)
from storage.errors import DamagedStoreError
from storage.ledger import Identity, key_of, open_ledger
from storage.segy.group import copy_group, has_group
from storage.volume import (
    Variable,
    attributes_of,
    create_volume,
    finish,
    geometry_of,
    is_complete,
    read_region,
    write_region,
)
from tasks.fan_out import Progress, Result, stream_jobs
from tasks.ingest import AMPLITUDE, TEMPLATE
from tasks.job_grid import Block, GridJobs
from tasks.preload import Loadable, end_preload, preload, runtime_of

logger = logging.getLogger(__name__)

FAULT_PROBABILITY = "fault_probability"


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What tiling and the result's attributes need.

    Parameters
    ----------
    sha256
        Of the weights file.
    stride, halo
        In samples, as in `models.runtime.protocol.Runtime`.
    bytes_per_sample
        Peak memory of a prediction for each sample of its input.
    threshold
        Probability from which a sample counts as fault, fixed on validation data.
    cost
        Samples predicted for each sample of a tile, all passes of all networks.
    """

    sha256: str
    stride: int
    halo: int
    bytes_per_sample: int
    threshold: float
    cost: float = 1.0


class SpoiledTileError(Exception):
    """A shard of the volume that a tile needs cannot be read; tiles that do not need it may go on.

    Parameters
    ----------
    where, what
        The shard's file, and what is wrong with it.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)
        self.where, self.what = where, what

    def __str__(self) -> str:
        return (
            f"{self.where}: {self.what}. "
            "Put that file back, or remove the volume, which is then made anew"
        )


class Network(Loadable, Protocol):
    """What inference must know of a network before it is loaded."""

    @property
    def facts(self) -> NetworkFacts:
        """Stride, halo and memory, threshold and hash."""


@dataclass(frozen=True, slots=True)
class TileJob:
    """One tile: where it lies, what to read, what to write, and by which network."""

    tile: Tile
    tiling: Tiling
    volume: Path
    faults: Path
    network: Network
    scale: Scale
    threshold: float


def infer(
    volume: Path,
    faults: Path,
    network: Network,
    *,
    identity: Identity,
    tiling: Tiling,
    threshold: float,
    client: Client | None = None,
    progress: Progress | None = None,
) -> None:
    """Predict fault probability for a whole volume; goes on where an earlier call was stopped.

    Parameters
    ----------
    volume
        A complete store of amplitudes.
    faults
        The store to write.
    network
        Loaded once in each worker process.
    identity
        Facts that decide the bytes of the result.
    tiling
        From `tasks.plan.plan`.
    threshold
        Stored with the result, as the probability from which a sample counts as fault.
    client, progress
        As in `tasks.fan_out.run_jobs`.
    """
    scale = scale_of(attributes_of(volume)["statistics"]["histogram"])
    geometry = geometry_of(volume)
    with open_ledger(faults, identity) as ledger:
        if is_complete(faults, identity):
            ledger.close_complete()
            return
        if TEMPLATE not in ledger.done:
            _lay_out(volume, faults, identity)
            ledger.record(TEMPLATE, {})

        def job(core: Block) -> TileJob:
            tile = tile_at(core, tiling)
            return TileJob(tile, tiling, volume, faults, network, scale, threshold)

        jobs = GridJobs(geometry.shape, tiling.steps, job)
        profiles = tuple(np.zeros(n, np.int64) for n in geometry.shape)
        runtimes: set[str] = set()

        def take(_name: str, result: Result) -> None:
            runtimes.add(result["runtime"])
            _add_profiles(profiles, result)

        if client:
            preload(client, network)
        stream_jobs(
            infer_tile, jobs, take, what="infer", client=client, ledger=ledger, progress=progress
        )
        if client:
            end_preload(client)
        finish(
            faults,
            {
                "threshold": threshold,
                "faulty_samples": int(profiles[0].sum()),
                "busiest": [int(profile.argmax()) for profile in profiles],
                "normalization": asdict(scale),
                "weights_sha256": network.facts.sha256,
                "runtime": ", ".join(sorted(runtimes)),
                "tiling": asdict(tiling),
            },
        )
        ledger.close_complete()


def infer_tile(job: TileJob) -> Result:
    """Predict one tile and write its core; return what the report needs of it."""
    runtime = runtime_of(job.network)
    try:
        amplitude, live = _read(job)
    except DamagedStoreError as error:
        raise SpoiledTileError(error.where, error.what) from error
    probability = predict_tile(amplitude, job.tile, job.tiling, runtime)
    core = job.tile.core
    probability[~live] = np.nan
    write_region(job.faults, FAULT_PROBABILITY, core, probability)
    faulty = probability >= job.threshold
    return {
        "runtime": runtime.name,
        "start": [part.start for part in core],
        "profiles": [faulty.sum(axis=axes).tolist() for axes in ((1, 2), (0, 2), (0, 1))],
    }


def _add_profiles(profiles: tuple[NDArray[np.int64], ...], result: Result) -> None:
    """Add a tile's faulty samples to those on every inline, crossline and sample of the survey."""
    for profile, start, counts in zip(profiles, result["start"], result["profiles"], strict=True):
        profile[start : start + len(counts)] += counts


def predict_tile(
    amplitude: NDArray[np.float32], tile: Tile, tiling: Tiling, runtime: Runtime
) -> NDArray[np.float32]:
    """Return the probabilities of a tile's core from the normalized amplitudes it reads."""
    extended, core = network_input(amplitude, tile, tiling), core_within(tile, tiling)
    kept = np.empty([part.stop - part.start for part in tile.core], np.float32)
    for source, depth, place in depth_patches(tiling):
        kept[..., place] = runtime.predict(extended[..., source], core)[(*core, depth)]
    return kept


def _read(job: TileJob) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the normalized, filled amplitudes of a tile's read region, and its core's live mask.

    Where bins are dead, more is read around the region: what fills a bin then does not depend on
    where the tile ends.
    """
    tile = job.tile
    read: tuple[slice, ...] = tuple(
        slice(max(0, part.start - REACH), min(n, part.stop + REACH))
        for part, n in zip(tile.read[:2], job.tiling.survey, strict=False)
    )
    live = read_region(job.volume, "live_mask", read)
    if live[_within(tile.read, read)].all():
        live, read = live[_within(tile.read, read)], tile.read[:2]
    samples = read_region(job.volume, AMPLITUDE, (*read, tile.read[2]), live)
    amplitude = fill_dead(normalize(samples, job.scale), live, REACH)
    return amplitude[_within(tile.read, read)], live[_within(tile.core, read)]


def _within(part: tuple[slice, ...], whole: tuple[slice, ...]) -> tuple[slice, ...]:
    """Return where the lateral axes of a region lie in a larger one."""
    return tuple(
        slice(want.start - have.start, want.stop - have.start)
        for want, have in zip(part, whole, strict=False)
    )


def _lay_out(volume: Path, faults: Path, identity: Identity) -> None:
    """Write the template of the fault store, with the raw headers it needs to export alone."""
    source = attributes_of(volume)
    kept = {name: source.get(name) for name in ("title", "domain", "affine", "crs")}
    probability = Variable(FAULT_PROBABILITY, np.float32, "1", "fault probability, 0 to 1")
    attributes = {**kept, "identity": dict(identity), "key": key_of(identity)}
    create_volume(faults, geometry_of(volume), [probability], attributes)
    if has_group(volume):  # what came from no SEG-Y file has no headers to keep
        copy_group(volume, faults)
