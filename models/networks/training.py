"""Training of one network: steps, learning rate, running mean of the weights, and its whole state.

Nothing here depends on wall time: the same seed, data and number of steps give the same weights,
and a state that is saved and restored goes on as if nothing had happened.
"""

import math
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.errors import ParameterError
from models.networks.losses import consistency, cross_entropy, devices, dice_loss
from models.networks.placement import MIXED, Placement, copy_of, in_scope, shares
from models.networks.state import State, arrays_of, of_another_network, state_of

Samples = NDArray[np.float32]

WARM_UP_STEPS = 60
FINAL_SHARE = 0.02
MEAN_DECAY = 0.995

CONSISTENCY_SHARE = 10.0
"""Of the difference to the teacher: squared probabilities are small against a cross-entropy."""


@dataclass(frozen=True, slots=True)
class Losses:
    """What one step cost."""

    cross_entropy: float
    dice: float
    consistency: float = 0.0


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


def be_deterministic() -> None:
    """Have TensorFlow use only operations that give the same bytes in every run, for this process.

    On processors it costs nothing that could be measured. On graphics cards TensorFlow then takes slower
    algorithms, and refuses an operation that has none; what that costs has not been measured.
    """
    tf.config.experimental.enable_op_determinism()


def probability_of(network: keras.Model, amplitude: Samples) -> Samples:
    """Return probabilities of a batch, one example after another, so that memory is that of one."""
    found = [tf.sigmoid(network(each[None, ..., None], training=False)) for each in amplitude]
    return np.concatenate([np.asarray(each, dtype=np.float32)[..., 0] for each in found])


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
    placement
        Devices and precision.
    trained
        The network has been trained before: the running mean starts from it and stays slow.
    """

    def __init__(
        self,
        network: keras.Model,
        *,
        peak_rate: float = 2e-3,
        placement: Placement | None = None,
        trained: bool = False,
    ) -> None:
        placement = placement or Placement()
        self.peak_rate = peak_rate
        self.step = 0
        self._trained = trained
        self._strategy = placement.strategy()
        with in_scope(self._strategy):
            self.network = placement.place(network)
            self._optimizer = keras.optimizers.AdamW(peak_rate, weight_decay=1e-4)
            if placement.policy == MIXED:
                self._optimizer = keras.optimizers.LossScaleOptimizer(self._optimizer)
            self._optimizer.build(self.network.trainable_variables)
        self._mean = [np.array(each) for each in self.network.get_weights()]
        self._mean_copy: keras.Model | None = None
        self._update = tf.function(self._update_all, reduce_retracing=False)

    def _update_all(self, *batch: Any) -> Any:  # noqa: ANN401 - tensors, or parts of them by device
        """Do one step on every device; the losses are those of the whole batch on each of them."""
        if self._strategy.num_replicas_in_sync == 1:
            return self._update_once(*batch)
        losses = self._strategy.run(self._update_once, args=batch)
        mean = tf.distribute.ReduceOp.MEAN
        return tuple(self._strategy.reduce(mean, each, axis=None) for each in losses)

    def _update_once(
        self,
        amplitude: tf.Tensor,
        label: tf.Tensor,
        labelled: tf.Tensor | None = None,
        agreed: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, ...]:
        with tf.GradientTape() as tape:
            logits = tf.cast(self.network(amplitude, training=True), tf.float32)
            losses = [cross_entropy(label, logits, labelled), dice_loss(label, logits, labelled)]
            loss = losses[0] + losses[1]
            if agreed is not None:
                losses.append(consistency(label, logits, agreed))
                loss += CONSISTENCY_SHARE * losses[2]
            # Every device has the loss of the whole batch, and the optimizer sums their gradients.
            loss = self._optimizer.scale_loss(loss / devices())
        variables = self.network.trainable_variables
        self._optimizer.apply_gradients(
            zip(tape.gradient(loss, variables), variables, strict=True)
        )
        return tuple(losses)

    def train_step(
        self,
        amplitude: Samples,
        label: Samples,
        *,
        steps: int,
        labelled: Samples | None = None,
        agreed: Samples | None = None,
    ) -> Losses:
        """Do one step.

        Parameters
        ----------
        amplitude, label
            Normalized amplitude and soft label, shape (batch, n0, n1, n2).
        steps
            Steps of the whole training, for the learning rate.
        labelled, agreed
            1 where the label is one, 1 where it is the probability of a teacher, the same shape; the second
            only with the first. None: all of it is label.
        """
        self._optimizer.learning_rate.assign(learning_rate(self.step, steps, self.peak_rate))
        parts = [amplitude, label, *(part for part in (labelled, agreed) if part is not None)]
        losses = self._update(*(shares(part[..., None], self._strategy) for part in parts))
        self.step += 1
        decay = MEAN_DECAY
        if not self._trained:
            decay = min(decay, (self.step + 1) / (self.step + 10))
        now = self.network.get_weights()
        self._mean = [
            decay * mean + (1 - decay) * each for mean, each in zip(self._mean, now, strict=True)
        ]
        return Losses(*(float(each) for each in losses))

    @property
    def mean_weights(self) -> list[NDArray[np.generic]]:
        """The running mean of the weights."""
        return list(self._mean)

    def mean_network(self) -> keras.Model:
        """Return a copy of the network, float32, with the running mean of its weights: the one to use."""
        copy = copy_of(self.network)
        copy.set_weights(self._mean)
        return copy

    def mean_probability(self, amplitude: Samples) -> Samples:
        """Return what the network with the mean weights finds, 0 to 1, shape (batch, n0, n1, n2)."""
        if self._mean_copy is None:
            self._mean_copy = copy_of(self.network)
        self._mean_copy.set_weights(self._mean)
        return probability_of(self._mean_copy, amplitude)

    def state(self) -> State:
        """Return everything that `restore` needs to go on exactly."""
        parts = {"weight": self.network.get_weights(), "mean": self._mean}
        return state_of(self.step, parts | {"optimizer": self._optimizer.variables})

    def restore(self, state: State, *, source: str) -> None:
        """Take over a state.

        Raises
        ------
        WeightsError
            If it is of another network; ``source`` names the file.
        """
        try:
            self.network.set_weights(arrays_of(state, "weight"))
            mean = arrays_of(state, "mean")
            for each, value in zip(
                self._optimizer.variables, arrays_of(state, "optimizer"), strict=True
            ):
                each.assign(value)
            self.step = int(state["step"])
        except (KeyError, ValueError) as error:
            raise of_another_network(source, error) from None
        self._mean = [np.array(each, dtype=np.float32) for each in mean]
