"""What libraries read from the environment, set before they are imported; nothing on a worker reads it."""

import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from flows.settings.reading import SettingsError

if TYPE_CHECKING:
    from storage.opendtect.data_root import Personal

ANSWER_S = 10

PREFECT_DEFAULTS = {
    # Prefect's throw-away server needs more than its default 20 s on a busy machine.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # No telemetry leaves the machine.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # The name is NNCF's, whose rounding to int8 would be reported otherwise.
    "NNCF_CI": "1",
    # Our own lines and bars are what people see; Prefect's log goes to its run page.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,tasks,storage,models",
    # What our loggers say outside a flow run has no run page to go to.
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    # Jobs run side by side and their matrices are small: threads inside a job only get in the way.
    "OPENBLAS_NUM_THREADS": "1",
    # What Python says of semaphores that a stopped run's workers left; it removes them all the same.
    "PYTHONWARNINGS": "ignore:resource_tracker",
    # What workers say of a job is told by the driver: in one line, and in full in its log.
    "DASK_LOGGING__DISTRIBUTED": "critical",
    # TensorFlow's start-up chatter.
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


def prepare_environment() -> None:
    """Set what Prefect and TensorFlow read when they are imported, where the user has not."""
    for name, value in PREFECT_DEFAULTS.items():
        os.environ.setdefault(name, value)


def use_prefect_api(url: str) -> None:
    """Let Prefect talk to this server when it is imported, here and in the processes it starts."""
    os.environ["PREFECT_API_URL"] = url


def opendtect_user() -> "Personal":
    """Return what the environment says of the user of OpendTect, by its own variables, then its library's."""
    # It loads NumPy, which reads the environment that this module prepares.
    from storage.opendtect.data_root import Personal

    folder = _own_settings() or _folder("DTECT_PERSONAL_DIR") or Path.home() / ".od"
    return Personal(folder, os.environ.get("DTECT_USER", ""), _folder("DTECT_DATA"))


def settings_doubt() -> str | None:
    """Say that the environment names two folders of OpendTect's settings; None where it does not.

    OpendTect itself does not look into DTECT_PERSONAL_DIR, which its Python library takes for that folder.
    """
    named, own = _folder("DTECT_PERSONAL_DIR"), _own_settings() or Path.home() / ".od"
    if named is None or named.absolute() == own.absolute():
        return None
    return (
        f"OpendTect looks for its settings in {own}, and DTECT_PERSONAL_DIR names {named}; "
        f"{opendtect_user().folder} is taken. Set DTECT_SETTINGS to the right one."
    )


def _own_settings() -> Path | None:
    """Return the folder of settings by the variables that OpendTect itself goes by, None without them."""
    settings, home = ("DTECT_SETTINGS",), ("DTECT_HOME",)
    if sys.platform == "win32":
        settings, home = ("DTECT_WINSETTINGS", *settings), ("DTECT_WINHOME", *home)
    above = _folder(*home)
    return _folder(*settings) or (above / ".od" if above else None)


def _folder(*names: str) -> Path | None:
    """Return what the first of some variables that is set names."""
    return next((Path(value) for name in names if (value := os.environ.get(name))), None)


def check_prefect_api() -> None:
    """Find out whether the Prefect server that PREFECT_API_URL names answers, where one is named.

    Raises
    ------
    SettingsError
        If nothing answers there.
    """
    url = os.environ.get("PREFECT_API_URL")
    if not url:
        return
    try:
        urllib.request.urlopen(f"{url}/health", timeout=ANSWER_S).close()
    except urllib.error.HTTPError:
        return  # something answers; what it says is for Prefect to judge
    except (OSError, ValueError) as error:
        msg = (
            f"PREFECT_API_URL is {url}, and no Prefect server answers there ({error}). "
            "Start it, or unset the variable to use a temporary one."
        )
        raise SettingsError(msg) from None
