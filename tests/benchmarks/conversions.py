"""Whole conversions, tool after tool and round after round."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.processes import Cost, RunError, run, size_of, warm
from tests.benchmarks.tools import MissingError, Tool

Say = Callable[[str], None]


@dataclass(slots=True)
class Conversions:
    """What the runs of one tool cost, and whether its exports gave the same bytes back."""

    name: str
    tool: Tool | None
    failure: str = ""
    stored: int = 0
    ingests: list[Cost] = field(default_factory=list)
    exports: list[Cost] = field(default_factory=list)
    same: list[bool] = field(default_factory=list)


def find(name: str, finder: Callable[[], Tool]) -> Conversions:
    """Return the empty record of a tool, which says why where it is skipped."""
    try:
        return Conversions(name, finder())
    except MissingError as error:
        return Conversions(name, None, failure=f"skipped: {error}")


def convert(
    compared: Sequence[Conversions], cube: Path, place: Path, rounds: int, say: Say
) -> None:
    """Run every tool once for nothing and ``rounds`` times by the clock; stores stay below ``place``.

    A tool that fails once is left out from there on.
    """
    for number in range(rounds + 1):
        turn = number % len(compared)
        for step in (_ingest, _export):
            for one in (*compared[turn:], *compared[:turn]):
                if one.tool is None or one.failure:
                    continue
                words = f"round {number} of {rounds}: {one.name} {step.__name__.strip('_')}"
                try:
                    cost = step(one, one.tool, cube, place / one.name)
                except RunError as error:
                    one.failure = f"failed: {error}"
                    say(f"{words} {one.failure}")
                    continue
                if number:
                    (one.ingests if step is _ingest else one.exports).append(cost)
                say(f"{words}: {cost.wall:.2f} s")


def store_of(tool: Tool, place: Path) -> Path:
    """Return where a tool keeps its store below a place of its own."""
    return place / f"volume{tool.suffix}"


def _ingest(one: Conversions, tool: Tool, cube: Path, place: Path) -> Cost:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    warm(cube)
    store = store_of(tool, place)
    try:
        cost = run(tool.ingest(cube, store), tool.environment)
    except RunError:
        shutil.rmtree(place)  # nobody shall read half a store
        raise
    one.stored = size_of(store)
    return cost


def _export(one: Conversions, tool: Tool, cube: Path, place: Path) -> Cost:
    store, back = store_of(tool, place), place / "back.sgy"
    warm(store)
    cost = run(tool.export(store, back), tool.environment)
    compared = subprocess.run(["cmp", "--silent", cube, back], check=False)
    one.same.append(compared.returncode == 0)
    for left in place.glob("back.sgy*"):
        left.unlink()
    return cost
