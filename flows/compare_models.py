"""The flow that compares autoencoders: examples, one training a kind, one table with pictures."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from prefect import flow

from flows.report.comparison import write_page
from flows.settings.compare import CompareModels
from flows.stages import stage
from flows.terminal import say
from flows.workers import workers
from storage.locations import write_text
from storage.run_record import Found, begin, hold, look, write
from tasks.comparison_table import columns_of, csv_text
from tasks.contest import COMPETITORS, Contest, check_contest, example_recipes
from tasks.evaluate import refuse_shared_seeds
from tasks.own_process import in_own_process
from tasks.synthesize import ExampleRecipe, synthesize

CUBE = (96, 96, 96)
RECORD, TABLE, PAGE = "compare.json", "compare.csv", "compare.html"
EXAMPLES, TEST = "examples.zarr", "test.zarr"
OUTPUTS = (TABLE, PAGE, *COMPETITORS)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A comparison that may begin."""

    contest: Contest
    test: ExampleRecipe
    identity: dict[str, Any]
    found: Found


def prepare(settings: CompareModels) -> Prepared:
    """Check settings, examples and output folder; nothing is written.

    Raises
    ------
    InputError, OutputError, ModelError
        What is wrong and how to mend it.
    """
    contest = Contest(
        budget=settings.budget,
        steps=settings.steps,
        batch_size=settings.batch_size,
        patch=settings.patch,
        code=settings.code,
        seed=settings.seed,
    )
    check_contest(contest)
    test = ExampleRecipe(settings.test_seed, settings.score_count, CUBE, settings.preset)
    recipes = [made_examples(settings).as_identity()]
    if settings.examples:
        recipes = example_recipes(settings.examples, contest)
    refuse_shared_seeds(recipes, [test])
    identity = {"contest": asdict(contest), "examples": recipes, "test": test.as_identity()}
    found = look(
        settings.out / RECORD,
        OUTPUTS,
        identity,
        resume=settings.resume,
        overwrite=settings.overwrite,
    )
    return Prepared(contest, test, identity, found)


def made_examples(settings: CompareModels) -> ExampleRecipe:
    """Return the examples that are made where no stores are named."""
    return ExampleRecipe(settings.example_seed, settings.cubes, CUBE, settings.preset)


@flow(name="compare-models", flow_run_name="{settings.out}", validate_parameters=False)
def compare_models(settings: CompareModels) -> None:
    """Compare the autoencoders; what an earlier run completed is not done again."""
    from tasks.compare import compete  # TensorFlow: wrong input need not wait for it

    run, out = prepare(settings), settings.out
    threads = settings.threads or os.cpu_count() or 1
    facts: dict[str, Any] = {"settings": settings.model_dump(mode="json")}
    with hold(out):
        begin(out / RECORD, OUTPUTS, run.identity, facts, run.found)
        examples, test = make_examples(settings, run.test)
        results = [
            stage(kind, in_own_process)(
                compete, kind, run.contest, examples, test, out / kind, threads
            )
            for kind in COMPETITORS
        ]
        write_text(out / TABLE, csv_text(results))
        write_page(out / PAGE, results, settings=run.identity["contest"])
        facts |= {"results": columns_of(results), "complete": True}
        write(out / RECORD, run.identity, facts)
    for result in results:
        say(
            f"{result['kind']}: {result['parameters']} parameters, MAE {result['mae']:.4f}, "
            f"MSE {result['mse']:.4f}, AP of faults {result['average_precision']:.3f}"
        )
    say(f"Table and pictures: {out / PAGE}")


def make_examples(settings: CompareModels, test: ExampleRecipe) -> tuple[tuple[Path, ...], Path]:
    """Make the stores that are not there, on workers; return those to learn from, and the test store."""
    wanted = {TEST: test}
    if not settings.examples:
        wanted[EXAMPLES] = made_examples(settings)
    with workers(settings) as client:
        for name, recipe in wanted.items():
            stage(Path(name).stem, synthesize, retries=1)(
                settings.out / name,
                recipe,
                client=client,
                resume=settings.resume,
                overwrite=settings.overwrite,
            )
    return settings.examples or (settings.out / EXAMPLES,), settings.out / TEST
