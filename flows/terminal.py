"""What people see in the terminal while a command runs: lines, and one bar a stage."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from tasks.fan_out import Progress as Report

_lines = Console(soft_wrap=True, highlight=False)
_bars = Console(stderr=True)


def say(line: str) -> None:
    """Print one line for people."""
    _lines.print(line, markup=False)


@contextmanager
def bar(name: str) -> Iterator[Report]:
    """Show the progress of one stage; yields what the stage reports to."""
    columns = (
        TextColumn("{task.description:>9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_bars, disable=not _bars.is_terminal) as progress:
        task = progress.add_task(name, total=None)

        def report(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield report
