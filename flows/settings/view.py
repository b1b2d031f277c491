"""The settings of ``view`` and of OpendTect's button."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from flows.settings.reading import Settings
from flows.settings.values import Positional

Port = Annotated[int, Field(ge=1024, le=65535)]


class View(Settings):
    """Look at sections and their faults, or at wells on a map, in the browser.

    Sections can be stored in the OpendTect project; wells can be moved by hand, and placed on a map.
    Shows the current survey of OpendTect where nothing is named. A page that is open already is
    opened again in another tab. It listens on this machine alone; Ctrl-C ends it.
    """

    target: Annotated[Path | None, Positional()] = Field(
        None,
        description="OpendTect survey folder, folder of a map-faults run, or volume; folder of a "
        "place-wells run, or a reservoir map (default: OpendTect's current survey)",
    )
    wells: bool = Field(
        False, description="The page of wells, also where no map is named: it is chosen there"
    )
    port: Port | None = Field(
        None, description="Port on this machine (default: the first free one from 8620 on)"
    )
    browser: bool = Field(True, description="Open the browser")
    from_button: bool = Field(
        False,
        description="As OpendTect's button does: what is wrong is said on the page, and it ends half an "
        "hour after the last page was closed",
    )
    idle: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Minutes without an open page after which it ends (default: never)"
    )


class InstallButton(Settings):
    """Put a button into OpendTect's toolbar User Commands: it opens the page of ``view`` on the survey.

    Fills the slot "Python IDE Command" of Utilities > Installation > Python Settings, asks before that
    and keeps a copy. Close OpendTect before, as it writes these settings from its own memory.
    """

    yes: bool = Field(False, description="Do not ask")


class UninstallButton(Settings):
    """Take the button out of OpendTect's toolbar; the slot is again as it was before."""

    yes: bool = Field(False, description="Do not ask")
