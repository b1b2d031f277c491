"""The command ``view``: look at what is to be shown, find the server that runs already, or be the server."""

import signal
import webbrowser
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from flows.settings.environment import opendtect_user
from flows.settings.view import View
from flows.terminal import say
from flows.view.running import Running, answering, forget, remember
from storage.errors import InputError
from storage.opendtect.data_root import current_survey
from storage.opendtect.survey import is_survey
from tasks.map_target import is_map, is_plan
from tasks.section_source import volumes_at

if TYPE_CHECKING:
    from bokeh.document import Document

    from flows.view.server import Staff
    from flows.view.shelf import Shelf

PORTS = range(8620, 8640)
"""Where a port is looked for."""

BUTTON_IDLE = 30
"""Minutes without an open page after which a server ends that OpendTect's button started."""


def view(settings: View) -> None:
    """Show sections in the browser, by the server that runs or by a new one.

    Raises
    ------
    InputError
        If there is nothing to look at, or the port is taken.
    """
    asked = _asked(settings)
    if not settings.from_button:  # nobody sees the terminal of a button
        _look(asked)
    there = answering() if settings.port is None else None
    if there is not None:
        _open(there, asked, browser=settings.browser)
        return
    _serve(settings, asked)


def _asked(settings: View) -> dict[str, str]:
    """Return what the address is to say.

    What OpendTect works on is found out here: the server may have been started by another OpendTect, with
    other surveys.
    """
    asked: dict[str, str] = {}
    if settings.target is not None:
        asked = {"open": str(settings.target.absolute())}
    if settings.wells:
        asked["wells"] = "1"
    if _is_of_wells(asked) or (settings.target is not None and is_survey(settings.target)):
        return asked
    with suppress(InputError, OSError):  # what is wrong is said by who needs the survey
        current = str(current_survey(opendtect_user()).absolute())
        asked["open" if settings.target is None else "project"] = current
    return asked


def _serve(settings: View, asked: Mapping[str, str]) -> None:
    from flows.view.server import serve

    idle = settings.idle or (BUTTON_IDLE if settings.from_button else None)
    key = token_urlsafe(24)
    signal.signal(signal.SIGTERM, _interrupt)  # the record of the server goes with it
    for port in [settings.port] if settings.port else PORTS:
        running = Running(port, key)
        try:
            serve(
                _make,
                port,
                key,
                partial(_ready, running, asked, settings.browser),
                idle_s=idle * 60 if idle else None,
                sections=not _is_of_wells(asked),
            )
        except OSError as error:
            if not _taken(error):
                raise
            continue
        except KeyboardInterrupt:
            pass  # that is how it ends
        finally:
            forget(running)
        return
    where = f"port {settings.port}" if settings.port else f"ports {PORTS[0]} to {PORTS[-1]}"
    raise InputError(where, "another program listens there", "Name a free one with --port.")


def _ready(running: Running, asked: Mapping[str, str], browser: bool) -> None:
    remember(running)
    _open(running, asked, browser=browser)
    say("Ctrl-C ends it.")


def _open(running: Running, asked: Mapping[str, str], *, browser: bool) -> None:
    address = running.address(**asked)
    what = "Wells" if _is_of_wells(asked) else "Faults"
    say(f"{what} are shown at {address}")
    if browser and not webbrowser.open(running.entrance(**asked)):
        say("Note: no browser was found; open the address in one on this machine.")


def _make(document: "Document", asked: Mapping[str, str], shelf: "Shelf", staff: "Staff") -> None:
    """Make the page of what the address names."""
    if _is_of_wells(asked):
        from flows.view.wells import WellsPage

        where = Path(asked["open"]) if asked.get("open") else None
        WellsPage(document, staff.wells, shelf, where)
        return
    from flows.view.section import SectionPage

    target = _target(asked)
    SectionPage(
        document,
        staff.sections,
        shelf,
        volumes_at(target),
        target.name,
        _project(target, asked),
        asked,
    )


def _is_of_wells(asked: Mapping[str, str]) -> bool:
    """Tell whether wells are to be shown, not sections: a run of place-wells, a map, or nothing yet."""
    if not asked.get("open"):
        return bool(asked.get("wells"))
    target = Path(asked["open"])
    return bool(asked.get("wells")) or is_plan(target) or is_map(target)


def _look(asked: Mapping[str, str]) -> None:
    """Refuse what cannot be shown, as far as a second can tell."""
    if not _is_of_wells(asked):
        volumes_at(_target(asked))
    elif asked.get("open"):
        from flows.view.wells_run import look_at

        look_at(Path(asked["open"]))


def _target(asked: Mapping[str, str]) -> Path:
    """Return what an address names, or else the survey that OpendTect works on at this moment."""
    return Path(asked["open"]) if asked.get("open") else current_survey(opendtect_user())


def _project(target: Path, asked: Mapping[str, str]) -> Path | None:
    """Return the survey in which the page may store: what is shown, or else OpendTect's current one."""
    if is_survey(target):
        return target
    if asked.get("project"):
        named = Path(asked["project"])
        return named if is_survey(named) else None
    try:
        return current_survey(opendtect_user())
    except InputError:
        return None


def _taken(error: OSError) -> bool:
    import errno

    return error.errno == errno.EADDRINUSE


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
