"""The committed ensembles score what is recorded of them, and still beat what they once have beaten."""

from pathlib import Path

import pytest

from tasks.ensemble import Accuracy, fault_networks
from tasks.evaluation import OWN
from tasks.ratchet import falls, measure, recorded_scores

THREADS = 1
"""TensorFlow cannot change them in a process that other tests have begun."""

SURVEYS = Path(__file__).parents[3] / "shared" / "data" / "faults"


@pytest.mark.parametrize("accuracy", OWN)
def test_the_record_is_of_the_committed_ensemble(accuracy: Accuracy) -> None:
    networks = fault_networks(None, accuracy=accuracy)
    assert recorded_scores(networks.folder)[accuracy]["sha256"] == networks.card.sha256, (
        "record the new weights: graben evaluate --record --surveys FOLDER"
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not SURVEYS.is_dir(), reason=f"no labelled sections in {SURVEYS}")
@pytest.mark.parametrize("accuracy", OWN)
def test_average_precision_does_not_fall(accuracy: Accuracy) -> None:
    networks = fault_networks(None, accuracy=accuracy)
    recorded = recorded_scores(networks.folder)[accuracy]
    assert not falls(recorded, measure(networks, SURVEYS, threads=THREADS))
