"""A Keras network as a TensorFlow graph: one trace for every size of input."""

from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.errors import ParameterError
from models.networks.card import read_card
from models.networks.training import use_threads
from models.networks.weights import load_network


class KerasGraph:
    """A network loaded for prediction; see `models.runtime.protocol.Runtime`.

    Parameters
    ----------
    weights
        A ``.keras`` file with its card beside it.
    threads
        Threads of this process that TensorFlow may use. The same number gives the same bytes.

    Raises
    ------
    WeightsError
        If the file or its card cannot be used.
    """

    name = "tensorflow float32"

    def __init__(self, weights: Path, *, threads: int) -> None:
        use_threads(threads)
        card = read_card(weights)
        network = load_network(weights)
        self.stride, self.sections, self.halo = card.stride, card.sections, card.halo
        self.bytes_per_sample = card.bytes_per_sample
        self.threshold = card.threshold

        def forward(amplitude: tf.Tensor) -> tf.Tensor:
            return tf.sigmoid(network(amplitude[None, ..., None], training=False))[0, ..., 0]

        signature = [tf.TensorSpec((None, None, None), tf.float32)]
        self._forward = tf.function(forward, input_signature=signature)

    def predict(self, amplitude: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return fault probabilities 0..1.

        Parameters
        ----------
        amplitude
            Normalized, float32, three axes, each a multiple of ``stride``.

        Raises
        ------
        ParameterError
            If a side is no multiple of the stride.
        """
        sides = amplitude.shape[::2] if self.sections else amplitude.shape
        if amplitude.ndim != 3 or any(side % self.stride for side in sides):
            raise ParameterError(
                name="shape of a tile",
                value=amplitude.shape,
                mend=f"It needs three axes, each a multiple of {self.stride}.",
            )
        samples = np.ascontiguousarray(amplitude, dtype=np.float32)
        return np.asarray(self._forward(tf.constant(samples)), dtype=np.float32)


def load_runtime(weights: Path, *, threads: int) -> KerasGraph:
    """Return the runtime of a ``.keras`` file, for ``threads`` threads of this process."""
    return KerasGraph(weights, threads=threads)
