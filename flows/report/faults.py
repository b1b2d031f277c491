"""The report of a fault run: what was found, in pictures and figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.report.attitudes import attitudes_png
from flows.report.figures import section_png
from flows.report.page import Picture, html_page
from storage.locations import write_text
from tasks.fan_out import Progress
from tasks.summary import busiest_slices
from tasks.surface_attitudes import attitudes_of
from tasks.surface_summary import largest_faults


def write_report(
    path: Path,
    volume: Path,
    faults: Path,
    facts: Mapping[str, Any],
    *,
    surfaces: Path | None = None,
    progress: Progress | None = None,
) -> None:
    """Write ``report.html``: three slices with faults over them, what was found, timings, warnings.

    With surfaces there are also the largest faults, the rose of their strikes and their dips.

    Parameters
    ----------
    path
        The page; it appears whole.
    volume, faults
        Complete stores.
    facts
        ``title``, ``threshold``, ``found``, ``timings`` and ``warnings`` of the run.
    surfaces
        A complete store, where surfaces were found.
    progress
        Told after every picture.
    """
    slices = busiest_slices(volume, faults, surfaces)
    pictures = []
    for done, section in enumerate(slices):
        if progress:
            progress(done, len(slices))
        caption = (
            f"{section.title}: amplitude, and fault probability from {facts['threshold'] / 2:g}"
        )
        if surfaces:
            caption += ", and thinned faults, a colour each; the largest with their numbers"
        pictures.append(Picture(section_png(section, facts["threshold"]), caption))
    grids = {}
    if surfaces and facts["found"]["faults"]:
        grids = {"The largest faults": largest_faults(surfaces)}
        pictures.append(Picture(attitudes_png(attitudes_of(surfaces)), _attitudes_caption(facts)))
    page = html_page(
        facts["title"],
        tables={"What was found": facts["found"], "Seconds by stage": facts["timings"]},
        grids=grids,
        pictures=pictures,
        warnings=facts["warnings"],
    )
    write_text(path, page)
    if progress:
        progress(len(slices), len(slices))


def _attitudes_caption(facts: Mapping[str, Any]) -> str:
    """Say what strikes and dips are, and what they rest on."""
    velocity = facts["found"].get("velocity")
    rests = f" at {velocity}" if velocity else ", as the survey is in depth"
    return (
        "How the surfaces lie, by area (on a line by samples): strike from grid north, each in both its "
        f"directions, and dip; true degrees{rests}"
    )
