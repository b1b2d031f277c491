"""How a volume is cut into chunks and shards, and how they are compressed.

Chunks of 64 samples a side are what is read for a tile or a slice; a shard of 128 x 128 traces over
the full depth is one file and the unit of work of every job: whole shards are written by one job and by
no other. The longer the traces, the fewer of them a shard has, as it is what a job holds::

    samples of 4 bytes     to 4096   to 16384   to 65536     to 262144    ...
    traces of a shard      128^2     64^2       32^2         16^2
    chunk                  64^3      64^3       32^2 x 256   16^2 x 1024
"""

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Literal

import numpy as np
from zarr.codecs import BloscCodec

CHUNK = 64
LATERAL_SHARD = 128
LARGEST_SHARD_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Grid:
    """Chunk and shard shapes of an array, one entry an axis."""

    chunks: tuple[int, ...]
    shards: tuple[int, ...]


def volume_grid(shape: tuple[int, int, int], itemsize: int = 4) -> Grid:
    """Return chunks and shards of a volume (inline, crossline, sample).

    Chunks are 64 a side, or the axis where it is shorter. Shards are 128 x 128 x full depth; where that
    is above 256 MiB they are half as wide, again and again, and chunks that no longer fit are narrower
    and as much deeper.
    """
    side, grid = LATERAL_SHARD, _columns(shape, LATERAL_SHARD)
    while prod(grid.shards) * itemsize > LARGEST_SHARD_BYTES and side > 1:
        side //= 2
        grid = _columns(shape, side)
    return grid


def _columns(shape: tuple[int, int, int], side: int) -> Grid:
    """Return the grid whose shards have so many traces a side; axes shorter than a chunk are one."""
    across = min(CHUNK, side)
    depth = min(CHUNK**3 // across**2, shape[2])
    lateral = [(across, side) if n >= across else (n, n) for n in shape[:2]]
    (rows, shard_rows), (columns, shard_columns) = lateral
    return Grid((rows, columns, depth), (shard_rows, shard_columns, -(-shape[2] // depth) * depth))


def header_grid(volume: Grid, header_bytes: int) -> Grid:
    """Return chunks and shards of the raw trace headers (inline, crossline, byte) beside a volume."""
    return Grid((*volume.chunks[:2], header_bytes), (*volume.shards[:2], header_bytes))


def lateral_blocks(shape: tuple[int, ...], shards: tuple[int, ...]) -> list[tuple[slice, slice]]:
    """Return the (inline, crossline) slices of the job grid, row by row; they partition the survey."""
    rows, columns = (range(0, n, step) for n, step in zip(shape[:2], shards[:2], strict=True))
    return [
        (slice(i, min(i + shards[0], shape[0])), slice(j, min(j + shards[1], shape[1])))
        for i, j in product(rows, columns)
    ]


Profile = Literal["fast", "small", "lossy"]

KEPT_BITS = 12
"""Bits of the fraction that the ``lossy`` profile keeps: about 86 dB between signal and error."""


def codec(
    dtype: np.dtype[Any], *, profile: Profile = "fast", itemsize: int | None = None
) -> BloscCodec:
    """Return the compressor of an array.

    ``fast`` is lz4 after a bit shuffle, nearly as fast as a copy; ``small`` is zstd, a tenth smaller and
    ten times slower; ``lossy`` is ``fast`` for samples that were rounded before. ``itemsize`` is given
    for raw headers: shuffled by whole headers every column is a run.
    """
    if itemsize:
        return BloscCodec(cname="zstd", clevel=3, shuffle="shuffle", typesize=itemsize)
    if profile == "small":
        return BloscCodec(cname="zstd", clevel=5, shuffle="shuffle", typesize=dtype.itemsize)
    return BloscCodec(cname="lz4", clevel=1, shuffle="bitshuffle", typesize=dtype.itemsize)
