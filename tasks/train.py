"""Examples to weights: one process, and a checkpoint to go on from.

The order of the examples and every change of them follow from (seed, step), and the checkpoint
holds the weights, the optimizer, the running mean and the step: a training that was stopped and
resumed ends with the same weights as one that was not.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.networks.card import Card
from models.runtime.quiet import quiet_start
from models.stopping import Best
from storage.examples import ExampleStore
from tasks.batches import Batch, Examples, draw_batch, opened
from tasks.checkpoint import CHECKPOINT, check_folder, write_weights
from tasks.fan_out import Progress
from tasks.steps import Steps, run_steps
from tasks.training import Training
from tasks.validation import Validation

with quiet_start():  # TensorFlow
    from models.networks.lean import lean
    from models.networks.placement import visible_placement
    from models.networks.seeds import seeded
    from models.networks.training import Trainer, be_deterministic, use_threads
    from models.networks.weights import load_network


def train(
    examples: Examples,
    out: Path,
    training: Training,
    *,
    threads: int,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
    stop_after: int | None = None,
) -> Path:
    """Train a network, writing ``NAME.keras``, ``NAME.json``, a checkpoint and logs into ``out``.

    Parameters
    ----------
    examples
        Example stores, which take turns; stores of sections teach 2D lines. They may still be growing.
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
    WeightsError
        If the weights to begin with cannot be read, or are of another network.
    ParameterError
        If the graphics cards cannot share a batch.
    """
    training.check_begin(out)
    use_threads(threads)
    be_deterministic()
    stores = opened(examples)
    recipes = [store.recipe for store in stores]
    check_out(out, recipes, training, resume=resume, overwrite=overwrite)
    if overwrite:
        (out / CHECKPOINT).unlink(missing_ok=True)
    placement = visible_placement()
    placement.check_batch(training.batch_size)
    trainer = Trainer(
        _first_network(training),
        peak_rate=training.peak_rate,
        placement=placement,
        trained=training.begin is not None,
    )
    stopping = training.stopping
    best = Best(stopping.patience) if stopping else None
    validation = Validation(stopping.examples) if stopping else None

    def draw(step: int) -> Batch:
        return draw_batch(
            stores,
            training.seed,
            step,
            batch_size=training.batch_size,
            stride=training.network.stride,
            extruded=not training.network.sections,
            stream=training.stream,
        )

    def save() -> Path:
        return _write_weights(trainer, recipes, out, training, best)

    plan = Steps(
        out,
        identity_of(recipes, training),
        training.steps,
        draw,
        save,
        checkpoint_every=training.checkpoint_every,
        check=(lambda: validation.score(trainer.mean_probability)) if validation else None,
        check_every=stopping.every if stopping else 0,
        best=best,
    )
    return run_steps(trainer, plan, progress=progress, stop_after=stop_after)


def _first_network(training: Training) -> Any:  # noqa: ANN401 - a Keras model
    """Return the network as it is before the first step."""
    network = seeded(training.seed, lambda: lean(training.network))
    if training.begin:
        network.set_weights(load_network(training.begin.weights).get_weights())
    return network


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
    settings = training.as_identity()
    del settings["steps"]
    return {"examples": list(recipes), **settings}


def card_data(
    recipes: Sequence[Mapping[str, Any]], training: Training, step: int, *, stopped: bool = False
) -> dict[str, Any]:
    """Return what the card says about a training that has done ``step`` steps, or stopped early."""
    done: dict[str, Any] = {**training.as_identity(), "step": step}
    if stopped:
        done["stopped"] = True
    return {"examples": training.seen(recipes), "training": done}


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
    check_folder(
        out, identity_of(recipes, training), training.steps, resume=resume, overwrite=overwrite
    )


def _write_weights(
    trainer: Trainer,
    recipes: Sequence[Mapping[str, Any]],
    out: Path,
    training: Training,
    best: Best | None,
) -> Path:
    """Write the running mean of the weights, or the best of it, and a card that has no scores yet."""
    weights = out / f"{training.name}.keras"
    network, step = trainer.mean_network(), trainer.step
    stopped = best is not None and best.enough
    if best and best.weights:
        network.set_weights(best.weights)
    data = card_data(recipes, training, step, stopped=stopped)
    if best and best.weights:
        data["best"] = {"step": best.step, "average_precision": round(best.score, 5)}
    shape = training.network
    card = Card(training.name, "", shape.stride, sections=shape.sections, data=data)
    write_weights(weights, network, card)
    return weights
