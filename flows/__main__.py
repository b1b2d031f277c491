"""The command line ``graben``: registers the commands, turns errors into one line and an exit code."""

import sys
import tempfile
import traceback

import typer
from typer.exceptions import Abort, TyperException

from flows.commands import faults, field, training, wells
from flows.settings import SettingsError, prepare_environment

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
    for group in (faults, wells, training, field):
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
    from models.errors import ModelError
    from storage.errors import InputError
    from tasks.fan_out import JobsFailedError

    if isinstance(error, InputError | ModelError | ClusterError):
        return _end(WRONG_INPUT, str(error))
    if isinstance(error, JobsFailedError):
        return _end(IN_PART, str(error))
    reason = f"a defect of graben, please report it: {type(error).__name__}: {error}"
    return _end(DEFECT, f"{reason} (traceback in {_log(error)})")


def _log(error: Exception) -> str:
    """Write the traceback to a file of its own; return its path."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="graben-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exception(error, file=file)
    return file.name


def _end(code: int, line: str) -> int:
    """Print the one line that ends a run early."""
    print("graben: " + " ".join(line.split()), file=sys.stderr)
    return code


def main() -> None:
    """Enter from the shell."""
    prepare_environment()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
