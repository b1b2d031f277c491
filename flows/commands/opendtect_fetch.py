"""The command ``opendtect fetch``."""

import typer

from flows.commands.options import add_command
from flows.settings.opendtect_fetch import OpendtectFetch

EXAMPLE = 'graben opendtect fetch ~/ODData/F3/"Compressed cube" cube.cbvs'


def register(app: typer.Typer) -> None:
    """Add the command to the group ``opendtect``."""
    add_command(app, "fetch", OpendtectFetch, _fetch, example=EXAMPLE)


def _fetch(settings: OpendtectFetch) -> None:
    from flows.terminal import bar, say
    from tasks.fetch import fetch

    with bar("fetch") as progress:
        shape = fetch(
            settings.volume, settings.out, overwrite=settings.overwrite, progress=progress
        )
    say(f"{settings.out}: {shape[0]} inlines x {shape[1]} crosslines x {shape[2]} samples (CBVS)")
