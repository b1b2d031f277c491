"""Learnt textures in examples: decided by the seed, in jobs anywhere; what cannot imagine is refused."""

from pathlib import Path

import numpy as np
import pytest

from deploy.cluster import connect
from models.errors import ParameterError
from models.networks.autoencoders import build
from models.networks.capacity import Architecture, Kind
from models.networks.seeds import seeded
from models.networks.training import use_threads
from models.networks.weights import save_network
from storage.errors import InputError
from storage.examples import ExampleStore
from tasks.match import measure_survey, open_survey
from tasks.synthesize import ExampleRecipe, draw, synthesize
from tasks.textures import draw_texture
from tests.tasks.test_match import write_volume
from tests.tasks.test_synthesize import digest

use_threads(1)  # before TensorFlow computes anything in this process

SIZE = (24, 16, 32)


def network(path: Path, kind: Kind) -> Path:
    save_network(seeded(0, lambda: build(Architecture(kind, 8, 2, (4, 4, 8)))), path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("textures")
    write_volume(folder / "volume.zarr")
    network(folder / "variational.keras", "variational")
    network(folder / "convolutional.keras", "convolutional")
    return folder


def recipe(folder: Path, **changes: object) -> ExampleRecipe:
    settings = {"like": folder / "volume.zarr", "texture": folder / "variational.keras"} | changes
    return ExampleRecipe(3, 4, SIZE, **settings)  # type: ignore[arg-type]


def test_a_store_with_textures_made_anew_is_the_same(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        synthesize(tmp_path / name, recipe(folder))
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    assert len(ExampleStore(tmp_path / "one").recipe["texture"]) == 64


def test_a_recipe_without_textures_does_not_name_them(folder: Path) -> None:
    assert "texture" not in recipe(folder, texture=None).as_identity()


def test_textures_change_noise_and_backgrounds_and_no_fault_is_left_over_in_them(
    folder: Path,
) -> None:
    measured = measure_survey(open_survey(folder / "volume.zarr"), SIZE)
    for inserted in (0, 1):
        with_, without = (
            [
                draw(recipe(folder, inserted=inserted, texture=texture), i, measured)
                for i in range(6)
            ]
            for texture in (folder / "variational.keras", None)
        )
        changed = [
            not np.array_equal(a.amplitude, b.amplitude)
            for a, b in zip(with_, without, strict=True)
        ]
        assert any(changed)
        assert all(np.isfinite(each.amplitude).all() for each in with_)
    imagined = [each for each, new in zip(with_, changed, strict=True) if new]
    assert all(each.known is not None and each.known.all() for each in imagined)


@pytest.mark.parametrize("size", [SIZE, (40, 1, 24)])
def test_a_texture_has_unit_deviation(folder: Path, size: tuple[int, int, int]) -> None:
    path = folder / "variational.keras"
    drawn, again, other = (
        draw_texture(np.random.default_rng(seed), size, path=path) for seed in (1, 1, 2)
    )
    assert drawn.shape == size
    assert drawn.std() == pytest.approx(1, rel=1e-3)
    np.testing.assert_array_equal(drawn, again)
    assert not np.array_equal(drawn, other)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"texture": "convolutional.keras"}, ParameterError, "variational"),
        ({"texture": "none.keras"}, InputError, "no such autoencoder"),
        ({"like": None}, ParameterError, "--like"),
    ],
)
def test_what_cannot_imagine_is_refused_before_anything_is_written(
    folder: Path,
    tmp_path: Path,
    changes: dict[str, str | None],
    error: type[Exception],
    words: str,
) -> None:
    paths = {name: folder / file if file else None for name, file in changes.items()}
    with pytest.raises(error, match=words):
        synthesize(tmp_path / "one", recipe(folder, **paths))
    assert not (tmp_path / "one").exists()


@pytest.mark.slow
def test_one_and_two_workers_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for workers in (1, 2):
        with connect(workers=workers) as client:
            synthesize(tmp_path / str(workers), recipe(folder), client=client)
    synthesize(tmp_path / "threads", recipe(folder))
    assert len({digest(tmp_path / name) for name in ("1", "2", "threads")}) == 1
