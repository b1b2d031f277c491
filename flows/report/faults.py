"""The report of a fault run: what was found, in pictures and figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.report.figures import section_png
from flows.report.page import Picture, html_page
from storage.locations import write_text
from tasks.fan_out import Progress
from tasks.summary import busiest_slices


def write_report(
    path: Path,
    volume: Path,
    faults: Path,
    facts: Mapping[str, Any],
    *,
    progress: Progress | None = None,
) -> None:
    """Write ``report.html``: three slices with the overlay, what was found, timings, warnings.

    Parameters
    ----------
    path
        The page; it appears whole.
    volume, faults
        Complete stores.
    facts
        ``title``, ``threshold``, ``found``, ``timings`` and ``warnings`` of the run.
    progress
        Told after every picture.
    """
    slices = busiest_slices(volume, faults)
    pictures = []
    for done, section in enumerate(slices):
        if progress:
            progress(done, len(slices))
        caption = (
            f"{section.title}: amplitude, and fault probability from {facts['threshold'] / 2:g}"
        )
        pictures.append(Picture(section_png(section, facts["threshold"]), caption))
    page = html_page(
        facts["title"],
        tables={"What was found": facts["found"], "Seconds by stage": facts["timings"]},
        pictures=pictures,
        warnings=facts["warnings"],
    )
    write_text(path, page)
    if progress:
        progress(len(slices), len(slices))
