"""Maps as Zarr: ``value(y, x)`` with coordinates of cell centres, for graben and for any other program.

::

    map.zarr   value(y, x)   float32 where that holds every value, else float64; NaN without a value
               x, y          cell centres, metres from the outer corner of cell 0, 0
               attributes    kind, cell_width_m, cell_height_m, corner (CDP X/Y), azimuth_deg, form,
                             sha256, key, complete; how many values there are without_value, infinite,
                             below_zero; the least and the most of them

A job writes whole chunks: rows of them, or the one of its tile. Chunks are not compressed, as values hardly
compress and reading is faster without; nor are they put together to shards, which cost five times the time of
a write.
"""

import fcntl
import json
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from storage.errors import MapError, undamaged
from storage.locations import write_whole
from storage.maps.grid import GridMap
from storage.maps.spread import spread_of

Float = NDArray[np.float64]

VARIABLE = "value"
CHUNK_SIDE = 1024
CHUNK_VALUES = 1 << 18
"""Values of a chunk, or more where that is as many rows as columns."""

JOB_VALUES = 1 << 22
"""Values of a row of chunks: a job holds them, and their text a piece at a time."""

FORMAT = "graben map"
VALUE = "what there is to collect per square metre"


def rows_of_job(columns: int) -> int:
    """Return the rows that a job writes; they follow from the map alone."""
    return int(np.clip(JOB_VALUES // columns, 1, CHUNK_SIDE))


def create_map_store(
    path: Path,
    shape: tuple[int, int],
    cell_m: tuple[float, float],
    dtype: str,
    *,
    chunks: tuple[int, int] | None = None,
    what: str = VALUE,
) -> None:
    """Lay out an empty store, incomplete as yet; whatever lies there is replaced.

    Parameters
    ----------
    path
        The store.
    shape
        Rows and columns.
    cell_m
        Width and height of a cell.
    dtype
        ``float32`` or ``float64``.
    chunks
        Rows and columns of what a job writes; None: jobs of `rows_of_job`.
    what
        The values, in words.
    """
    if path.exists():
        shutil.rmtree(path)
    root = zarr.create_group(str(path), attributes={"format": FORMAT, "complete": False})
    if chunks is None:
        rows = rows_of_job(shape[1])
        chunks = rows, max(CHUNK_SIDE, CHUNK_VALUES // rows)
    array = root.create_array(
        VARIABLE,
        shape=shape,
        dtype=dtype,
        chunks=(min(chunks[0], shape[0]), min(chunks[1], shape[1])),
        compressors=None,
        fill_value=np.nan,
        dimension_names=("y", "x"),
    )
    array.attrs["long_name"] = what
    for name, count, step in (("y", shape[0], cell_m[1]), ("x", shape[1], cell_m[0])):
        places = root.create_array(
            name, shape=(count,), dtype="float64", compressors=None, dimension_names=(name,)
        )
        places[:] = (np.arange(count) + 0.5) * step
        places.attrs.update(units="m", long_name=f"{name} of the centres of cells on the map")


def write_part(path: Path, top: int, left: int, values: NDArray[np.floating]) -> None:
    """Write the rectangle of one job, whole chunks, with its first cell at a row and column."""
    array = zarr.open_array(
        # Looking whether a chunk is empty takes longer than writing it.
        f"{path}/{VARIABLE}",
        mode="r+",
        zarr_format=3,
        config={"write_empty_chunks": True},
    )
    rows, columns = values.shape
    array[top : top + rows, left : left + columns] = values


def finish_map_store(part: Path, path: Path, facts: Mapping[str, Any]) -> None:
    """Say what a store holds and that it is complete, and give it its name; what lay there goes."""
    zarr.open_group(str(part), mode="r+", zarr_format=3).attrs.update(facts)
    with warnings.catch_warnings():
        # Version 3 of the format leaves consolidation to implementations; xarray asks for it.
        warnings.filterwarnings("ignore", message="Consolidated metadata is currently not part")
        zarr.consolidate_metadata(str(part), zarr_format=3)
    metadata = part / "zarr.json"
    document = json.loads(metadata.read_bytes())
    document["attributes"]["complete"] = True
    write_whole(metadata, [json.dumps(document, indent=2).encode()])
    if path.exists():
        shutil.rmtree(path)
    part.replace(path)


def missing_chunks(path: Path) -> int:
    """Return how many chunks of a store nobody has written."""
    array = zarr.open_array(f"{path}/{VARIABLE}", mode="r", zarr_format=3)
    return int(array.nchunks - array.nchunks_initialized)


def write_map_store(path: Path, found: GridMap, facts: Mapping[str, Any]) -> None:
    """Write a map that lies in memory, whole or not at all.

    Parameters
    ----------
    path
        The store.
    found
        The map, NaN where it has no value.
    facts
        Attributes beside those of the map.
    """
    part = part_of_store(path)
    with np.errstate(over="ignore"):
        single = found.values.astype(np.float32)
    exact = np.array_equal(single, found.values, equal_nan=True)
    cell = found.cell_width_m, found.cell_height_m
    create_map_store(part, found.values.shape, cell, "float32" if exact else "float64")
    rows = rows_of_job(found.values.shape[1])
    for first in range(0, len(found.values), rows):
        write_part(part, first, 0, found.values[first : first + rows])
    spread = spread_of(found.values)
    finish_map_store(part, path, {**found.facts(), **spread.facts(), **facts})


def part_of_store(path: Path) -> Path:
    """Return where a store lies while it is made."""
    return path.with_name(f".{path.name}.part")


def is_map_store(path: Path) -> bool:
    """Tell whether a folder is a store of a map, complete or not."""
    return map_attributes(path).get("format") == FORMAT


def map_attributes(path: Path) -> dict[str, Any]:
    """Return the attributes of a store, none where there is no store that can be read."""
    try:
        found = json.loads((path / "zarr.json").read_bytes()).get("attributes", {})
    except (OSError, ValueError, AttributeError):
        return {}
    return found if isinstance(found, dict) else {}


def shape_of_map_store(path: Path) -> tuple[int, ...]:
    """Return rows and columns of a map that was kept."""
    with undamaged(path):
        return zarr.open_array(f"{path}/{VARIABLE}", mode="r", zarr_format=3).shape


def read_map_part(path: Path, rows: slice, columns: slice) -> Float:
    """Read a rectangle of a map that was kept, NaN where it has no value.

    Raises
    ------
    DamagedStoreError
        If a file of the store is torn.
    """
    with undamaged(path):
        array = zarr.open_array(f"{path}/{VARIABLE}", mode="r", zarr_format=3)
        return np.asarray(array[rows, columns], dtype=np.float64)


def read_map_store(path: Path) -> GridMap:
    """Read a map that was kept.

    Raises
    ------
    MapError
        If the store is incomplete.
    DamagedStoreError
        If a file of it is torn or missing.
    """
    facts = map_attributes(path)
    if not facts.get("complete"):
        raise MapError(path, "the map is incomplete", "Make it again with graben ingest-map.")
    with undamaged(path):
        array = zarr.open_array(f"{path}/{VARIABLE}", mode="r", zarr_format=3)
        values = np.asarray(array[:], dtype=np.float64)
        if int(np.isnan(values).sum()) != facts["without_value"]:
            msg = "a chunk is missing"
            raise ValueError(msg)
        corner = facts["corner"]
        return GridMap(
            kind=facts["kind"],
            values=values,
            cell_width_m=float(facts["cell_width_m"]),
            cell_height_m=float(facts["cell_height_m"]),
            without_value=0,
            sha256=facts["sha256"],
            corner=None if corner is None else (float(corner[0]), float(corner[1])),
            azimuth_deg=float(facts["azimuth_deg"]),
            form=str(facts["form"]),
        )


@contextmanager
def held_store(path: Path) -> Iterator[None]:
    """Hold a store against other processes that make it, waiting for them; the hold dies with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f".{path.name}.lock")
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Whoever held it before has removed it, and others may hold a new one of its name.
            if _same(lock, descriptor):
                yield
                lock.unlink(missing_ok=True)
                return
        except BaseException:
            lock.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)


def _same(path: Path, descriptor: int) -> bool:
    """Tell whether an open file still has its name."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
