"""What all runtimes share: the facts of a card, and the check of a tile's shape."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from models.calibration import Calibration
from models.errors import ParameterError
from models.networks.card import Card
from models.runtime.protocol import Lateral

AMPLITUDE, LOGITS, PROBABILITY = "amplitude", "logits", "probability"
"""Names of the input and of the outputs in files of other formats, each of shape (1, 1, n0, n1, n2)."""


class CardedRuntime(ABC):
    """A network loaded for prediction; see `models.runtime.protocol.Runtime`.

    Parameters
    ----------
    card
        Of the weights.
    """

    name: str

    def __init__(self, card: Card) -> None:
        self.stride, self.sections, self.halo = card.stride, card.sections, card.halo
        self.bytes_per_sample = card.bytes_per_sample
        self.threshold = card.threshold
        self.calibration = Calibration(*card.calibration)

    def predict(
        self, amplitude: NDArray[np.float32], _core: Lateral | None = None
    ) -> NDArray[np.float32]:
        """Return calibrated fault probabilities 0..1.

        Parameters
        ----------
        amplitude
            Normalized, float32, three axes, each a multiple of ``stride``.
        _core
            Not needed: a network sees all at once.

        Raises
        ------
        ParameterError
            If a side is no multiple of the stride.
        """
        return self._probability(self._checked(amplitude))

    def logits(self, amplitude: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits of the probabilities, by which two runtimes are compared."""
        return self._logits(self._checked(amplitude))

    @abstractmethod
    def _logits(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits of samples of a shape that fits."""

    def _probability(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return calibrated probabilities; runtimes do better where their graph can calibrate."""
        return self.calibration.of_logits(self._logits(samples))

    def _checked(self, amplitude: NDArray[np.float32]) -> NDArray[np.float32]:
        sides = amplitude.shape[::2] if self.sections else amplitude.shape
        if amplitude.ndim != 3 or any(side % self.stride for side in sides):
            raise ParameterError(
                name="shape of a tile",
                value=amplitude.shape,
                mend=f"It needs three axes, each a multiple of {self.stride}.",
            )
        return np.ascontiguousarray(amplitude, dtype=np.float32)
