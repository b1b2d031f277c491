"""The table: one row for each method and survey, thresholds from elsewhere, a record that only rises."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import ParameterError
from storage.errors import OutputError
from tasks.methods import Method, baselines
from tasks.ratchet import FILE, falls, record, recorded_scores
from tasks.score_table import VALIDATION, LabelledSet, score_methods, score_row
from tasks.score_text import table_lines

SHAPE = (130, 1, 40)


def labelled(seed: int, name: str = "north") -> LabelledSet:
    """Amplitudes that are loud on the fault."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(2):
        label = np.zeros(SHAPE, np.uint8)
        label[rng.integers(10, 120, 3)] = 1
        amplitude = rng.standard_normal(SHAPE) + 3 * label
        parts.append((amplitude.astype(np.float32), label))
    return LabelledSet(name, parts)


def loud(amplitude: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.abs(amplitude) / 6, 0, 1), dtype=np.float32)


CANDIDATES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


def test_every_method_is_scored_on_every_survey() -> None:
    methods = [
        Method("loud", loud, CANDIDATES),
        Method("fixed", loud, CANDIDATES, (0.9, 0.4), True),
    ]
    sets = [labelled(1), labelled(2, "south")]
    rows = score_methods(methods, sets, validation=labelled(3), threads=2)
    assert [(row["survey"], row["method"]) for row in rows] == [
        (survey, method) for survey in ("north", "south") for method in ("loud", "fixed")
    ]
    assert all(row["blocks"] == 4 for row in rows)
    assert rows[1]["threshold"] == 0.4
    assert rows[0]["calibration_error"] is None
    assert rows[1]["calibration_error"] > 0
    text = "\n".join(table_lines(rows))
    assert "south: 2 sections or cubes, 4 blocks" in text
    json.dumps(rows, allow_nan=False)


def test_the_threshold_is_fixed_on_validation_and_not_on_what_is_scored() -> None:
    method = Method("loud", loud, CANDIDATES)
    (first,), (second,) = (
        score_methods([method], [labelled(1)], validation=labelled(seed), threads=1)
        for seed in (3, 4)
    )
    quieter = LabelledSet("quiet", [(np.float32(0.25) * a, y) for a, y in labelled(3).parts])
    (third,) = score_methods([method], [labelled(1)], validation=quieter, threads=1)
    assert first["threshold"] == second["threshold"]
    assert third["threshold"] < first["threshold"]
    assert first["best_threshold"] == third["best_threshold"]


def test_no_threshold_is_better_than_the_best_and_more_tolerance_never_scores_less() -> None:
    parts = [part for seed in (5, 6, 7) for part in labelled(seed).parts]
    pairs = [(loud(amplitude), label) for amplitude, label in parts]
    for threshold in CANDIDATES:
        row = score_row(pairs, Method("loud", loud, CANDIDATES), threshold)
        assert row["f1_0"] <= row["f1_2"] <= row["best_f1"]
        low, high = row["average_precision_interval"]
        assert low <= row["average_precision"] <= high
        assert row["stick_distance"] >= 0


def test_a_survey_without_labels_has_rows_without_numbers() -> None:
    pairs = [(np.full(SHAPE, 0.3, np.float32), np.zeros(SHAPE, np.uint8))]
    row = score_row(pairs, Method("loud", loud, CANDIDATES), 0.5)
    assert row["average_precision"] is None
    assert row["stick_distance"] is None
    line = {"survey": "north", "method": "loud", "core_seconds_per_million": 0.1} | row
    assert "-" in table_lines([line])[2]


def test_attributes_are_ranks_within_a_survey_whatever_its_loudness() -> None:
    amplitude = np.random.default_rng(0).standard_normal((40, 1, 48)).astype(np.float32)
    for method in baselines():
        ranks = method.find(amplitude)
        assert ranks.shape == amplitude.shape
        assert 0 <= ranks.min() <= ranks.max() < 1
        assert np.abs(ranks - method.find(amplitude * 1000)).mean() < 0.01


def scores(precision: float, attribute: float, sha256: str = "0") -> dict[str, object]:
    survey = {
        "average_precision": precision,
        "best_attribute": "planarity",
        "average_precision_of_attribute": attribute,
        "beats_attributes": precision > attribute,
    }
    return {"sha256": sha256, "surveys": {"north": survey}}


def test_many_small_falls_are_no_small_fall(tmp_path: Path) -> None:
    for measured in (0.5, 0.496):
        record(tmp_path, "fast", scores(measured, 0.2))
    with pytest.raises(OutputError, match=r"is 0\.492 and was 0\.500"):
        record(tmp_path, "fast", scores(0.492, 0.2))
    with pytest.raises(OutputError, match="is nan"):
        record(tmp_path, "fast", scores(float("nan"), 0.2))


def test_the_record_rises_and_does_not_fall(tmp_path: Path) -> None:
    record(tmp_path, "net", scores(0.10, 0.2))
    record(tmp_path, "net", scores(0.15, 0.2, "1"))
    with pytest.raises(OutputError, match=r"is 0\.140 and was 0\.150"):
        record(tmp_path, "net", scores(0.14, 0.2))
    record(tmp_path, "other", scores(0.01, 0.2))
    kept = recorded_scores(tmp_path)
    assert set(kept) == {"net", "other"}
    assert kept["net"] == scores(0.15, 0.2, "1")


def test_a_fall_within_the_allowance_is_none() -> None:
    assert not falls(scores(0.2, 0.1), scores(0.1951, 0.1))
    assert falls(scores(0.2, 0.1), scores(0.1949, 0.1))


def test_an_attribute_once_beaten_stays_beaten() -> None:
    assert falls(scores(0.2, 0.19), scores(0.199, 0.2)) == [
        "north: planarity is better, and was beaten before"
    ]
    assert not falls(scores(0.2, 0.21), scores(0.2, 0.21))


def test_a_survey_that_was_not_measured_is_told() -> None:
    assert falls(scores(0.2, 0.1), {"surveys": {}}) == ["north was not measured"]


def test_validation_examples_have_a_seed_of_their_own() -> None:
    from tasks.evaluate import refuse_shared_seeds

    with pytest.raises(ParameterError, match="202"):
        refuse_shared_seeds([], [VALIDATION], [replace(VALIDATION, count=1)])


def test_the_record_lies_beside_the_weights(tmp_path: Path) -> None:
    assert record(tmp_path, "net", scores(0.1, 0.2)) == tmp_path / FILE
    assert not recorded_scores(tmp_path / "none")
