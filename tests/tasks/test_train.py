"""Training: resumed as if never stopped, batches from (seed, step), cards, thresholds."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.errors import ParameterError, WeightsError
from models.networks.card import read_card
from models.networks.lean import Lean
from models.networks.training import use_threads
from models.networks.weights import load_network
from models.runtime.protocol import Lateral
from storage.errors import InputError, OutputError
from storage.examples import ExampleStore
from tasks.batches import draw_batch
from tasks.certify import certify, finished_card
from tasks.checkpoint import CHECKPOINT, LOG
from tasks.evaluate import evaluate, predict_survey
from tasks.network import keras_network
from tasks.synthesize import ExampleRecipe, synthesize
from tasks.train import train
from tasks.training import Training

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
THREADS = 1
use_threads(THREADS)  # before TensorFlow computes anything in this process

CUBES = ExampleRecipe(seed=1, count=3, size=(24, 24, 32), preset="plain")
SECTIONS = ExampleRecipe(seed=2, count=3, size=(48, 1, 32), preset="plain")
TINY = Training(
    steps=4, seed=5, batch_size=2, network=Lean((4,), (1,)), checkpoint_every=2, name="tiny"
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("examples")
    synthesize(folder / "cubes.zarr", CUBES)
    synthesize(folder / "sections.zarr", SECTIONS)
    return folder / "cubes.zarr", folder / "sections.zarr"


@pytest.fixture(scope="module")
def trained(stores: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(stores[:1], tmp_path_factory.mktemp("straight"), TINY, threads=THREADS)


def checkpoint_of(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / CHECKPOINT) as file:
        return {name: file[name] for name in file.files}


def test_sections_stay_sections_for_a_network_of_sections(stores: tuple[Path, Path]) -> None:
    batch = draw_batch([ExampleStore(stores[1])], 7, 0, batch_size=2, stride=16, extruded=False)
    assert batch.amplitude.shape == batch.label.shape == (2, 48, 1, 32)


def test_batches_follow_from_seed_and_step(stores: tuple[Path, Path]) -> None:
    opened = [ExampleStore(path) for path in stores]
    for step in range(4):
        first, again = (draw_batch(opened, 7, step, batch_size=2, stride=4) for _ in range(2))
        np.testing.assert_array_equal(first.amplitude, again.amplitude)
        np.testing.assert_array_equal(first.label, again.label)
        assert first.amplitude.shape == first.label.shape
        assert all(side % 4 == 0 for side in first.amplitude.shape[1:])
    other = draw_batch(opened, 8, 0, batch_size=2, stride=4)
    assert not np.array_equal(
        other.amplitude, draw_batch(opened, 7, 0, batch_size=2, stride=4).amplitude
    )


def test_sections_are_repeated_along_one_lateral_axis(stores: tuple[Path, Path]) -> None:
    batch = draw_batch([ExampleStore(stores[1])], 7, 0, batch_size=1, stride=4)
    steps = [np.abs(np.diff(batch.amplitude[0], axis=axis)).max() for axis in (0, 1)]
    assert min(steps) == 0 < max(steps)


def test_a_resumed_training_ends_with_the_same_weights(
    stores: tuple[Path, Path], trained: Path, tmp_path: Path
) -> None:
    train(stores[:1], tmp_path, TINY, threads=THREADS, stop_after=3)
    assert len((tmp_path / LOG).read_text().splitlines()) == 1 + 3
    weights = train(stores[:1], tmp_path, TINY, threads=THREADS, resume=True)
    assert len((tmp_path / LOG).read_text().splitlines()) == 1 + 4
    straight, resumed = checkpoint_of(trained.parent), checkpoint_of(weights.parent)
    for name, array in straight.items():
        np.testing.assert_array_equal(array, resumed[name])
    assert read_card(weights).data == read_card(trained).data


def test_a_training_in_the_way_is_not_overwritten_by_accident(
    stores: tuple[Path, Path], trained: Path
) -> None:
    with pytest.raises(OutputError, match="has begun"):
        train(stores, trained.parent, TINY, threads=THREADS)


@pytest.mark.parametrize(
    "change", [{"seed": 6}, {"batch_size": 3}, {"peak_rate": 1e-3}, {"network": Lean((8,), (1,))}]
)
def test_a_training_goes_on_with_the_settings_it_began_with(
    stores: tuple[Path, Path], trained: Path, change: dict[str, Any]
) -> None:
    with pytest.raises(OutputError, match=rf"another training .*{next(iter(change))} was"):
        train(stores[:1], trained.parent, replace(TINY, **change), threads=THREADS, resume=True)


def test_a_training_goes_on_with_the_examples_it_began_with(
    stores: tuple[Path, Path], trained: Path
) -> None:
    with pytest.raises(OutputError, match=r"another training .*examples was"):
        train(stores[1:], trained.parent, TINY, threads=THREADS, resume=True)


def test_a_training_may_begin_with_weights_and_says_all_that_they_saw(
    stores: tuple[Path, Path], trained: Path, tmp_path: Path
) -> None:
    begin = keras_network(trained)
    going_on = replace(TINY, begin=begin, seed=6, peak_rate=1e-12)  # learns next to nothing
    weights = train(stores[1:], tmp_path, going_on, threads=THREADS)
    variables = [load_network(each).trainable_variables for each in (trained, weights)]
    for before, after in zip(*variables, strict=True):
        np.testing.assert_allclose(after.numpy(), before.numpy(), atol=1e-6)
    data = read_card(weights).data
    assert [each["seed"] for each in data["examples"]] == [CUBES.seed, SECTIONS.seed]
    assert data["training"]["begin"] == {
        "sha256": begin.card.sha256,
        **begin.card.data["training"],
    }
    with pytest.raises(OutputError, match=r"another training .*begin was"):
        train(stores[1:], tmp_path, replace(going_on, begin=None), threads=THREADS, resume=True)


def test_weights_to_begin_with_are_there_and_of_the_same_network(
    stores: tuple[Path, Path], trained: Path, tmp_path: Path
) -> None:
    begin = keras_network(trained)
    wider = replace(TINY, begin=begin, network=Lean((8,), (1,)), name="wider")
    with pytest.raises(WeightsError, match="another network than wider"):
        train(stores[:1], tmp_path, wider, threads=THREADS)
    gone = replace(TINY, seed=6, begin=replace(begin, weights=tmp_path / "gone.keras"))
    with pytest.raises(WeightsError, match="no such weights file"):
        train(stores[:1], tmp_path, gone, threads=THREADS)
    again = replace(TINY, begin=begin)
    with pytest.raises(WeightsError, match="would see the same crops again"):
        train(stores[:1], tmp_path, again, threads=THREADS)
    export = replace(begin, weights=trained.with_suffix(".onnx"))
    export.weights.touch()
    with pytest.raises(WeightsError, match="only Keras weights"):
        train(stores[:1], tmp_path, replace(TINY, begin=export), threads=THREADS)
    assert not list(tmp_path.iterdir())
    with pytest.raises(WeightsError, match="write over the weights it begins with"):
        train(stores[:1], trained.parent, again, threads=THREADS, overwrite=True)


def test_steps_are_not_undone(stores: tuple[Path, Path], trained: Path) -> None:
    with pytest.raises(OutputError, match="has done 4 steps"):
        train(stores[:1], trained.parent, replace(TINY, steps=3), threads=THREADS, resume=True)


def test_a_training_that_is_overwritten_leaves_no_checkpoint_to_go_on_from(
    stores: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(stores[:1], tmp_path, TINY, threads=THREADS, stop_after=2)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tasks.train.draw_batch", killed)
    with pytest.raises(KeyboardInterrupt):
        train(stores[:1], tmp_path, TINY, threads=THREADS, overwrite=True)
    assert not (tmp_path / CHECKPOINT).exists()


def test_missing_examples_and_torn_checkpoints_are_refused(
    stores: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no example store"):
        train([tmp_path / "none.zarr"], tmp_path / "out", TINY, threads=THREADS)
    assert not (tmp_path / "out").exists()
    (tmp_path / CHECKPOINT).write_bytes(b"torn")
    with pytest.raises(WeightsError, match="cannot be read"):
        train(stores, tmp_path, TINY, threads=THREADS, resume=True)


def test_a_card_is_filled_in_by_measuring(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.certify.HALO_VOLUME", {False: (48, 48, 48)})
    monkeypatch.setattr("tasks.certify.LARGEST_HALO", {False: 16})
    validation = replace(CUBES, seed=20, count=2)
    test = replace(CUBES, seed=30, count=1)
    asked: dict[str, Any] = {
        "recipes": [CUBES.as_identity()],
        "training": TINY,
        "validation": validation,
        "test": [test],
    }
    assert finished_card(trained.parent, **asked) is None
    card = certify(trained, validation, [test], threads=THREADS)
    assert card == read_card(trained) == finished_card(trained.parent, **asked)
    assert 8 <= card.bytes_per_sample <= 1000  # at least its input and its output
    for other in (
        {"recipes": [SECTIONS.as_identity()]},
        {"training": replace(TINY, steps=9)},
        {"validation": replace(validation, count=3)},
        {"test": [replace(test, seed=31)]},
    ):
        assert finished_card(trained.parent, **asked | other) is None
    assert card.threshold == card.scores["validation"]["threshold"]
    assert card.scores["test"] == evaluate(trained, [test], threads=THREADS)
    with pytest.raises(ParameterError, match="seeds of their own"):
        certify(trained, validation, [validation], threads=THREADS)
    with pytest.raises(ParameterError, match="seeds of their own"):
        certify(trained, CUBES, [test], threads=THREADS)


def test_weights_are_not_scored_on_the_seeds_of_their_training(trained: Path) -> None:
    with pytest.raises(ParameterError, match="seed = 1 cannot be used"):
        evaluate(trained, [replace(CUBES, count=1)], threads=THREADS)


def test_tensorflow_starts_without_chatter() -> None:
    code = "import tasks.train, tasks.evaluate, tasks.certify"
    started = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert started.stderr == b""


@pytest.mark.parametrize(("said", "kept"), [(None, "1"), ("0", "0")])
def test_onednn_is_used_wherever_nobody_forbids_it(said: str | None, kept: str) -> None:
    code = "import os, tasks.train; print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    environment = {name: each for name, each in os.environ.items() if name != ONEDNN}
    environment |= {ONEDNN: said} if said else {}
    started = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert started.stdout.split() == [kept]


def test_a_survey_of_any_size_is_predicted_whole() -> None:
    class Echo:
        name, stride, halo, bytes_per_sample, sections = "echo", 8, 16, 1, False

        def predict(self, amplitude: np.ndarray, _core: Lateral | None = None) -> np.ndarray:
            assert all(side % 8 == 0 for side in amplitude.shape)
            return amplitude

    amplitude = np.random.default_rng(0).standard_normal((19, 11, 30)).astype(np.float32)
    found = predict_survey(Echo(), amplitude)
    assert found.shape == amplitude.shape
    assert np.corrcoef(found.ravel(), amplitude.ravel())[0, 1] > 0.999
