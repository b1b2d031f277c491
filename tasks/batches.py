"""Batches of training examples: which, where cropped and how changed, from (seed, step) alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.augment import Pair, draw_pair, extrude, label_and_known, swap_lateral
from storage.examples import ExampleStore

Samples = NDArray[np.float32]
Size = tuple[int, int, int]

Examples = Sequence[Path | ExampleStore]
"""Example stores, by their paths or opened, perhaps still growing."""

CUBE_CROPS: tuple[Size, ...] = ((64, 64, 64), (48, 48, 96))
"""Crops of cubes; the narrow ones have room for long lateral steps."""

SECTION_CROPS: tuple[Size, ...] = ((128, 24, 96), (128, 24, 96), (160, 16, 80))
"""Crops of sections, extruded to the second side; every third is long and shallow."""

PLANE_CROPS: tuple[Size, ...] = ((128, 1, 192), (128, 1, 192), (144, 1, 96))
"""Crops of sections for a network of sections."""


def opened(examples: Examples) -> list[ExampleStore]:
    """Return the stores, opened.

    Raises
    ------
    InputError
        If one is missing or incomplete.
    """
    return [each if isinstance(each, ExampleStore) else ExampleStore(each) for each in examples]


@dataclass(frozen=True, slots=True)
class Batch:
    """Normalized amplitude and soft label, float32 (batch, n0, n1, n2).

    Attributes
    ----------
    labelled, agreed
        1 where the label is one, 1 where it is the probability of a teacher. The first alone: elsewhere
        nothing is learned. None: all of it is label.
    """

    amplitude: Samples
    label: Samples
    labelled: Samples | None = None
    agreed: Samples | None = None


def draw_batch(
    stores: Sequence[ExampleStore],
    seed: int,
    step: int,
    *,
    batch_size: int,
    stride: int,
    extruded: bool = True,
    stream: int = 0,
) -> Batch:
    """Return the batch of a step; stores take turns.

    Parameters
    ----------
    stores
        Of cubes, or of sections (one crossline).
    seed, step
        Decide everything.
    batch_size
        Crops in the batch.
    stride
        Sides of the crops are multiples of it.
    extruded
        Sections are repeated along the crossline axis and turned by 90 degrees half of the time, so that
        a network of volumes maps 2D lines too. Else they stay sections.
    stream
        Steps over which more and more of a store's examples are drawn from, so that training need not
        wait for all of them; 0: all from the first step.
    """
    rng = np.random.default_rng([seed, step])
    turn, number = divmod(step, len(stores))
    store = stores[number]
    sections = store.size[1] == 1
    crops = CUBE_CROPS if not sections else SECTION_CROPS if extruded else PLANE_CROPS
    size = _fit(crops[turn % len(crops)], store.size, stride)
    turned = bool(rng.random() < 0.5) and extruded
    pairs = []
    for index in rng.integers(0, in_use(len(store), step, stream), batch_size):
        stored = store.read(int(index))
        pair = draw_pair(rng, Pair(stored.amplitude, stored.known_distance), size)
        if sections and extruded:
            pair = extrude(pair, size[1])
        pairs.append(swap_lateral(pair) if turned else pair)
    amplitude = np.stack([pair.amplitude for pair in pairs])
    label, known = label_and_known(np.stack([pair.fault_distance for pair in pairs]))
    return Batch(amplitude, label, known if store.may_be_unknown else None)


def in_use(count: int, step: int, stream: int) -> int:
    """Return how many examples of a store are drawn from at a step; it does not depend on the time."""
    if step >= stream:
        return count
    return max(1, count * (step + 1) // stream)


def _fit(wanted: Size, available: Size, stride: int) -> Size:
    """Return a crop that the store has room for, in multiples of the stride."""
    sides = [
        want if have == 1 else min(want, have // stride * stride)
        for want, have in zip(wanted, available, strict=True)
    ]
    return sides[0], sides[1], sides[2]
