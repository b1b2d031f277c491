"""Losses for thin faults in many samples without: weighted cross-entropy plus Dice."""

from typing import Any

import tensorflow as tf

FAULT_WEIGHT = 3.0
"""How much more a missed fault sample costs than a false one."""


def cross_entropy(label: Any, logits: Any) -> Any:  # noqa: ANN401 - TensorFlow tensors
    """Return the mean cross-entropy with fault samples weighted threefold; labels may be soft."""
    each = tf.nn.weighted_cross_entropy_with_logits(label, logits, FAULT_WEIGHT)
    return tf.reduce_mean(each)


def dice_loss(label: Any, logits: Any) -> Any:  # noqa: ANN401 - TensorFlow tensors
    """Return one less the Dice coefficient over the whole batch, in its squared form.

    References
    ----------
    Milletari, F. et al. (2016). V-Net. 3DV. https://doi.org/10.1109/3DV.2016.79
    """
    probability = tf.sigmoid(logits)
    shared = 2 * tf.reduce_sum(probability * label) + 1
    total = tf.reduce_sum(probability * probability) + tf.reduce_sum(label * label) + 1
    return 1 - shared / total
