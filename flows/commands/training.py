"""The commands ``synthesize``, ``train`` and ``evaluate``."""

import os

import typer

from flows.commands.options import add_command
from flows.settings.training import Evaluate, Synthesize, Train


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    add_command(
        app,
        "synthesize",
        Synthesize,
        _synthesize,
        example="graben synthesize cubes.zarr --count 360 --size 96,96,96 --seed 101 --workers 2",
    )
    add_command(
        app,
        "train",
        Train,
        _train,
        example="graben train --out training --steps 12000 --workers 2",
    )
    add_command(
        app,
        "evaluate",
        Evaluate,
        _evaluate,
        example="graben evaluate --weights training/lean16.keras --surveys labelled",
    )


def _synthesize(settings: Synthesize) -> None:
    """Make the examples, on workers if any are asked for, else on threads of this process."""
    from flows.report.examples import sheet_path, write_sheet
    from flows.terminal import bar, say
    from flows.workers import workers_if_asked
    from tasks.synthesize import ExampleRecipe, synthesize

    recipe = ExampleRecipe(
        settings.seed,
        settings.count,
        settings.size,
        settings.preset,
        settings.labels,
        settings.like,
        settings.inserted,
        settings.texture,
    )
    with workers_if_asked(settings) as client, bar("examples") as progress:
        facts = synthesize(
            settings.out,
            recipe,
            client=client,
            resume=settings.resume,
            overwrite=settings.overwrite,
            progress=progress,
        )
    if facts["made"]:
        share = 100 * facts["fault_share"]
        say(f"{settings.out}: {facts['count']} examples, {share:.1f}% of the samples on faults")
    else:
        say(f"{settings.out} is complete; nothing to do.")
    if facts["made"] or not sheet_path(settings.out).exists():
        say(f"{write_sheet(settings.out)}: what they look like")


def _train(settings: Train) -> None:
    """Check what can be checked at once, then start the flow, which takes some seconds."""
    from flows.prefect_ahead import prefect_ahead
    from flows.terminal import say
    from flows.train_faults import prepare, train_faults
    from storage.run_record import Found

    if prepare(settings) is Found.COMPLETE:
        say(f"{settings.out} is complete; nothing to do.")
    else:
        prefect_ahead()()
        train_faults(settings)


def _evaluate(settings: Evaluate) -> None:
    """Score weights beside attributes and print a table, or record what the ratchet holds."""
    import json

    from flows.terminal import bar, say
    from tasks.evaluation import Wanted, evaluation, record_scores
    from tasks.score_text import table_lines

    wanted = Wanted(
        weights=settings.weights,
        surveys=settings.surveys,
        seeds=settings.seeds,
        presets=(settings.preset,) if settings.preset else ("mixed", "holdout"),
        count=settings.count,
        size=settings.size,
        validation_count=settings.validation_count,
        threshold=settings.threshold,
        threads=settings.threads or os.cpu_count() or 1,
    )
    if settings.record:
        for path, line in record_scores(wanted):
            say(f"{path}: {line}")
        return
    with bar("evaluate") as progress:
        rows = evaluation(wanted, progress=progress)
    for line in [json.dumps({"rows": rows})] if settings.json_ else table_lines(rows):
        say(line)
