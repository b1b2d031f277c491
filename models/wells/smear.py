"""Probabilities that reach beyond their cells: what a fault nearby takes off the value of ground."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from models.errors import ParameterError

Float = NDArray[np.float64]

LEVELS = 20
"""Probabilities are taken up to the next twentieth, so that as many distance maps are enough."""


def smeared(
    probability: Float, distance_m: float, cell_width_m: float, cell_height_m: float
) -> Float:
    """Return, cell by cell, the largest of all probabilities less what lies between.

    A cell of probability p counts p in itself and falls off evenly to nothing at the distance; of all
    cells the largest counts. Unlike a mean over the surroundings this leaves a narrow fault its weight.

    Parameters
    ----------
    probability
        Shape (rows, columns), 0 to 1.
    distance_m
        How far it reaches, metres, positive; nearer than a cell it reaches no other.
    cell_width_m, cell_height_m
        Size of a cell.

    Raises
    ------
    ParameterError
        If the distance is not positive, or a probability is not one.
    """
    if not (math.isfinite(distance_m) and distance_m > 0):
        raise ParameterError("fault penalty", f"{distance_m} m", "It must be positive.")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ParameterError("probability", "a cell", "It must lie between 0 and 1.")
    steps = np.ceil(probability * LEVELS - 1e-9).astype(np.int64)
    reached = np.zeros(probability.shape)
    for step in np.unique(steps[steps > 0]):
        away = distance_transform_edt(steps < step, sampling=(cell_height_m, cell_width_m))
        falling = step / LEVELS * np.clip(1 - np.asarray(away) / distance_m, 0.0, 1.0)
        reached = np.maximum(reached, falling)
    return reached
