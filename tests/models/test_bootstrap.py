"""Intervals of scores: blocks partition sections, intervals hold the score and narrow with evidence."""

import numpy as np
import pytest

from models.bootstrap import block_slices, blocks_of, f1_interval, precision_interval
from models.metrics import average_precision, counts_at, stick_distances

Pair = tuple[np.ndarray, np.ndarray]


def drawn(count: int, shape: tuple[int, int, int] = (200, 1, 30), seed: int = 0) -> list[Pair]:
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        label = (rng.random(shape) < 0.05).astype(np.uint8)
        noise = rng.normal(0, 1, shape)
        probability = 1 / (1 + np.exp(3 - 2 * label - noise))
        pairs.append((probability.astype(np.float32), label))
    return pairs


@pytest.mark.parametrize("traces", [1, 63, 64, 127, 128, 951])
def test_blocks_partition_a_section_and_none_is_smaller_than_64_traces(traces: int) -> None:
    blocks = block_slices((traces, 1, 10))
    covered = np.concatenate([np.arange(traces)[block] for block in blocks])
    np.testing.assert_array_equal(covered, np.arange(traces))
    assert min(block.stop - block.start for block in blocks) >= min(64, traces)


def test_a_volume_is_one_block() -> None:
    assert len(block_slices((300, 96, 96))) == 1


def test_intervals_hold_the_score_of_the_whole() -> None:
    pairs = drawn(4)
    precision = average_precision(
        np.concatenate([p.ravel() for p, _ in pairs]),
        np.concatenate([y.ravel() for _, y in pairs]),
    )
    low, high = precision_interval(blocks_of(pairs))
    assert low < precision < high
    counts, (low, high) = f1_interval(pairs, 0.3, tolerance=2.0)
    assert counts == counts_at(pairs, [0.3], 2.0)[0]
    assert low < counts.f1 < high


def test_more_blocks_give_narrower_intervals() -> None:
    few, many = (precision_interval(blocks_of(drawn(count))) for count in (4, 30))
    assert many[1] - many[0] < few[1] - few[0]


@pytest.mark.parametrize(("blocks", "has_one"), [(7, False), (8, True)])
def test_few_blocks_have_no_interval(blocks: int, has_one: bool) -> None:
    pairs = drawn(blocks, (24, 24, 8))
    intervals = (
        precision_interval(blocks_of(pairs)),
        f1_interval(pairs, 0.5, tolerance=2)[1],
    )
    for interval in intervals:
        assert bool(np.isfinite(interval).all()) == has_one


def test_blocks_that_are_all_alike_have_an_interval_of_no_width() -> None:
    pairs = drawn(1, (96, 96, 8)) * 8
    low, high = precision_interval(blocks_of(pairs))
    exact = average_precision(pairs[0][0].ravel(), pairs[0][1].ravel())
    assert low == pytest.approx(high) == pytest.approx(exact, abs=1e-3)


def test_the_same_blocks_give_the_same_interval() -> None:
    pairs = drawn(3)
    assert precision_interval(blocks_of(pairs)) == precision_interval(blocks_of(pairs))


def test_sections_without_labels_have_no_interval() -> None:
    pairs = [(np.full((64, 1, 4), 0.5, np.float32), np.zeros((64, 1, 4), np.uint8))]
    assert np.isnan(precision_interval(pairs)).all()


def test_stick_distances_are_those_to_the_nearest_pick() -> None:
    label, probability = np.zeros((20, 1, 20), np.uint8), np.zeros((20, 1, 20), np.float32)
    label[10] = 1
    probability[13] = 0.9
    np.testing.assert_array_equal(stick_distances(probability, label, 0.5), np.full(20, 3.0))
    nothing = stick_distances(probability, label, 0.95)
    assert nothing == pytest.approx(np.full(20, np.sqrt(20**2 + 1 + 20**2)))
