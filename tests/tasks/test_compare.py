"""A comparison: the same patches for all, results kept, trainings resumed as if never stopped."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from models.networks.autoencoders import decode, encode
from models.networks.capacity import KINDS, Kind
from models.networks.training import use_threads
from models.networks.weights import load_network
from storage.errors import InputError
from storage.examples import KNOWN, ExampleStore
from tasks.compare import RESULT, compete
from tasks.comparison_table import COLUMNS, csv_text, rows_of
from tasks.contest import Contest, example_recipes
from tasks.patches import draw_patches, tile_patches
from tasks.synthesize import ExampleRecipe, synthesize
from tests.tasks.test_match import write_volume

THREADS = 1
use_threads(THREADS)  # before TensorFlow computes anything in this process

CUBES = ExampleRecipe(seed=1, count=2, size=(24, 24, 24), preset="plain")
TINY = Contest(budget=60_000, steps=3, batch_size=4, patch=8, code=4, seed=5)

MEASURED = {"samples_per_s", "peak_memory_mib", "training_s", "head_training_s"}
"""What differs from run to run."""


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("examples")
    synthesize(folder / "cubes.zarr", CUBES)
    synthesize(folder / "test.zarr", replace(CUBES, seed=2, count=1))
    return folder / "cubes.zarr", folder / "test.zarr"


@pytest.fixture(scope="module")
def compared(stores: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    for kind in KINDS:
        compete(kind, TINY, stores[:1], stores[1], out / kind, THREADS)
    return out


@pytest.fixture(scope="module")
def results(compared: Path) -> dict[Kind, dict[str, Any]]:
    return {kind: json.loads((compared / kind / RESULT).read_text()) for kind in KINDS}


def lasting(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in MEASURED}


def test_patches_follow_from_seed_and_step(stores: tuple[Path, Path]) -> None:
    opened = [ExampleStore(stores[0])]
    one, same, other = (
        draw_patches(opened, seed, 3, count=5, size=8).amplitude for seed in (7, 7, 8)
    )
    assert one.shape == (5, 8, 8, 8)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_patches_of_a_test_store_are_all_of_it_at_one_scale(
    stores: tuple[Path, Path],
) -> None:
    patches = tile_patches(ExampleStore(stores[1]), size=8)
    assert patches.amplitude.shape == patches.fault_distance.shape == (27, 8, 8, 8)
    stored = ExampleStore(stores[1]).read(0)
    assert sorted(patches.fault_distance.ravel()) == sorted(stored.fault_distance.ravel())
    assert patches.amplitude.std() == pytest.approx(1, abs=0.1)


def test_all_are_scored_on_the_same_patches_at_the_same_size(
    results: dict[Kind, dict[str, Any]],
) -> None:
    for name in ("patches", "blank_mae", "blank_mse", "fault_share"):
        assert len({result[name] for result in results.values()}) == 1
    sizes = [result["parameters"] for result in results.values()]
    assert max(sizes) / min(sizes) < 1.05
    shown = [result["sections"]["amplitude"] for result in results.values()]
    assert shown[0] == shown[1] == shown[2]


def test_errors_are_those_of_the_network_in_the_file(
    stores: tuple[Path, Path], compared: Path, results: dict[Kind, dict[str, Any]]
) -> None:
    patches = tile_patches(ExampleStore(stores[1]), size=8).amplitude
    network = load_network(compared / "dense" / "dense.keras")
    error = decode(network, encode(network, patches)) - patches
    assert results["dense"]["mae"] == pytest.approx(np.abs(error).mean(), abs=1e-4)
    assert results["dense"]["mse"] == pytest.approx(np.square(error).mean(), abs=1e-4)
    assert results["dense"]["blank_mse"] == pytest.approx(np.square(patches).mean(), abs=1e-4)


@pytest.mark.parametrize("stopped_at", [1, 4])
def test_a_stopped_competitor_ends_as_if_it_never_was(
    stopped_at: int,
    stores: tuple[Path, Path],
    results: dict[Kind, dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is stopped while the autoencoder learns, and while its head does."""
    monkeypatch.setattr("tasks.compare.CHECKPOINT_EVERY", 1)
    drawn = 0

    def until_stopped(*arguments: Any, **options: Any) -> Any:
        nonlocal drawn
        drawn += 1
        if drawn > stopped_at + 1:  # one is drawn ahead
            raise KeyboardInterrupt
        return draw_patches(*arguments, **options)

    with monkeypatch.context() as stopped:
        stopped.setattr("tasks.compare.draw_patches", until_stopped)
        with pytest.raises(KeyboardInterrupt):
            compete("dense", TINY, stores[:1], stores[1], tmp_path, THREADS)
    assert not (tmp_path / RESULT).exists()
    result = compete("dense", TINY, stores[:1], stores[1], tmp_path, THREADS)
    assert lasting(result) == lasting(results["dense"])


def test_a_result_is_kept_and_its_checkpoints_go(
    stores: tuple[Path, Path],
    compared: Path,
    results: dict[Kind, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = compared / "dense"
    assert {path.name for path in folder.iterdir()} == {RESULT, "dense.keras"}
    monkeypatch.delattr("tasks.compare.draw_patches")
    assert compete("dense", TINY, stores[:1], stores[1], folder, THREADS) == results["dense"]


def test_the_table_has_a_row_a_network_and_one_of_zeros(
    results: dict[Kind, dict[str, Any]],
) -> None:
    rows = rows_of(list(results.values()))
    assert [row[0] for row in rows] == ["autoencoder", *KINDS, "zeros"]
    lines = csv_text(list(results.values())).splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert [line.split(",")[0] for line in lines[1:]] == list(KINDS)


def test_where_nobody_knows_of_faults_nothing_is_learned_and_nothing_scored(
    tmp_path: Path,
) -> None:
    volume = write_volume(tmp_path / "volume.zarr")
    recipe = ExampleRecipe(3, 2, (24, 24, 32), like=volume, inserted=1)
    found = []
    for name in ("one", "two"):
        synthesize(tmp_path / name, recipe)
        group = zarr.open_group(tmp_path / name)
        group[KNOWN][:, :9] = 0  # type: ignore[index]
        if name == "two":
            group["fault_distance"][:, :9] = 0  # type: ignore[index]
        store = ExampleStore(tmp_path / name)
        assert np.isnan(tile_patches(store, size=8).fault_distance).any()
        assert np.isnan(draw_patches([store], 7, 0, count=8, size=8).fault_distance).any()
        path = tmp_path / name
        found.append(compete("dense", TINY, [path], path, tmp_path / f"of-{name}", THREADS))
    one, two = (
        {key: value for key, value in lasting(each).items() if key != "sections"} for each in found
    )
    assert one == two
    assert 0 < one["fault_share"] < 0.5


def test_stores_without_room_for_a_patch_are_refused(
    stores: tuple[Path, Path], tmp_path: Path
) -> None:
    assert example_recipes(stores[:1], TINY)[0]["seed"] == CUBES.seed
    with pytest.raises(InputError, match="24x24x24 samples, too few"):
        example_recipes(stores[:1], replace(TINY, patch=32))
    with pytest.raises(InputError, match="no example store"):
        example_recipes([tmp_path / "none.zarr"], TINY)
