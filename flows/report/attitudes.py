"""Pictures of how faults lie: a rose of strikes beside a histogram of dips, both weighted by size."""

import io
from typing import cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes

from tasks.surface_summary import Attitudes

mpl.use("Agg")

STRIKE_STEP_DEG, DIP_STEP_DEG = 10, 5
COLOUR = "#2f6fed"


def attitudes_png(attitudes: Attitudes) -> bytes:
    """Return a PNG: the rose where there is a strike, the dips.

    A strike counts in both its directions, as is usual in roses.
    """
    known = np.isfinite(attitudes.strike_deg)
    panels = 2 if known.any() else 1
    figure = Figure(figsize=(5 * panels, 4), layout="constrained", dpi=110)
    if panels == 2:
        rose = cast("PolarAxes", figure.add_subplot(1, 2, 1, projection="polar"))
        _draw_rose(rose, attitudes.strike_deg[known], attitudes.weight[known])
    _draw_dips(figure.add_subplot(1, panels, panels), attitudes)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _draw_rose(axes: PolarAxes, strike_deg: np.ndarray, weight: np.ndarray) -> None:
    """Draw petals whose area, not length, is the area of faults."""
    edges = np.arange(0, 180 + STRIKE_STEP_DEG, STRIKE_STEP_DEG)
    half, _ = np.histogram(strike_deg % 180, edges, weights=weight)
    share = np.tile(half, 2) / (half.sum() or 1.0)
    centres = np.radians(np.arange(len(share)) * STRIKE_STEP_DEG + STRIKE_STEP_DEG / 2)
    axes.bar(
        centres,
        np.sqrt(100 * share),
        width=np.radians(STRIKE_STEP_DEG),
        color=COLOUR,
        edgecolor="white",
    )
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    top = 100 * share.max()
    rings = [each for each in (1, 5, 10, 20, 40, 70, 100) if each <= top] or [top]
    axes.set_rticks([float(np.sqrt(each)) for each in rings], [f"{each:g} %" for each in rings])
    axes.set_rlabel_position(100)
    axes.set_xticks(
        np.radians(np.arange(0, 360, 45)), ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
    )
    axes.set_title("strike, share of faults by size")


def _draw_dips(axes: Axes, attitudes: Attitudes) -> None:
    edges = [float(each) for each in range(0, 90 + DIP_STEP_DEG, DIP_STEP_DEG)]
    total = attitudes.weight.sum() or 1.0
    axes.hist(
        attitudes.dip_deg,
        edges,
        weights=100 * attitudes.weight / total,
        color=COLOUR,
        edgecolor="white",
    )
    axes.set(xlim=(0, 90), xlabel="dip, degrees", ylabel="share of faults by size, %", title="dip")
