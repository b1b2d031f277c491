"""Autoencoders of amplitude patches: dense, convolutional and variational ones of a stated size.

An encoder turns a cubic patch into a code of a few values for each block of 8 x 8 x 8 samples, a decoder
turns the code back; patches may have any multiple of eight samples a side. The dense one sees every block for
itself, and in it every sample meets every hidden unit. The convolutional one halves the resolution three
times, so blocks see their neighbours. The variational one has the same layers; its encoder gives the mean and
the log variance of a code, which training draws from, so that codes drawn from a normal distribution decode
to textures.

References
----------
Hinton, G. E. & Salakhutdinov, R. R. (2006). Reducing the dimensionality of data with neural networks.
Science, 313, 504-507.
Kingma, D. P. & Welling, M. (2014). Auto-encoding variational Bayes. ICLR.
"""

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from models.errors import ParameterError
from models.networks.capacity import STRIDE, Architecture
from models.networks.layers import DepthToSpace, SpaceToDepth
from models.networks.seeds import first_weights

Samples = NDArray[np.float32]

MARGIN = 2
"""Places of a code beyond the edge of a texture, where the decoder would see its own padding."""


def build(shape: Architecture) -> keras.Model:
    """Return the untrained autoencoder.

    Returns
    -------
    keras.Model
        From normalized amplitude (batch, n, n, n, 1) to its reconstruction, of the same shape; its layers
        ``encoder`` and ``decoder`` are models. A variational encoder returns mean and log variance, and
        the mean is decoded.
    """
    encoder, decoder = _dense(shape) if shape.kind == "dense" else _convolutional(shape)
    inputs = keras.Input(encoder.input_shape[1:], name="amplitude")
    codes = encoder(inputs)
    mean = codes[0] if shape.kind == "variational" else codes
    return keras.Model(inputs, decoder(mean), name=shape.kind)


def parts(network: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Return encoder and decoder of an autoencoder, built or loaded."""
    return network.get_layer("encoder"), network.get_layer("decoder")


def encode(network: keras.Model, patches: Samples) -> Samples:
    """Return the codes of patches (batch, n, n, n), of a variational network their means."""
    encoder, _ = parts(network)
    codes = encoder(patches[..., None], training=False)
    return np.asarray(codes[0] if len(encoder.outputs) > 1 else codes)


def decode(network: keras.Model, codes: Samples) -> Samples:
    """Return the patches (batch, n, n, n) of codes."""
    _, decoder = parts(network)
    return np.asarray(decoder(codes, training=False))[..., 0]


def texture(network: keras.Model, seed: int, shape: tuple[int, int, int]) -> Samples:
    """Return amplitudes as a variational autoencoder imagines them, decided by the seed.

    A code is drawn for the whole volume at once, so it has neither seams nor edges. What it decodes to is
    smoother than what was learnt, by the noise that no code holds.

    Parameters
    ----------
    network
        A variational autoencoder.
    seed, shape
        Decide the result; any shape of three axes.

    Returns
    -------
    ndarray
        Normalized amplitude, float32 of ``shape``.

    Raises
    ------
    ParameterError
        If the network is not variational.
    """
    encoder, decoder = parts(network)
    if len(encoder.outputs) < 2:
        mend = "Textures are drawn from variational autoencoders."
        raise ParameterError(name="network", value=network.name, mend=mend)
    places = [-(-side // STRIDE) + 2 * MARGIN for side in shape]
    drawn = np.random.default_rng(seed).standard_normal(
        (1, *places, decoder.input_shape[-1]), dtype=np.float32
    )
    first = MARGIN * STRIDE
    inner = tuple(slice(first, first + side) for side in shape)
    return np.ascontiguousarray(decode(network, drawn)[0][inner])


def _dense(shape: Architecture) -> tuple[keras.Model, keras.Model]:
    """Return an encoder and a decoder of blocks, with one hidden layer each."""
    (hidden,), block = shape.widths, (STRIDE,) * 3
    inputs = keras.Input((None, None, None, 1))
    features = _combine(SpaceToDepth(block)(inputs), hidden, activation="elu")
    encoder = keras.Model(inputs, _combine(features, shape.code_channels), name="encoder")
    codes = keras.Input((None, None, None, shape.code_channels))
    samples = _combine(_combine(codes, hidden, activation="elu"), STRIDE**3)
    return encoder, keras.Model(codes, DepthToSpace(block)(samples), name="decoder")


def _convolutional(shape: Architecture) -> tuple[keras.Model, keras.Model]:
    """Return an encoder to 1/8 of the resolution, and its mirror image."""
    half, quarter, eighth = shape.widths
    inputs = keras.Input((None, None, None, 1))
    features = _convolve(SpaceToDepth()(inputs), half)
    features = _residual(_convolve(features, quarter, strides=2), quarter)
    features = _residual(_convolve(features, eighth, strides=2), eighth)
    outputs = [
        layers.Conv3D(shape.code_channels, 1, kernel_initializer=first_weights(), name=name)(
            features
        )
        for name in ("mean", "log_variance")[: 2 if shape.kind == "variational" else 1]
    ]
    encoder = keras.Model(inputs, outputs if len(outputs) > 1 else outputs[0], name="encoder")
    codes = keras.Input((None, None, None, shape.code_channels))
    features = _residual(_convolve(codes, eighth), eighth)
    features = _residual(_convolve(layers.UpSampling3D()(features), quarter), quarter)
    features = _convolve(layers.UpSampling3D()(features), half)
    samples = _convolve(features, STRIDE, activation=None)
    return encoder, keras.Model(codes, DepthToSpace()(samples), name="decoder")


def _combine(features: Any, width: int, *, activation: str | None = None) -> Any:  # noqa: ANN401 - Keras tensors
    """Return values of each place that meet all the values there."""
    return layers.Dense(width, activation=activation, kernel_initializer=first_weights())(features)


def _convolve(
    features: Any,  # noqa: ANN401 - a Keras tensor
    width: int,
    *,
    strides: int = 1,
    activation: str | None = "elu",
) -> Any:  # noqa: ANN401 - a Keras tensor
    return layers.Conv3D(
        width,
        3,
        strides=strides,
        padding="same",
        activation=activation,
        kernel_initializer=first_weights(),
    )(features)


def _residual(features: Any, width: int) -> Any:  # noqa: ANN401 - Keras tensors
    """Return features plus two convolutions of them."""
    change = _convolve(_convolve(features, width), width, activation=None)
    return layers.ELU()(layers.Add()([features, change]))
