"""What people see in the terminal while a command runs: lines, and one bar a stage."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tasks.fan_out import Progress as Report


def say(line: str) -> None:
    """Print one line for people."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()  # the addresses of dashboards are of use while a run goes on, also through a pipe


@contextmanager
def bar(name: str) -> Iterator[Report]:
    """Show the progress of one stage where somebody looks; yields what the stage reports to."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # takes a moment to load, and only terminals need it
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:>9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=None)

        def report(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield report
