"""Tiles of inference: which part of a volume is read, and which part of the answer is kept.

::

    |<----------------- volume ----------------->|
          |halo|======== core ========|halo|
          |<------------ read ------------>|

The cores of all tiles partition the volume. A core is k x k whole shards over the full depth. The read
region begins on a multiple of the network's stride counted from sample 0, so the answer depends on the
survey and not on the tiling. At the survey's edge the halo is cut and replaced by reflection. A line has
one trace along one axis, and along that axis neither halo nor whole strides.
"""

from dataclasses import dataclass, replace
from itertools import product
from math import ceil, prod

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError

Region = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True)
class Tiling:
    """How a volume is cut for a network.

    Parameters
    ----------
    stride, halo
        Of the network, in samples; the halo is a multiple of the stride.
    shards
        Lateral shards of a core along each axis (k).
    shard
        Lateral shape of a shard.
    depth_patch
        Samples of the depth kept from one call of the network, a multiple of the stride; the full
        depth where it fits.
    missing
        Axis along which there is but one trace, 0 or 1; None in a volume.
    """

    stride: int
    halo: int
    shards: int
    shard: tuple[int, int]
    depth_patch: int
    missing: int | None = None

    def padded(self, axis: int, core: slice) -> tuple[int, int]:
        """Return where the network's input begins and ends, off the survey too; whole strides."""
        if axis == self.missing:
            return core.start, core.stop
        first = (core.start - self.halo) // self.stride * self.stride
        return first, first + _round_up(core.stop + self.halo - first, self.stride)

    def input_samples(self, tile: "Tile") -> tuple[int, int]:
        """Return how many samples the network sees for a tile: in all calls, and in the largest."""
        padded = (self.padded(axis, core) for axis, core in enumerate(tile.core))
        sides = [last - first for first, last in padded]
        depths = [source.stop - source.start for source, _, _ in depth_patches(sides[2], self)]
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
    missing = missing_axis(shape)
    whole = Tiling(stride, halo, 1, shard, _round_up(shape[2], stride), missing)
    most = max(-(-n // s) for n, s in zip(shape[:2], shard, strict=True))
    for k in range(most, 0, -1):
        tiling = replace(whole, shards=k)
        if _lateral(shape, tiling) * (whole.depth_patch + 2 * halo) <= budget:
            return tiling
    lateral = _lateral(shape, whole)
    patch = (budget // lateral - 2 * halo) // stride * stride
    if patch < stride:
        need = lateral * (stride + 2 * halo) * bytes_per_sample
        raise ParameterError(
            "--tile-memory",
            f"{memory_bytes / 2**30:.3g} GiB",
            f"One shard of this survey needs at least {ceil(need / 2**30 * 1000) / 1000:g} GiB.",
        )
    return replace(whole, depth_patch=patch)


def missing_axis(shape: tuple[int, ...]) -> int | None:
    """Return the lateral axis along which there is but one trace; None: there is none, or a single trace."""
    return shape[:2].index(1) if shape[:2].count(1) == 1 else None


def _lateral(shape: tuple[int, int, int], tiling: Tiling) -> int:
    """Return the traces of the largest input of the network."""
    sides = [
        1 if axis == tiling.missing else _round_up(min(n, tiling.shards * s), tiling.stride)
        for axis, (n, s) in enumerate(zip(shape[:2], tiling.shard, strict=True))
    ]
    return prod(
        side if axis == tiling.missing else side + 2 * tiling.halo
        for axis, side in enumerate(sides)
    )


def _round_up(n: int, step: int) -> int:
    return -(-n // step) * step


def tile_grid(shape: tuple[int, int, int], tiling: Tiling) -> list[Tile]:
    """Return all tiles, inline by inline; their cores partition the volume."""
    steps = [tiling.shards * s for s in tiling.shard]
    starts = (range(0, n, step) for n, step in zip(shape[:2], steps, strict=True))
    return [_tile((i, j), steps, shape, tiling) for i, j in product(*starts)]


def _tile(
    start: tuple[int, int], steps: list[int], shape: tuple[int, int, int], tiling: Tiling
) -> Tile:
    core = [slice(a, min(a + step, n)) for a, step, n in zip(start, steps, shape[:2], strict=True)]
    depth = slice(0, shape[2])
    padded = (tiling.padded(axis, part) for axis, part in enumerate(core))
    i, j = (
        slice(max(0, first), min(n, last))
        for (first, last), n in zip(padded, shape[:2], strict=True)
    )
    return Tile((i, j, depth), (core[0], core[1], depth))


def network_input(
    amplitude: NDArray[np.float32], tile: Tile, tiling: Tiling
) -> NDArray[np.float32]:
    """Extend what was read by reflection to what the network needs.

    Parameters
    ----------
    amplitude
        The read region of the tile, normalized.
    tile, tiling
        Where it lies.

    Returns
    -------
    ndarray of float32
        Every side a multiple of the stride, but along a missing axis, which stays one trace.
    """
    widths = []
    for axis, (read, core) in enumerate(zip(tile.read, tile.core, strict=True)):
        first, last = tiling.padded(axis, core)
        widths.append((read.start - first, last - read.stop))
    return np.pad(amplitude, widths, mode="reflect")


def crop_to_core(extended: NDArray[np.float32], tile: Tile, tiling: Tiling) -> NDArray[np.float32]:
    """Return the core's part of an array that has the shape of the network's input."""
    parts = []
    for axis, core in enumerate(tile.core):
        first, _ = tiling.padded(axis, core)
        parts.append(slice(core.start - first, core.stop - first))
    return extended[tuple(parts)]


def depth_patches(samples: int, tiling: Tiling) -> list[tuple[slice, slice, slice]]:
    """Return (input, kept of the output, place) for each patch of a tile's depth.

    Parameters
    ----------
    samples
        Depth of the network's input, halos included.

    Returns
    -------
    list of three slices each
        Along the depth of the input; the places partition all but the halos.
    """
    halo, patch = tiling.halo, tiling.depth_patch
    patches = []
    for start in range(halo, samples - halo, patch):
        stop = min(start + patch, samples - halo)
        patches.append(
            (
                slice(start - halo, stop + halo),
                slice(halo, halo + stop - start),
                slice(start, stop),
            )
        )
    return patches
