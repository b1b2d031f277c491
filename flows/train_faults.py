"""The flow from seeds to weights: examples from workers, training meanwhile, then threshold and scores."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from prefect import flow

from flows.finetuning import begins_with, how_to_finetune, prepare_finetuning, run_finetuning
from flows.report.training import LivePage, score_tables
from flows.settings.training import Train
from flows.stages import stage
from flows.terminal import say
from flows.workers import workers
from storage.run_record import Found
from tasks.batches import Examples
from tasks.certify import LINES, certify, finished_card
from tasks.evaluate import refuse_shared_seeds
from tasks.fan_out import Progress
from tasks.finetune import examples_seen, looks_at_sections
from tasks.growing import growing_examples
from tasks.network import keras_network
from tasks.synthesize import ExampleRecipe
from tasks.train import check_out, stored_recipes, train
from tasks.training import EarlyStopping, Training, training_of

CUBE, SECTION = (96, 96, 96), (288, 1, 224)
CUBES, SECTIONS, STEPS = 800, 5000, 12000
CUBES_TO_TUNE, SECTIONS_TO_TUNE = 60, 600


def finetunes(settings: Train) -> bool:
    """Tell whether weights go on learning from a user's data."""
    return settings.finetune is not None or settings.labels is not None


def how_to_train(settings: Train) -> Training:
    """Return how to train."""
    training = training_of(
        settings.network,
        steps=settings.steps or STEPS,
        seed=settings.seed,
        batch_size=settings.batch_size,
    )
    begin = keras_network(settings.weights) if settings.weights else None
    training = replace(training, checkpoint_every=settings.checkpoint_every, begin=begin)
    if settings.peak_rate:
        training = replace(training, peak_rate=settings.peak_rate)
    if settings.examples is None:
        training = replace(training, stream=settings.stream)
    if settings.stop_check:
        size = SECTION if training.network.sections else CUBE
        recipe = ExampleRecipe(settings.validation_seed, settings.score_count, size, "mixed")
        stopping = EarlyStopping(recipe, settings.stop_check, settings.patience)
        training = replace(training, stopping=stopping)
    return training


def recipes_of(settings: Train) -> dict[str, ExampleRecipe]:
    """Return the examples to make, by the name of their store."""
    tunes = finetunes(settings)
    cubes = settings.cubes or (CUBES_TO_TUNE if tunes else CUBES)
    sections = settings.sections or (SECTIONS_TO_TUNE if tunes else SECTIONS)
    seed = settings.example_seed
    stores = {"sections.zarr": ExampleRecipe(seed + 1, sections, SECTION, "field")}
    if sees_sections(settings):
        return stores
    return {"cubes.zarr": ExampleRecipe(seed, cubes, CUBE, "training"), **stores}


def scoring_of(settings: Train) -> tuple[ExampleRecipe, list[ExampleRecipe]]:
    """Return the examples that fix the threshold, and those to score at it."""
    size = SECTION if sees_sections(settings) else CUBE
    count = settings.score_count
    return ExampleRecipe(settings.validation_seed, count, size, "mixed"), [
        ExampleRecipe(settings.test_seed, count, size, kind)
        for kind in ("mixed", "plain", "field", "holdout")
    ]


def sees_sections(settings: Train) -> bool:
    """Tell whether the network sees sections and not volumes."""
    if finetunes(settings):
        return looks_at_sections(begins_with(settings))
    return how_to_train(settings).network.sections


def prepare(settings: Train) -> Found:
    """Check examples, seeds and output folder; nothing is written, and it takes no time.

    Raises
    ------
    InputError, OutputError, ModelError
        What is wrong and how to mend it.
    """
    out, (validation, test) = settings.out, scoring_of(settings)
    if settings.examples:
        recipes = stored_recipes(settings.examples)
    else:
        recipes = [recipe.as_identity() for recipe in recipes_of(settings).values()]
    if finetunes(settings):
        seen = examples_seen(begins_with(settings), recipes)
        refuse_shared_seeds(seen, [validation, LINES], test)
        tuning = how_to_finetune(settings, validation, sees_sections(settings))
        return prepare_finetuning(settings, tuning, recipes)
    training = how_to_train(settings)
    refuse_shared_seeds(training.seen(recipes), [validation, LINES], test)
    training.check_begin(out)
    if not settings.overwrite and finished_card(out, recipes, training, validation, test):
        return Found.COMPLETE
    check_out(out, recipes, training, resume=settings.resume, overwrite=settings.overwrite)
    return Found.NOTHING


@flow(name="train-faults", flow_run_name="{settings.out}", validate_parameters=False)
def train_faults(settings: Train) -> None:
    """Train the network; what an earlier run completed is not done again."""
    if prepare(settings) is Found.COMPLETE:
        say(f"{settings.out} is complete; nothing to do.")
        return
    threads = settings.threads or os.cpu_count() or 1
    validation, test = scoring_of(settings)
    say(f"Curves: tensorboard --logdir {settings.out}, {settings.out}/report.html")
    with examples_of(settings) as examples:
        if finetunes(settings):
            tuning = how_to_finetune(settings, validation, sees_sections(settings))
            outcome = run_finetuning(settings, tuning, examples, threads=threads)
            weights, changed = outcome.weights, outcome.helped
        else:
            weights = stage("train", train_and_show)(settings, examples, threads=threads)
            changed = True
    if changed:  # what was kept has its threshold and its scores
        card = stage("certify", certify)(weights, validation, test, threads=threads)
        if not finetunes(settings):
            LivePage(settings.out, f"Training of {card.name}").write(score_tables(card.scores))
        for name, scores in card.scores["test"].items():
            say(f"{name}: tol2-F1 {scores['f1']:.3f}, AP {scores['average_precision']:.3f}")
    say(f"Weights: {weights}")


def train_and_show(
    settings: Train,
    examples: Examples,
    *,
    threads: int,
    progress: Progress,
) -> Path:
    """Train, with a page of curves that follows."""
    training = how_to_train(settings)
    page = LivePage(settings.out, f"Training of {training.name}")
    return train(
        examples,
        settings.out,
        training,
        threads=threads,
        resume=settings.resume,
        overwrite=settings.overwrite,
        progress=page.following(progress),
    )


@contextmanager
def examples_of(settings: Train) -> Iterator[Examples]:
    """Yield the example stores: those that are named, or new ones that grow in the output folder."""
    if settings.examples:
        yield settings.examples
        return
    out = settings.out.absolute()  # workers may run in another folder
    recipes = {out / name: recipe for name, recipe in recipes_of(settings).items()}
    with (
        workers(settings) as client,
        growing_examples(
            recipes, client=client, resume=settings.resume, overwrite=settings.overwrite
        ) as stores,
    ):
        yield stores
