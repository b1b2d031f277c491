"""The lean network: a residual U-Net that does nothing wide at full resolution.

Samples enter as blocks of two along each axis, all work is done at 1/2, 1/4 and 1/8 of the resolution
(and 1/16 for sections), and the head writes blocks back. Eight times less work than a U-Net that starts at
full resolution, and every convolution has channels enough to fill a processor's vector units.

A network of sections is the same one without the crossline axis: it sees every crossline for itself,
whatever lies beside it, and takes volumes of any number of them.
"""

from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from models.networks.layers import DepthToSpace, SpaceToDepth
from models.networks.seeds import first_weights


@dataclass(frozen=True, slots=True)
class Lean:
    """What a lean network is made of.

    Parameters
    ----------
    channels
        At 1/2 of the resolution, 1/4, and so on.
    blocks
        Residual blocks at each of them on the way down; one on the way up.
    sections
        See every crossline for itself.
    """

    channels: tuple[int, ...]
    blocks: tuple[int, ...]
    sections: bool = False

    @property
    def stride(self) -> int:
        """What sides of the input must be multiples of; the crosslines of sections may be any number."""
        return int(2 ** len(self.channels))

    def along(self, size: int) -> tuple[int, int, int]:
        """Return a kernel, a stride or a factor for the three axes."""
        return (size, 1 if self.sections else size, size)


LEAN16 = Lean((16, 32, 48), (1, 2, 2))
"""0.51 million parameters: the fast default."""

LEAN24 = Lean((24, 48, 96), (1, 2, 2))
"""1.6 million parameters, for graphics cards."""

SECTION24 = Lean((24, 48, 96, 128), (1, 2, 2, 2), sections=True)
"""1.4 million parameters: 2D lines, pictures, and inlines and crosslines of volumes."""

NETWORKS = {"lean16": LEAN16, "lean24": LEAN24, "section24": SECTION24}


def lean(shape: Lean = LEAN16) -> keras.Model:
    """Return the untrained network.

    Returns
    -------
    keras.Model
        From normalized amplitude (batch, n0, n1, n2, 1) to logits of the same shape; sides are
        multiples of ``shape.stride``.

    References
    ----------
    Wu, X. et al. (2019). FaultSeg3D. Geophysics, 84(3), IM35-IM45 (the task).
    Shi, W. et al. (2016). Real-time single image super-resolution using an efficient sub-pixel
    convolutional network. CVPR (the head).
    """
    channels, halves = shape.channels, shape.along(2)
    inputs = keras.Input((None, None, None, 1), name="amplitude")
    features = _convolve(SpaceToDepth(halves)(inputs), shape, channels[0])
    skips = []
    for level, width in enumerate(channels):
        if level:
            features = _convolve(features, shape, width, stride=2)
        for _ in range(shape.blocks[level]):
            features = _residual(features, shape, width)
        skips.append(features)
    for level in reversed(range(len(channels) - 1)):
        narrow = _convolve(features, shape, channels[level], kernel=1)
        upper = layers.UpSampling3D(halves)(narrow)
        features = _residual(layers.Add()([upper, skips[level]]), shape, channels[level])
    samples = halves[0] * halves[1] * halves[2]
    logits = layers.Conv3D(
        samples,
        shape.along(3),
        padding="same",
        kernel_initializer=first_weights(),
        name="head",
    )(features)
    return keras.Model(inputs, DepthToSpace(halves)(logits), name="lean")


def _convolve(
    features: Any,  # noqa: ANN401 - a Keras tensor
    shape: Lean,
    width: int,
    *,
    kernel: int = 3,
    stride: int = 1,
    activate: bool = True,
) -> Any:  # noqa: ANN401 - Keras tensors
    """Return convolution, normalization and, unless told otherwise, rectification."""
    features = layers.Conv3D(
        width,
        shape.along(kernel),
        strides=shape.along(stride),
        padding="same",
        use_bias=False,
        kernel_initializer=first_weights(),
    )(features)
    features = layers.BatchNormalization(momentum=0.95)(features)
    return layers.ReLU()(features) if activate else features


def _residual(features: Any, shape: Lean, width: int) -> Any:  # noqa: ANN401 - Keras tensors
    """Return features plus two convolutions of them."""
    change = _convolve(_convolve(features, shape, width), shape, width, activate=False)
    return layers.ReLU()(layers.Add()([features, change]))
