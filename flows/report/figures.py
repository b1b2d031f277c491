"""Pictures of slices: amplitude in grey, fault probability over it in colour."""

import io

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from tasks.summary import Slice

mpl.use("Agg")


def section_png(section: Slice, threshold: float) -> bytes:
    """Return a PNG of one slice, without the overlay on the left and with it on the right.

    Parameters
    ----------
    section
        Amplitude and probability.
    threshold
        The overlay begins at half of it, so that a reader sees what nearly counted.
    """
    figure = Figure(figsize=(12, 4.6), layout="constrained", dpi=110)
    plain, marked = figure.subplots(1, 2, sharex=True, sharey=True)
    overlay = np.ma.masked_less(np.nan_to_num(section.probability), threshold / 2)
    for axes in (plain, marked):
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
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
