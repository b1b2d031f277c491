"""One plane of a volume, or one picture, predicted now: pages, pictures, a plane stored in a project.

An inline or a crossline is seen by the networks of lines, so one plane is read and nothing beside it. A time
or depth slice needs what lies above and below: a slab is read and seen by the networks of volumes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError
from models.fill import REACH, fill_dead
from models.normalize import Scale, normalize, scale_of
from models.runtime.protocol import Runtime
from models.statistics import Histogram, add_histogram, amplitude_histogram
from models.tiles import Region, Tile, Tiling, choose_tiling, tile_grid
from storage.layout import volume_grid
from storage.locations import Location
from storage.volume import attributes_of
from tasks.ensemble import FaultNetworks, fault_networks
from tasks.fan_out import Progress
from tasks.infer import Network, predict_tile
from tasks.plan import ARRAY_BYTES
from tasks.preload import runtime_of

Samples = NDArray[np.float32]
Read = Callable[[Region], Samples]
"""From a region to its samples, NaN where there is no trace, or no picture."""

Shape = tuple[int, int, int]

TILE_MEMORY = 1 << 30
"""Bytes that the networks may take at once: a page or an attribute runs beside other programs."""

SCALE_LINES = 5
"""Inlines that give a slice its scale where nobody knows that of the survey."""

STRIP = 512
"""Traces that are read at once for a scale."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Where a plane lies in a volume, and the slab that networks must see for it.

    Attributes
    ----------
    axis
        0 an inline, 1 a crossline, 2 a time or depth slice.
    slab
        Along the axis: of the volume, from ... to.
    kept
        Along the axis: of the slab.
    """

    axis: int
    slab: slice
    kept: int

    def shape_of(self, shape: Shape) -> Shape:
        """Return the shape of the slab."""
        sides = list(shape)
        sides[self.axis] = self.slab.stop - self.slab.start
        return sides[0], sides[1], sides[2]

    def read(self, read: Read, region: Region) -> Samples:
        """Return a region of the slab."""
        parts = list(region)
        part, first = parts[self.axis], self.slab.start
        parts[self.axis] = slice(first + part.start, first + part.stop)
        return read((parts[0], parts[1], parts[2]))


def predict_plane(
    read: Read,
    shape: Shape,
    axis: Literal[0, 1, 2],
    index: int,
    *,
    networks: FaultNetworks | None = None,
    scale: Scale | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> Samples:
    """Return the fault probability of one inline, crossline or slice.

    Parameters
    ----------
    read
        From a region of the volume to its samples; called once for every tile, and before that for a scale
        where none is given.
    shape
        Of the volume: (n_inline, n_crossline, n_sample).
    axis, index
        Which plane: along inlines 0, crosslines 1, samples 2; its position, from 0.
    networks
        Which are to see it; None: graben's own.
    scale
        Of the survey, `scale_of_store`; None: of the plane itself, or for a slice of a few inlines.
    threads
        Of the runtime.
    progress
        Told after every tile.

    Returns
    -------
    ndarray of float32
        The two other axes in the volume's order, 0 to 1; NaN where there is no sample.

    Raises
    ------
    ParameterError
        If there is no such plane.
    WeightsError
        If the networks cannot be used.
    """
    if not 0 <= index < shape[axis]:
        raise ParameterError("index", index, f"It lies from 0 to {shape[axis] - 1}.")
    networks = networks or fault_networks(None)
    network = networks.for_survey(shape) if axis == 2 else networks.view(line=True)
    if threads > 1:
        network = network.with_threads(threads)
    plane = _plane(shape, axis, index, network)
    if scale is None:
        scale = _scale_of_lines(read, shape) if axis == 2 else _scale(read, shape, plane)
    sides = plane.shape_of(shape)
    depth = slice(plane.kept, plane.kept + 1) if axis == 2 else slice(0, sides[2])
    found = predict_volume(
        partial(plane.read, read), sides, network, scale, depth=depth, progress=progress
    )
    return np.squeeze(found, axis=axis)


def predict_picture(
    samples: NDArray[np.generic],
    *,
    networks: FaultNetworks | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> Samples:
    """Return the fault probability of a section that is a picture, at the scale at which it is.

    Parameters
    ----------
    samples
        Amplitudes of any unit: rows are times downwards, columns are traces; NaN where the picture is empty.
    networks, threads, progress
        As in `predict_plane`.

    Returns
    -------
    ndarray of float32
        Of the same shape; NaN where the picture is empty.
    """
    rows, columns = samples.shape
    section = samples.T[:, None, :]

    def read(region: Region) -> Samples:
        return np.asarray(section[region], dtype=np.float32)

    shape = columns, 1, rows
    found = predict_plane(read, shape, 1, 0, networks=networks, threads=threads, progress=progress)
    return found.T


def scale_of_store(volume: Location) -> Scale | None:
    """Return the scale of a complete volume store, by which ``map-faults`` sees it; None: it has none."""
    statistics = attributes_of(volume).get("statistics")
    return scale_of(statistics["histogram"]) if statistics else None


def predict_volume(
    read: Read,
    shape: Shape,
    network: Network,
    scale: Scale,
    *,
    depth: slice,
    tile_memory: int = TILE_MEMORY,
    progress: Progress | None = None,
) -> Samples:
    """Return the fault probability of a small volume, or of some of its depths, tile by tile, in memory.

    Parameters
    ----------
    read, shape
        The volume.
    network
        What sees it: of lines for a shape with one trace along an axis.
    scale
        Of its amplitudes.
    depth
        What is kept.
    tile_memory
        Bytes the networks may take at once.
    progress
        Told after every tile.
    """
    tiling = tiling_of(shape, network, tile_memory)
    runtime, tiles = runtime_of(network), list(tile_grid(tiling))
    found = np.empty((*shape[:2], depth.stop - depth.start), np.float32)
    for done, tile in enumerate(tiles, start=1):
        core = predict_core(read, tile, tiling, runtime, scale)
        found[tile.core[:2]] = core[..., depth]
        if progress:
            progress(done, len(tiles))
    return found


def tiling_of(shape: Shape, network: Network, tile_memory: int = TILE_MEMORY) -> Tiling:
    """Return how a volume is cut, on the same grid of shards as a store of this shape."""
    shards = volume_grid(shape).shards
    return choose_tiling(
        shape,
        (shards[0], shards[1]),
        stride=network.facts.stride,
        halo=network.facts.halo,
        bytes_per_sample=network.facts.bytes_per_sample + ARRAY_BYTES,
        memory_bytes=tile_memory,
    )


def predict_core(
    read: Read, tile: Tile, tiling: Tiling, runtime: Runtime, scale: Scale
) -> Samples:
    """Return the fault probability of a tile's core, NaN where there is no sample.

    What fills a bin without a trace comes from around the region, so that it does not depend on the tile.
    """
    i, j = (
        slice(max(0, part.start - REACH), min(n, part.stop + REACH))
        for part, n in zip(tile.read[:2], tiling.survey, strict=False)
    )
    samples = read((i, j, tile.read[2]))
    live = np.asarray(np.isfinite(samples).any(axis=2))
    amplitude = fill_dead(normalize(samples, scale), live, REACH)
    amplitude = amplitude[_within(tile.read, (i, j, tile.read[2]))]
    probability = predict_tile(amplitude, tile, tiling, runtime)
    probability[~np.isfinite(samples[_within(tile.core, (i, j, tile.read[2]))])] = np.nan
    return probability


def _within(part: Region, whole: Region) -> Region:
    """Return where a region lies in a larger one."""
    i, j, k = (
        slice(want.start - have.start, want.stop - have.start)
        for want, have in zip(part, whole, strict=True)
    )
    return i, j, k


def _plane(shape: Shape, axis: int, index: int, network: Network) -> Plane:
    """Return a plane with what its networks must see around it."""
    if axis < 2:
        return Plane(axis, slice(index, index + 1), 0)
    stride, halo = network.facts.stride, network.facts.halo
    first = max(0, index - halo) // stride * stride
    last = min(shape[2], index + halo + 1)
    return Plane(axis, slice(first, last), index - first)


def _scale(read: Read, shape: Shape, plane: Plane) -> Scale:
    """Return the scale of a plane, read strip by strip."""
    total: Histogram = {}
    n0, n1, n2 = plane.shape_of(shape)
    for first in range(0, max(n0, n1), STRIP):
        i = slice(min(first, n0 - 1), min(first + STRIP, n0))
        j = slice(min(first, n1 - 1), min(first + STRIP, n1))
        add_histogram(total, amplitude_histogram(plane.read(read, (i, j, slice(0, n2)))))
    return scale_of(total)


def _scale_of_lines(read: Read, shape: Shape) -> Scale:
    """Return the scale of some inlines that lie evenly in a survey."""
    total: Histogram = {}
    for index in np.unique(np.linspace(0, shape[0] - 1, SCALE_LINES + 2).astype(int)[1:-1]):
        line = read((slice(int(index), int(index) + 1), slice(0, shape[1]), slice(0, shape[2])))
        add_histogram(total, amplitude_histogram(line))
    return scale_of(total)
