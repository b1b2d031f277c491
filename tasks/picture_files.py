"""From the file of a picture to that of the same with faults, to a mask, and to scores against one."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.metrics import average_precision, counts_at
from storage.errors import InputError, OutputError
from storage.pictures import (
    Picture,
    picture_form,
    read_mask,
    read_picture,
    write_picture,
    write_strips,
)
from tasks.ensemble import FaultNetworks
from tasks.fan_out import Progress
from tasks.picture import (
    PictureSection,
    Wish,
    faults_of,
    section_of,
)
from tasks.picture_drawing import on_grid_of, probability_picture, strips_with_faults
from tasks.section import Samples

CANDIDATES = tuple(round(0.02 * step, 2) for step in range(1, 49))
"""Thresholds among which the best is looked for."""

ALIKE = 0.02
"""Difference of the aspects of a picture and a mask of it, where only the size is another."""

DRAWN = 0.5


@dataclass(frozen=True, slots=True)
class PictureJob:
    """What is to be read and written.

    Attributes
    ----------
    picture, out
        The picture, and it with faults.
    mask
        Probability alone; None: not written.
    score
        A drawn mask to compare with; None: there is none.
    bits
        Of the mask that is written.
    overwrite
        Files that are there are replaced.
    """

    picture: Path
    out: Path
    mask: Path | None = None
    score: Path | None = None
    bits: int = 16
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class PictureScore:
    """How what was found matches a drawn mask, on the mask's pixels.

    Attributes
    ----------
    average_precision
        Exact; the share of drawn pixels is what chance reaches.
    drawn
        Share of the pixels that are drawn.
    precision, recall, f1
        Within 2 pixels, at the threshold.
    best_f1, best_threshold
        The same at the threshold that suits this picture best.
    """

    average_precision: float
    drawn: float
    precision: float
    recall: float
    f1: float
    best_f1: float
    best_threshold: float


@dataclass(frozen=True, slots=True)
class PictureFound:
    """What came of a picture.

    Attributes
    ----------
    shape
        Of the picture, rows and columns.
    section
        What was taken for the section.
    share
        Of its pixels that are faults.
    score
        None without a mask to compare with.
    """

    shape: tuple[int, int]
    section: PictureSection
    share: float
    score: PictureScore | None


def look_at_files(job: PictureJob) -> tuple[Picture, NDArray[np.float32] | None]:
    """Return the picture and the mask to compare with; nothing is written.

    Raises
    ------
    InputError
        If one cannot be read, cannot be written, or is there already.
    """
    outputs = [path for path in (job.out, job.mask) if path]
    for path in outputs:
        if picture_form(path) == "JPEG" and path == job.mask:
            raise InputError(path, "JPEG would blur the probability", "Name a .png or .tif file.")
        if path.resolve() in {each.resolve() for each in (job.picture, job.score) if each}:
            raise OutputError(path, "this is the input", "Name another file.")
        if path.exists() and not job.overwrite:
            raise OutputError(
                path, "it is there already", "Name another file, or say --overwrite."
            )
        if not path.parent.is_dir():
            raise OutputError(path, "there is no such folder", "Make it first.")
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise OutputError(job.out, "--mask names the same file", "Name another.")
    picture = read_picture(job.picture)
    drawn = read_mask(job.score) if job.score else None
    if drawn is not None and job.score:
        if _apart(drawn.shape, picture.shape) > ALIKE:
            rows, columns = drawn.shape
            raise InputError(
                job.score,
                f"it has {columns} x {rows} pixels, another aspect than the picture's "
                f"{picture.shape[1]} x {picture.shape[0]}",
                "Draw the mask over the whole picture, at any size.",
            )
        if not (drawn > DRAWN).any():
            raise InputError(job.score, "nothing is drawn in it", "Faults are light, or opaque.")
    return picture, drawn


def _apart(first: tuple[int, ...], second: tuple[int, ...]) -> float:
    """Return by how much the aspects of two shapes differ, as a share."""
    return abs(first[0] * second[1] / (first[1] * second[0]) - 1)


def find_in_picture(
    job: PictureJob,
    wish: Wish,
    networks: FaultNetworks,
    *,
    threshold: float,
    opacity: float,
    threads: int,
    progress: Progress | None = None,
) -> PictureFound:
    """Find faults in a picture and write it with them.

    Parameters
    ----------
    job
        Files.
    wish
        What the user says of the picture.
    networks
        Which are to see it.
    threshold, opacity
        As in `models.pictures.overlay.drawn_over`.
    threads, progress
        As in `tasks.section.predict_plane`.

    Raises
    ------
    InputError, ParameterError
        What is wrong with the picture; nothing has been written.
    """
    picture, drawn = look_at_files(job)
    section = section_of(picture, wish)
    probability = faults_of(
        section, networks, polarity=wish.polarity, threads=threads, progress=progress
    )
    if job.mask:
        write_picture(job.mask, probability_picture(picture, section, probability, bits=job.bits))
    score = None
    if drawn is not None:
        shape = drawn.shape[0], drawn.shape[1]
        found = on_grid_of(shape, picture, section, probability)
        score = _score(found, drawn > DRAWN, threshold)
    share = float(np.mean(probability >= threshold))
    strips = strips_with_faults(
        picture, section, probability, threshold=threshold, opacity=opacity
    )
    write_strips(job.out, picture.shape, strips)
    return PictureFound(picture.shape, section, share, score)


def _score(found: Samples, drawn: NDArray[np.bool_], threshold: float) -> PictureScore:
    """Return the scores of a probability against a mask, both (rows, columns)."""
    pair = found[None], drawn[None].astype(np.uint8)
    at, *others = counts_at([pair], [threshold, *CANDIDATES])
    scores = [each.f1 for each in others]
    best = int(np.argmax(scores))
    return PictureScore(
        average_precision(*pair),
        float(drawn.mean()),
        at.precision,
        at.recall,
        at.f1,
        scores[best],
        CANDIDATES[best],
    )
