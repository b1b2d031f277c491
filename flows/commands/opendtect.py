"""The group of commands ``opendtect``: what goes to OpendTect, and what comes from it."""

import typer

from flows.commands import (
    opendtect_attribute,
    opendtect_button,
    opendtect_check,
    opendtect_fetch,
    opendtect_project,
)


def register(app: typer.Typer) -> None:
    """Add the group with its commands."""
    group = typer.Typer(help="What goes to OpendTect.", no_args_is_help=True)
    opendtect_project.register(group)
    opendtect_check.register(group)
    opendtect_fetch.register(group)
    opendtect_button.register(group)
    opendtect_attribute.register(group)
    app.add_typer(group, name="opendtect")
