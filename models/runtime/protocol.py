"""What a runtime is: something that turns normalized amplitudes into fault probabilities."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Lateral = tuple[slice, slice]


class Runtime(Protocol):
    """A trained network, loaded once in a process and called for every tile."""

    @property
    def name(self) -> str:
        """Library and precision, for the run report."""

    @property
    def stride(self) -> int:
        """Sides of the input must be multiples of it, and tiles begin on multiples of it."""

    @property
    def sections(self) -> bool:
        """True: every crossline is seen for itself, and their number need be no multiple of ``stride``."""

    @property
    def halo(self) -> int:
        """Samples of context that a prediction needs on each side, a multiple of ``stride``."""

    @property
    def bytes_per_sample(self) -> int:
        """Measured peak memory of one call, per input sample."""

    def predict(
        self, amplitude: NDArray[np.float32], core: Lateral | None = None, /
    ) -> NDArray[np.float32]:
        """Return fault probabilities 0..1, the shape of ``amplitude`` (three axes).

        What lies outside of ``core``, a part of the lateral axes, need not be right.
        """
