"""Small cubic patches of examples: those of a training step, and those that score it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.augment import Pair, crop, flip, normalize, swap_lateral
from storage.examples import ExampleStore

Samples = NDArray[np.float32]

EXAMPLES_A_ROUND, STEPS_A_ROUND = 8, 20
"""To read an example takes longer than a step does, so a few serve several steps."""


@dataclass(frozen=True, slots=True)
class Patches:
    """Normalized amplitude and distance to the nearest visible fault, (patch, n, n, n) float32.

    A distance is NaN where nobody knows it.
    """

    amplitude: Samples
    fault_distance: Samples


@lru_cache(maxsize=EXAMPLES_A_ROUND)
def read_normalized(store: ExampleStore, index: int) -> Pair:
    """Return an example with the scale that it has as a survey: its own, for all of it."""
    stored = store.read(index)
    return Pair(normalize(stored.amplitude), stored.known_distance)


def draw_patches(
    stores: Sequence[ExampleStore], seed: int, step: int, *, count: int, size: int
) -> Patches:
    """Return the patches of a training step, decided by (seed, step); stores take turns by rounds.

    Patches are mirrored laterally, swapped and reversed in polarity at random.
    """
    turn = step // STEPS_A_ROUND
    store = stores[turn % len(stores)]
    chosen = np.random.default_rng([seed, turn, 0]).integers(0, len(store), EXAMPLES_A_ROUND)
    rng = np.random.default_rng([seed, step, 1])
    indices = rng.choice(chosen, count)
    drawn = [_draw(rng, read_normalized(store, int(index)), size) for index in indices]
    return _stack(drawn)


def tile_patches(store: ExampleStore, *, size: int) -> Patches:
    """Return every whole patch of every example, side by side, as they are."""
    tiles = []
    for index in range(len(store)):
        example = read_normalized(store, index)
        n0, n1, n2 = (side // size for side in store.size)
        tiles += [
            crop(example, (i * size, j * size, k * size), (size,) * 3)
            for i, j, k in np.ndindex(n0, n1, n2)
        ]
    return _stack(tiles)


def _draw(rng: np.random.Generator, example: Pair, size: int) -> Pair:
    """Return a patch from anywhere in an example, changed so that it stays true."""
    start = [int(rng.integers(0, side - size + 1)) for side in example.amplitude.shape]
    patch = crop(example, (start[0], start[1], start[2]), (size,) * 3)
    first, second, swapped, reversed_ = rng.random(4) < 0.5
    for axis, mirrored in enumerate((first, second)):
        patch = flip(patch, axis) if mirrored else patch
    patch = swap_lateral(patch) if swapped else patch
    return Pair(-patch.amplitude, patch.fault_distance) if reversed_ else patch


def _stack(pairs: Sequence[Pair]) -> Patches:
    return Patches(
        np.stack([pair.amplitude for pair in pairs]),
        np.stack([pair.fault_distance for pair in pairs]),
    )
