"""Metrics against brute force."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.metrics import (
    ToleranceCounts,
    average_precision,
    ball,
    best_threshold,
    calibration_error,
    counts_at,
    surest_threshold,
    tolerance_counts,
)


def drawn(
    seed: int, shape: tuple[int, ...] = (5, 6, 7)
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return random probabilities, with equal ones among them, and labels."""
    rng = np.random.default_rng(seed)
    probability = (rng.integers(0, 12, shape) / 11).astype(np.float32)
    return probability, (rng.random(shape) < 0.15).astype(np.uint8)


def brute_counts(
    probability: NDArray[np.float32], label: NDArray[np.uint8], threshold: float, tolerance: float
) -> ToleranceCounts:
    picks = np.argwhere(probability >= threshold)
    labels = np.argwhere(label > 0)

    def matched(of: NDArray[np.intp], to: NDArray[np.intp]) -> int:
        if not len(to):
            return 0
        return sum(bool((np.sqrt(((to - one) ** 2).sum(1)) <= tolerance).any()) for one in of)

    return ToleranceCounts(len(picks), matched(picks, labels), len(labels), matched(labels, picks))


@given(
    seed=st.integers(0, 10**6),
    threshold=st.floats(0, 1),
    tolerance=st.sampled_from([0.0, 1.0, 1.5, 2.0]),
)
@settings(max_examples=40, deadline=None)
def test_tolerance_counts_agree_with_all_pairs(
    seed: int, threshold: float, tolerance: float
) -> None:
    probability, label = drawn(seed)
    counts = tolerance_counts(probability, label, threshold, tolerance)
    assert counts == brute_counts(probability, label, threshold, tolerance)


@given(seed=st.integers(0, 10**6), threshold=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_without_tolerance_iou_is_intersection_over_union(seed: int, threshold: float) -> None:
    probability, label = drawn(seed)
    picked, labelled = probability >= threshold, label > 0
    iou = tolerance_counts(probability, label, threshold, 0.0).iou
    assert iou == pytest.approx((picked & labelled).sum() / max((picked | labelled).sum(), 1))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_average_precision_is_the_sum_over_every_threshold(seed: int) -> None:
    probability, label = drawn(seed)
    if not label.any():
        assert math.isnan(average_precision(probability, label))
        return
    area, recall_before = 0.0, 0.0
    for threshold in sorted(set(probability.ravel().tolist()), reverse=True):
        picked = probability >= threshold
        recall = (picked & (label > 0)).sum() / label.sum()
        area += (recall - recall_before) * (picked & (label > 0)).sum() / picked.sum()
        recall_before = recall
    assert average_precision(probability, label) == pytest.approx(area, abs=1e-12)


def test_a_perfect_ranking_scores_one_and_chance_scores_the_base_rate() -> None:
    label = (np.arange(1000) % 10 == 0).astype(np.uint8)
    assert average_precision(label.astype(np.float32), label) == 1.0
    assert average_precision(np.full(1000, 0.5, np.float32), label) == pytest.approx(0.1)


def test_a_fault_picked_two_samples_aside_is_right_and_three_aside_is_wrong() -> None:
    label = np.zeros((12, 12, 12), dtype=np.uint8)
    label[5] = 1
    for aside, f1 in ((0, 1.0), (2, 1.0), (3, 0.0)):
        probability = np.zeros(label.shape, dtype=np.float32)
        probability[5 + aside] = 0.9
        counts = tolerance_counts(probability, label, 0.5)
        assert counts.f1 == f1


def test_counts_add_up_over_volumes() -> None:
    volumes = [drawn(seed) for seed in range(4)]
    (total,) = counts_at(volumes, [0.5])
    assert total.picked == sum(int((p >= 0.5).sum()) for p, _ in volumes)
    assert total.labelled == sum(int(label.sum()) for _, label in volumes)
    assert 0 <= total.f1 <= 1


def test_nothing_picked_and_nothing_labelled_score_zero() -> None:
    empty = ToleranceCounts()
    assert (empty.precision, empty.recall, empty.f1) == (0.0, 0.0, 0.0)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_the_best_threshold_is_the_best_of_the_candidates(seed: int) -> None:
    volumes = [drawn(seed + number) for number in range(2)]
    candidates = [0.2, 0.4, 0.6, 0.8]
    best = best_threshold(volumes, candidates, tolerance=1.0)
    scores = {each: counts_at(volumes, [each], 1.0)[0].f1 for each in candidates}
    assert scores[best] == max(scores.values())


@given(seed=st.integers(0, 10**6), within=st.sampled_from([0.0, 0.05, 1.0]))
@settings(max_examples=10, deadline=None)
def test_no_higher_candidate_than_the_surest_is_close_to_the_best(
    seed: int, within: float
) -> None:
    volumes = [drawn(seed + number) for number in range(2)]
    candidates = [0.2, 0.4, 0.6, 0.8]
    surest = surest_threshold(volumes, candidates, within, tolerance=1.0)
    scores = {each: counts_at(volumes, [each], 1.0)[0].f1 for each in candidates}
    best = max(scores.values())
    assert scores[surest] >= best - within
    assert all(scores[each] < best - within for each in candidates if each > surest)


def test_the_ball_has_three_dimensions() -> None:
    assert ball(0.0).sum() == 1
    assert ball(1.0).sum() == 7
    assert ball(2.0).sum() == 33


def test_calibration_error_is_zero_for_honest_probabilities_and_large_for_false_ones() -> None:
    label = (np.arange(1000) % 4 == 0).astype(np.uint8)
    assert calibration_error(np.full(1000, 0.25, np.float32), label) == pytest.approx(0.0)
    assert calibration_error(np.full(1000, 1.0, np.float32), label) == pytest.approx(0.75)
