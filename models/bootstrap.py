"""Bootstrap intervals of scores, over blocks of traces.

Neighbouring samples are no evidence of their own, so whole blocks are drawn.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.metrics import Label, Probability, ToleranceCounts, matches

BLOCK_TRACES = 64
"""Traces of a block of a section."""

DRAWS = 1000
LEVEL = 0.95
FEWEST_BLOCKS = 8
"""Draws of fewer blocks say little of what other blocks would give; they have no interval."""

BINS = 2000
"""Steps of recall at which the precision of a draw is known; their number costs AP less than 0.001."""

Interval = tuple[float, float]
NO_INTERVAL: Interval = (float("nan"), float("nan"))
Pairs = Sequence[tuple[Probability, Label]]


def block_slices(shape: tuple[int, ...]) -> list[slice]:
    """Return the inlines of each block: 64 of a section, the last with what is left over; all of a volume.

    Parameters
    ----------
    shape
        (n0, n1, n2); n1 = 1 is a section.
    """
    count = max(1, shape[0] // BLOCK_TRACES) if shape[1] == 1 else 1
    edges = [*(BLOCK_TRACES * number for number in range(count)), shape[0]]
    return [slice(first, last) for first, last in pairwise(edges)]


def blocks_of(pairs: Pairs) -> list[tuple[Probability, Label]]:
    """Return the blocks of (probability, label) pairs, each of shape (n0, n1, n2)."""
    return [
        (probability[block], label[block])
        for probability, label in pairs
        for block in block_slices(label.shape)
    ]


def _draws(count: int, seed: int) -> NDArray[np.float64]:
    """Return how often each of ``count`` blocks is in each draw, shape (draws, count)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(np.float64)


def _interval(scores: NDArray[np.float64]) -> Interval:
    """Return the middle 95 % of the scores; nan where no draw has one."""
    known = scores[np.isfinite(scores)]
    if not known.size:
        return NO_INTERVAL
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def precision_interval(blocks: Pairs, *, seed: int = 0) -> Interval:
    """Return the 95 % interval of average precision over draws of blocks; nan of fewer than eight.

    References
    ----------
    Efron, B. & Tibshirani, R. (1993). An introduction to the bootstrap. Chapman & Hall.
    """
    found = np.concatenate([probability[label > 0] for probability, label in blocks])
    if not found.size or len(blocks) < FEWEST_BLOCKS:
        return NO_INTERVAL
    edges = np.unique(np.quantile(found, np.linspace(0, 1, BINS + 1), method="lower"))
    picked, right = (np.zeros((len(blocks), edges.size)) for _ in range(2))
    for number, (probability, label) in enumerate(blocks):
        for counts, samples in ((picked, probability), (right, probability[label > 0])):
            places = np.searchsorted(edges, samples.ravel(), side="right")
            counts[number] = np.bincount(places, minlength=edges.size + 1)[1:]
    drawn = _draws(len(blocks), seed)
    taken, hits = (np.cumsum((drawn @ each)[:, ::-1], axis=1) for each in (picked, right))
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(taken > 0, hits / taken, 0)
        recall = hits / hits[:, -1:]
    return _interval((np.diff(recall, prepend=0, axis=1) * precision).sum(axis=1))


def f1_interval(
    pairs: Pairs, threshold: float, *, tolerance: float, seed: int = 0
) -> tuple[ToleranceCounts, Interval]:
    """Return the tolerance counts of all blocks, and the 95 % interval of their F1 over draws.

    The interval is nan of fewer than eight blocks.

    Parameters
    ----------
    pairs
        Whole sections or volumes; picks and labels match across the edges of blocks.
    threshold
        Of a pick.
    tolerance
        Samples.
    seed
        Of the draws.
    """
    counts = []
    for probability, label in pairs:
        picked, right, labelled, found = matches(probability, label, threshold, tolerance)
        counts += [
            ToleranceCounts(*(int(each[block].sum()) for each in (picked, right, labelled, found)))
            for block in block_slices(label.shape)
        ]
    if len(counts) < FEWEST_BLOCKS:
        return sum(counts, start=ToleranceCounts()), NO_INTERVAL
    table = np.array([[c.picked, c.picked_right, c.labelled, c.labelled_found] for c in counts])
    drawn = (_draws(len(counts), seed) @ table).T
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(drawn[0] > 0, drawn[1] / drawn[0], 0)
        recall = np.where(drawn[2] > 0, drawn[3] / drawn[2], np.nan)
        total = precision + recall
        f1 = np.where(total > 0, 2 * precision * recall / total, 0.0 * recall)
    return sum(counts, start=ToleranceCounts()), _interval(f1)
