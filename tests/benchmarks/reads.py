"""Reading a volume, each reader in a process of its own: ``python -m tests.benchmarks.reads HOW STORE``.

HOW is ``graben`` (`storage.volume.read_region`), ``zarr`` (zarr-python as it comes, nothing of graben
loaded), or ``plain-N``: the same chunks read and decompressed by N threads, each into one buffer, and put
nowhere. No reader can do with less than plain decoding: it even keeps the places of the chunks in mind.
"""

import json
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import product
from math import prod
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np

from tests.benchmarks.conversions import Say, store_of
from tests.benchmarks.processes import RunError, run, warm
from tests.benchmarks.tools import graben

ARRAY = "amplitude"
TILE = 128
POSITIONS = 5
TILES = "aligned tile"
MOST_TILES = 27
EMPTY = 2**64 - 1

Region = tuple[slice, slice, slice]
Read = Callable[[Region], Any]


@dataclass(frozen=True, slots=True)
class Timing:
    """Median seconds of reading a region of one kind, its bytes, and a checksum over all of the kind."""

    wall: float
    cpu: float
    bytes: int
    checksum: int


Readings = dict[str, dict[str, Timing]]
"""By reader and kind of region."""


def compare(cube: Path, place: Path, rounds: int, say: Say) -> Readings:
    """Return the medians over rounds in which the readers take turns; none where graben cannot ingest."""
    store = store_of(graben(), place / "graben")
    if not store.exists():
        store.parent.mkdir(exist_ok=True)
        try:
            run(graben().ingest(cube, store), {})
        except RunError as error:
            say(f"no reads, for there is no store: {error}")
            return {}
    warm(store)
    cores = len(os.sched_getaffinity(0))
    readers = ["graben", "zarr", "plain-1"] + [f"plain-{cores}"] * (cores > 1)
    found: dict[str, list[dict[str, Timing]]] = {reader: [] for reader in readers}
    for number in range(rounds):
        for reader in readers:
            command = [sys.executable, "-m", "tests.benchmarks.reads", reader, str(store)]
            answer = subprocess.run(command, stdout=subprocess.PIPE, check=True)
            kinds = json.loads(answer.stdout)
            found[reader].append({kind: Timing(**timing) for kind, timing in kinds.items()})
            say(f"reads, round {number + 1} of {rounds}: {reader}")
    return {reader: _medians(runs) for reader, runs in found.items()}


def _medians(runs: list[dict[str, Timing]]) -> dict[str, Timing]:
    return {
        kind: Timing(
            median(one[kind].wall for one in runs),
            median(one[kind].cpu for one in runs),
            first.bytes,
            first.checksum,
        )
        for kind, first in runs[0].items()
    }


def regions(shape: tuple[int, ...]) -> dict[str, list[Region]]:
    """Return what is read, by kind: whole aligned tiles, and lines and slices that lie apart."""
    whole = tuple(slice(0, n) for n in shape)
    # A survey smaller than a tile is one tile.
    corners = product(*(range(0, max(n - TILE, 0) + 1, TILE) for n in shape))
    tiles: list[Any] = [
        tuple(slice(at, min(at + TILE, n)) for at, n in zip(corner, shape, strict=True))
        for corner in corners
    ]
    kinds = {TILES: tiles[:: max(len(tiles) // MOST_TILES, 1)]}
    for axis, kind in enumerate(("inline", "crossline", "time slice")):
        kinds[kind] = []
        for part in range(POSITIONS):
            at = (2 * part + 1) * shape[axis] // (2 * POSITIONS)
            kinds[kind].append((*whole[:axis], slice(at, at + 1), *whole[axis + 1 :]))
    return kinds


def main(how: str, store: Path) -> None:
    """Read every region once to warm up and once by the clock."""
    shape = tuple(_metadata(store)["shape"])
    name, _, threads = how.partition("-")
    with ThreadPoolExecutor(int(threads or 1)) as pool:
        readers: dict[str, Callable[[], Read]] = {
            "graben": lambda: _graben(store),
            "zarr": lambda: _zarr(store),
            "plain": lambda: _plain(store, pool),
        }
        read = readers[name]()
        found = {kind: asdict(_time(read, parts)) for kind, parts in regions(shape).items()}
    sys.stdout.write(json.dumps(found) + "\n")


def _time(read: Read, parts: list[Region]) -> Timing:
    checksum = 0
    for part in parts:
        values = read(part)
        if values is not None:
            checksum = zlib.crc32(np.ascontiguousarray(values).data, checksum)
        del values
    walls, cpus = [], []
    for part in parts:
        wall, cpu = perf_counter(), process_time()
        values = read(part)
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
        del values
    size = prod(axis.stop - axis.start for axis in parts[0]) * 4
    return Timing(median(walls), median(cpus), size, checksum)


def _graben(store: Path) -> Read:
    from storage.volume import read_region

    return lambda region: read_region(store, ARRAY, region)


def _zarr(store: Path) -> Read:
    import zarr

    return lambda region: zarr.open_array(store / ARRAY, mode="r")[region]


def _plain(store: Path, pool: ThreadPoolExecutor) -> Read:
    """Return a reader that decodes the chunks of a region and returns none of them."""
    from numcodecs import blosc

    blosc.set_nthreads(1)
    metadata = _metadata(store)
    shards, chunks = _grid(metadata)
    own = threading.local()

    def decode(job: tuple[Path, int, int]) -> None:
        path, offset, size = job
        if not hasattr(own, "chunk"):
            own.chunk = np.empty(chunks, metadata["data_type"])
            own.packed = memoryview(bytearray(own.chunk.nbytes + blosc.MAX_OVERHEAD))
        packed = own.packed[:size]
        with path.open("rb", buffering=0) as file:
            file.seek(offset)
            file.readinto(packed)
        blosc.decompress(packed, own.chunk)

    def read(region: Region) -> None:
        for _ in pool.map(decode, _chunks(store, region, shards, chunks)):
            pass

    return read


def _chunks(
    store: Path, region: Region, shards: tuple[int, ...], chunks: tuple[int, ...]
) -> Iterator[tuple[Path, int, int]]:
    """Yield (file, offset, bytes) of every chunk that a region touches."""
    within = tuple(s // c for s, c in zip(shards, chunks, strict=True))
    touched = (
        range(axis.start // c, -(-axis.stop // c)) for axis, c in zip(region, chunks, strict=True)
    )
    for chunk in product(*touched):
        shard, inner = zip(
            *(divmod(k, n) for k, n in zip(chunk, within, strict=True)), strict=True
        )
        path = store.joinpath(ARRAY, "c", *map(str, shard))
        offset, size = _index(path, within)[inner]
        if offset != EMPTY:
            yield path, int(offset), int(size)


@lru_cache(maxsize=4096)
def _index(path: Path, within: tuple[int, ...]) -> Any:
    """Return offset and size of the chunks of a shard, shape (*within, 2), from before its checksum."""
    length = 16 * prod(within)
    if not path.exists():
        return np.full((*within, 2), EMPTY, np.uint64)
    with path.open("rb") as file:
        file.seek(-length - 4, 2)
        return np.frombuffer(file.read(length), "<u8").reshape(*within, 2)


def _grid(metadata: dict[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the shapes of shards and chunks, after a look whether plain decoding knows the codecs."""
    (sharding,) = metadata["codecs"]
    inner = sharding["configuration"]
    names = [codec["name"] for codec in inner["codecs"]]
    if names != ["bytes", "blosc"] or inner.get("index_location", "end") != "end":
        raise SystemExit(f"plain decoding knows shards of bytes and blosc, these are {inner}")
    shards = metadata["chunk_grid"]["configuration"]["chunk_shape"]
    return tuple(shards), tuple(inner["chunk_shape"])


def _metadata(store: Path) -> dict[str, Any]:
    return dict(json.loads((store / ARRAY / "zarr.json").read_text()))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
