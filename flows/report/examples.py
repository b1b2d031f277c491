"""The sheet of a store of examples: sections with their labels, statistics, for a person to judge."""

import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from flows.report.page import Picture, html_page
from storage.locations import write_text
from tasks.example_sheet import ExampleSheet, ShownExample, example_sheet

mpl.use("Agg")

COLUMNS = 4
FAULT, UNKNOWN = "#ff3b1f", "#2f6fed"


def sheet_path(store: Path) -> Path:
    """Return where the sheet of a store lies: beside it."""
    return store.with_suffix(".html")


def write_sheet(store: Path) -> Path:
    """Write the sheet of a complete store beside it; return its path. It appears whole."""
    sheet = example_sheet(store)
    pictures = [
        Picture(
            _sections_png(sheet.examples),
            "Middle sections of the first examples: as they are, and with faults in red, samples whose label "
            "is not known in blue. The number of the example, the share of its samples on faults.",
        ),
        Picture(_statistics_png(sheet), "Statistics of the examples looked at."),
    ]
    page = html_page(
        f"Examples of {store.name}",
        tables={"What there is": sheet.facts},
        pictures=pictures,
        warnings=[],
    )
    write_text(sheet_path(store), page)
    return sheet_path(store)


def _sections_png(examples: list[ShownExample]) -> bytes:
    rows = -(-len(examples) // COLUMNS)
    figure = Figure(figsize=(14, 2.4 * rows), layout="constrained", dpi=90)
    grid = figure.subplots(rows, 2 * COLUMNS, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for number, example in enumerate(examples):
        plain, marked = grid[2 * number], grid[2 * number + 1]
        for axes in (plain, marked):
            axes.imshow(example.amplitude, cmap="gray", vmin=-2.5, vmax=2.5, aspect="auto")
        _overlay(marked, example.unknown, UNKNOWN, 0.35)
        _overlay(marked, example.on_fault, FAULT, 0.8)
        plain.set_title(example.title, fontsize=9)
    return _png(figure)


def _overlay(axes: Axes, where: NDArray[np.bool_], color: str, alpha: float) -> None:
    """Tint samples of a section."""
    tint = np.zeros((*where.shape, 4))
    tint[where] = mpl.colors.to_rgba(color, alpha)
    axes.imshow(tint, aspect="auto", interpolation="none")


def _statistics_png(sheet: ExampleSheet) -> bytes:
    known: list[tuple[str, str, Sequence[float] | NDArray[np.float32]]] = [
        ("share of samples on faults", "examples", sheet.fault_shares),
        ("throw, samples", "samples on faults", sheet.throws),
        ("dip, degrees", "samples on faults", sheet.dips_deg),
    ]
    shown = [each for each in known if len(each[2])]
    figure = Figure(figsize=(14, 3), layout="constrained", dpi=90)
    spectrum, *others = figure.subplots(1, 1 + len(shown), squeeze=False)[0]
    spectrum.plot(sheet.frequencies, sheet.spectrum)
    spectrum.set_xlabel("frequency, cycles per sample")
    spectrum.set_ylabel("mean amplitude spectrum")
    for axes, (across, up, values) in zip(others, shown, strict=True):
        axes.hist(values, bins=30)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
    return _png(figure)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
