"""How far a network looks, measured: the context beyond which nothing changes a prediction."""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Predict = Callable[[Samples], Samples]
Axes = tuple[int, ...]

ALL: Axes = (0, 1, 2)


def edge_effect(
    predict: Predict,
    amplitude: Samples,
    whole: Samples,
    *,
    stride: int,
    halo: int,
    side: int,
    axes: Axes = ALL,
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
    axes
        Along which tiles are cut.
    """
    worst = 0.0
    sides = [amplitude.shape[axis] for axis in axes]
    for start in _starts(sides, stride=stride, halo=halo, side=side):
        read, core, inner = ([slice(None)] * 3 for _ in range(3))
        for axis, first in zip(axes, start, strict=True):
            read[axis] = slice(first - halo, first + side + halo)
            core[axis] = slice(first, first + side)
            inner[axis] = slice(halo, halo + side)
        found = predict(np.ascontiguousarray(amplitude[tuple(read)]))
        change = np.abs(found[tuple(inner)] - whole[tuple(core)])
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
    axes: Axes = ALL,
) -> tuple[int, dict[int, float]]:
    """Return the smallest halo whose edge effect is allowed, and the effect of every halo tried.

    Parameters
    ----------
    predict
        From normalized amplitude to probability.
    volumes
        Normalized amplitude, each side that is cut at least ``2 * largest + side``.
    stride
        Halos tried are multiples of it.
    allowed
        Largest change of any probability.
    largest
        Largest halo to try; returned when none is good enough.
    side
        Of the cores that are compared.
    axes
        Along which tiles are cut.
    """
    wholes = [predict(volume) for volume in volumes]
    effects: dict[int, float] = {}
    for halo in range(stride, largest + 1, stride):
        effects[halo] = max(
            edge_effect(predict, volume, whole, stride=stride, halo=halo, side=side, axes=axes)
            for volume, whole in zip(volumes, wholes, strict=True)
        )
        if effects[halo] <= allowed:
            return halo, effects
    return largest, effects


def _starts(sides: Sequence[int], *, stride: int, halo: int, side: int) -> list[tuple[int, ...]]:
    """Return first samples of cores that fit with their halo: both ends and between, each axis."""
    choices = []
    for length in sides:
        low, high = halo, (length - halo - side) // stride * stride
        middle = (low + high) // 2 // stride * stride
        choices.append(sorted({low, middle, high}))
    return list(product(*choices))
