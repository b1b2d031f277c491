"""The page of a comparison: the table, what was rebuilt and missed, the faults that the codes keep."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from flows.report.page import Picture, html_page
from storage.locations import write_text
from tasks.comparison_table import rows_of

mpl.use("Agg")

Results = Sequence[Mapping[str, Any]]
AMPLITUDE = {"cmap": "gray", "vmin": -2.5, "vmax": 2.5}
DIFFERENCE = {"cmap": "RdBu", "vmin": -2.5, "vmax": 2.5}
PROBABILITY = {"cmap": "magma", "vmin": 0.0, "vmax": 1.0}

Panel = tuple[str, Any, Mapping[str, Any]]


def write_page(path: Path, results: Results, *, settings: Mapping[str, object]) -> None:
    """Write ``compare.html``, whole or not at all.

    Parameters
    ----------
    path
        The page.
    results
        Of each network, as ``tasks.compare.compete`` returns them.
    settings
        Of the comparison, shown below the table.
    """
    page = html_page(
        "Autoencoders at equal numbers of parameters",
        grids={"What they reached on patches that they never saw": rows_of(results)},
        tables={"How they were trained": settings},
        pictures=[
            Picture(
                _png(_rebuilt(results)),
                "Middle crosslines of patches with faults: the input, what each network makes of its "
                "code, and the input less that",
            ),
            Picture(
                _png(_faults(results)),
                "The same crosslines: labelled faults, and the probability that the head draws from "
                "what each network rebuilds",
            ),
        ],
        warnings=[],
    )
    write_text(path, page)


def _rebuilt(results: Results) -> list[list[Panel]]:
    """Return a row of panels for each patch: input, then reconstruction and difference by network."""
    rows = []
    for number, amplitude in enumerate(results[0]["sections"]["amplitude"]):
        row: list[Panel] = [("input", amplitude, AMPLITUDE)]
        for each in results:
            rebuilt = each["sections"]["reconstruction"][number]
            row.append((each["kind"], rebuilt, AMPLITUDE))
            row.append(("difference", np.subtract(amplitude, rebuilt), DIFFERENCE))
        rows.append(row)
    return rows


def _faults(results: Results) -> list[list[Panel]]:
    """Return a row of panels for each patch: amplitude, label, then probability by network."""
    shown = results[0]["sections"]
    rows = []
    for number, label in enumerate(shown["fault_label"]):
        row: list[Panel] = [
            ("input", shown["amplitude"][number], AMPLITUDE),
            ("label", label, PROBABILITY),
        ]
        for each in results:
            probability = each["sections"]["fault_probability"][number]
            row.append((each["kind"], probability, PROBABILITY))
        rows.append(row)
    return rows


def _png(rows: Sequence[Sequence[Panel]]) -> bytes:
    """Return a PNG of the panels."""
    size = (1.7 * len(rows[0]), 1.8 * len(rows))
    figure = Figure(figsize=size, layout="constrained", dpi=110)
    grid = figure.subplots(len(rows), len(rows[0]), squeeze=False)
    for axes_row, row in zip(grid, rows, strict=True):
        for axes, panel in zip(axes_row, row, strict=True):
            _draw(axes, panel)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _draw(axes: Axes, panel: Panel) -> None:
    """Draw a section (trace, sample) with time downwards."""
    title, samples, look = panel
    axes.imshow(np.transpose(samples), interpolation="none", **look)
    axes.set(title=title, xticks=[], yticks=[])
