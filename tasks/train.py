"""Examples to weights: one process, a fixed number of steps, and a checkpoint to go on from.

The order of the examples and every change of them follow from (seed, step), and the checkpoint
holds the weights, the optimizer, the running mean and the step: a training that was stopped and
resumed ends with the same weights as one that was not.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import WeightsError
from models.networks.card import Card, card_path, card_text, sha256_of
from models.networks.lean import LEAN16, lean, stride_of
from models.networks.training import Losses, Trainer, seeded, use_threads
from models.networks.weights import save_network
from storage.errors import OutputError
from storage.examples import ExampleStore
from storage.locations import whole_file, write_text
from tasks.batches import Batch, draw_batch
from tasks.fan_out import Progress

logger = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.npz"
LOG = "training.csv"
LOG_HEAD = "step,cross_entropy,dice,seconds\n"


@dataclass(frozen=True, slots=True)
class Training:
    """How to train.

    Attributes
    ----------
    steps
        Batches in all; also sets the length of the learning rate's cosine.
    seed
        Of first weights, order and changes of the examples.
    batch_size
        Crops a step.
    peak_rate
        Highest learning rate.
    channels
        Of the lean network.
    checkpoint_every
        Steps between checkpoints.
    name
        Of the weights file.
    """

    steps: int
    seed: int = 0
    batch_size: int = 4
    peak_rate: float = 2e-3
    channels: tuple[int, ...] = LEAN16
    checkpoint_every: int = 200
    name: str = "lean16"


def train(
    examples: Sequence[Path],
    out: Path,
    training: Training,
    *,
    threads: int,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
    stop_after: int | None = None,
) -> Path:
    """Train a network, writing ``NAME.keras``, ``NAME.json``, a checkpoint and a log into ``out``.

    Parameters
    ----------
    examples
        Example stores, which take turns; stores of sections teach 2D lines.
    out
        Folder.
    training
        How.
    threads
        Of TensorFlow.
    resume, overwrite
        Go on from the checkpoint in ``out``, also to another number of steps; start anew.
    progress
        Told after every tenth step.
    stop_after
        Stop, with a checkpoint, when so many steps are done in all.

    Returns
    -------
    Path
        The weights file.

    Raises
    ------
    InputError
        If an example store is missing or incomplete.
    OutputError
        If ``out`` holds a checkpoint and neither ``resume`` nor ``overwrite`` is given.
    """
    use_threads(threads)
    stores = check_inputs(examples, out, may_begin=resume or overwrite)
    checkpoint = out / CHECKPOINT
    out.mkdir(parents=True, exist_ok=True)
    network = seeded(training.seed, lambda: lean(training.channels))
    trainer = Trainer(network, peak_rate=training.peak_rate)
    if resume and checkpoint.exists():
        _read_checkpoint(trainer, checkpoint)
    else:
        write_text(out / LOG, LOG_HEAD)
    last = min(training.steps, stop_after or training.steps)
    started = time.monotonic()
    for batch in _batches(stores, training, trainer.step, last):
        losses = trainer.train_step(batch.amplitude, batch.label, steps=training.steps)
        _log(out / LOG, trainer.step, losses, time.monotonic() - started)
        if trainer.step % training.checkpoint_every == 0 and trainer.step < last:
            _write_checkpoint(trainer, checkpoint)
            _write_weights(trainer, stores, out, training)
        if progress and (trainer.step % 10 == 0 or trainer.step == last):
            progress(trainer.step, training.steps)
    _write_checkpoint(trainer, checkpoint)
    return _write_weights(trainer, stores, out, training)


def check_inputs(examples: Sequence[Path], out: Path, *, may_begin: bool) -> list[ExampleStore]:
    """Return the example stores opened, if a training may begin in ``out``; nothing is written.

    Raises
    ------
    InputError
        If an example store is missing or incomplete.
    OutputError
        If ``out`` holds a checkpoint, unless ``may_begin``.
    """
    checkpoint = out / CHECKPOINT
    if checkpoint.exists() and not may_begin:
        raise OutputError(checkpoint, "a training has begun there", "Use --resume or --overwrite.")
    return [ExampleStore(path) for path in examples]


def _batches(
    stores: Sequence[ExampleStore], training: Training, first: int, last: int
) -> Iterator[Batch]:
    """Yield the batches of steps ``first`` to ``last``, each made while the one before is used."""
    stride = stride_of(training.channels)

    def draw(step: int) -> Batch:
        return draw_batch(
            stores, training.seed, step, batch_size=training.batch_size, stride=stride
        )

    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(draw, first)
        for step in range(first, last):
            batch = following.result()
            if step + 1 < last:
                following = pool.submit(draw, step + 1)
            yield batch


def _log(path: Path, step: int, losses: Losses, seconds: float) -> None:
    """Append one line to the log."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{step},{losses.cross_entropy:.5f},{losses.dice:.5f},{seconds:.1f}\n")


def _write_checkpoint(trainer: Trainer, path: Path) -> None:
    """Write the whole state; a kill leaves the old checkpoint or the new one."""
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(file, **trainer.state())  # type: ignore[arg-type]  # its stub takes no mapping


def _read_checkpoint(trainer: Trainer, path: Path) -> None:
    """Restore the whole state."""
    try:
        with np.load(path, allow_pickle=False) as file:
            state = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError) as error:
        raise WeightsError(
            str(path), f"the checkpoint cannot be read ({error})", "Start anew with --overwrite."
        ) from None
    trainer.restore(state, source=str(path))
    logger.info("%s: goes on at step %d", path, trainer.step)


def _write_weights(
    trainer: Trainer, stores: Sequence[ExampleStore], out: Path, training: Training
) -> Path:
    """Write the running mean of the weights, and a card that has no scores yet."""
    weights = out / f"{training.name}.keras"
    part = out / f"{training.name}.part.keras"  # Keras insists on the suffix
    save_network(trainer.mean_network(), part)
    part.replace(weights)
    data: dict[str, Any] = {
        "examples": [store.recipe for store in stores],
        "training": {**asdict(training), "step": trainer.step},
    }
    card = Card(training.name, sha256_of(weights), stride_of(training.channels), data=data)
    write_text(card_path(weights), card_text(card))
    return weights
