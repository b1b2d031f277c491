"""How a volume is cut into chunks and shards, and how they are compressed.

Chunks of 64 samples a side are what is read for a tile or a slice; a shard of 128 x 128 traces over
the full depth is one file and the unit of work of every job: whole shards are written by one job and by
no other.
"""

from dataclasses import dataclass
from itertools import product
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

    Chunks are 64 or the axis where it is shorter; shards 128 x 128 x full depth, the depth cut at a
    multiple of 64 above 256 MiB.
    """
    chunks = tuple(min(CHUNK, n) for n in shape)
    lateral = [LATERAL_SHARD if c == CHUNK else c for c in chunks[:2]]
    depth = -(-shape[2] // chunks[2]) * chunks[2]
    deepest = LARGEST_SHARD_BYTES // (lateral[0] * lateral[1] * itemsize)
    depth = min(depth, max(deepest // chunks[2], 1) * chunks[2])
    return Grid(chunks, (lateral[0], lateral[1], depth))


def header_grid(shape: tuple[int, int], header_bytes: int) -> Grid:
    """Return chunks and shards of the raw trace headers (inline, crossline, byte)."""
    lateral = volume_grid((*shape, 1))
    return Grid((*lateral.chunks[:2], header_bytes), (*lateral.shards[:2], header_bytes))


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
