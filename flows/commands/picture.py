"""The command ``picture``."""

import typer

from flows.commands.options import add_command
from flows.settings.picture import FindInPicture

EXAMPLE = "graben picture section.png faults.png --mask probability.png"


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    add_command(app, "picture", FindInPicture, _picture, example=EXAMPLE)


def _picture(settings: FindInPicture) -> None:
    """Look at the files, which takes a moment, then find the faults."""
    from flows.picture_faults import find

    find(settings)
