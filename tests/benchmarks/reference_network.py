"""What networks are measured against: the U-Net that everyone knows, and a matrix product."""

import statistics
import time
from collections.abc import Callable
from math import prod

import numpy as np
from numpy.typing import NDArray

from models.runtime.quiet import quiet_start

Samples = NDArray[np.float32]

REFERENCE_SIDE, OVERLAP, HALF = 128, 16, 64


def reference_network() -> tuple[Callable[[Samples], Samples], int, float]:
    """Return the U-Net of FaultSeg3D, untrained, as a function of a tile; parameters; GFLOP a tile.

    References
    ----------
    Wu, X., Liang, L., Shi, Y., Fomel, S. (2019). FaultSeg3D. Geophysics, 84(3), IM35-IM45.
    """
    with quiet_start():
        import keras
    from keras import layers

    def twice(features: object, width: int) -> object:
        for _ in range(2):
            features = layers.Conv3D(width, 3, padding="same", activation="relu")(features)
        return features

    inputs = keras.Input((None, None, None, 1))
    skips, features = [], inputs
    for width in (16, 32, 64):
        features = twice(features, width)
        skips.append(features)
        features = layers.MaxPooling3D()(features)
    features = twice(features, 128)
    for width, skip in zip((64, 32, 16), reversed(skips), strict=True):
        features = twice(layers.Concatenate()([layers.UpSampling3D()(features), skip]), width)
    network = keras.Model(inputs, layers.Conv3D(1, 1, activation="sigmoid")(features))

    def predict(tile: Samples) -> Samples:
        found: Samples = network.predict(tile[None, ..., None], verbose=0)[0, ..., 0]
        return found

    return predict, network.count_params(), gigaflops(network, (REFERENCE_SIDE,) * 3)


def gigaflops(network: object, sides: tuple[int, int, int]) -> float:
    """Return the multiplications and additions of all convolutions for an input of these sides."""
    import keras
    import tensorflow as tf

    assert isinstance(network, keras.Model)
    names = [each for each in network.layers if isinstance(each, keras.layers.Conv3D)]
    probe = keras.Model(network.inputs, [each.output for each in names])
    signature = tf.TensorSpec((1, *sides, 1), tf.float32)
    shapes = tf.function(probe).get_concrete_function(signature).structured_outputs
    total = 0.0
    for layer, out in zip(names, tf.nest.flatten(shapes), strict=True):
        total += 2.0 * prod(layer.kernel.shape) * prod(out.shape[1:4])
    return total / 1e9


def matrix_rate() -> float:
    """Return the GFLOP/s of a float32 matrix product by TensorFlow, on the threads of the networks."""
    import tensorflow as tf

    side = 3000
    matrix = tf.random.normal((side, side))
    tf.linalg.matmul(matrix, matrix)
    return (
        2e-9
        * side**3
        / statistics.median(seconds_of(lambda: tf.linalg.matmul(matrix, matrix).numpy(), 5))
    )


def seconds_of(work: Callable[[], object], rounds: int) -> list[float]:
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return found
