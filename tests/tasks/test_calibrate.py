"""An ensemble is calibrated for the weights beside it, and refuses others; bare weights are one too."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.errors import ParameterError, WeightsError
from models.networks.card import read_card
from models.networks.ensemble_card import EnsembleCard, read_ensemble
from models.networks.training import use_threads
from tasks.calibrate import calibrate
from tasks.ensemble import fault_networks, used_examples
from tasks.synthesize import ExampleRecipe
from tests.tiny_network import write_weights

use_threads(1)  # before TensorFlow computes anything in this process


def recipe(seed: int, *, line: bool) -> ExampleRecipe:
    return ExampleRecipe(seed, 1, (48, 1, 48) if line else (32, 32, 32), "demo")


def fixed(path: Path, seed: int = 11) -> EnsembleCard:
    return calibrate(
        path,
        threads=1,
        volumes=recipe(seed, line=False),
        lines=recipe(seed + 1, line=True),
        tests={line: recipe(seed + 2 + line, line=line) for line in (False, True)},
    )


@pytest.fixture
def ensemble(tmp_path: Path) -> Path:
    """Two networks, the second in two passes."""
    members: list[dict[str, Any]] = [{"weights": "a.keras"}, {"weights": "b.keras"}]
    members[1]["averaging"] = {"zooms": [[1, 1], [1.5, 1]]}
    for seed, member in enumerate(members):
        write_weights(tmp_path / member["weights"], seed)
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"volumes": {"members": members}, "lines": {"members": members}}))
    return path


def test_what_is_fixed_stands_in_the_file_and_is_fixed_anew_to_the_same(ensemble: Path) -> None:
    first = fixed(ensemble)
    assert read_ensemble(ensemble) == first
    assert [member.sha256 for member in first.volumes.members] == [
        read_card(ensemble.with_name(name)).sha256 for name in ("a.keras", "b.keras")
    ]
    assert first.volumes.calibration != first.lines.calibration
    assert set(first.scores) == {"volumes", "lines"}
    assert fixed(ensemble).sha256 == first.sha256, "an earlier calibration is not built upon"


def test_one_network_in_one_pass_is_fixed_anew_to_the_same_too(ensemble: Path) -> None:
    view = {"members": [{"weights": "a.keras"}]}
    ensemble.write_text(json.dumps({"volumes": view, "lines": view}))
    first = fixed(ensemble)
    assert first.volumes.calibration.slope != 1
    assert fixed(ensemble) == first


def test_examples_that_fixed_a_threshold_score_nothing(ensemble: Path) -> None:
    fixed(ensemble)  # by 11 and 12
    used = {recipe["seed"] for recipe in used_examples(fault_networks(ensemble))}
    assert used == {101, 11, 12}
    with pytest.raises(ParameterError, match="seed = 12"):
        calibrate(
            ensemble,
            threads=1,
            volumes=recipe(21, line=False),
            lines=recipe(22, line=True),
            tests={line: recipe(12 + line, line=line) for line in (False, True)},
        )


def test_an_ensemble_refuses_other_weights_until_it_is_calibrated_again(ensemble: Path) -> None:
    fixed(ensemble)
    fault_networks(ensemble).view(line=True)
    write_weights(ensemble.with_name("b.keras"), seed=9)
    with pytest.raises(WeightsError, match="graben calibrate"):
        fault_networks(ensemble).view(line=True)
    fixed(ensemble)
    fault_networks(ensemble).view(line=True)


def test_examples_of_the_training_calibrate_nothing(ensemble: Path) -> None:
    with pytest.raises(ParameterError, match="101"):
        fixed(ensemble, seed=101)


def test_weights_alone_see_volumes_and_lines_at_the_threshold_of_their_card(
    ensemble: Path,
) -> None:
    weights = ensemble.with_name("a.keras")
    networks, card = fault_networks(weights), read_card(weights)
    for line in (False, True):
        facts = networks.view(line=line).facts
        assert (facts.stride, facts.halo, facts.threshold) == (card.stride, 8, card.threshold)
