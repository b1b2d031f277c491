"""Register the field-wide flow with a schedule and run what falls due, until stopped."""

from contextlib import nullcontext

from deploy.prefect_server import prefect_server
from flows.field_file import read_field
from flows.settings.environment import check_prefect_api, use_prefect_api
from flows.settings.field import Serve
from flows.settings.reading import SettingsError
from flows.terminal import say


def serve(settings: Serve) -> None:
    """Serve the field-wide flow at the server of PREFECT_API_URL, or at one started on loopback.

    Raises
    ------
    SettingsError
        If the field file is wrong: found now, not in the night.
    """
    read_field(settings.field)
    with nullcontext(settings.api_url) if settings.api_url else prefect_server() as url:
        use_prefect_api(url)
        check_prefect_api()
        _serve(settings, url)


def _serve(settings: Serve, url: str) -> None:
    """Serve until stopped. Prefect reads its settings when it is imported, so it is imported here."""
    from prefect.types.entrypoint import EntrypointType

    from flows.field_run import field_run

    say(f"Prefect: {url.removesuffix('/api')}")
    say("Waiting for runs to fall due; Ctrl-C stops.")
    try:
        field_run.serve(
            name=settings.field.stem,
            cron=settings.cron,
            interval=settings.interval,
            parameters={"field_file": str(settings.field.absolute())},
            # By module, so that workers and runner know every function by the same name.
            entrypoint_type=EntrypointType.MODULE_PATH,
            # A run that takes longer than the interval must not meet its successor in one folder.
            limit=1,
            pause_on_shutdown=True,
            print_starting_message=False,
        )
    except ValueError as error:
        raise SettingsError(f"--cron {settings.cron}: {error}") from None
