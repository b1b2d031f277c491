"""The command ``view``; the server loads when it is called."""

import typer

from flows.commands.options import add_command
from flows.settings.view import View


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "view", View, _view, example="graben view runs/f3")


def _view(settings: View) -> None:
    from flows.view.start import view

    view(settings)
