"""Predictors that stand in for the network where a law of tiling or of a run is tested.

They live in a module of their own, so that worker processes can import them.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.runtime.protocol import Lateral
from tasks.infer import NetworkFacts


@dataclass(frozen=True, slots=True)
class StandIn:
    """A quarter of the absolute amplitude: it reaches no neighbor."""

    stride: int = 8
    halo: int = 16
    sections: bool = False
    bytes_per_sample: int = 32
    pause_s: float = 0.0
    name: str = "stand-in"

    @property
    def facts(self) -> NetworkFacts:
        return NetworkFacts("0" * 64, self.stride, self.halo, self.bytes_per_sample, 0.5)

    def load(self) -> "StandIn":
        return self

    def with_threads(self, _threads: int) -> "StandIn":
        return self

    def predict(
        self, amplitude: NDArray[np.float32], _core: Lateral | None = None
    ) -> NDArray[np.float32]:
        time.sleep(self.pause_s)
        return np.abs(amplitude) * np.float32(0.25)


@dataclass(frozen=True, slots=True)
class Blank(StandIn):
    """Finds nothing."""

    def predict(
        self, amplitude: NDArray[np.float32], _core: Lateral | None = None
    ) -> NDArray[np.float32]:
        return np.zeros_like(amplitude)


@dataclass(frozen=True, slots=True)
class Neighborhood(StandIn):
    """The largest absolute amplitude within the halo: it reaches exactly as far as it says."""

    def predict(
        self, amplitude: NDArray[np.float32], _core: Lateral | None = None
    ) -> NDArray[np.float32]:
        largest: NDArray[np.float32] = ndimage.maximum_filter(
            np.abs(amplitude) / np.float32(4), size=2 * self.halo + 1, mode="constant"
        )
        return largest


@dataclass(frozen=True, slots=True)
class Farthest(StandIn):
    """The samples exactly one halo away on six sides: whatever is wrong out there, it shows."""

    def predict(
        self, amplitude: NDArray[np.float32], _core: Lateral | None = None
    ) -> NDArray[np.float32]:
        beyond = np.pad(np.abs(amplitude), self.halo)
        total = np.zeros_like(amplitude)
        for axis, n in enumerate(amplitude.shape):
            inner = [slice(self.halo, -self.halo)] * 3
            for first in (0, 2 * self.halo):
                inner[axis] = slice(first, first + n)
                total += beyond[tuple(inner)]
        found: NDArray[np.float32] = np.minimum(total * np.float32(0.1), np.float32(1))
        return found
