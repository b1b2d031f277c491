"""The command line ``graben``: registers the commands, turns errors into one line and an exit code."""

import logging
import sys

import click
import typer

from flows.commands import faults, field, training, wells
from flows.settings import SettingsError, prepare_environment

COMPLETE, DEFECT, WRONG_INPUT, IN_PART, INTERRUPTED = 0, 1, 2, 3, 130

logger = logging.getLogger("graben")


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
        command_line()(arguments, standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        return _end(INTERRUPTED, "interrupted; --resume goes on where it stopped")
    except click.ClickException as error:
        return _end(WRONG_INPUT, error.format_message())
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except SettingsError as error:
        return _end(WRONG_INPUT, str(error))
    except Exception as error:
        return _explain(error)
    return COMPLETE


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
    logger.error("a defect of graben", exc_info=error)
    return _end(DEFECT, f"a defect of graben: {type(error).__name__}: {error}")


def _end(code: int, line: str) -> int:
    """Print the one line that ends a run early."""
    print("graben: " + " ".join(line.split()), file=sys.stderr)
    return code


def main() -> None:
    """Enter from the shell."""
    prepare_environment()
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
