"""Losses for thin faults in many samples without: weighted cross-entropy plus Dice.

Labels may be missing: only samples whose weight is not zero count. On several devices every loss is that
of the whole batch, not a mean of losses of its parts, so that their number changes nothing.
"""

from typing import Any

import tensorflow as tf

FAULT_WEIGHT = 3.0
"""How much more a missed fault sample costs than a false one."""


def cross_entropy(label: Any, logits: Any, weight: Any = None) -> Any:  # noqa: ANN401 - TensorFlow tensors
    """Return the mean cross-entropy with fault samples weighted threefold; labels may be soft."""
    each = tf.nn.weighted_cross_entropy_with_logits(label, logits, FAULT_WEIGHT)
    return _mean(each, weight)


def dice_loss(label: Any, logits: Any, weight: Any = None) -> Any:  # noqa: ANN401 - TensorFlow tensors
    """Return one less the Dice coefficient over the whole batch, in its squared form.

    References
    ----------
    Milletari, F. et al. (2016). V-Net. 3DV. https://doi.org/10.1109/3DV.2016.79
    """
    probability = tf.sigmoid(logits)
    if weight is not None:
        probability, label = probability * weight, label * weight
    shared = 2 * _over_devices(tf.reduce_sum(probability * label)) + 1
    squares = tf.reduce_sum(probability * probability) + tf.reduce_sum(label * label)
    return 1 - shared / (_over_devices(squares) + 1)


def consistency(target: Any, logits: Any, weight: Any) -> Any:  # noqa: ANN401 - TensorFlow tensors
    """Return the mean squared difference to the probabilities of a teacher.

    Its least value is at the teacher's probability itself, where that of the weighted cross-entropy is
    above it: a student of its own mean would find more faults with every step.

    References
    ----------
    Tarvainen, A. and Valpola, H. (2017). Mean teachers are better role models. NeurIPS.
    https://arxiv.org/abs/1703.01780
    """
    return _mean(tf.square(tf.sigmoid(logits) - target), weight)


def devices() -> int:
    """Return how many devices share the step that is under way."""
    context = tf.distribute.get_replica_context()
    return 1 if context is None else int(context.num_replicas_in_sync)


def _mean(each: Any, weight: Any) -> Any:  # noqa: ANN401 - TensorFlow tensors
    """Return the mean over all samples of the batch, or over those with weight."""
    if weight is None:
        return _over_devices(tf.reduce_mean(each)) / devices()
    total = _over_devices(tf.reduce_sum(weight))
    return _over_devices(tf.reduce_sum(each * weight)) / tf.maximum(total, 1.0)


def _over_devices(part: Any) -> Any:  # noqa: ANN401 - TensorFlow tensors
    """Return the sum over all devices that share the step."""
    if devices() == 1:
        return part
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, part)
