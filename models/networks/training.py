"""Training of one network: steps, learning rate, running mean of the weights, and its whole state.

Nothing here depends on wall time: the same seed, data and number of steps give the same weights,
and a state that is saved and restored goes on as if nothing had happened.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.errors import ParameterError, WeightsError
from models.networks.losses import cross_entropy, dice_loss

Samples = NDArray[np.float32]
State = dict[str, NDArray[np.generic]]

WARM_UP_STEPS = 60
FINAL_SHARE = 0.02
MEAN_DECAY = 0.995


@dataclass(frozen=True, slots=True)
class Losses:
    """What one step cost."""

    cross_entropy: float
    dice: float


def use_threads(threads: int) -> None:
    """Bound the threads of TensorFlow in this process.

    Raises
    ------
    ParameterError
        If TensorFlow has already computed something with another number, which fixes it.
    """
    settings = tf.config.threading
    if settings.get_intra_op_parallelism_threads() == threads:
        return
    try:
        settings.set_intra_op_parallelism_threads(threads)
        settings.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        raise ParameterError(
            name="threads",
            value=threads,
            mend="TensorFlow has begun with another number in this process; start a new one.",
        ) from None


def seeded(seed: int, build: Callable[[], keras.Model]) -> keras.Model:
    """Return what ``build`` makes, with first weights decided by the seed."""
    keras.utils.set_random_seed(seed)
    return build()


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Return the rate of a step: linear warm-up, then half a cosine down to 2% of the peak."""
    warm_up = min(1.0, (step + 1) / WARM_UP_STEPS)
    cosine = 0.5 * (1 + math.cos(math.pi * min(step / max(steps, 1), 1.0)))
    return peak * warm_up * (cosine * (1 - FINAL_SHARE) + FINAL_SHARE)


class Trainer:
    """A network with its optimizer, the running mean of its weights and the number of steps done.

    Parameters
    ----------
    network
        From (batch, n0, n1, n2, 1) to logits of the same shape.
    peak_rate
        Highest learning rate of AdamW.
    """

    def __init__(self, network: keras.Model, *, peak_rate: float = 2e-3) -> None:
        self.network = network
        self.peak_rate = peak_rate
        self.step = 0
        self._optimizer = keras.optimizers.AdamW(peak_rate, weight_decay=1e-4)
        self._optimizer.build(network.trainable_variables)
        self._mean = [np.array(each) for each in network.get_weights()]
        self._update = tf.function(self._update_once, reduce_retracing=False)

    def _update_once(self, amplitude: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            logits = self.network(amplitude, training=True)
            entropy, dice = cross_entropy(label, logits), dice_loss(label, logits)
            loss = entropy + dice
        variables = self.network.trainable_variables
        self._optimizer.apply_gradients(
            zip(tape.gradient(loss, variables), variables, strict=True)
        )
        return entropy, dice

    def train_step(self, amplitude: Samples, label: Samples, *, steps: int) -> Losses:
        """Do one step.

        Parameters
        ----------
        amplitude, label
            Normalized amplitude and soft label, shape (batch, n0, n1, n2).
        steps
            Steps of the whole training, for the learning rate.
        """
        self._optimizer.learning_rate.assign(learning_rate(self.step, steps, self.peak_rate))
        entropy, dice = self._update(
            tf.constant(amplitude[..., None]), tf.constant(label[..., None])
        )
        self.step += 1
        decay = min(MEAN_DECAY, (self.step + 1) / (self.step + 10))
        now = self.network.get_weights()
        self._mean = [
            decay * mean + (1 - decay) * each for mean, each in zip(self._mean, now, strict=True)
        ]
        return Losses(float(entropy), float(dice))

    def mean_network(self) -> keras.Model:
        """Return a copy of the network with the running mean of its weights, the one to use."""
        copy = keras.models.clone_model(self.network)
        copy.set_weights(self._mean)
        return copy

    def state(self) -> State:
        """Return everything that `restore` needs to go on exactly."""
        parts: dict[str, list[NDArray[np.generic]]] = {
            "weight": list(self.network.get_weights()),
            "mean": list(self._mean),
            "optimizer": [np.asarray(each) for each in self._optimizer.variables],
        }
        state: State = {"step": np.asarray(self.step)}
        for name, arrays in parts.items():
            state |= {f"{name}_{number}": array for number, array in enumerate(arrays)}
        return state

    def restore(self, state: State, *, source: str) -> None:
        """Take over a state.

        Raises
        ------
        WeightsError
            If it is of another network; ``source`` names the file.
        """
        try:
            self.network.set_weights(_numbered(state, "weight"))
            mean = _numbered(state, "mean")
            for each, value in zip(
                self._optimizer.variables, _numbered(state, "optimizer"), strict=True
            ):
                each.assign(value)
            self.step = int(state["step"])
        except (KeyError, ValueError) as error:
            raise WeightsError(
                source,
                f"the checkpoint is of another network ({error})",
                "Start anew with --overwrite.",
            ) from None
        self._mean = [np.array(each, dtype=np.float32) for each in mean]


def _numbered(state: State, name: str) -> list[NDArray[np.generic]]:
    """Return the arrays ``name_0``, ``name_1``, ... in order."""
    count = sum(key.startswith(f"{name}_") for key in state)
    return [state[f"{name}_{number}"] for number in range(count)]
