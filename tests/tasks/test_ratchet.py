"""The committed weights score what is recorded of them, and still beat what they once have beaten."""

from importlib.resources import files
from pathlib import Path

import pytest

from models.networks.card import read_card
from tasks.ratchet import falls, measure, recorded_scores

WEIGHTS = Path(str(files("models") / "weights"))
SURVEYS = Path(__file__).parents[3] / "shared" / "data" / "faults"
COMMITTED = sorted(WEIGHTS.glob("*.keras"))


@pytest.mark.parametrize("weights", COMMITTED, ids=lambda path: path.stem)
def test_the_record_is_of_the_committed_weights(weights: Path) -> None:
    recorded = recorded_scores(WEIGHTS)
    assert recorded[weights.stem]["sha256"] == read_card(weights).sha256, (
        "record the new weights: graben evaluate --record --surveys FOLDER"
    )


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.skipif(not SURVEYS.is_dir(), reason=f"no labelled sections in {SURVEYS}")
@pytest.mark.parametrize("weights", COMMITTED, ids=lambda path: path.stem)
def test_average_precision_does_not_fall(weights: Path) -> None:
    assert not falls(recorded_scores(WEIGHTS)[weights.stem], measure(weights, SURVEYS, threads=2))
