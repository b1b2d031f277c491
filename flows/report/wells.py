"""The report of a well plan: how good it is in words, the map, and how value and bound came together."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from flows.report.page import Picture, html_page
from storage.locations import whole_file, write_text

mpl.use("Agg")

Course = Sequence[tuple[float, float, float]]
"""Seconds, value and bound, whenever the bound was worked out."""

VALUE_COLOUR, BOUND_COLOUR, BOUND_WORDS = "#1f77b4", "#d62728", "bound: no plan has more"

MOST_ROWS = 60
"""Wells that are listed; the table beside the report has them all."""


def write_course(path: Path, course: Course, *, ends: tuple[float, float]) -> None:
    """Write the picture of value against bound as PNG, whole or not at all.

    Parameters
    ----------
    path
        The file.
    course
        Seconds, value and bound.
    ends
        Value before the refinement and after its last polish.
    """
    seconds = [0.0, *(entry[0] for entry in course)]
    values = [ends[0], *(entry[1] for entry in course)]
    if course:
        seconds.append(course[-1][0])
        values.append(ends[1])
    figure, axes = _axes()
    axes.plot(seconds, values, "o-", color=VALUE_COLOUR, label="value of the plan")
    axes.plot(
        [entry[0] for entry in course],
        [entry[2] for entry in course],
        "s-",
        color=BOUND_COLOUR,
        label=BOUND_WORDS,
    )
    axes.fill_between(
        [entry[0] for entry in course],
        [entry[1] for entry in course],
        [entry[2] for entry in course],
        color=BOUND_COLOUR,
        alpha=0.12,
    )
    axes.set(xlabel="time of the refinement, s")
    _save(path, figure, axes)


def write_stages(path: Path, stages: Sequence[tuple[str, float]], bound: float) -> None:
    """Write the picture of the value after each stage of a search by tiles, below the bound, as PNG.

    Parameters
    ----------
    path
        The file; it appears whole or not at all.
    stages
        Name and value of the plan, in their order.
    bound
        What no plan exceeds.
    """
    figure, axes = _axes()
    places = range(len(stages))
    axes.plot(
        places, [value for _, value in stages], "o-", color=VALUE_COLOUR, label="value of the plan"
    )
    axes.axhline(bound, color=BOUND_COLOUR, label=BOUND_WORDS)
    axes.set_xticks(places, [name for name, _ in stages])
    axes.set(xlabel="after the stage")
    _save(path, figure, axes)


def _axes() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7.5, 4.2), layout="constrained", dpi=110)
    return figure, figure.add_subplot()


def _save(path: Path, figure: Figure, axes: Axes) -> None:
    axes.set(ylabel="map value x m\u00b2")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    with whole_file(path) as part:
        part.write_bytes(buffer.getvalue())


def write_report(
    path: Path,
    title: str,
    facts: Mapping[str, Any],
    *,
    picture: Path,
    course: Path,
    table: Path,
) -> None:
    """Write ``report.html``; it appears whole, and nothing in it is fetched from elsewhere.

    Parameters
    ----------
    path
        The page.
    title
        What the map is called.
    facts
        As in ``summary.json``.
    picture, course
        The map, and how value and bound came about.
    table
        ``wells.csv``.
    """
    with table.open(newline="", encoding="utf-8") as file:
        rows = [*csv.reader(file)]
    shown = [name for name in range(len(rows[0])) if any(row[name] for row in rows[1:])]
    grid = [[_short(row[at]) for at in shown] for row in rows[: MOST_ROWS + 1]]
    more = len(rows) - len(grid)
    heading = "The wells" + (
        f" (the first {MOST_ROWS}; {table.name} has {more} more)" if more else ""
    )
    came = "How value and bound came together"
    if "stages" in facts:
        came = "What the plan was worth after each stage, below the bound"
    page = html_page(
        f"Wells on {title}",
        tables={
            "How good the plan is": _summary(facts),
            "What the options do": _notes(facts),
            **_assumed(facts),
        },
        grids={**_simulated(facts), heading: grid},
        pictures=[
            Picture(picture.read_bytes(), "The map with the circles of all periods"),
            Picture(course.read_bytes(), came),
        ],
        warnings=[],
    )
    write_text(path, page)


def _summary(facts: Mapping[str, Any]) -> dict[str, object]:
    """Return what is proven, and figures."""
    names = {
        "guarantee": "In words",
        "wells": "Wells",
        "value": "They collect (map value x m\u00b2)",
        "net_value": "Less their cost",
        "npv": "Net present value",
        "npv_bound": "No plan is worth more than",
        "bound": "Bound of the value",
        "gap_percent": "Gap, %",
        "nearest_fault_m": "Nearest faulty bin to a well, m",
        "seconds": "Seconds",
    }
    shown = {label: facts[name] for name, label in names.items() if facts.get(name) is not None}
    return {label: f"{v:.6g}" if isinstance(v, float) else v for label, v in shown.items()}


def _notes(facts: Mapping[str, Any]) -> dict[str, object]:
    notes = facts["notes"] or ["No option that changes value or bound was given."]
    return {str(number): note for number, note in enumerate(notes, start=1)}


def _assumed(facts: Mapping[str, Any]) -> dict[str, dict[str, object]]:
    """Return what the simulator says in words, and what it was told."""
    if "verification" not in facts:
        return {}
    found = facts["verification"]
    rows = {"In words": found["verdict"], "Simulator": found["simulator"]}
    assumed = {f"Assumed ({at})": said for at, said in enumerate(found["assumptions"], start=1)}
    return {"What a simulator says": rows | assumed}


def _simulated(facts: Mapping[str, Any]) -> dict[str, list[list[object]]]:
    """Return the plans with what they collect and what a simulator makes of them."""
    if "verification" not in facts:
        return {}
    found = facts["verification"]
    head: list[object] = ["plan", "value", "oil, m\u00b3", "recovered, %", "seconds", "deck"]
    names = ("plan", "value", "oil_m3", "recovery_percent", "seconds", "deck")
    rows = [
        ["" if plan[n] is None else _short(str(plan[n])) for n in names] for plan in found["plans"]
    ]
    return {f"Plans simulated over {found['years']:g} years": [head, *map(list[object], rows)]}


def _short(text: str) -> str:
    """Return a number as people read it; anything else as it is."""
    try:
        return f"{float(text):.7g}"
    except ValueError:
        return text
