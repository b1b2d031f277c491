"""Layers that trade resolution for channels and back; saved in ``.keras`` files by name."""

from collections.abc import Sequence
from math import prod
from typing import Any

import keras
from keras import ops

PACKAGE = "graben"

HALVES = (2, 2, 2)


class _Blocks(keras.layers.Layer):
    """Something done to blocks of ``factors`` samples along the three axes."""

    def __init__(self, factors: Sequence[int] = HALVES, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self.factors = tuple(factors)

    def get_config(self) -> dict[str, Any]:
        """Return what a file needs to build the layer again."""
        return {**super().get_config(), "factors": self.factors}


@keras.saving.register_keras_serializable(package=PACKAGE)
class SpaceToDepth(_Blocks):
    """Moves every block of samples, 2 x 2 x 2 unless told otherwise, into channels."""

    def call(self, inputs: Any) -> Any:  # noqa: ANN401 - a Keras tensor
        """Return shape (batch, n0 / f0, n1 / f1, n2 / f2, f0 * f1 * f2 * channels)."""
        (f0, f1, f2), channels = self.factors, inputs.shape[-1]
        _, n0, n1, n2, _ = ops.shape(inputs)
        blocks = ops.reshape(inputs, (-1, n0 // f0, f0, n1 // f1, f1, n2 // f2, f2, channels))
        blocks = ops.transpose(blocks, (0, 1, 3, 5, 2, 4, 6, 7))
        return ops.reshape(blocks, (-1, n0 // f0, n1 // f1, n2 // f2, f0 * f1 * f2 * channels))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the output's shape; unknown sides stay unknown."""
        batch, *sides, channels = input_shape
        fewer = (side and side // f for side, f in zip(sides, self.factors, strict=True))
        return (batch, *fewer, prod(self.factors) * (channels or 0))


@keras.saving.register_keras_serializable(package=PACKAGE)
class DepthToSpace(_Blocks):
    """Moves channels into blocks of samples: the inverse of `SpaceToDepth`."""

    def call(self, inputs: Any) -> Any:  # noqa: ANN401 - a Keras tensor
        """Return shape (batch, f0 * n0, f1 * n1, f2 * n2, channels / (f0 * f1 * f2))."""
        f0, f1, f2 = self.factors
        channels = inputs.shape[-1] // prod(self.factors)
        _, n0, n1, n2, _ = ops.shape(inputs)
        blocks = ops.reshape(inputs, (-1, n0, n1, n2, f0, f1, f2, channels))
        blocks = ops.transpose(blocks, (0, 1, 4, 2, 5, 3, 6, 7))
        return ops.reshape(blocks, (-1, f0 * n0, f1 * n1, f2 * n2, channels))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the output's shape; unknown sides stay unknown."""
        batch, *sides, channels = input_shape
        more = (side and side * f for side, f in zip(sides, self.factors, strict=True))
        return (batch, *more, (channels or 0) // prod(self.factors))
