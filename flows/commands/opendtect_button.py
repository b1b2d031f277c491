"""The commands ``opendtect install-button`` and ``opendtect uninstall-button``."""

import sys

import typer

from flows.commands.options import add_command
from flows.settings.reading import SettingsError
from flows.settings.view import InstallButton, UninstallButton


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``opendtect``."""
    add_command(
        app, "install-button", InstallButton, _install, example="graben opendtect install-button"
    )
    add_command(
        app,
        "uninstall-button",
        UninstallButton,
        _uninstall,
        example="graben opendtect uninstall-button --yes",
    )


def _install(settings: InstallButton) -> None:
    from flows.view.button import install_button, look

    place = look()
    if place.is_ours or _agreed(
        f"{place.settings}: the slot 'Python IDE Command' holds {place.before}. Put graben's button there?",
        yes=settings.yes,
    ):
        install_button(place)


def _uninstall(settings: UninstallButton) -> None:
    from flows.view.button import look, uninstall_button

    place = look()
    if not place.is_ours or _agreed(
        f"{place.settings}: take graben's button away and put back what was there before?",
        yes=settings.yes,
    ):
        uninstall_button(place)


def _agreed(question: str, *, yes: bool) -> bool:
    """Ask, unless it was said already."""
    if yes:
        return True
    if not sys.stdin.isatty():
        msg = f"{question} Nobody can be asked here; say --yes."
        raise SettingsError(msg)
    if typer.confirm(question):
        return True
    typer.echo("Nothing was changed.")
    return False
