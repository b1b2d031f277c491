"""Layers that trade resolution for channels and back; saved in ``.keras`` files by name."""

from typing import Any

import keras
from keras import ops

PACKAGE = "graben"


@keras.saving.register_keras_serializable(package=PACKAGE)
class SpaceToDepth(keras.layers.Layer):
    """Moves every 2 x 2 x 2 block of samples into eight channels: half the size on each axis."""

    def call(self, inputs: Any) -> Any:  # noqa: ANN401 - a Keras tensor
        """Return shape (batch, n0 / 2, n1 / 2, n2 / 2, 8 * channels)."""
        _, n0, n1, n2, _ = ops.shape(inputs)
        channels = inputs.shape[-1]
        blocks = ops.reshape(inputs, (-1, n0 // 2, 2, n1 // 2, 2, n2 // 2, 2, channels))
        blocks = ops.transpose(blocks, (0, 1, 3, 5, 2, 4, 6, 7))
        return ops.reshape(blocks, (-1, n0 // 2, n1 // 2, n2 // 2, 8 * channels))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the output's shape; unknown sides stay unknown."""
        batch, *sides, channels = input_shape
        return (batch, *(side and side // 2 for side in sides), 8 * (channels or 0))


@keras.saving.register_keras_serializable(package=PACKAGE)
class DepthToSpace(keras.layers.Layer):
    """Moves eight channels into a 2 x 2 x 2 block of samples: the inverse of `SpaceToDepth`."""

    def call(self, inputs: Any) -> Any:  # noqa: ANN401 - a Keras tensor
        """Return shape (batch, 2 * n0, 2 * n1, 2 * n2, channels / 8)."""
        _, n0, n1, n2, _ = ops.shape(inputs)
        channels = inputs.shape[-1] // 8
        blocks = ops.reshape(inputs, (-1, n0, n1, n2, 2, 2, 2, channels))
        blocks = ops.transpose(blocks, (0, 1, 4, 2, 5, 3, 6, 7))
        return ops.reshape(blocks, (-1, 2 * n0, 2 * n1, 2 * n2, channels))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the output's shape; unknown sides stay unknown."""
        batch, *sides, channels = input_shape
        return (batch, *(side and side * 2 for side in sides), (channels or 0) // 8)
