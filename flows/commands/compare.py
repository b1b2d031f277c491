"""The command ``compare-models``."""

import typer

from flows.commands.options import add_command
from flows.settings.compare import CompareModels

EXAMPLE = "graben compare-models --budget 1000000 --steps 2000 --out compare"


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    add_command(app, "compare-models", CompareModels, _compare_models, example=EXAMPLE)


def _compare_models(settings: CompareModels) -> None:
    """Check what can be checked at once, then start the flow, which takes some seconds."""
    from flows.compare_models import compare_models, prepare
    from flows.prefect_ahead import prefect_ahead
    from flows.terminal import say
    from storage.run_record import Found

    if prepare(settings).found is Found.COMPLETE:
        say(f"{settings.out} is complete; nothing to do.")
    else:
        prefect_ahead()()
        compare_models(settings)
