"""Whole shards of a Zarr array, encoded and decoded on the calling thread.

zarr-python does the same through an event loop and copies; jobs here already run side by side, so one
pass per chunk is all there is to do. What is written is plain Zarr 3 (``sharding_indexed`` with the index
at the end), and whatever is not of our layout is left to zarr-python.

::

    | chunk | chunk | ... | offset, size of every chunk: uint64 little-endian | crc32c |

Reference: Zarr v3 specification, codec ``sharding_indexed`` version 1.0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import google_crc32c
import numpy as np
import zarr
from numcodecs import blosc
from numpy.typing import NDArray

from storage.errors import DamagedStoreError
from storage.files import RandomAccess, open_file
from storage.locations import Location, remove, within, write_whole

ABSENT = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
"""Offset and size of a chunk that was not written: it holds the fill value."""

SHUFFLES = {"noshuffle": 0, "shuffle": 1, "bitshuffle": 2}
CRC_BYTES = 4

Slices = tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class ShardLayout:
    """How an array is cut, compressed and filled."""

    folder: Location
    shape: tuple[int, ...]
    shards: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: np.dtype[Any]
    fill: Any
    compressor: str
    level: int
    shuffle: int
    typesize: int

    @property
    def counts(self) -> tuple[int, ...]:
        """Chunks of a shard along every axis."""
        return tuple(s // c for s, c in zip(self.shards, self.chunks, strict=True))

    @property
    def index_bytes(self) -> int:
        """Size of a shard's index with its checksum."""
        return int(np.prod(self.counts)) * 16 + CRC_BYTES

    def file(self, shard: tuple[int, ...]) -> Location:
        """Return where a shard lies."""
        return within(self.folder, "c", *map(str, shard))


def shard_layout(array: zarr.Array[Any], folder: Location) -> ShardLayout | None:
    """Return the layout of an array, or None where it is not one of ours."""
    metadata: dict[str, Any] = array.metadata.to_dict()
    codecs = list(metadata.get("codecs", ()))
    if len(codecs) != 1 or codecs[0]["name"] != "sharding_indexed" or array.shards is None:
        return None
    outer = codecs[0]["configuration"]
    inner, index = list(outer["codecs"]), [codec["name"] for codec in outer["index_codecs"]]
    names = [codec["name"] for codec in inner]
    plain = names == ["bytes", "blosc"] and index == ["bytes", "crc32c"]
    if not plain or outer["index_location"] != "end":
        return None
    how = inner[1]["configuration"]
    return ShardLayout(
        folder,
        array.shape,
        array.shards,
        array.chunks,
        array.dtype,
        array.fill_value,
        how["cname"],
        how["clevel"],
        SHUFFLES[how["shuffle"]],
        how["typesize"],
    )


def write_shard(
    layout: ShardLayout,
    shard: tuple[int, ...],
    values: NDArray[Any],
    live: NDArray[np.bool_] | None = None,
) -> None:
    """Write one shard; the file appears whole, by rename.

    Parameters
    ----------
    layout
        Of the array.
    shard
        Which shard, counted along every axis.
    values
        Its samples, cut where the array ends.
    live
        Where the first two axes have a trace; chunks without any are not written. None: all are.
    """
    chunks: list[bytes | None] = []
    buffer = np.empty(layout.chunks, layout.dtype)
    for part in _chunk_slices(layout, values.shape):
        if part is None or (live is not None and not live[part[:2]].any()):
            chunks.append(None)
            continue
        block = values[part]
        if block.shape != layout.chunks:
            buffer.fill(layout.fill)
            buffer[tuple(slice(0, n) for n in block.shape)] = block
        else:
            np.copyto(buffer, block)
        chunks.append(
            blosc.compress(
                buffer,
                layout.compressor.encode(),
                layout.level,
                layout.shuffle,
                typesize=layout.typesize,
            )
        )
    location = layout.file(shard)
    if any(chunks):
        write_whole(location, [*filter(None, chunks), _index(chunks)])
    else:
        remove(location)


def read_shard(
    layout: ShardLayout,
    shard: tuple[int, ...],
    region: Slices,
    out: NDArray[Any],
    *,
    written: bool = False,
) -> None:
    """Read a region of one shard, counted from the shard's corner, into ``out`` of its shape.

    ``written``: the shard holds a trace, so its file must be there.

    Raises
    ------
    DamagedStoreError
        If the file is torn or lost, or what it holds does not match its checksum or sizes.
    """
    location = layout.file(shard)
    try:
        file = open_file(location)
    except FileNotFoundError:
        if written:
            raise DamagedStoreError(location, "it is not there") from None
        out.fill(layout.fill)
        return
    try:
        index = _read_index(file, layout, location)
        buffer = np.empty(layout.chunks, layout.dtype)
        for number, source, target in _chunks_of(layout, region):
            if index[number, 0] == ABSENT:
                out[target] = layout.fill
                continue
            offset, length = (int(n) for n in index[number])
            if offset + length > file.size:
                raise DamagedStoreError(location, "its index points beyond its end")
            data = file.read(offset, length)
            # A chunk that lies whole in the result is decoded where it belongs.
            whole = out[target]
            direct = whole.shape == layout.chunks and whole.flags.c_contiguous
            _decode(data, whole if direct else buffer, location)
            if not direct:
                out[target] = buffer[source]
    finally:
        file.close()


def _decode(data: bytes, out: NDArray[Any], path: Location) -> None:
    """Decompress one chunk; its own header must agree with the array."""
    if len(data) < 16 or int.from_bytes(data[4:8], "little") != out.nbytes:
        raise DamagedStoreError(path, "a chunk has another size than the array says")
    try:
        blosc.decompress(data, out)
    except RuntimeError as error:
        raise DamagedStoreError(path, f"a chunk cannot be decompressed ({error})") from None


def _read_index(file: RandomAccess, layout: ShardLayout, location: Location) -> NDArray[np.uint64]:
    """Return offsets and sizes, shape (chunks, 2), checked."""
    raw = file.read(max(0, file.size - layout.index_bytes), layout.index_bytes)
    body, checksum = raw[:-CRC_BYTES], raw[-CRC_BYTES:]
    if len(raw) < layout.index_bytes or _crc(body) != checksum:
        raise DamagedStoreError(location, "its index does not match its checksum")
    return np.frombuffer(body, "<u8").reshape(-1, 2)


def _crc(body: bytes) -> bytes:
    return int(google_crc32c.value(body)).to_bytes(4, "little")


def _index(chunks: list[bytes | None]) -> bytes:
    """Return the index of a shard with its checksum."""
    sizes = np.array([len(chunk) if chunk else 0 for chunk in chunks], np.uint64)
    index = np.stack([np.cumsum(sizes) - sizes, sizes], axis=1)
    index[sizes == 0] = ABSENT
    body = index.astype("<u8").tobytes()
    return body + _crc(body)


def _chunk_slices(layout: ShardLayout, shape: tuple[int, ...]) -> Iterator[Slices | None]:
    """Yield the slices of every chunk of a shard in order, None for those beyond the array."""
    for number in product(*map(range, layout.counts)):
        starts = [n * c for n, c in zip(number, layout.chunks, strict=True)]
        if any(start >= n for start, n in zip(starts, shape, strict=True)):
            yield None
        else:
            ends = [min(s + c, n) for s, c, n in zip(starts, layout.chunks, shape, strict=True)]
            yield tuple(map(slice, starts, ends))


def _chunks_of(layout: ShardLayout, region: Slices) -> Iterator[tuple[int, Slices, Slices]]:
    """Yield the chunks that a region touches: number, slices of the chunk, slices of the result."""
    spans = [
        range(part.start // c, -(-part.stop // c))
        for part, c in zip(region, layout.chunks, strict=True)
    ]
    for cell in product(*spans):
        source, target = [], []
        for k, part, c in zip(cell, region, layout.chunks, strict=True):
            low, high = max(part.start, k * c), min(part.stop, (k + 1) * c)
            source.append(slice(low - k * c, high - k * c))
            target.append(slice(low - part.start, high - part.start))
        number = int(np.ravel_multi_index(cell, layout.counts))
        yield number, tuple(source), tuple(target)


def shards_of(
    region: tuple[slice, ...], shards: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...], tuple[slice, ...]]]:
    """Yield the shards that a region touches: number, slices of the shard, slices of the region."""
    spans = [range(p.start // n, -(-p.stop // n)) for p, n in zip(region, shards, strict=True)]
    for shard in product(*spans):
        inner, outer = [], []
        for k, part, n in zip(shard, region, shards, strict=True):
            low, high = max(part.start, k * n), min(part.stop, (k + 1) * n)
            inner.append(slice(low - k * n, high - k * n))
            outer.append(slice(low - part.start, high - part.start))
        yield shard, tuple(inner), tuple(outer)
