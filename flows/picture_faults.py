"""Faults in a picture, as a command: what was taken for the section, what came of it."""

import os

from flows.settings.picture import FindInPicture
from flows.terminal import bar, say
from models.errors import ParameterError
from tasks.ensemble import fault_networks
from tasks.picture import Wish
from tasks.picture_files import (
    PictureFound,
    PictureJob,
    PictureScore,
    find_in_picture,
    look_at_files,
)

MOST_ZOOM = 8.0

FOREIGN = 0.02
"""Share of a section's pixels that may be of other colours before it is worth a word."""


def find(settings: FindInPicture) -> None:
    """Find faults in a picture and say what came of it.

    Raises
    ------
    InputError, ModelError
        What is wrong with a file or an option; nothing has been written.
    """
    job = PictureJob(
        settings.picture,
        settings.out,
        settings.mask,
        settings.score,
        settings.mask_bits,
        settings.overwrite,
    )
    for name, zoom in (("--zoom", settings.zoom or ()), ("--aspect", (settings.aspect or 1,))):
        if not all(1 / 64 <= factor <= MOST_ZOOM for factor in zoom):
            raise ParameterError(name, zoom, f"It lies between 1/64 and {MOST_ZOOM:g}.")
    look_at_files(job)
    networks = fault_networks(
        settings.weights, accuracy=settings.accuracy, runtime=settings.runtime
    )
    threshold = settings.threshold or networks.view(line=True).facts.threshold
    wish = Wish(settings.crop, settings.zoom, settings.aspect, settings.polarity)
    with bar("picture") as progress:
        found = find_in_picture(
            job,
            wish,
            networks,
            threshold=threshold,
            opacity=settings.opacity,
            threads=settings.threads or os.cpu_count() or 1,
            progress=progress,
        )
    _say(settings, found, threshold)


def _say(settings: FindInPicture, found: PictureFound, threshold: float) -> None:
    """Print what was taken for the section, and what was found."""
    section = found.section
    frame, (rows, columns) = section.frame, found.shape
    if settings.crop is None and frame.shape != found.shape:
        say(
            f"The section was found at --crop {frame.left},{frame.top},{frame.right},{frame.bottom} "
            f"of {columns} x {rows} pixels; the rest is taken for axes and margins."
        )
    say(
        f"{'Ink on paper' if section.ink else f'Palette: {section.palette.name}'}; seen at --zoom "
        f"{section.zoom.across:.3g},{section.zoom.down:.3g}, {section.samples.shape[1]} traces of "
        f"{section.samples.shape[0]} samples."
    )
    for doubt in section.likeness.doubts:
        say(f"Warning: this does not look like a section: {doubt}.")
    if section.foreign > FOREIGN:
        say(
            f"Note: {100 * section.foreign:.0f} % of the section's pixels have colours that are not of "
            "its palette, or are transparent; nothing is known there."
        )
    say(
        f"{settings.out}: faults in {100 * found.share:.1f} % of the section, probability "
        f"{threshold:g} and more."
    )
    if settings.mask:
        say(f"{settings.mask}: probability, {settings.mask_bits} bits")
    if found.score:
        _say_score(found.score, threshold)


def _say_score(score: PictureScore, threshold: float) -> None:
    """Print how what was found matches a drawn mask."""
    say(
        f"AP {score.average_precision:.3f} (chance {score.drawn:.3f}); within 2 pixels at {threshold:g}: "
        f"precision {score.precision:.2f}, recall {score.recall:.2f}, F1 {score.f1:.2f}; "
        f"best F1 {score.best_f1:.2f} at {score.best_threshold:g}"
    )
