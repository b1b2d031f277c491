"""Examples to weights: one process, a fixed number of steps, and a checkpoint to go on from.

The order of the examples and every change of them follow from (seed, step), and the checkpoint
holds the weights, the optimizer, the running mean and the step: a training that was stopped and
resumed ends with the same weights as one that was not.
"""

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from models.errors import WeightsError
from models.networks.card import Card, card_path, card_text, sha256_of
from models.runtime.quiet import quiet_start
from storage.errors import OutputError
from storage.examples import ExampleStore
from storage.ledger import differences
from storage.locations import whole_file, write_text
from tasks.batches import Batch, draw_batch
from tasks.fan_out import Progress

with quiet_start():  # TensorFlow
    from models.networks.lean import LEAN16, NETWORKS, Lean, lean
    from models.networks.training import Losses, Trainer, seeded, use_threads
    from models.networks.weights import save_network

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
    network
        What it is made of.
    checkpoint_every
        Steps between checkpoints.
    name
        Of the weights file.
    """

    steps: int
    seed: int = 0
    batch_size: int = 4
    peak_rate: float = 2e-3
    network: Lean = LEAN16
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
        If ``out`` holds another training, or this one and neither ``resume`` nor ``overwrite`` is
        given.
    """
    use_threads(threads)
    stores = [ExampleStore(path) for path in examples]
    recipes = [store.recipe for store in stores]
    check_out(out, recipes, training, resume=resume, overwrite=overwrite)
    identity = identity_of(recipes, training)
    checkpoint = out / CHECKPOINT
    out.mkdir(parents=True, exist_ok=True)
    if overwrite:
        checkpoint.unlink(missing_ok=True)
    network = seeded(training.seed, lambda: lean(training.network))
    trainer = Trainer(network, peak_rate=training.peak_rate)
    if checkpoint.exists():
        _read_checkpoint(trainer, checkpoint)
    else:
        write_text(out / LOG, LOG_HEAD)
    last = min(training.steps, stop_after or training.steps)
    started = time.monotonic()
    for batch in _batches(stores, training, trainer.step, last):
        losses = trainer.train_step(batch.amplitude, batch.label, steps=training.steps)
        _log(out / LOG, trainer.step, losses, time.monotonic() - started)
        if trainer.step % training.checkpoint_every == 0 and trainer.step < last:
            _write_checkpoint(trainer, checkpoint, identity)
            _write_weights(trainer, recipes, out, training)
        if progress and (trainer.step % 10 == 0 or trainer.step == last):
            progress(trainer.step, training.steps)
    _write_checkpoint(trainer, checkpoint, identity)
    return _write_weights(trainer, recipes, out, training)


def training_of(network: str, *, steps: int, seed: int, batch_size: int | None = None) -> Training:
    """Return how to train a network of `models.networks.lean.NETWORKS`; sections go more to a batch."""
    shape = NETWORKS[network]
    size = batch_size or (8 if shape.sections else 4)
    return Training(steps=steps, seed=seed, batch_size=size, network=shape, name=network)


def stored_recipes(examples: Sequence[Path]) -> list[dict[str, Any]]:
    """Return the recipes of example stores.

    Raises
    ------
    InputError
        If a store is missing or incomplete.
    """
    return [ExampleStore(path).recipe for path in examples]


def identity_of(recipes: Sequence[Mapping[str, Any]], training: Training) -> dict[str, Any]:
    """Return what decides a training but for its length, which a resumed one may change."""
    settings = asdict(training)
    del settings["steps"]
    return {"examples": list(recipes), **settings}


def card_data(
    recipes: Sequence[Mapping[str, Any]], training: Training, step: int
) -> dict[str, Any]:
    """Return what the card says about a training that has done ``step`` steps."""
    return {"examples": list(recipes), "training": {**asdict(training), "step": step}}


def check_out(
    out: Path,
    recipes: Sequence[Mapping[str, Any]],
    training: Training,
    *,
    resume: bool,
    overwrite: bool,
) -> None:
    """Check that a training on examples of these recipes may write ``out``; nothing is written.

    Raises
    ------
    OutputError
        Unless ``overwrite``: if ``out`` holds the checkpoint of another training, naming what
        differs, or one of this training without ``resume``.
    WeightsError
        If the checkpoint cannot be read.
    """
    checkpoint = out / CHECKPOINT
    if overwrite or not checkpoint.exists():
        return
    begun = json.loads(str(_load(checkpoint, "identity")["identity"]))
    if differing := differences(begun, identity_of(recipes, training)):
        raise OutputError(
            checkpoint,
            f"another training has begun there: {differing}",
            "Choose another --out, or start anew with --overwrite.",
        )
    if not resume:
        raise OutputError(
            checkpoint,
            "a training has begun there",
            "Go on, or score it anew, with --resume; start anew with --overwrite.",
        )


def _batches(
    stores: Sequence[ExampleStore], training: Training, first: int, last: int
) -> Iterator[Batch]:
    """Yield the batches of steps ``first`` to ``last``, each made while the one before is used."""
    network = training.network

    def draw(step: int) -> Batch:
        return draw_batch(
            stores,
            training.seed,
            step,
            batch_size=training.batch_size,
            stride=network.stride,
            extruded=not network.sections,
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


def _write_checkpoint(trainer: Trainer, path: Path, identity: Mapping[str, Any]) -> None:
    """Write the whole state; a kill leaves the old checkpoint or the new one."""
    state = {**trainer.state(), "identity": np.asarray(json.dumps(identity))}
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(file, **state)  # type: ignore[arg-type]  # its stub takes no mapping


def _read_checkpoint(trainer: Trainer, path: Path) -> None:
    """Restore the whole state."""
    trainer.restore(_load(path), source=str(path))
    logger.info("%s: goes on at step %d", path, trainer.step)


def _load(path: Path, *names: str) -> dict[str, NDArray[np.generic]]:
    """Return the named arrays of a checkpoint, or all of them."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in names or file.files}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile) as error:
        raise WeightsError(
            str(path), f"the checkpoint cannot be read ({error})", "Start anew with --overwrite."
        ) from None


def _write_weights(
    trainer: Trainer, recipes: Sequence[Mapping[str, Any]], out: Path, training: Training
) -> Path:
    """Write the running mean of the weights, and a card that has no scores yet."""
    weights = out / f"{training.name}.keras"
    part = out / f"{training.name}.part.keras"  # Keras insists on the suffix
    save_network(trainer.mean_network(), part)
    part.replace(weights)
    data = card_data(recipes, training, trainer.step)
    network = training.network
    card = Card(
        training.name, sha256_of(weights), network.stride, sections=network.sections, data=data
    )
    write_text(card_path(weights), card_text(card))
    return weights
