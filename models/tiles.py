"""Tiles of inference: which part of a volume is read, and which part of the answer is kept.

::

    |<----------------- volume ----------------->|
          |halo|======== core ========|halo|
          |<------------ read ------------>|

The cores of all tiles partition the volume. A core is k x k whole shards over the full depth. The read
region begins on a multiple of the network's stride counted from sample 0, so the answer depends on the
survey and not on the tiling. At the survey's edge there is no halo: the network's own padding stands there,
as it did at the edges of the examples it was trained on; only the last stride is completed, by reflection.
A line has one trace along one axis, and along that axis neither halo nor whole strides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import ceil

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError

Region = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True)
class Tiling:
    """How a volume is cut for a network.

    Parameters
    ----------
    survey
        Shape of the volume.
    stride, halo
        Of the network, in samples; the halo is a multiple of the stride.
    shards
        Lateral shards of a core along each axis (k).
    shard
        Lateral shape of a shard.
    depth_patch
        Samples of the depth kept from one call of the network, a multiple of the stride; the full
        depth where it fits.
    """

    survey: tuple[int, int, int]
    stride: int
    halo: int
    shards: int
    shard: tuple[int, int]
    depth_patch: int

    @property
    def steps(self) -> tuple[int, int]:
        """Traces of a core along inlines and crosslines."""
        return self.shards * self.shard[0], self.shards * self.shard[1]

    @property
    def missing(self) -> int | None:
        """Axis along which there is but one trace; see `missing_axis`."""
        return missing_axis(self.survey)

    def seen(self, axis: int, core: slice) -> tuple[int, int]:
        """Return where the network's input begins and ends: whole strides, the last off the survey too."""
        if axis == self.missing:
            return core.start, core.stop
        first = max(0, core.start - self.halo) // self.stride * self.stride
        last = min(core.stop + self.halo, self.survey[axis])
        return first, first + _round_up(last - first, self.stride)

    def input_samples(self, tile: "Tile") -> tuple[int, int]:
        """Return how many samples the network sees for a tile: in all calls, and in the largest."""
        sides = [last - first for first, last in map(self.seen, (0, 1), tile.core)]
        depths = [source.stop - source.start for source, _, _ in depth_patches(self)]
        return sides[0] * sides[1] * sum(depths), sides[0] * sides[1] * max(depths)


@dataclass(frozen=True, slots=True)
class Tile:
    """One unit of inference: the region read, without what lies off the survey, and the core."""

    read: Region
    core: Region


def choose_tiling(
    shape: tuple[int, int, int],
    shard: tuple[int, int],
    *,
    stride: int,
    halo: int,
    bytes_per_sample: int,
    memory_bytes: int,
) -> Tiling:
    """Return the tiling with the largest cores that fit the memory of one tile.

    The number of workers plays no part, so the same survey is always cut in the same way.

    Raises
    ------
    ParameterError
        If not even one shard over a few samples fits.
    """
    budget = memory_bytes // bytes_per_sample
    most = max(-(-n // s) for n, s in zip(shape[:2], shard, strict=True))

    def tiling(shards: int, depth_patch: int) -> Tiling:
        return Tiling(shape, stride, halo, shards, shard, depth_patch)

    full = _round_up(shape[2], stride)
    for k in range(most, 0, -1):
        if _largest(tiling(k, full)) <= budget:
            return tiling(k, full)
    patch = max(stride, (budget // _lateral(tiling(1, full)) - 2 * halo) // stride * stride)
    if (need := _largest(tiling(1, patch)) * bytes_per_sample) > memory_bytes:
        raise ParameterError(
            "--tile-memory",
            f"{memory_bytes / 2**30:.3g} GiB",
            f"One shard of this survey needs at least {ceil(need / 2**30 * 1000) / 1000:g} GiB.",
        )
    return tiling(1, patch)


def missing_axis(shape: tuple[int, ...]) -> int | None:
    """Return the lateral axis along which there is but one trace; None: there is none, or a single trace."""
    return shape[:2].index(1) if shape[:2].count(1) == 1 else None


def _lateral(tiling: Tiling) -> int:
    """Return the traces of the largest input of the network."""
    largest = 1
    for axis, cores in enumerate(_cores(tiling)):
        largest *= max(last - first for first, last in map(partial(tiling.seen, axis), cores))
    return largest


def _largest(tiling: Tiling) -> int:
    """Return the samples of the largest input of the network."""
    deepest: int = max(source.stop - source.start for source, _, _ in depth_patches(tiling))
    return _lateral(tiling) * deepest


def _cores(tiling: Tiling) -> list[list[slice]]:
    """Return the cores along the two lateral axes."""
    return [
        [slice(first, min(first + side, n)) for first in range(0, n, side)]
        for n, side in zip(tiling.survey, tiling.steps, strict=False)
    ]


def _round_up(n: int, step: int) -> int:
    return -(-n // step) * step


def tile_grid(tiling: Tiling) -> Iterator[Tile]:
    """Yield all tiles, inline by inline; their cores partition the volume."""
    for i, j in product(*_cores(tiling)):
        yield tile_at((i, j), tiling)


def tile_at(core: tuple[slice, slice], tiling: Tiling) -> Tile:
    """Return the tile of a core, which is given by its inlines and crosslines."""
    depth = slice(0, tiling.survey[2])
    i, j = (
        slice(first, min(last, n))
        for (first, last), n in zip(map(tiling.seen, (0, 1), core), tiling.survey, strict=False)
    )
    return Tile((i, j, depth), (*core, depth))


def network_input(
    amplitude: NDArray[np.float32], tile: Tile, tiling: Tiling
) -> NDArray[np.float32]:
    """Complete the last stride of what was read by reflection, where it ends at the survey's edge.

    Parameters
    ----------
    amplitude
        The read region of the tile, normalized; returned as it is where nothing is missing.
    tile, tiling
        Where it lies.

    Returns
    -------
    ndarray of float32
        Every side a multiple of the stride, but along a missing axis, which stays one trace.
    """
    widths = []
    for axis, (read, core) in enumerate(zip(tile.read, tile.core, strict=True)):
        first, last = tiling.seen(axis, core)
        widths.append((read.start - first, last - read.stop))
    return np.pad(amplitude, widths, mode="reflect") if np.any(widths) else amplitude


def core_within(tile: Tile, tiling: Tiling) -> tuple[slice, slice]:
    """Return the lateral part of the network's input that is the core."""
    (first_i, _), (first_j, _) = map(tiling.seen, (0, 1), tile.core)
    i, j, _ = tile.core
    return slice(i.start - first_i, i.stop - first_i), slice(j.start - first_j, j.stop - first_j)


def depth_patches(tiling: Tiling) -> list[tuple[slice, slice, slice]]:
    """Return (input, kept of the output, place) for each patch of a survey's depth.

    The input is of the network's, whole strides; the places partition the samples of the survey.
    """
    patches = []
    samples = tiling.survey[2]
    for start in range(0, samples, tiling.depth_patch):
        place = slice(start, min(start + tiling.depth_patch, samples))
        first, last = tiling.seen(2, place)
        kept = slice(place.start - first, place.stop - first)
        patches.append((slice(first, last), kept, place))
    return patches
