"""Where OpendTect keeps a user's settings, and which survey is current: as its own Python library finds it.

::

    ~/.od/settings[.USER]          Default DATA directory: the folder of surveys
    ~/.od/survey[.USER]            first line: the current survey's folder there
    ~/.od/settings_python[.USER]   the toolbar User Commands, see `storage.opendtect.buttons`
"""

from dataclasses import dataclass
from pathlib import Path

from storage.errors import ProjectError
from storage.opendtect.survey import is_survey
from storage.opendtect.text import read_text

DATA_KEY = "Default DATA directory"
MEND = "Choose a survey in OpendTect (Survey > Select/Setup), or name a survey folder."


@dataclass(frozen=True, slots=True)
class Personal:
    """What the environment says of a user of OpendTect.

    Attributes
    ----------
    folder
        Of the user's settings.
    user
        What the names of settings files end in, nothing for most.
    data_root
        Folder of surveys that the environment names, None where it names none.
    """

    folder: Path
    user: str = ""
    data_root: Path | None = None

    def file(self, name: str) -> Path:
        """Return the path of a settings file."""
        return self.folder / (f"{name}.{self.user}" if self.user else name)


def data_root(personal: Personal) -> Path:
    """Return the folder of surveys.

    Raises
    ------
    ProjectError
        If the user has none.
    """
    if personal.data_root is not None:
        return personal.data_root
    path = personal.file("settings")
    if not path.exists():
        raise ProjectError(path, "OpendTect has no settings of this user", MEND)
    named = read_text(path).values().get(DATA_KEY, "")
    if not named:
        raise ProjectError(path, f"it has no {DATA_KEY!r}", MEND)
    return Path(named)


def current_survey(personal: Personal) -> Path:
    """Return the survey folder that OpendTect works on.

    Raises
    ------
    ProjectError
        If there is none.
    """
    root, path = data_root(personal), personal.file("survey")
    try:
        with path.open(encoding="utf-8", errors="surrogateescape") as file:
            name = file.readline().strip()
    except OSError:
        raise ProjectError(path, "OpendTect has no current survey", MEND) from None
    folder = root / name
    if not name or not is_survey(folder):
        raise ProjectError(folder, "the current survey of OpendTect is not there", MEND)
    return folder
