"""Pictures of slices: amplitude in grey, fault probability over it in colour."""

import io

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from tasks.summary import Slice

mpl.use("Agg")

PANEL_INCHES = (4.8, 3.6)
"""What is left of a panel for its picture."""

COLOURS = (
    *("#e6194b", "#3cb44b", "#ffbf00", "#4363d8", "#f58231", "#911eb4", "#00bcd4", "#f032e6"),
    *("#7cc500", "#b15928", "#008080"),
)
"""Of faults by their numbers: told apart from each other and from grey."""

MOST_NUMBERS = 12
"""Faults of a slice that are numbered; more numbers would hide it."""


def section_png(section: Slice, threshold: float) -> bytes:
    """Return a PNG of one slice: plain, with fault probability, and with fault surfaces where there are any.

    Parameters
    ----------
    section
        Amplitude, probability and surfaces.
    threshold
        The overlay begins at half of it, so that a reader sees what nearly counted.
    """
    panels = 2 if section.fault_id is None else 3
    figure = Figure(figsize=(6 * panels, 4.6), layout="constrained", dpi=110)
    axes_row = figure.subplots(1, panels, sharex=True, sharey=True)
    plain, marked = axes_row[:2]
    overlay = np.ma.masked_less(np.nan_to_num(section.probability), threshold / 2)
    for axes in axes_row:
        axes.imshow(
            section.amplitude,
            cmap="gray",
            vmin=-2.5,
            vmax=2.5,
            extent=section.extent,
            aspect="auto",
            interpolation="none",
        )
        axes.set_xlabel(section.across)
        axes.set_facecolor("#e8edf2")
    shown = marked.imshow(
        overlay,
        cmap="autumn_r",
        vmin=threshold / 2,
        vmax=1.0,
        extent=section.extent,
        aspect="auto",
        interpolation="none",
    )
    plain.set_ylabel(section.down)
    plain.set_title(section.title)
    marked.set_title(f"{section.title}, faults")
    figure.colorbar(shown, ax=marked, label="fault probability")
    if section.fault_id is not None:
        axes_row[2].set_title(f"{section.title}, fault surfaces")
        _draw_surfaces(axes_row[2], section, section.fault_id)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _draw_surfaces(axes: Axes, section: Slice, fault_id: NDArray[np.int32]) -> None:
    """Draw faults in colours by their numbers, the largest of the slice with these.

    Points, unlike pixels, are as wide on a long slice as on a short one.
    """
    left, right, bottom, top = section.extent
    rows, columns = np.nonzero(fault_id)
    down, across = fault_id.shape
    x = left + (columns + 0.5) * (right - left) / across
    y = top + (rows + 0.5) * (bottom - top) / down
    found = fault_id[rows, columns]
    side = np.clip(72 * max(PANEL_INCHES[0] / across, PANEL_INCHES[1] / down), 1.8, 4.0)
    axes.scatter(
        x,
        y,
        s=side**2,
        c=[COLOURS[each % len(COLOURS)] for each in found],
        linewidths=0,
        marker="s",
    )
    numbers, counts = np.unique(found, return_counts=True)
    for number in numbers[np.argsort(-counts, kind="stable")][:MOST_NUMBERS]:
        own = np.flatnonzero(found == number)
        middle = own[np.argsort(y[own], kind="stable")[len(own) // 2]]
        axes.annotate(
            str(number),
            (x[middle], y[middle]),
            (4, 2),
            textcoords="offset points",
            fontsize=8,
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )
