"""Where a network is trained: one device or several copies in step, and in which precision."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.errors import ParameterError

FULL, MIXED = "float32", "mixed_float16"


@dataclass(frozen=True, slots=True)
class Placement:
    """Devices that share every step, and the precision of their layers.

    Attributes
    ----------
    devices
        Names as TensorFlow has them, such as ``GPU:0``; none: wherever TensorFlow puts a computation.
    policy
        Keras's dtype policy of the layers; variables and losses are float32 in any.
    """

    devices: tuple[str, ...] = ()
    policy: str = FULL

    @property
    def count(self) -> int:
        """How many devices."""
        return max(1, len(self.devices))

    def strategy(self) -> Any:  # noqa: ANN401 - TensorFlow has no types
        """Return TensorFlow's strategy for the devices."""
        if self.count == 1:
            return tf.distribute.get_strategy()
        return tf.distribute.MirroredStrategy(list(self.devices))

    def place(self, network: keras.Model) -> keras.Model:
        """Return the network for these devices with the same weights; call it in the strategy's scope."""
        if self.count == 1 and self.policy == FULL:
            return network
        return copy_of(network, policy=self.policy, synchronized=self.count > 1)

    def check_batch(self, size: int) -> None:
        """Check that a batch can be shared out evenly.

        Raises
        ------
        ParameterError
            If it cannot.
        """
        if size % self.count:
            raise ParameterError(
                name="batch_size",
                value=size,
                mend=f"{self.count} devices share it; choose a multiple of {self.count}.",
            )


def visible_placement() -> Placement:
    """Return all graphics cards in mixed precision if there are any, else the processor."""
    cards = tf.config.list_logical_devices("GPU")
    if not cards:
        return Placement()
    return Placement(tuple(card.name.removeprefix("/device:") for card in cards), MIXED)


def copy_of(
    network: keras.Model, *, policy: str = FULL, synchronized: bool = False
) -> keras.Model:
    """Return a copy of a network with its weights.

    Parameters
    ----------
    network
        Of any precision.
    policy
        Precision of the copy.
    synchronized
        Take the statistics of batch normalization over all devices.
    """

    def layer(original: keras.layers.Layer) -> keras.layers.Layer:
        changed = {**original.get_config(), "dtype": policy}
        if isinstance(original, keras.layers.BatchNormalization):
            changed["synchronized"] = synchronized
        return type(original).from_config(changed)

    copy = keras.models.clone_model(network, clone_function=layer)
    copy.set_weights(network.get_weights())
    return copy


def shares(samples: NDArray[np.float32], strategy: Any) -> Any:  # noqa: ANN401 - tensors
    """Return a batch as a tensor, or as one part for each device."""
    count = strategy.num_replicas_in_sync
    if count == 1:
        return tf.constant(samples)
    parts = np.split(samples, count)
    return strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant(parts[context.replica_id_in_sync_group])
    )


def in_scope(strategy: Any) -> AbstractContextManager[Any]:  # noqa: ANN401 - TensorFlow has no types
    """Return the context in which variables are made for all devices of a strategy."""
    scope: AbstractContextManager[Any] = strategy.scope()
    return scope
