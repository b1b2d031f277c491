"""The lean network, its losses, its training state, its file and its runtime."""

import json
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.errors import ParameterError, WeightsError
from models.networks.card import Card, card_path, card_text, read_card, sha256_of
from models.networks.layers import DepthToSpace, SpaceToDepth
from models.networks.lean import LEAN16, LEAN24, SECTION24, Lean, lean
from models.networks.losses import cross_entropy, dice_loss
from models.networks.placement import copy_of
from models.networks.seeds import seeded
from models.networks.training import Trainer, learning_rate, use_threads
from models.networks.weights import load_network, save_network
from models.runtime.keras_graph import load_runtime

TINY = Lean((4, 4, 4), (1, 1, 1))
THREADS = 1
use_threads(THREADS)  # before TensorFlow computes anything in this process


def tiny(seed: int = 0) -> keras.Model:
    return seeded(seed, lambda: lean(TINY))


def shallow(seed: int = 0) -> keras.Model:
    return seeded(seed, lambda: lean(Lean((4,), (1,))))


def a_batch(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    amplitude = rng.standard_normal((2, 16, 16, 16)).astype(np.float32)
    return amplitude, (rng.random(amplitude.shape) < 0.1).astype(np.float32)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.keras"
    save_network(tiny(), path)
    card = Card("tiny", sha256_of(path), TINY.stride, halo=16, threshold=0.3)
    card_path(path).write_text(card_text(card))
    return path


@pytest.mark.parametrize(
    ("shape", "millions", "stride"), [(LEAN16, 0.51, 8), (LEAN24, 1.61, 8), (SECTION24, 1.42, 16)]
)
def test_networks_have_the_size_that_is_said_of_them(
    shape: Lean, millions: float, stride: int
) -> None:
    assert lean(shape).count_params() == pytest.approx(millions * 1e6, rel=0.02)
    assert shape.stride == stride


def test_a_network_of_sections_sees_every_crossline_for_itself() -> None:
    network = seeded(0, lambda: lean(Lean((4, 4), (1, 1), sections=True)))
    volume = np.random.default_rng(0).standard_normal((1, 16, 5, 12, 1)).astype(np.float32)
    together = network(volume).numpy()
    for line in range(5):
        alone = network(volume[:, :, line : line + 1]).numpy()
        np.testing.assert_allclose(together[:, :, line : line + 1], alone, atol=1e-5)


def test_depth_to_space_undoes_space_to_depth() -> None:
    samples = np.random.default_rng(0).standard_normal((1, 4, 6, 8, 1)).astype(np.float32)
    blocks = SpaceToDepth()(samples)
    assert blocks.shape == (1, 2, 3, 4, 8)
    np.testing.assert_array_equal(DepthToSpace()(blocks), samples)
    flat = SpaceToDepth((2, 1, 2))(samples)
    assert flat.shape == (1, 2, 6, 4, 4)
    np.testing.assert_array_equal(DepthToSpace((2, 1, 2))(flat), samples)


def test_the_network_takes_any_multiple_of_its_stride() -> None:
    network = tiny()
    for shape in ((8, 8, 8), (16, 8, 24)):
        assert network(np.zeros((1, *shape, 1), np.float32)).shape == (1, *shape, 1)


def test_losses_are_small_for_a_right_answer_and_large_for_a_wrong_one() -> None:
    label = tf.constant((np.arange(1000) % 10 == 0).astype(np.float32))
    right, wrong = 20 * label - 10, 10 - 20 * label
    for loss in (cross_entropy, dice_loss):
        assert float(loss(label, right)) < 0.01
        assert float(loss(label, wrong)) > 0.5


def test_the_learning_rate_warms_up_and_falls_to_two_hundredths() -> None:
    rates = [learning_rate(step, 1000, 1.0) for step in range(1001)]
    assert rates[0] < rates[30] < max(rates[50:70])
    assert rates[-1] == pytest.approx(0.02)


def test_training_that_is_restored_goes_on_to_the_same_weights() -> None:
    straight = Trainer(shallow())
    for step in range(4):
        straight.train_step(*a_batch(step), steps=4)
    first = Trainer(shallow())
    for step in range(2):
        first.train_step(*a_batch(step), steps=4)
    second = Trainer(shallow(seed=9))
    second.restore(first.state(), source="memory")
    assert second.step == 2
    for step in range(2, 4):
        second.train_step(*a_batch(step), steps=4)
    for one, other in zip(straight.state().values(), second.state().values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_state_of_another_network_is_refused() -> None:
    state = Trainer(tiny()).state()
    other = Trainer(seeded(0, lambda: lean(Lean((4, 8, 8), (1, 1, 1)))))
    with pytest.raises(WeightsError, match="another network"):
        other.restore(state, source="checkpoint.npz")


def test_a_network_comes_back_from_its_file(weights: Path) -> None:
    amplitude = a_batch(0)[0][..., None]
    np.testing.assert_array_equal(load_network(weights)(amplitude), tiny()(amplitude))


def test_a_card_comes_back_and_belongs_to_its_file(weights: Path) -> None:
    assert read_card(weights).threshold == 0.3
    assert read_card(weights).stride == 8
    with weights.open("ab") as file:
        file.write(b"more")
    with pytest.raises(WeightsError, match="other weights"):
        read_card(weights)


def test_missing_and_damaged_files_are_refused_in_one_line(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such weights"):
        load_network(tmp_path / "none.keras")
    weights.write_bytes(b"not a zip")
    with pytest.raises(WeightsError) as damaged:
        load_network(weights)
    assert "\n" not in str(damaged.value)
    card_path(weights).write_text("{")
    with pytest.raises(WeightsError, match="card"):
        read_card(weights)
    card_path(weights).unlink()
    with pytest.raises(WeightsError, match="no card"):
        read_card(weights)
    assert str(pickle.loads(pickle.dumps(damaged.value))) == str(damaged.value)


def test_a_file_that_holds_code_is_refused(tmp_path: Path) -> None:
    inputs = keras.Input((4,))
    network = keras.Model(inputs, keras.layers.Lambda(lambda x: x + 1)(inputs))
    path = tmp_path / "lambda.keras"
    network.save(path)
    with pytest.raises(WeightsError, match="cannot be read"):
        load_network(path)


def test_the_runtime_predicts_probabilities_the_same_each_time(weights: Path) -> None:
    runtime = load_runtime(weights, threads=THREADS)
    assert (runtime.stride, runtime.halo, runtime.threshold) == (8, 16, 0.3)
    for shape in ((16, 24, 32), (8, 8, 8)):
        amplitude = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
        first, again = runtime.predict(amplitude), runtime.predict(amplitude)
        assert first.shape == shape
        assert first.dtype == np.float32
        assert 0 <= first.min() <= first.max() <= 1
        np.testing.assert_array_equal(first, again)


def test_the_runtime_is_the_sigmoid_of_the_network(weights: Path) -> None:
    amplitude = a_batch(2)[0][0]
    expected = tf.sigmoid(tiny()(amplitude[None, ..., None], training=False))[0, ..., 0]
    found = load_runtime(weights, threads=THREADS).predict(amplitude)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_sides_off_the_stride_are_refused(weights: Path) -> None:
    runtime = load_runtime(weights, threads=THREADS)
    with pytest.raises(ParameterError, match="multiple of 8"):
        runtime.predict(np.zeros((8, 8, 12), np.float32))


def test_a_card_is_plain_json(weights: Path) -> None:
    assert json.loads(card_path(weights).read_text())["name"] == "tiny"


def test_first_weights_follow_from_the_seed_while_other_threads_draw_too() -> None:
    ended = Event()

    def draw() -> None:
        while not ended.is_set():
            random.random()

    expected = tiny(7).get_weights()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(draw)
        found = tiny(7).get_weights()
        ended.set()
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(tiny(8).get_weights()[0], expected[0])


def test_the_same_network_gives_the_same_file(tmp_path: Path) -> None:
    """Keras would date it, and name shared objects by their addresses."""
    network = tiny()
    for name in ("one", "two"):
        save_network(copy_of(network), tmp_path / f"{name}.keras")
    assert sha256_of(tmp_path / "one.keras") == sha256_of(tmp_path / "two.keras")
