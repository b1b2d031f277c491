"""The weights that come with graben: their card, their reach, and that they find faults."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from models.earth.example import make_example
from models.metrics import tolerance_counts
from models.networks.card import card_path, read_card
from models.networks.training import use_threads
from models.normalize import normalize, scale_of
from models.runtime.keras_graph import KerasGraph, load_runtime
from models.runtime.reach import edge_effect
from models.statistics import amplitude_histogram

WEIGHTS = Path(str(files("models") / "weights" / "lean16.keras"))
UNSEEN_SEED = 901
THREADS = 1
use_threads(THREADS)  # before TensorFlow computes anything in this process


@pytest.fixture(scope="module")
def runtime() -> KerasGraph:
    return load_runtime(WEIGHTS, threads=THREADS)


def survey(size: tuple[int, int, int], preset: str) -> tuple[np.ndarray, np.ndarray]:
    example = make_example(UNSEEN_SEED, 0, size=size, preset=preset)
    scale = scale_of(amplitude_histogram(example.amplitude))
    return normalize(example.amplitude, scale), example.fault_label


def test_weights_and_card_are_small_and_complete() -> None:
    card = read_card(WEIGHTS)
    assert WEIGHTS.stat().st_size + card_path(WEIGHTS).stat().st_size < 3e6
    assert card.halo % card.stride == 0
    assert 0 < card.threshold < 1
    assert 32 <= card.bytes_per_sample <= 256
    assert card.data
    assert card.limits


def test_scores_on_the_card_were_made_with_seeds_of_their_own() -> None:
    data = read_card(WEIGHTS).data
    trained = {recipe["seed"] for recipe in data["examples"]}
    tested = {recipe["seed"] for recipe in data["test"]}
    assert len(trained | tested | {data["validation"]["seed"]}) == len(trained) + len(tested) + 1


def test_moving_a_tile_by_its_stride_changes_no_probability_by_much(
    runtime: KerasGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    amplitude, _ = survey((2 * runtime.halo + 40,) * 3, "field")
    whole = runtime.predict(amplitude)
    change = edge_effect(
        runtime.predict, amplitude, whole, stride=runtime.stride, halo=runtime.halo, side=16
    )
    with capsys.disabled():
        print(f" [largest change {change:.4f} at halo {runtime.halo}]", end="")  # noqa: T201
    assert change < 0.01


def test_clear_faults_are_found(runtime: KerasGraph) -> None:
    amplitude, label = survey((96, 96, 96), "demo")
    counts = tolerance_counts(runtime.predict(amplitude), label, runtime.threshold)
    assert counts.f1 > 0.5
