"""Pictures of how faults lie: a rose of strikes beside a histogram of dips."""

import io
from typing import cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes
from numpy.typing import NDArray

from tasks.surface_attitudes import DIP_STEP_DEG, STRIKE_STEP_DEG, Attitudes

mpl.use("Agg")

Float = NDArray[np.float64]
COLOUR = "#2f6fed"


def attitudes_png(attitudes: Attitudes) -> bytes:
    """Return a PNG: the rose where there is a strike, the dips."""
    panels = 2 if attitudes.strike.any() else 1
    figure = Figure(figsize=(5.5 * panels, 4), layout="constrained", dpi=110)
    if panels == 2:
        rose = cast("PolarAxes", figure.add_subplot(1, 2, 1, projection="polar"))
        _draw_rose(rose, attitudes.strike)
    _draw_dips(figure.add_subplot(1, panels, panels), attitudes.dip)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _draw_rose(axes: PolarAxes, strike: Float) -> None:
    """Draw petals whose area, not length, is the area of faults; each stands in both its directions."""
    percent = 100 * np.tile(strike, 2) / strike.sum()
    step = np.radians(STRIKE_STEP_DEG)
    centres = (np.arange(len(percent)) + 0.5) * step
    axes.bar(centres, np.sqrt(percent), width=step, color=COLOUR, edgecolor="white", linewidth=0.5)
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    outer = float(percent.max())
    rings = [outer / 9, outer * 4 / 9, outer]
    axes.set_rticks(np.sqrt(rings).tolist(), [f"{each:.2g} %" for each in rings], fontsize=8)
    emptiest = int(np.argmin(percent[: len(strike)]))
    axes.set_rlabel_position(float(np.degrees(centres[emptiest])))
    axes.set_xticks(
        np.radians(np.arange(0, 360, 45)), ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
    )
    axes.set_title("strike")


def _draw_dips(axes: Axes, dip: Float) -> None:
    percent = 100 * dip / (dip.sum() or 1.0)
    left = np.arange(len(dip)) * DIP_STEP_DEG
    axes.bar(left, percent, width=DIP_STEP_DEG, align="edge", color=COLOUR, edgecolor="white")
    axes.set(xlim=(0, 90), xlabel="dip, degrees", ylabel="share of the surfaces, %", title="dip")
