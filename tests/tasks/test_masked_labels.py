"""Labels that are not known: they move with their samples, and nothing is learned from them."""

from pathlib import Path

import numpy as np
import pytest
import zarr

from models.augment import Pair, label_and_known, shear, zoom_crop
from models.networks.lean import Lean, lean
from models.networks.seeds import seeded
from models.networks.training import Trainer, use_threads
from storage.examples import KNOWN, ExampleStore
from tasks.batches import Batch, draw_batch
from tasks.synthesize import ExampleRecipe, synthesize
from tests.tasks.test_match import write_volume

use_threads(1)  # before TensorFlow computes anything in this process

SIZE = (24, 24, 32)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Faults in real blocks; of some inlines nothing is known."""
    folder = tmp_path_factory.mktemp("masked")
    volume = write_volume(folder / "volume.zarr")
    synthesize(folder / "one", ExampleRecipe(3, 2, SIZE, like=volume, inserted=1))
    zarr.open_group(folder / "one")[KNOWN][:, :6] = 0  # type: ignore[index]
    return draw_batch([ExampleStore(folder / "one")], 7, 0, batch_size=2, stride=4)


def test_what_is_not_known_does_not_change_a_step(batch: Batch) -> None:
    assert batch.labelled is not None
    assert 0 < batch.labelled.mean() < 1
    other = np.where(batch.labelled > 0, batch.label, 1 - batch.label)
    results = []
    for label in (batch.label, other):
        trainer = Trainer(seeded(1, lambda: lean(Lean((4,), (1,)))))
        losses = trainer.train_step(batch.amplitude, label, steps=1, labelled=batch.labelled)
        results.append((losses, trainer.network.get_weights()))
    assert results[0][0] == results[1][0]
    for one, two in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_store_where_all_is_known_gives_batches_without_a_mask(tmp_path: Path) -> None:
    synthesize(tmp_path / "plain", ExampleRecipe(3, 1, SIZE))
    store = ExampleStore(tmp_path / "plain")
    assert draw_batch([store], 7, 0, batch_size=1, stride=4).labelled is None


@pytest.mark.parametrize(("lateral", "vertical"), [(0.6, 1.4), (1.7, 0.7)])
def test_what_is_made_of_unknown_samples_is_not_known(lateral: float, vertical: float) -> None:
    unknown = np.random.default_rng(0).random((24, 24, 24)) < 0.02
    distance = np.where(unknown, np.nan, 3).astype(np.float32)
    pair = Pair(unknown.astype(np.float32), distance)
    pair = zoom_crop(pair, (1.3, 1.3, 2.2), (12, 12, 12), lateral=lateral, vertical=vertical)
    pair = shear(pair, 0.2)
    label, known = label_and_known(pair.fault_distance)
    assert known.any()
    assert not known[pair.amplitude > 0].any()
    assert not label[known == 0].any()
