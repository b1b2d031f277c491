"""Training of an autoencoder: steps, its loss, its whole state; and the fault head behind it."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.networks.autoencoders import parts
from models.networks.lean import Lean, lean
from models.networks.state import State, arrays_of, of_another_network, state_of
from models.networks.training import learning_rate

Samples = NDArray[np.float32]

HEAD = Lean((16, 32), (1, 1))
"""What maps faults from a reconstruction: 0.1 million parameters, the same for every autoencoder."""


class Reconstructor:
    """An autoencoder with its optimizer and the number of steps done.

    Parameters
    ----------
    network
        From `models.networks.autoencoders.build`.
    seed
        Of the draws of a variational network.
    peak_rate
        Highest learning rate of Adam.
    """

    def __init__(self, network: keras.Model, *, seed: int = 0, peak_rate: float = 1e-3) -> None:
        self.network = network
        self.seed, self.peak_rate = seed, peak_rate
        self.step = 0
        self._optimizer = keras.optimizers.Adam(peak_rate)
        self._optimizer.build(network.trainable_variables)
        encoder, _ = parts(network)
        loss = variational_loss if len(encoder.outputs) > 1 else squared_error

        def update(amplitude: tf.Tensor, seeds: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                cost = loss(network, amplitude, seeds)
            variables = network.trainable_variables
            self._optimizer.apply_gradients(
                zip(tape.gradient(cost, variables), variables, strict=True)
            )
            return cost

        self._update = tf.function(update, reduce_retracing=False)

    def train_step(self, amplitude: Samples, *, steps: int) -> float:
        """Do one step; return its loss.

        Parameters
        ----------
        amplitude
            Normalized patches, shape (batch, n, n, n).
        steps
            Steps of the whole training, for the learning rate.
        """
        self._optimizer.learning_rate.assign(learning_rate(self.step, steps, self.peak_rate))
        cost = self._update(tf.constant(amplitude[..., None]), tf.constant([self.seed, self.step]))
        self.step += 1
        return float(cost)

    def state(self) -> State:
        """Return everything that `restore` needs to go on exactly."""
        parts = {"weight": self.network.get_weights(), "optimizer": self._optimizer.variables}
        return state_of(self.step, parts)

    def restore(self, state: State, *, source: str) -> None:
        """Take over a state.

        Raises
        ------
        WeightsError
            If it is of another network; ``source`` names the file.
        """
        try:
            self.network.set_weights(arrays_of(state, "weight"))
            for variable, value in zip(
                self._optimizer.variables, arrays_of(state, "optimizer"), strict=True
            ):
                variable.assign(value)
            self.step = int(state["step"])
        except (KeyError, ValueError) as error:
            raise of_another_network(source, error) from None


def squared_error(network: keras.Model, amplitude: Any, _seeds: Any) -> Any:  # noqa: ANN401 - tensors
    """Return the mean squared error of the reconstruction."""
    return tf.reduce_mean(tf.square(network(amplitude, training=True) - amplitude))


def variational_loss(network: keras.Model, amplitude: Any, seeds: Any) -> Any:  # noqa: ANN401 - tensors
    """Return the negative evidence bound for each sample, up to a constant.

    The variance of what a code leaves unexplained is its own best estimate, the mean squared error, so
    there is no weight to choose between reconstruction and code.

    References
    ----------
    Rybkin, O. et al. (2021). Simple and effective VAE training with calibrated decoders. ICML.
    """
    encoder, decoder = parts(network)
    mean, log_variance = encoder(amplitude, training=True)
    noise = tf.random.stateless_normal(tf.shape(mean), seeds)
    drawn = decoder(mean + tf.exp(log_variance / 2) * noise, training=True)
    error = tf.reduce_mean(tf.square(drawn - amplitude))
    divergence = tf.reduce_sum(mean**2 + tf.exp(log_variance) - 1 - log_variance) / 2
    return tf.math.log(error) / 2 + divergence / tf.cast(tf.size(amplitude), tf.float32)


def with_fault_head(network: keras.Model) -> keras.Model:
    """Return a network that maps faults from what an autoencoder rebuilds, which stays as it is.

    The head sees samples and not codes: it is the same for every kind, and finds no more faults than a code
    has kept. A head on codes would first have to learn what they mean, and hardly left chance.

    Parameters
    ----------
    network
        A trained autoencoder.

    Returns
    -------
    keras.Model
        From normalized amplitude (batch, n, n, n, 1) to logits of the same shape.
    """
    network.trainable = False
    inputs = keras.Input((None, None, None, 1), name="amplitude")
    return keras.Model(inputs, lean(HEAD)(network(inputs)), name="fault_head")
