"""Prefect's server for one run, started while the libraries of the run load."""

import atexit
from collections.abc import Callable
from functools import partial

from deploy.prefect_server import StartingServer
from flows.settings.environment import check_prefect_api, use_prefect_api


def prefect_ahead() -> Callable[[], None]:
    """Start a server where none is set up; return what waits until it answers.

    It takes as long as the libraries of a run, so it is started before they are imported, and awaited
    after. It ends with this process: later than what Prefect has left to tell it.

    Raises
    ------
    SettingsError
        If a server is set up and does not answer.
    """
    check_prefect_api()
    from prefect.settings import (
        PREFECT_API_URL,
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
        PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS,
    )

    # A profile or a file of settings may name a server, or forbid to start one.
    if PREFECT_API_URL.value() or not PREFECT_SERVER_ALLOW_EPHEMERAL_MODE.value():
        return lambda: None
    server = StartingServer(schedules=False)
    atexit.register(server.stop)
    use_prefect_api(server.url)
    # Prefect has read its settings by now, to say what was set up.
    from prefect.context import refresh_global_settings_context

    refresh_global_settings_context()
    return partial(server.wait, PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS.value())
