"""The command ``opendtect external-attribute-script``."""

import sys
from pathlib import Path

import typer

from flows.commands.options import add_command
from flows.settings.external_attribute import ExternalAttributeScript


def register(app: typer.Typer) -> None:
    """Add the command to the group ``opendtect``."""
    add_command(
        app,
        "external-attribute-script",
        ExternalAttributeScript,
        _write,
        example="graben opendtect external-attribute-script faults.py",
    )


def _write(settings: ExternalAttributeScript) -> None:
    from flows.external_attribute import METHODS, write_script
    from flows.terminal import say
    from storage.errors import OutputError

    script = settings.script.absolute()
    if script.exists() and not settings.overwrite:
        raise OutputError(settings.script, "it is there already", "Say --overwrite to replace it.")
    if not script.parent.is_dir():
        raise OutputError(settings.script, "there is no such folder", "Make it first.")
    write_script(script, (settings.cache or Path.home() / ".cache" / "graben").absolute())
    say("In OpendTect's attribute set, External Attribute:")
    say(f"  Interpreter: {sys.executable}")
    say(f"  Ex File:     {script}")
    say("  Input:       a stored volume of type CBVS")
    say(f"  Networks see {METHODS[0]!r}: the values of a run of map-faults, a tile at a time.")
    say(f"  {METHODS[1]!r}: the section alone, in seconds.")
