"""The steps of a training, with all that keeps them: checkpoint, log, curves, checks, early stopping.

Nothing here depends on time: batches follow from the step and from the trainer's own state, and the
checkpoint holds the rest, so steps that were stopped and resumed end with the same weights.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.runtime.quiet import quiet_start
from models.stopping import Best
from tasks.batches import Batch
from tasks.checkpoint import (
    CHECKPOINT,
    CHECKS,
    LOG,
    append,
    read_checkpoint,
    rewind,
    write_checkpoint,
)
from tasks.fan_out import Progress

with quiet_start():  # TensorFlow
    from models.networks.curves import Curves
    from models.networks.training import Losses, Trainer

logger = logging.getLogger(__name__)

CURVES = "tensorboard"
LOSSES = ("cross_entropy", "dice", "consistency")
CHECK_COLUMNS = ("step", "average_precision")


@dataclass(frozen=True, slots=True)
class Steps:
    """What a training does and where it is kept.

    Attributes
    ----------
    out
        Folder.
    identity
        What decides the result, kept in the checkpoint.
    steps
        In all.
    draw
        From a step to its batch.
    save
        Writes the weights as they are: called at every checkpoint.
    ahead
        Draw a batch while the one before is used; not where batches depend on the weights.
    losses
        How many of `LOSSES` there are.
    checkpoint_every
        Steps between checkpoints.
    check, check_every, best
        The score on validation examples, how often it is taken, what was best; 0: never.
    """

    out: Path
    identity: Mapping[str, Any]
    steps: int
    draw: Callable[[int], Batch]
    save: Callable[[], Path]
    ahead: bool = True
    losses: int = 2
    checkpoint_every: int = 200
    check: Callable[[], float] | None = None
    check_every: int = 0
    best: Best | None = None


def run_steps(
    trainer: Trainer,
    plan: Steps,
    *,
    progress: Progress | None = None,
    stop_after: int | None = None,
) -> Path:
    """Do the steps that the checkpoint in the folder lacks; return the weights file.

    Parameters
    ----------
    trainer
        Fresh: it takes over the checkpoint where there is one.
    plan
        What to do.
    progress
        Told after every tenth step.
    stop_after
        Stop, with a checkpoint, when so many steps are done in all.
    """
    checkpoint = plan.out / CHECKPOINT
    plan.out.mkdir(parents=True, exist_ok=True)
    if checkpoint.exists():
        state = read_checkpoint(checkpoint)
        trainer.restore(state, source=str(checkpoint))
        if plan.best:
            plan.best.restore(state)
        logger.info("%s: goes on at step %d", checkpoint, trainer.step)
    names = LOSSES[: plan.losses]
    rewind(plan.out / LOG, ("step", *names, "seconds"), trainer.step)
    rewind(plan.out / CHECKS, CHECK_COLUMNS, trainer.step)
    last = min(plan.steps, stop_after or plan.steps)
    curves, started = Curves(plan.out / CURVES), time.monotonic()

    def keep() -> Path:
        state = trainer.state() | (plan.best.state() if plan.best else {})
        write_checkpoint(checkpoint, state, plan.identity)
        return plan.save()

    for batch in _batches(plan, trainer.step, last):
        if plan.best and plan.best.enough:
            logger.info("no better score since step %d: stopped early", plan.best.step)
            break
        losses = trainer.train_step(
            batch.amplitude,
            batch.label,
            steps=plan.steps,
            labelled=batch.labelled,
            agreed=batch.agreed,
        )
        _log(plan.out, curves, trainer.step, losses, names, time.monotonic() - started)
        if plan.check_every and trainer.step % plan.check_every == 0:
            _check(trainer, plan, curves)
        if trainer.step % plan.checkpoint_every == 0 and trainer.step < last:
            keep()
        if progress and (trainer.step % 10 == 0 or trainer.step == last):
            progress(trainer.step, plan.steps)
    curves.close()
    return keep()


def _batches(plan: Steps, first: int, last: int) -> Iterator[Batch]:
    """Yield the batches of steps ``first`` to ``last``, each made while the one before is used."""
    if not plan.ahead:
        yield from map(plan.draw, range(first, last))
        return
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(plan.draw, first) if first < last else None
        for step in range(first, last):
            batch = following.result() if following else plan.draw(step)
            following = pool.submit(plan.draw, step + 1) if step + 1 < last else None
            yield batch


def _log(
    out: Path,
    curves: Curves,
    step: int,
    losses: Losses,
    names: tuple[str, ...],
    seconds: float,
) -> None:
    """Append one line to the log, and a point to the curves."""
    values = {name: getattr(losses, name) for name in names}
    append(out / LOG, [str(step), *(f"{v:.5f}" for v in values.values()), f"{seconds:.1f}"])
    curves.add(step, values)


def _check(trainer: Trainer, plan: Steps, curves: Curves) -> None:
    """Score the running mean of the weights, and keep them if they are the best so far."""
    if plan.check is None:
        return
    score = plan.check()
    append(plan.out / CHECKS, [str(trainer.step), f"{score:.5f}"])
    curves.add(trainer.step, {"average_precision": score})
    if plan.best:
        plan.best.offer(trainer.step, score, trainer.mean_weights)
