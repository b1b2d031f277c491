"""Calibration: honest after the fit, monotone, refused where there is nothing to learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from models.calibration import Calibration, fit_calibration
from models.errors import ParameterError
from models.metrics import average_precision, calibration_error


def drawn(slope: float, offset: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities that a calibration would mend, and labels drawn from the true ones."""
    rng = np.random.default_rng(3)
    true = rng.normal(-3, 2, count)
    label = rng.random(count) < 1 / (1 + np.exp(-true))
    claimed = 1 / (1 + np.exp(-(true - offset) / slope))
    return claimed.astype(np.float32), label.astype(np.uint8)


@settings(deadline=None, max_examples=30)
@given(slope=st.floats(0.4, 2.5), offset=st.floats(-2.5, 2.5))
def test_what_made_probabilities_false_is_found_and_undone(slope: float, offset: float) -> None:
    probability, label = drawn(slope, offset, 50_000)
    found = fit_calibration([(probability[::2], label[::2]), (probability[1::2], label[1::2])])
    assert found.slope == pytest.approx(slope, rel=0.12)
    assert found.offset == pytest.approx(offset, abs=0.25)
    assert calibration_error(found.of_probabilities(probability), label) < 0.01


def test_calibrated_probabilities_keep_their_order_and_their_average_precision() -> None:
    probability, label = drawn(0.7, -1.0, 200_000)
    calibrated = fit_calibration([(probability, label)]).of_probabilities(probability)
    assert calibration_error(probability, label) > 0.05
    assert average_precision(calibrated, label) == pytest.approx(
        average_precision(probability, label), abs=1e-3
    )


def test_logits_and_their_probabilities_are_calibrated_alike() -> None:
    logits = np.linspace(-8, 8, 50, dtype=np.float32)
    calibration = Calibration(0.7, -1.2)
    difference = calibration.of_logits(logits) - calibration.of_probabilities(expit(logits))
    assert np.abs(difference).max() < 1e-5


def test_no_calibration_leaves_the_sigmoid() -> None:
    logits = np.linspace(-8, 8, 50, dtype=np.float32)
    np.testing.assert_allclose(Calibration().of_logits(logits), expit(logits), atol=1e-6)


@pytest.mark.parametrize("label", [0, 1])
def test_examples_of_one_kind_are_refused(label: int) -> None:
    probability = np.linspace(0.01, 0.99, 100, dtype=np.float32)
    with pytest.raises(ParameterError, match="samples with a fault and samples without"):
        fit_calibration([(probability, np.full(100, label, np.uint8))])


def test_a_network_that_ranks_the_wrong_way_keeps_its_ranking() -> None:
    probability = np.linspace(0.01, 0.99, 100, dtype=np.float32)
    found = fit_calibration([(probability, (probability < 0.5).astype(np.uint8))])
    assert 0 < found.slope < 1


@pytest.mark.parametrize(("slope", "offset"), [(0.0, 0.0), (-1.0, 0.0), (1.0, float("nan"))])
def test_a_map_that_is_not_monotone_is_refused(slope: float, offset: float) -> None:
    with pytest.raises(ParameterError, match="slope above 0"):
        Calibration(slope, offset)
