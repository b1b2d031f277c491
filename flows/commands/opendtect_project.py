"""The command ``opendtect project``."""

import typer

from flows.commands.options import add_command
from flows.settings.opendtect import OpendtectProject

EXAMPLE = "graben opendtect project run ~/ODData/MySurvey --wells wells"


def register(app: typer.Typer) -> None:
    """Add the command to the group ``opendtect``."""
    add_command(app, "project", OpendtectProject, _project, example=EXAMPLE)


def _project(settings: OpendtectProject) -> None:
    from flows.opendtect_project import put_into_project
    from flows.terminal import bar

    with bar("project") as progress:
        put_into_project(settings, progress=progress)
