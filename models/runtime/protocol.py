"""What a runtime is: something that turns normalized amplitudes into fault probabilities."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Runtime(Protocol):
    """A trained network, loaded once in a process and called for every tile.

    Attributes
    ----------
    name
        Library and precision, for the run report.
    stride
        Sides of the input must be multiples of it, and tiles begin on multiples of it.
    halo
        Samples of context that a prediction needs on each side, a multiple of ``stride``.
    bytes_per_sample
        Measured peak memory of one call, per input sample.
    """

    name: str
    stride: int
    halo: int
    bytes_per_sample: int

    def predict(self, amplitude: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return fault probabilities 0..1, the shape of ``amplitude`` (three axes)."""
