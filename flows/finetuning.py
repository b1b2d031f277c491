"""What a user's settings ask of fine-tuning, and its stages."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flows.report.training import LivePage
from flows.settings.training import Train
from flows.stages import stage
from flows.terminal import say
from storage.run_record import Found
from tasks.batches import Examples
from tasks.fan_out import Progress
from tasks.finetune import Outcome, finetune, is_finished
from tasks.finetune_batches import Finetuning
from tasks.finetune_checks import as_table
from tasks.network import keras_network
from tasks.synthesize import ExampleRecipe

STEPS = 1000


def begins_with(settings: Train) -> Path:
    """Return the weights to go on from."""
    return keras_network(settings.weights).weights


def how_to_finetune(settings: Train, held_out: ExampleRecipe, sections: bool) -> Finetuning:
    """Return how to fine-tune."""
    tuning = Finetuning(
        begins_with(settings),
        held_out,
        settings.finetune,
        settings.labels,
        steps=settings.steps or STEPS,
        seed=settings.seed,
        batch_size=settings.batch_size or (8 if sections else 4),
        checkpoint_every=settings.checkpoint_every,
    )
    return replace(tuning, peak_rate=settings.peak_rate) if settings.peak_rate else tuning


def prepare_finetuning(
    settings: Train, tuning: Finetuning, recipes: Sequence[Mapping[str, Any]]
) -> Found:
    """Check survey, labels and output folder; nothing is written."""
    finished = is_finished(
        settings.out,
        tuning,
        recipes,
        resume=settings.resume,
        overwrite=settings.overwrite,
    )
    return Found.COMPLETE if finished else Found.NOTHING


def run_finetuning(
    settings: Train,
    tuning: Finetuning,
    examples: Examples,
    *,
    threads: int,
) -> Outcome:
    """Fine-tune, and tell what came of it."""
    page = LivePage(
        settings.out, f"Weights for {(settings.finetune or settings.labels or Path()).name}"
    )

    def run(*, progress: Progress) -> Outcome | None:
        return finetune(
            examples,
            settings.out,
            tuning,
            threads=threads,
            resume=settings.resume,
            overwrite=settings.overwrite,
            progress=page.following(progress),
        )

    outcome: Outcome | None = stage("finetune", run)()
    if outcome is None:
        msg = "a fine-tuning that was not stopped comes to its end"
        raise AssertionError(msg)
    for line in outcome.lines():
        say(line)
    page.write(
        {"Before and after": as_table(outcome.before, outcome.after)},
        [] if outcome.helped else [outcome.lines()[-1]],
    )
    return outcome
