"""A map as it is drawn: no more cells than a screen shows, each the mean of a square block of the map's."""

from functools import partial

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from models.wells.map_tiles import Cell, MapTile, Shape
from tasks.fan_out import Progress, Result, run_jobs
from tasks.map_source import MapSource

Float = NDArray[np.float64]
Image = NDArray[np.float32]

MOST_CELLS = 800
"""Cells along the longer side of an image; of larger maps the mean of some cells is one."""


def thinned(values: NDArray[np.floating]) -> Image:
    """Return an array of cells no larger than is drawn, shape (rows, columns): means of square blocks.

    The last blocks of a side may hold fewer cells; it is their mean then.
    """
    rows, columns = values.shape
    block = block_of((rows, columns))
    if block == 1:
        return values.astype(np.float32)
    return _means(_sums(values, 0, 0, block), (rows, columns), block)


def image_size(shape: tuple[int, ...], cell_m: Cell) -> tuple[float, float]:
    """Return how far the blocks of a map's image reach along x and y, metres."""
    block = block_of(shape)
    down, across = (-(-side // block) * block for side in shape)
    return across * cell_m[0], down * cell_m[1]


def image_of(
    source: MapSource,
    tiles: list[MapTile],
    *,
    client: Client | None = None,
    progress: Progress | None = None,
) -> Image:
    """Return the image of a map beyond memory, as `thinned` would make it, a job for each tile.

    Parameters
    ----------
    source, tiles
        The map, and tiles that share no cell and leave none out.
    client
        Where to run; None: threads of this process.
    progress
        Told of every finished tile.
    """
    block = block_of(source.shape)
    jobs = {str(at): tile for at, tile in enumerate(tiles)}
    work = partial(block_sums, source=source, block=block)
    found = run_jobs(work, jobs, what="image", client=client, progress=progress)
    sums = np.zeros([-(-side // block) for side in source.shape])
    for name, tile in jobs.items():
        part = np.array(found[name]["sums"])
        top, left = tile.top // block, tile.left // block
        sums[top : top + part.shape[0], left : left + part.shape[1]] += part
    return _means(sums, source.shape, block)


def block_sums(tile: MapTile, *, source: MapSource, block: int) -> Result:
    """Return the sums of a tile's cells in each block that it has some of."""
    return {"sums": _sums(source.values(tile), tile.top, tile.left, block).tolist()}


def block_of(shape: tuple[int, ...]) -> int:
    """Return how many cells of a map are one of its image along a side."""
    return -(-max(shape) // MOST_CELLS)


def _sums(values: NDArray[np.floating], top: int, left: int, block: int) -> Float:
    """Return sums over blocks that are counted from the map's first cell, for some of its cells."""
    starts = [
        np.flatnonzero((np.arange(side) + first) % block == 0)
        for side, first in zip(values.shape, (top, left), strict=True)
    ]
    rows, columns = (each if each.size and each[0] == 0 else np.append(0, each) for each in starts)
    down = np.add.reduceat(values, rows, axis=0, dtype=np.float64)
    return np.asarray(np.add.reduceat(down, columns, axis=1))


def _means(sums: Float, shape: Shape, block: int) -> Image:
    rows, columns = (np.diff(np.append(np.arange(0, side, block), side)) for side in shape)
    return np.asarray(sums / np.outer(rows, columns), dtype=np.float32)
