"""A volume of a project whose traces are asked one by one: tiles and lines are predicted once and kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.normalize import Scale, scale_of
from models.statistics import Histogram, add_histogram, amplitude_histogram
from models.tiles import Tiling, tile_at
from storage.tile_cache import TileCache
from tasks.ensemble import FaultNetworks
from tasks.preload import runtime_of
from tasks.section import predict_core, predict_plane, tiling_of
from tasks.section_source import OpenVolume

Seen = Literal["volume", "inlines", "crosslines"]
"""What networks see: tiles of the volume, or every inline or crossline for itself."""

Trace = NDArray[np.float32]
Say = Callable[[str], None]

TILE_MEMORY = 2 << 30
"""Bytes that the networks may take for a tile."""

READ_BYTES = 64 << 20
"""Bytes that are read at once for the scale of a volume: whole inlines, one at least."""

AT_HAND = 64
"""Tiles and lines that are kept mapped to memory."""


@dataclass(frozen=True)
class AttributeVolume:
    """A volume of the project, its fault probability predicted where it is asked for.

    Attributes
    ----------
    volume
        That is read.
    identity
        Changes when its files do.
    networks
        Which see it.
    seen
        As in `Asked`.
    cache
        Of what was predicted.
    threads
        Of the runtime.
    say
        Takes lines for people.
    """

    volume: OpenVolume
    identity: str
    networks: FaultNetworks
    seen: Seen
    cache: TileCache
    threads: int
    say: Say

    def trace(self, inline: int, crossline: int) -> Trace | None:
        """Return the probabilities of a trace over the whole depth; None where the volume has none."""
        geometry = self.volume.geometry
        i = index_of(geometry.inlines, inline)
        j = index_of(geometry.crosslines, crossline)
        if i is None or j is None:
            return None
        if self.seen == "inlines":
            return np.asarray(self._line(0, i)[j])
        if self.seen == "crosslines":
            return np.asarray(self._line(1, j)[i])
        step_i, step_j = self._tiling.steps
        tile = self._tile(i // step_i, j // step_j)
        return np.asarray(tile[i % step_i, j % step_j])

    @cached_property
    def scale(self) -> Scale:
        """The scale of the whole volume, as ``map-faults`` has it; kept beside the tiles."""
        center, spread = self.cache.array(f"scale {self.identity}", self._measured).tolist()
        return Scale(center, spread)

    def _measured(self) -> NDArray[np.float32]:
        shape = self.volume.geometry.shape
        self.say(f"measuring the amplitudes of {shape[0]} inlines, once for this volume")
        total: Histogram = {}
        line_bytes = shape[1] * shape[2] * np.dtype(np.float32).itemsize
        lines = max(1, READ_BYTES // line_bytes)
        for first in range(0, shape[0], lines):
            part = slice(first, min(first + lines, shape[0]))
            samples = self.volume.read((part, slice(0, shape[1]), slice(0, shape[2])))
            add_histogram(total, amplitude_histogram(samples))
        scale = scale_of(total)
        return np.array([scale.center, scale.spread], np.float32)

    @cached_property
    def _tiling(self) -> Tiling:
        """Cores of one shard: the first answer comes as early as it can."""
        shape = self.volume.geometry.shape
        network = self.networks.for_survey(shape)
        return replace(tiling_of(shape, network, TILE_MEMORY), shards=1)

    def _tile(self, row: int, column: int) -> NDArray[np.float32]:
        """Return the core of a tile."""
        tiling, shape = self._tiling, self.volume.geometry.shape
        i, j = (
            slice(at * step, min((at + 1) * step, n))
            for at, step, n in zip((row, column), tiling.steps, shape, strict=False)
        )

        def make() -> NDArray[np.float32]:
            self.say(f"predicting inlines {i.start} to {i.stop}, crosslines {j.start} to {j.stop}")
            network = self.networks.for_survey(shape).with_threads(self.threads)
            tile = tile_at((i, j), tiling)
            return predict_core(self.volume.read, tile, tiling, runtime_of(network), self.scale)

        return self._kept(f"tile {tiling} {row} {column}", make)

    def _line(self, axis: Literal[0, 1], index: int) -> NDArray[np.float32]:
        """Return an inline or a crossline."""

        def make() -> NDArray[np.float32]:
            self.say(f"predicting {('inline', 'crossline')[axis]} number {index} of the volume")
            return predict_plane(
                self.volume.read,
                self.volume.geometry.shape,
                axis,
                index,
                networks=self.networks,
                scale=self.scale,
                threads=self.threads,
            )

        return self._kept(f"line {axis} {index}", make)

    @cached_property
    def _kept(self) -> Callable[[str, Callable[[], Trace]], Trace]:
        """Return what keeps arrays, the last ones at hand."""
        hand: dict[str, Trace] = {}

        def kept(name: str, make: Callable[[], Trace]) -> Trace:
            if name not in hand:
                full = (
                    f"{self.identity} {self.networks.card.sha256} {self.networks.runtime} {name}"
                )
                hand[name] = self.cache.array(full, make)
                if len(hand) > AT_HAND:
                    hand.pop(next(iter(hand)))
            return hand[name]

        return kept


def index_of(numbers: NDArray[np.int32], number: int) -> int | None:
    """Return where a line number stands on its axis; None: it does not."""
    at = int(np.searchsorted(numbers, number))
    return at if at < len(numbers) and numbers[at] == number else None
