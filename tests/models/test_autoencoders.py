"""Autoencoders: their size, their codes, what training does to them, textures, the fault head."""

from pathlib import Path

import keras
import numpy as np
import pytest

from models.errors import ParameterError, WeightsError
from models.networks.autoencoders import build, decode, encode, texture
from models.networks.capacity import BUDGET_TOLERANCE, KINDS, Architecture, Kind, architecture
from models.networks.reconstruction import Reconstructor, with_fault_head
from models.networks.seeds import seeded
from models.networks.training import Trainer, use_threads
from models.networks.weights import load_network, save_network

use_threads(1)  # before TensorFlow computes anything in this process

WIDTHS: dict[Kind, tuple[int, ...]] = {
    "dense": (6,),
    "convolutional": (4, 4, 8),
    "variational": (4, 4, 8),
}


def tiny(kind: Kind, seed: int = 0) -> keras.Model:
    return seeded(seed, lambda: build(Architecture(kind, 8, 2, WIDTHS[kind])))


def waves(seed: int, count: int = 8, size: int = 8) -> np.ndarray:
    """Flat layers of one period and any phase: what a code of two values can hold."""
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi, (count, 1, 1, 1))
    wave = np.sin(2 * np.pi * np.arange(size) / 8 + phase)
    return np.broadcast_to(wave, (count, size, size, size)).astype(np.float32)


def trained(kind: Kind, steps: int) -> keras.Model:
    reconstructor = Reconstructor(tiny(kind), peak_rate=1e-2)
    for step in range(steps):
        reconstructor.train_step(waves(step), steps=steps)
    return reconstructor.network


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("budget", "patch", "code"), [(300_000, 16, 16), (3_000_000, 32, 128)])
def test_every_kind_meets_the_budget(kind: Kind, budget: int, patch: int, code: int) -> None:
    shape = architecture(kind, budget=budget, patch=patch, code=code)
    network = build(shape)
    assert network.count_params() == shape.count_parameters()
    assert network.count_params() == pytest.approx(budget, rel=BUDGET_TOLERANCE)


@pytest.mark.parametrize("kind", KINDS)
def test_codes_are_as_long_as_asked(kind: Kind) -> None:
    shape = architecture(kind, budget=300_000, patch=16, code=24)
    codes = encode(build(shape), np.zeros((2, 16, 16, 16), np.float32))
    assert codes.size == 2 * 24


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"patch": 20}, "patch = 20 .*multiple of 8"),
        ({"code": 12}, "code = 12 .*multiple of 8"),
        ({"code": 0}, "code = 0 "),
        ({"budget": 9000}, "budget = 9000 parameters"),
    ],
)
def test_what_cannot_be_built_is_refused(wrong: dict[str, int], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        architecture("dense", **({"budget": 300_000, "patch": 16, "code": 16} | wrong))


@pytest.fixture(scope="module")
def imaginative() -> keras.Model:
    """A variational autoencoder that has seen waves."""
    return trained("variational", 150)


@pytest.mark.parametrize("kind", KINDS)
def test_an_autoencoder_learns_to_rebuild_what_its_code_can_hold(
    kind: Kind, imaginative: keras.Model
) -> None:
    network = imaginative if kind == "variational" else trained(kind, 100)
    unseen = waves(999)
    rebuilt = decode(network, encode(network, unseen))
    assert np.square(rebuilt - unseen).mean() < 0.25 * np.square(unseen).mean()


def test_a_training_that_is_restored_goes_on_to_the_same_weights() -> None:
    """The draws of a variational network too."""
    kind: Kind = "variational"
    straight = Reconstructor(tiny(kind), seed=3)
    for step in range(4):
        straight.train_step(waves(step), steps=4)
    first = Reconstructor(tiny(kind), seed=3)
    for step in range(2):
        first.train_step(waves(step), steps=4)
    second = Reconstructor(tiny(kind, seed=9), seed=3)
    second.restore(first.state(), source="memory")
    for step in range(2, 4):
        second.train_step(waves(step), steps=4)
    for one, other in zip(straight.state().values(), second.state().values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_state_of_another_network_is_refused() -> None:
    with pytest.raises(WeightsError, match="another network"):
        Reconstructor(tiny("dense")).restore(
            Reconstructor(tiny("variational")).state(), source="checkpoint.npz"
        )


@pytest.mark.parametrize("kind", KINDS)
def test_an_autoencoder_comes_back_from_its_file(kind: Kind, tmp_path: Path) -> None:
    network, patches = tiny(kind), waves(0)
    save_network(network, tmp_path / "network.keras")
    loaded = load_network(tmp_path / "network.keras")
    codes = encode(loaded, patches)
    np.testing.assert_array_equal(codes, encode(network, patches))
    np.testing.assert_array_equal(decode(loaded, codes), decode(network, codes))


def test_a_texture_follows_from_its_seed_at_any_shape() -> None:
    network = tiny("variational")
    drawn = texture(network, 1, (9, 17, 30))
    assert drawn.shape == (9, 17, 30)
    assert drawn.dtype == np.float32
    np.testing.assert_array_equal(drawn, texture(network, 1, (9, 17, 30)))
    assert not np.array_equal(drawn, texture(network, 2, (9, 17, 30)))


def test_a_texture_looks_like_what_was_learnt(imaginative: keras.Model) -> None:
    """Layers lie flat and wave with a period of eight, so samples half a period apart are opposite."""
    drawn = texture(imaginative, 5, (24, 24, 64))
    along, across = (float((np.diff(drawn, axis=axis) ** 2).mean()) for axis in (2, 0))
    assert drawn.std() > 0.3
    assert across < 0.5 * along
    opposite = np.corrcoef(drawn[..., :-4].ravel(), drawn[..., 4:].ravel())[0, 1]
    assert opposite < 0


def test_a_texture_has_no_edges(imaginative: keras.Model) -> None:
    """The loudness beside a face is that of the middle: the decoder's padding is cut off."""
    drawn = texture(imaginative, 5, (64, 16, 16))
    assert drawn[:8].std() == pytest.approx(drawn[24:40].std(), rel=0.5)


@pytest.mark.parametrize("kind", ["dense", "convolutional"])
def test_only_variational_networks_draw_textures(kind: Kind) -> None:
    with pytest.raises(ParameterError, match="variational"):
        texture(tiny(kind), 1, (8, 8, 8))


@pytest.mark.parametrize("kind", KINDS)
def test_the_fault_head_learns_and_leaves_the_autoencoder_as_it_is(kind: Kind) -> None:
    network, patches = tiny(kind), waves(0, count=4)
    before = decode(network, encode(network, patches))
    head = with_fault_head(network)
    trainer = Trainer(head)
    untrained = head.get_weights()
    trainer.train_step(patches, (patches > 0.9).astype(np.float32), steps=1)
    np.testing.assert_array_equal(decode(network, encode(network, patches)), before)
    assert any(
        not np.array_equal(one, other)
        for one, other in zip(untrained, head.get_weights(), strict=True)
    )


def test_the_fault_head_is_the_same_for_every_kind() -> None:
    sizes = {
        with_fault_head(network).count_params() - network.count_params()
        for network in map(tiny, KINDS)
    }
    assert len(sizes) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_fault_head_sees_what_was_rebuilt_and_nothing_else(kind: Kind) -> None:
    network, patches = tiny(kind), waves(0, count=4)
    head = seeded(1, lambda: with_fault_head(network))
    rebuilt = decode(network, encode(network, patches))
    behind = head.get_layer("lean")
    np.testing.assert_allclose(
        head(patches[..., None]), behind(rebuilt[..., None]), rtol=1e-4, atol=1e-5
    )


def test_the_dense_autoencoder_sees_every_block_for_itself() -> None:
    network = tiny("dense")
    two = np.random.default_rng(0).standard_normal((1, 8, 8, 16)).astype(np.float32)
    codes = encode(network, two)
    assert codes.shape == (1, 1, 1, 2, 2)
    for block in range(2):
        alone = encode(network, two[..., 8 * block : 8 * block + 8])
        np.testing.assert_allclose(codes[:, :, :, block], alone[:, :, :, 0], rtol=1e-5, atol=1e-6)
