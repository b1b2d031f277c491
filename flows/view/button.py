"""OpendTect's button: the launcher, its icon, and the slot of OpendTect's settings that they go into."""

import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from shlex import quote

from flows.settings.environment import opendtect_user, settings_doubt
from flows.terminal import say
from storage.errors import InputError
from storage.locations import whole_file
from storage.opendtect.buttons import Button, copy_of, in_words, install, slot_of, uninstall

TOOLTIP = "Faults of this survey (graben)"
FOLDER = "graben"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the button goes.

    Attributes
    ----------
    settings
        OpendTect's Python settings of this user; they need not be there.
    launcher, icon
        Files of ours.
    """

    settings: Path
    launcher: Path
    icon: Path

    @property
    def button(self) -> Button:
        """What the slot is filled with."""
        return Button(str(self.launcher), TOOLTIP, str(self.icon))

    @property
    def before(self) -> str:
        """What is in the slot, for people."""
        return in_words(slot_of(self.settings))

    @property
    def is_ours(self) -> bool:
        """Whether the slot holds our button."""
        return self.before == self.button.command


def look() -> Place:
    """Return where the button goes; nothing is changed.

    Raises
    ------
    InputError
        If OpendTect was never started by this user, or its settings cannot be read.
    """
    user = opendtect_user()
    if (doubt := settings_doubt()) is not None:
        say(f"Note: {doubt}")
    if not user.folder.is_dir():
        raise InputError(
            user.folder,
            "OpendTect keeps no settings there",
            "Start OpendTect once, or set DTECT_SETTINGS to the folder of its settings.",
        )
    folder = user.folder.absolute() / FOLDER
    ending = ".bat" if sys.platform == "win32" else ".sh"
    place = Place(user.file("settings_python"), folder / f"faults{ending}", folder / "icon.png")
    slot_of(place.settings)
    return place


def install_button(place: Place) -> None:
    """Write launcher and icon, then put them into the slot."""
    before = place.before
    place.launcher.parent.mkdir(exist_ok=True)
    data = files("flows.view") / "data"
    windows = place.launcher.suffix == ".bat"
    python = f'"{sys.executable}"' if windows else quote(sys.executable)
    script = (data / f"launcher{place.launcher.suffix}").read_text(encoding="utf-8")
    with whole_file(place.launcher) as part:
        part.write_text(script.replace("@PYTHON@", python), encoding="utf-8")
        part.chmod(0o755)
    with whole_file(place.icon) as part:
        part.write_bytes((data / "icon.png").read_bytes())
    install(place.settings, place.button)
    if before == place.button.command:
        say(f"{place.settings}: the button was there; it starts {sys.executable} now.")
        return
    say(
        f"{place.settings}: the slot 'Python IDE Command' held {before}, and now {place.launcher}."
    )
    copy = copy_of(place.settings)
    say(
        f"What was there before is kept in {copy}; 'graben opendtect uninstall-button' puts it back."
    )
    say(f"Start OpendTect: the button '{TOOLTIP}' is in its toolbar User Commands.")


def uninstall_button(place: Place) -> None:
    """Put back what was in the slot, then remove launcher and icon, and their folder if that is all in it."""
    there = uninstall(place.settings, place.button)
    for ours in (place.launcher, place.icon):
        ours.unlink(missing_ok=True)
    with suppress(OSError):
        place.launcher.parent.rmdir()
    if there:
        say(f"{place.settings}: the slot 'Python IDE Command' holds {place.before} again.")
        return
    say(f"{place.settings}: the button is not there; the slot holds {place.before}.")
    if copy_of(place.settings).exists():
        say(f"The settings as they were before the button stay in {copy_of(place.settings)}.")
