"""How far a network looks, measured: the context beyond which nothing changes a prediction."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Predict = Callable[[Samples], Samples]


def edge_effect(
    predict: Predict, amplitude: Samples, whole: Samples, *, stride: int, halo: int, side: int
) -> float:
    """Return the largest change of a probability when a tile is cut out with a halo.

    Parameters
    ----------
    predict
        From normalized amplitude to probability, sides multiples of ``stride``.
    amplitude, whole
        A volume, and its prediction in one piece.
    stride, halo
        Samples; the halo is a multiple of the stride.
    side
        Of the tile's core, a multiple of the stride.
    """
    worst = 0.0
    for start in _starts(amplitude.shape, stride=stride, halo=halo, side=side):
        read = tuple(slice(first - halo, first + side + halo) for first in start)
        core = tuple(slice(first, first + side) for first in start)
        inner = (slice(halo, halo + side),) * 3
        change = np.abs(predict(amplitude[read])[inner] - whole[core])
        worst = max(worst, float(change.max()))
    return worst


def smallest_halo(
    predict: Predict,
    volumes: Sequence[Samples],
    *,
    stride: int,
    allowed: float,
    largest: int,
    side: int = 16,
) -> tuple[int, dict[int, float]]:
    """Return the smallest halo whose edge effect is allowed, and the effect of every halo tried.

    Parameters
    ----------
    predict
        From normalized amplitude to probability.
    volumes
        Normalized amplitude, each side at least ``2 * largest + side``.
    stride
        Halos tried are multiples of it.
    allowed
        Largest change of any probability.
    largest
        Largest halo to try; returned when none is good enough.
    side
        Of the cores that are compared.
    """
    wholes = [predict(volume) for volume in volumes]
    effects: dict[int, float] = {}
    for halo in range(stride, largest + 1, stride):
        effects[halo] = max(
            edge_effect(predict, volume, whole, stride=stride, halo=halo, side=side)
            for volume, whole in zip(volumes, wholes, strict=True)
        )
        if effects[halo] <= allowed:
            return halo, effects
    return largest, effects


def _starts(
    shape: tuple[int, ...], *, stride: int, halo: int, side: int
) -> list[tuple[int, int, int]]:
    """Return first samples of cores that fit with their halo: both ends and between, each axis."""
    choices = []
    for length in shape:
        low, high = halo, (length - halo - side) // stride * stride
        middle = (low + high) // 2 // stride * stride
        choices.append(sorted({low, middle, high}))
    return [(a, b, c) for a in choices[0] for b in choices[1] for c in choices[2]]
