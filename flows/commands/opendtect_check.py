"""The command ``opendtect check``."""

import typer

from flows.commands.options import add_command
from flows.settings.opendtect_check import OpendtectCheck


def register(app: typer.Typer) -> None:
    """Add the command to the group ``opendtect``."""
    add_command(app, "check", OpendtectCheck, _check, example="graben opendtect check faults.sgy")


def _check(settings: OpendtectCheck) -> None:
    from flows.opendtect_check import check_survey

    check_survey(settings)
