"""Training beside the making of its examples, early stopping, curves, devices."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import tensorflow as tf

from flows.report.training import REPORT, LivePage
from models.networks.lean import Lean
from models.networks.training import use_threads
from models.stopping import Best
from storage.errors import OutputError
from tasks import synthesize as making
from tasks.batches import in_use
from tasks.checkpoint import CHECKPOINT, CHECKS, LOG, read_log
from tasks.growing import growing_examples
from tasks.steps import CURVES
from tasks.synthesize import ExampleRecipe, synthesize
from tasks.train import train
from tasks.training import EarlyStopping, Training

THREADS = 1
use_threads(THREADS)  # before TensorFlow computes anything in this process

CUBES = ExampleRecipe(seed=1, count=4, size=(16, 16, 16), preset="plain")
HELD_OUT = ExampleRecipe(seed=2, count=1, size=(16, 16, 16), preset="plain")
TINY = Training(4, seed=5, batch_size=2, network=Lean((4,), (1,)), checkpoint_every=2, name="t")

TWO_DEVICES = """
import numpy as np, tensorflow as tf
from models.networks.lean import Lean, lean
from models.networks.placement import Placement
from models.networks.seeds import seeded
from models.networks.training import Trainer
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
def losses(placement):
    trainer = Trainer(seeded(0, lambda: lean(Lean((4, 8), (1, 1)))), placement=placement)
    rng, found = np.random.default_rng(0), []
    for _ in range(3):
        amplitude = rng.standard_normal((4, 8, 8, 8)).astype(np.float32)
        label = (rng.random(amplitude.shape) < 0.1).astype(np.float32)
        step = trainer.train_step(amplitude, label, steps=3)
        found.append([step.cross_entropy, step.dice])
    return np.array(found)
print(np.abs(losses(Placement()) - losses(Placement(("CPU:0", "CPU:1")))).max())
"""


def state(out: Path) -> dict[str, np.ndarray]:
    with np.load(out / CHECKPOINT) as file:
        return {name: file[name] for name in file.files}


def same(first: Path, second: Path) -> bool:
    one, other = state(first), state(second)
    return one.keys() == other.keys() and all(np.array_equal(one[n], other[n]) for n in one)


def test_training_begins_before_its_examples_are_there_and_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = replace(TINY, stream=8)
    synthesize(tmp_path / "made.zarr", CUBES)
    train([tmp_path / "made.zarr"], tmp_path / "after", how, threads=THREADS)
    first_step, made = Event(), making.synthesize_example

    def late(index: int, *, path: str, recipe: ExampleRecipe) -> dict[str, object]:
        if index == CUBES.count - 1:
            assert first_step.wait(60), "the last example waits for the training"
        return made(index, path=path, recipe=recipe)

    monkeypatch.setattr(making, "synthesize_example", late)
    with growing_examples({tmp_path / "grown.zarr": CUBES}) as stores:
        train(stores, tmp_path / "while", how, threads=THREADS, stop_after=1)
        first_step.set()
        train(stores, tmp_path / "while", how, threads=THREADS, resume=True)
    assert same(tmp_path / "after", tmp_path / "while")


def test_more_and_more_examples_come_into_use() -> None:
    counts = [in_use(100, step, 50) for step in range(60)]
    assert counts == sorted(counts)
    assert counts[0] == 2
    assert set(counts[49:]) == {100}
    assert in_use(100, 0, 0) == 100


def test_what_stops_the_examples_stops_the_training(tmp_path: Path) -> None:
    synthesize(tmp_path / "other.zarr", HELD_OUT)
    with (
        pytest.raises(OutputError, match="another example store"),
        growing_examples({tmp_path / "other.zarr": CUBES}),
    ):
        pass


def test_the_best_weights_are_kept_until_it_is_enough() -> None:
    best = Best(2)
    for step, score in enumerate((0.1, 0.3, 0.2, 0.25)):
        best.offer(step, score, [np.full(2, score)])
    assert (best.step, best.score, best.enough) == (1, 0.3, True)
    again = Best(2)
    again.restore(best.state())
    assert again.enough
    np.testing.assert_array_equal(again.weights[0], [0.3, 0.3])


def test_training_that_stops_early_stops_the_same_when_resumed(tmp_path: Path) -> None:
    synthesize(tmp_path / "c.zarr", CUBES)
    how = replace(TINY, steps=20, peak_rate=0.0, stopping=EarlyStopping(HELD_OUT, 2, patience=1))
    for name, stop_after in (("a", None), ("b", 3)):
        out = tmp_path / name
        train([tmp_path / "c.zarr"], out, how, threads=THREADS, stop_after=stop_after)
    train([tmp_path / "c.zarr"], tmp_path / "b", how, threads=THREADS, resume=True)
    assert same(tmp_path / "a", tmp_path / "b")
    steps = read_log(tmp_path / "a" / LOG)["step"]
    checks = read_log(tmp_path / "a" / CHECKS)
    assert checks == read_log(tmp_path / "b" / CHECKS)
    assert steps[-1] == checks["step"][-1] < 20
    LivePage(tmp_path / "a", "Training").write({})
    page = (tmp_path / "a" / REPORT).read_text(encoding="utf-8")
    assert "average precision" in page
    events = next((tmp_path / "a" / CURVES).iterdir())
    records = list(tf.data.TFRecordDataset(str(events)).as_numpy_iterator())
    tags = {v.tag for r in records for v in tf.compat.v1.Event.FromString(r).summary.value}
    assert tags == {"cross_entropy", "dice", "average_precision"}


@pytest.mark.slow
def test_two_devices_have_the_losses_of_one() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWO_DEVICES], capture_output=True, text=True, check=True
    )
    assert float(done.stdout.split()[-1]) < 1e-5
