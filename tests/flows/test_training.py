"""The commands ``synthesize``, ``train`` and ``evaluate`` as a user calls them."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest

from flows.finetuning import how_to_finetune
from flows.settings.training import Train
from flows.train_faults import how_to_train, scoring_of
from models.networks.card import read_card
from storage.examples import ExampleStore
from tasks.network import COMMITTED
from tests.flows.running import graben

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_starts")]

SIZE = ("--size", "32,32,32")
BEGIN = ("train", "--out", "{}/out", "--weights", str(files("models") / "weights" / COMMITTED))
TUNE = ("train", "--out", "{}/out", "--finetune", "{}/volume.zarr")


class Trained(NamedTuple):
    """Weights of two steps, the command that made them and what it said."""

    weights: Path
    command: tuple[object, ...]
    said: str
    home: Path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("training")
    store, out, home = folder / "cubes.zarr", folder / "out", folder / "prefect"
    code, said, error = graben("synthesize", store, "--count", 3, *SIZE, home=home)
    assert code == 0, error
    assert "3 examples" in said
    assert ExampleStore(store).size == (32, 32, 32)
    command = ("train", "--examples", store, "--out", out, "--steps", 2, "--score-count", 1)
    code, said, error = graben(*command, home=home)
    assert code == 0, error
    assert "tensorflow" not in error.lower()
    return Trained(out / "lean16.keras", command, said, home)


def test_examples_become_weights_with_a_threshold_and_scores(trained: Trained) -> None:
    assert "tol2-F1" in trained.said
    card = read_card(trained.weights)
    assert card.data["training"]["step"] == 2
    assert set(card.scores) == {"validation", "test", "edge_effect_by_halo"}


def test_a_finished_training_is_kept_and_no_other_one_goes_on_from_it(trained: Trained) -> None:
    code, said, _ = graben(*trained.command, home=trained.home)
    assert code == 0
    assert "nothing to do" in said
    code, _, error = graben(*trained.command, "--seed", 12, home=trained.home)
    assert code == 2
    assert "another training has begun there: seed was 11 and is 12" in error
    code, _, error = graben(*trained.command, "--test-seed", 777, home=trained.home)
    assert code == 2
    assert "--resume" in error


def test_weights_and_an_ensemble_of_them_are_scored_beside_attributes(trained: Trained) -> None:
    passes = {"weights": "lean16.keras", "averaging": {"zooms": [[1, 1], [1.5, 1]]}}
    view = {"members": [passes]}
    ensemble = trained.weights.with_name("mine.json")
    ensemble.write_text(json.dumps({"volumes": view, "lines": view}))
    few = ("--count", 1, "--seeds", 301, "--preset", "mixed", "--validation-count", 1)
    for weights in (trained.weights, ensemble):
        scored = ("evaluate", "--weights", weights, *SIZE, *few)
        code, said, error = graben(*scored, home=trained.home)
        assert code == 0, error
        assert "mixed seed 301" in said
        assert "semblance, 17 samples" in said
        assert re.search(rf"^ +{weights.stem} +0?\.\d", said, re.MULTILINE)


@pytest.mark.parametrize("asked", [None, 3e-4])
def test_the_highest_learning_rate_is_the_one_asked_for(asked: float | None) -> None:
    settings = Train.model_validate({"out": "out", "labels": "sections.csv", "peak_rate": asked})
    assert how_to_train(settings).peak_rate == (asked or 2e-3)
    validation, _ = scoring_of(settings)
    assert how_to_finetune(settings, validation, sections=False).peak_rate == (asked or 2e-4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("synthesize", "{}/a.zarr", "--size", "4,4,4"), "size"),
        (("synthesize", "{}/a.zarr", "--preset", "moon"), "--preset"),
        (("train", "--examples", "{}/none.zarr", "--out", "{}/out"), "none.zarr"),
        (("train", "--out", "{}/out", "--test-seed", "101"), "seed = 101"),
        (("evaluate", "--weights", "{}/none.keras"), "none"),
        (("evaluate", "--seeds", "101"), "seed = 101"),
        (("evaluate", "--seeds", "201", "--preset", "mixed"), "seed = 201"),
        (("evaluate", "--seeds", "202"), "seed = 202"),
        (("evaluate", "--seeds", "203"), "seed = 203"),
        (("train", "--out", "{}/out", "--example-seed", "202"), "seed = 203"),
        (("evaluate", "--surveys", "{}/none"), "no such folder"),
        (("evaluate", "--record"), "--surveys"),
        ((*BEGIN, "--example-seed", "500", "--test-seed", "101"), "seed = 101"),
        ((*BEGIN, "--network", "section24"), "another network than section24"),
        ((*TUNE, "--example-seed", "500", "--test-seed", "101"), "seed = 101"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    code, _, error = graben(*(each.format(work) for each in arguments), home=tmp_path / "home")
    assert code == 2, error
    line = error.strip().splitlines()[-1]
    assert line.startswith("graben:")
    assert words in line
    assert not list(work.iterdir())
