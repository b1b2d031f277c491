"""The command line ``graben``: registers the commands, turns errors into one line and an exit code."""

import logging
import os
import sys
import tempfile
from pathlib import Path

import typer
from typer.exceptions import Abort, TyperException

from flows.commands import (
    compare,
    faults,
    field,
    opendtect,
    picture,
    runtimes,
    segy,
    training,
    view,
    wells,
)
from flows.settings.environment import prepare_environment
from flows.settings.reading import SettingsError

logger = logging.getLogger("flows.command_line")

LOG = Path(tempfile.gettempdir()) / f"graben-{os.getpid()}.log"

COMPLETE, DEFECT, WRONG_INPUT, IN_PART, INTERRUPTED = 0, 1, 2, 3, 130


def command_line() -> typer.Typer:
    """Return the command line with every command registered; nothing heavy is imported."""
    app = typer.Typer(
        name="graben",
        help="Faults from SEG-Y surveys to OpendTect, wells on reservoir maps. "
        "Lengths in metres, times in ms, angles in degrees.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for group in (
        faults,
        segy,
        opendtect,
        wells,
        training,
        runtimes,
        compare,
        field,
        view,
        picture,
    ):
        group.register(app)
    return app


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code."""
    try:
        # Typer turns Ctrl-C and --help into the exit code that it returns here.
        code = command_line()(arguments, standalone_mode=False) or COMPLETE
    except (KeyboardInterrupt, Abort):
        code = INTERRUPTED
    except TyperException as error:
        return _end(WRONG_INPUT, error.format_message())
    except SettingsError as error:
        return _end(WRONG_INPUT, str(error))
    except Exception as error:  # the one place where every error becomes an exit code
        return _explain(error)
    if code == INTERRUPTED:
        return _end(code, "interrupted; --resume goes on where it stopped")
    return int(code)


def _explain(error: Exception) -> int:
    """Return the exit code of an error from below; its classes load with the work, not before."""
    from deploy.cluster import ClusterError
    from deploy.prefect_server import ServerError
    from models.errors import ModelError
    from storage.errors import InputError, is_full
    from tasks.fan_out import JobsFailedError

    if isinstance(error, InputError | ModelError | ClusterError | ServerError):
        return _end(WRONG_INPUT, str(error))
    if isinstance(error, JobsFailedError):
        return _end(IN_PART, str(error))
    if isinstance(error, OSError) and is_full(error):
        place = f": {error.filename}" if error.filename else ""
        return _end(IN_PART, f"{error.strerror}{place}; with room there, --resume goes on")
    logger.error("a defect of graben", exc_info=error)
    return _end(DEFECT, f"a defect of graben, please report it: {type(error).__name__}: {error}")


def _end(code: int, line: str) -> int:
    """Print the one line that ends a run early, and where tracebacks are, if there are any."""
    details = f" (details: {LOG})" if LOG.exists() else ""
    print("graben: " + " ".join(line.split()) + details, file=sys.stderr)
    return code


def _log_to_file() -> None:
    """Keep tracebacks out of the terminal: the file appears with the first one."""
    LOG.unlink(missing_ok=True)  # of an earlier process with this number
    handler = logging.FileHandler(LOG, delay=True, encoding="utf-8")
    handler.setLevel(logging.ERROR)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    for room in ("flows", "tasks", "storage", "models"):
        logging.getLogger(room).addHandler(handler)


def main() -> None:
    """Enter from the shell."""
    prepare_environment()
    _log_to_file()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
