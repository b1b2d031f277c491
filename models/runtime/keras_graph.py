"""A Keras network as a TensorFlow graph: one trace for every size of input."""

from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.networks.card import read_card
from models.networks.placement import FULL, MIXED, copy_of
from models.networks.training import use_threads
from models.networks.weights import load_network
from models.runtime.carded import CardedRuntime


class KerasGraph(CardedRuntime):
    """A ``.keras`` file, run by TensorFlow; see `models.runtime.protocol.Runtime`.

    Parameters
    ----------
    weights
        A ``.keras`` file with its card beside it.
    threads
        Threads of this process that TensorFlow may use. The same number gives the same bytes.
    mixed
        Layers compute in half precision, sums and results stay float32; None: where a graphics card is
        visible.

    Raises
    ------
    WeightsError
        If the file or its card cannot be used.
    """

    def __init__(self, weights: Path, *, threads: int, mixed: bool | None = None) -> None:
        use_threads(threads)
        super().__init__(read_card(weights))
        network = load_network(weights)
        if mixed is None:
            mixed = bool(tf.config.list_physical_devices("GPU"))
        if mixed:
            network = copy_of(network, policy=MIXED)
        self.name = f"tensorflow {MIXED if mixed else FULL}"

        def forward(amplitude: tf.Tensor) -> tf.Tensor:
            logits = network(amplitude[None, ..., None], training=False)[0, ..., 0]
            return tf.cast(logits, tf.float32)

        def calibrated(amplitude: tf.Tensor, slope: tf.Tensor, offset: tf.Tensor) -> tf.Tensor:
            return tf.sigmoid(slope * forward(amplitude) + offset)

        block, number = (
            tf.TensorSpec((None, None, None), tf.float32),
            tf.TensorSpec((), tf.float32),
        )
        self._forward = tf.function(forward, input_signature=[block])
        # Within the graph: there it runs on all threads of the network.
        self._calibrated = tf.function(calibrated, input_signature=[block, number, number])

    def _logits(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(self._forward(tf.constant(samples)), dtype=np.float32)

    def _probability(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        found = self._calibrated(
            tf.constant(samples),
            tf.constant(self.calibration.slope, tf.float32),
            tf.constant(self.calibration.offset, tf.float32),
        )
        return np.asarray(found, dtype=np.float32)


def load_runtime(weights: Path, *, threads: int) -> KerasGraph:
    """Return the runtime of a ``.keras`` file, for ``threads`` threads of this process."""
    return KerasGraph(weights, threads=threads)
