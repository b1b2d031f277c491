"""The commands of a whole field: ``run``, ``serve`` and ``demo``."""

import typer

from flows.commands.options import add_command
from flows.settings.field import Demo, FieldRun, Serve

RUN = "graben run deploy/local.toml --only north"
SERVE = 'graben serve deploy/local.toml --cron "0 2 * * *"'
DEMO = "graben demo --out demo"


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    add_command(app, "run", FieldRun, _run, example=RUN)
    add_command(app, "serve", Serve, _serve, example=SERVE)
    add_command(app, "demo", Demo, _demo, example=DEMO)


def _run(settings: FieldRun) -> None:
    """Read the file first: what is wrong in it is said before Prefect starts."""
    from flows.field_file import read_field
    from flows.prefect_ahead import prefect_ahead

    read_field(settings.field, only=settings.only, overwrite=settings.overwrite)
    wait_for_prefect = prefect_ahead()
    from flows.field_run import field_run

    wait_for_prefect()
    field_run(str(settings.field.absolute()), settings.only, settings.overwrite)


def _serve(settings: Serve) -> None:
    from flows.serve import serve

    serve(settings)


def _demo(settings: Demo) -> None:
    from flows.prefect_ahead import prefect_ahead

    wait_for_prefect = prefect_ahead()
    from flows.demo import demo

    wait_for_prefect()
    demo(settings)
