"""Scores of a fault probability against labels: exact AP, tolerance scores, stick distance, ECE.

A fault picked one sample aside is no error that matters: precision asks whether each picked sample
has a label within the tolerance, recall whether each labelled sample has a pick within it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Probability = NDArray[np.float32]
Label = NDArray[np.uint8]

TOLERANCE = 2.0
"""Distance, samples, within which a pick and a label match."""


@dataclass(frozen=True, slots=True)
class ToleranceCounts:
    """Sums over samples, so that volumes and shards add up.

    Attributes
    ----------
    picked, picked_right
        Samples at or above the threshold; those with a label within the tolerance.
    labelled, labelled_found
        Samples with a label; those with a pick within the tolerance.
    """

    picked: int = 0
    picked_right: int = 0
    labelled: int = 0
    labelled_found: int = 0

    def __add__(self, other: "ToleranceCounts") -> "ToleranceCounts":
        return ToleranceCounts(
            self.picked + other.picked,
            self.picked_right + other.picked_right,
            self.labelled + other.labelled,
            self.labelled_found + other.labelled_found,
        )

    @property
    def precision(self) -> float:
        """Share of the picks that are right; 0 without picks."""
        return self.picked_right / self.picked if self.picked else 0.0

    @property
    def recall(self) -> float:
        """Share of the labels that were found; 0 without labels."""
        return self.labelled_found / self.labelled if self.labelled else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @property
    def iou(self) -> float:
        """Intersection over union within the tolerance, Tol-IoU, which is F1 / (2 - F1)."""
        return self.f1 / (2 - self.f1)


def average_precision(probability: Probability, label: Label) -> float:
    """Return the area under the precision-recall curve, exact: every value is a threshold.

    Parameters
    ----------
    probability, label
        Any shape, the same; samples of equal probability count together.

    Returns
    -------
    float
        0 to 1; nan without labels.
    """
    order = np.argsort(-probability.ravel(), kind="stable")
    ranked, hits = probability.ravel()[order], label.ravel()[order] > 0
    found = np.cumsum(hits)
    if not found.size or not found[-1]:
        return float("nan")
    last = np.append(ranked[1:] != ranked[:-1], True)
    precision = (found / np.arange(1, found.size + 1))[last]
    recall = (found / found[-1])[last]
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def ball(tolerance: float) -> NDArray[np.bool_]:
    """Return the samples within ``tolerance`` of the middle one, as a footprint of three axes."""
    reach = int(np.floor(tolerance))
    axes = np.ogrid[tuple(slice(-reach, reach + 1) for _ in range(3))]
    square = sum(axis.astype(float) ** 2 for axis in axes)
    return np.asarray(square <= tolerance**2)


def counts_at(
    volumes: Iterable[tuple[Probability, Label]],
    thresholds: Sequence[float],
    tolerance: float = TOLERANCE,
) -> list[ToleranceCounts]:
    """Return how picks and labels match within a tolerance, over all volumes, at each threshold.

    A label has a pick within the tolerance where the largest probability around it reaches the
    threshold, so each volume is filtered once for all thresholds.

    Parameters
    ----------
    volumes
        (probability, label) pairs, each of one shape of three axes.
    thresholds
        A sample is picked where the probability reaches it.
    tolerance
        Samples, along any direction.
    """
    footprint = ball(tolerance)
    totals = [ToleranceCounts() for _ in thresholds]
    for probability, label in volumes:
        labelled = label > 0
        right = probability[ndimage.binary_dilation(labelled, structure=footprint)]
        around = ndimage.maximum_filter(probability, footprint=footprint, mode="nearest")
        found = around[labelled]
        for number, threshold in enumerate(thresholds):
            totals[number] += ToleranceCounts(
                picked=int((probability >= threshold).sum()),
                picked_right=int((right >= threshold).sum()),
                labelled=found.size,
                labelled_found=int((found >= threshold).sum()),
            )
    return totals


def matches(
    probability: Probability, label: Label, threshold: float, tolerance: float = TOLERANCE
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where samples are picked, picked right, labelled, and labelled with a pick near.

    Their sums are the `ToleranceCounts` of the volume.
    """
    footprint = ball(tolerance)
    picked, labelled = probability >= threshold, label > 0
    near_label = ndimage.binary_dilation(labelled, structure=footprint)
    near_pick = ndimage.binary_dilation(picked, structure=footprint)
    return picked, picked & near_label, labelled, labelled & near_pick


def tolerance_counts(
    probability: Probability, label: Label, threshold: float, tolerance: float = TOLERANCE
) -> ToleranceCounts:
    """Return how picks and labels of one volume match at one threshold; see `counts_at`."""
    return counts_at([(probability, label)], [threshold], tolerance)[0]


def best_threshold(
    volumes: Iterable[tuple[Probability, Label]],
    candidates: Sequence[float],
    tolerance: float = TOLERANCE,
) -> float:
    """Return the candidate with the highest tolerance F1 over all volumes, the lowest of equals.

    Parameters
    ----------
    volumes
        (probability, label) pairs of a validation set; never of the set to be scored.
    candidates
        Thresholds to try.
    tolerance
        Samples.
    """
    scores = [counts.f1 for counts in counts_at(volumes, candidates, tolerance)]
    return float(candidates[int(np.argmax(scores))])


def surest_threshold(
    volumes: Iterable[tuple[Probability, Label]],
    candidates: Sequence[float],
    within: float,
    tolerance: float = TOLERANCE,
) -> float:
    """Return the highest candidate whose tolerance F1 is that close to the best.

    Parameters
    ----------
    volumes, candidates, tolerance
        As in `best_threshold`; the candidates rise.
    within
        Of the best F1.
    """
    scores = np.array([counts.f1 for counts in counts_at(volumes, candidates, tolerance)])
    return float(candidates[int(np.flatnonzero(scores >= scores.max() - within)[-1])])


def calibration_error(probability: Probability, label: Label, bins: int = 15) -> float:
    """Return the expected calibration error over bins of equal width.

    References
    ----------
    Guo, C. et al. (2017). On calibration of modern neural networks. ICML.
    """
    values, hits = probability.ravel().astype(np.float64), label.ravel() > 0
    which = np.minimum((values * bins).astype(int), bins - 1)
    count = np.bincount(which, minlength=bins)
    claimed = np.bincount(which, weights=values, minlength=bins)
    true = np.bincount(which, weights=hits, minlength=bins)
    return float(np.abs(claimed - true).sum() / max(count.sum(), 1))


def stick_distances(
    probability: Probability, label: Label, threshold: float
) -> NDArray[np.float32]:
    """Return how far each labelled sample is from the nearest pick, samples.

    Where nothing is picked at all, every label is as far as the volume is long.
    """
    picked = probability >= threshold
    labelled = label > 0
    if not picked.any():
        longest = float(np.sqrt(sum(side**2 for side in label.shape)))
        return np.full(int(labelled.sum()), longest, np.float32)
    distance = ndimage.distance_transform_edt(~picked)
    return np.asarray(distance[labelled], dtype=np.float32)
