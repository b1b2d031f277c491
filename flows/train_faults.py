"""The flow from seeds to weights: synthesize on workers, train, then threshold and scores."""

import os
from pathlib import Path

from prefect import flow

from flows.settings.training import Train
from flows.stages import stage
from flows.terminal import say
from flows.workers import workers
from storage.run_record import Found
from tasks.certify import certify, finished_card
from tasks.evaluate import refuse_shared_seeds
from tasks.synthesize import ExampleRecipe, synthesize
from tasks.train import Training, check_out, stored_recipes, train, training_of

CUBE, SECTION = (96, 96, 96), (288, 1, 224)


def how_to_train(settings: Train) -> Training:
    """Return how to train."""
    return training_of(
        settings.network,
        steps=settings.steps,
        seed=settings.seed,
        batch_size=settings.batch_size,
    )


def recipes_of(settings: Train) -> dict[str, ExampleRecipe]:
    """Return the examples to make, by the name of their store."""
    cubes = ExampleRecipe(settings.example_seed, settings.cubes, CUBE, "mixed")
    sections = ExampleRecipe(settings.example_seed + 1, settings.sections, SECTION, "field")
    if sees_sections(settings):
        return {"sections.zarr": sections}
    return {"cubes.zarr": cubes, "sections.zarr": sections}


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
    return how_to_train(settings).network.sections


def prepare(settings: Train) -> Found:
    """Check examples, seeds and output folder; nothing is written, and it takes no time.

    Raises
    ------
    InputError, OutputError, ModelError
        What is wrong and how to mend it.
    """
    out, training, (validation, test) = settings.out, how_to_train(settings), scoring_of(settings)
    if settings.examples:
        recipes = stored_recipes(settings.examples)
    else:
        recipes = [recipe.as_identity() for recipe in recipes_of(settings).values()]
    refuse_shared_seeds(recipes, [validation], test)
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
    training = how_to_train(settings)
    examples = settings.examples or make_examples(settings)
    weights = stage("train", train)(
        examples,
        settings.out,
        training,
        threads=threads,
        resume=settings.resume,
        overwrite=settings.overwrite,
    )
    card = stage("certify", certify)(weights, *scoring_of(settings), threads=threads)
    for name, scores in card.scores["test"].items():
        say(f"{name}: tol2-F1 {scores['f1']:.3f}, AP {scores['average_precision']:.3f}")
    say(f"Weights: {weights}, threshold {card.threshold:g}")


def make_examples(settings: Train) -> tuple[Path, ...]:
    """Make the example stores in the output folder; complete ones are kept."""
    with workers(settings) as client:
        for name, recipe in recipes_of(settings).items():
            stage(Path(name).stem, synthesize, retries=1)(
                settings.out / name,
                recipe,
                client=client,
                resume=settings.resume,
                overwrite=settings.overwrite,
            )
    return tuple(settings.out / name for name in recipes_of(settings))
