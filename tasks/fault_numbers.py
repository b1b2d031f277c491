"""Segments of all tiles become numbered faults: seams are joined, faults counted off, tiles rewritten."""

from collections.abc import Callable, Mapping

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from models.surfaces.segments import COLUMNS, number_faults
from storage.ledger import Ledger
from tasks.fan_out import JobT, Progress, Result, run_jobs
from tasks.surface_tiles import (
    NumberJob,
    SeamJob,
    SurfaceJob,
    join_seam,
    number_tile,
    packed,
    seams_of,
    unpacked,
)

Integers = NDArray[np.int64]


class Runs:
    """Runs one kind of jobs after the other over one ledger; progress counts on."""

    def __init__(self, client: Client | None, ledger: Ledger, progress: Progress | None) -> None:
        self._client, self._ledger, self._progress = client, ledger, progress
        self._before = 0

    def __call__(
        self, what: str, work: Callable[[JobT], Result], jobs: Mapping[str, JobT]
    ) -> dict[str, Result]:
        """Run jobs as `run_jobs` does."""
        before = self._before

        def count_on(done: int, total: int) -> None:
            if self._progress:
                self._progress(before + done, before + total)

        results = run_jobs(
            work, jobs, what=what, client=self._client, ledger=self._ledger, progress=count_on
        )
        self._before += len(jobs)
        return results


def number_all(
    run: Runs, tiles: Mapping[str, SurfaceJob], found: Mapping[str, Result]
) -> Integers:
    """Write the numbers of the faults into the store of surfaces; return the sums of each."""
    counts = [found[name]["segments"] for name in tiles]
    firsts = dict(zip(tiles, np.cumsum([0, *counts]).tolist(), strict=False))
    sums = np.concatenate([unpacked(found[name]["sums"], COLUMNS) for name in tiles])
    seams, owners = {}, {}
    for name, tile in tiles.items():
        for axis, region, faces in seams_of(tile.core, tile.shape):
            key = f"seam:{axis}:{name}"
            seams[key] = SeamJob(tile.scratch, tile.frame, tile.angle_deg, region, faces)
            owners[key] = _owners(tile, firsts)
    pairs = [np.zeros((0, 2), np.int64)]
    for key, result in run("seams", join_seam, seams).items():
        rows, first = unpacked(result["pairs"], 4), owners[key]
        pairs.append(np.stack([first[rows[:, 0]] + rows[:, 1], first[rows[:, 2]] + rows[:, 3]], 1))
    smallest = next(iter(tiles.values())).smallest
    ids, fault_sums = number_faults(sums, np.concatenate(pairs), smallest)
    numbering = {
        f"number:{name}": NumberJob(tile, packed(ids[firsts[name] : firsts[name] + count]))
        for (name, tile), count in zip(tiles.items(), counts, strict=True)
    }
    run("fault numbers", number_tile, numbering)
    return fault_sums


def _owners(tile: SurfaceJob, firsts: Mapping[str, int]) -> Integers:
    """Return what is to be added to the segments of a tile and of the three after it, as seams count them."""
    near, far = [part.start for part in tile.core], [part.stop for part in tile.core]
    names = [f"{i},{j}" for i in (near[0], far[0]) for j in (near[1], far[1])]
    # Segments count from 1 within a tile, and from 0 in the survey.
    return np.array([firsts.get(name, 0) - 1 for name in names])
