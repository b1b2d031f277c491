"""The lean network: a residual U-Net that does nothing wide at full resolution.

Samples enter as 2 x 2 x 2 blocks, all work is done at 1/2, 1/4 and 1/8 of the resolution, and the
head writes blocks back. Eight times less work than a U-Net that starts at full resolution, and
every convolution has channels enough to fill a processor's vector units.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from models.networks.layers import DepthToSpace, SpaceToDepth

LEAN16 = (16, 32, 48)
"""Channels at 1/2, 1/4 and 1/8 of the resolution: 0.51 million parameters."""

BLOCKS = (1, 2, 2)
"""Residual blocks at each resolution on the way down; one on the way up."""


def stride_of(channels: Sequence[int]) -> int:
    """Return what sides of the input must be multiples of."""
    return int(2 ** len(channels))


def lean(channels: Sequence[int] = LEAN16, blocks: Sequence[int] = BLOCKS) -> keras.Model:
    """Return the untrained network.

    Parameters
    ----------
    channels
        At 1/2 of the resolution, 1/4, and so on.
    blocks
        Residual blocks at each of them.

    Returns
    -------
    keras.Model
        From normalized amplitude (batch, n0, n1, n2, 1) to logits of the same shape; sides are
        multiples of ``stride_of(channels)``.

    References
    ----------
    Wu, X. et al. (2019). FaultSeg3D. Geophysics, 84(3), IM35-IM45 (the task).
    Shi, W. et al. (2016). Real-time single image super-resolution using an efficient sub-pixel
    convolutional network. CVPR (the head).
    """
    inputs = keras.Input((None, None, None, 1), name="amplitude")
    features = _convolve(SpaceToDepth()(inputs), channels[0])
    skips = []
    for level, width in enumerate(channels):
        if level:
            features = _convolve(features, width, strides=2)
        for _ in range(blocks[level]):
            features = _residual(features, width)
        skips.append(features)
    for level in reversed(range(len(channels) - 1)):
        upper = layers.UpSampling3D(2)(_convolve(features, channels[level], kernel=1))
        features = _residual(layers.Add()([upper, skips[level]]), channels[level])
    logits = layers.Conv3D(8, 3, padding="same", name="head")(features)
    return keras.Model(inputs, DepthToSpace()(logits), name="lean")


def _convolve(
    features: Any,  # noqa: ANN401 - a Keras tensor
    width: int,
    *,
    kernel: int = 3,
    strides: int = 1,
    activate: bool = True,
) -> Any:  # noqa: ANN401 - Keras tensors
    """Return convolution, normalization and, unless told otherwise, rectification."""
    features = layers.Conv3D(width, kernel, strides=strides, padding="same", use_bias=False)(
        features
    )
    features = layers.BatchNormalization(momentum=0.95)(features)
    return layers.ReLU()(features) if activate else features


def _residual(features: Any, width: int) -> Any:  # noqa: ANN401 - Keras tensors
    """Return features plus two convolutions of them."""
    change = _convolve(_convolve(features, width), width, activate=False)
    return layers.ReLU()(layers.Add()([features, change]))
