"""The report of a training: its curves, what the weights can do, how they came about."""

import io
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from flows.report.page import Picture, html_page
from storage.locations import write_text
from tasks.checkpoint import CHECKS, LOG, read_log
from tasks.fan_out import Progress

mpl.use("Agg")

REPORT = "report.html"
SMOOTHED, REFRESH_S = 50, 60.0
NOT_CURVES = ("step", "seconds")

Log = Mapping[str, Sequence[float]]


class LivePage:
    """A page that is written anew about every minute while a training goes on.

    Parameters
    ----------
    out
        Folder of the training.
    title
        Of the page.
    """

    def __init__(self, out: Path, title: str) -> None:
        self.out, self.title = out, title
        self._told = time.monotonic()

    def refresh(self, done: int, total: int) -> None:
        """Write the page if the last is old enough."""
        if time.monotonic() - self._told >= REFRESH_S:
            self.write({"Progress": {"steps": f"{done} of {total}"}})
            self._told = time.monotonic()

    def following(self, progress: Progress) -> Progress:
        """Return what tells progress on, and keeps the page fresh."""

        def told(done: int, total: int) -> None:
            progress(done, total)
            self.refresh(done, total)

        return told

    def write(
        self, tables: Mapping[str, Mapping[str, object]], warnings: Sequence[str] = ()
    ) -> None:
        """Write the page."""
        log, checks = read_log(self.out / LOG), read_log(self.out / CHECKS)
        pictures = []
        if log:
            caption = f"Losses by step, and their running means over {SMOOTHED} steps"
            if checks:
                caption += "; average precision on validation examples"
            pictures.append(Picture(curves_png(log, checks), caption))
        page = html_page(self.title, tables=tables, pictures=pictures, warnings=warnings)
        write_text(self.out / REPORT, page)


def curves_png(log: Log, checks: Log) -> bytes:
    """Return a PNG of the losses over steps, and of the score on validation examples where there is one.

    Parameters
    ----------
    log, checks
        Columns by name, ``step`` among them; ``checks`` may be empty.
    """
    panels = 2 if checks else 1
    figure = Figure(figsize=(6.0 * panels, 4.0), layout="constrained", dpi=110)
    axes = figure.subplots(1, panels, squeeze=False)[0]
    for number, name in enumerate(each for each in log if each not in NOT_CURVES):
        values = np.asarray(log[name])
        colour = f"C{number}"
        axes[0].plot(log["step"], values, color=colour, alpha=0.25, linewidth=0.7)
        width = min(SMOOTHED, len(values))
        mean = np.convolve(values, np.ones(width) / width, mode="valid")
        axes[0].plot(log["step"][width - 1 :], mean, color=colour, label=name.replace("_", " "))
    axes[0].set(xlabel="step", ylabel="loss", ylim=(0, None))
    axes[0].legend(frameon=False)
    if checks:
        axes[1].plot(checks["step"], checks["average_precision"], "o-", markersize=3)
        axes[1].set(xlabel="step", ylabel="average precision")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def score_tables(scores: Mapping[str, Any]) -> dict[str, dict[str, object]]:
    """Return a table for each set of test examples of a card."""
    return {f"Scores: {name}": dict(found) for name, found in scores.get("test", {}).items()}
