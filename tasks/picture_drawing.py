"""What was found in a picture, drawn at its place in the whole of it, or on a grid of another size."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.pictures.colours import seen_best_on
from models.pictures.overlay import as_grey, drawn_over
from models.pictures.resample import resampled, resampled_strips
from storage.pictures import Picture
from tasks.picture import PictureSection, level_range
from tasks.section import Samples

STRIP = 256
"""Rows of the picture that are drawn at once."""


def strips_with_faults(
    picture: Picture,
    section: PictureSection,
    probability: Samples,
    *,
    threshold: float,
    opacity: float,
) -> Iterator[NDArray[np.uint8]]:
    """Yield the whole picture in colours with the faults drawn at their place, some rows at a time.

    Parameters
    ----------
    picture, section
        As they were read, and found.
    probability
        Of the section, shape of its samples.
    threshold, opacity
        As in `models.pictures.overlay.drawn_over`.
    """
    colour, frame = seen_best_on(section.palette), section.frame
    scale = level_range(picture)
    for rows in _strips(0, frame.top):
        yield _in_colours(picture, rows, scale)
    found = resampled_strips(probability.__getitem__, section.samples.shape, frame.shape)
    for part, strip in found:
        rows = slice(frame.top + part.start, frame.top + part.stop)
        canvas = _in_colours(picture, rows, scale)
        below = canvas[:, frame.columns]
        drawn_over(below, strip, threshold=threshold, opacity=opacity, colour=colour)
        yield canvas
    for rows in _strips(frame.bottom, picture.shape[0]):
        yield _in_colours(picture, rows, scale)


def picture_with_faults(
    picture: Picture,
    section: PictureSection,
    probability: Samples,
    *,
    threshold: float,
    opacity: float,
) -> NDArray[np.uint8]:
    """Return what `strips_with_faults` yields as one array, (rows, columns, 3)."""
    strips = strips_with_faults(
        picture, section, probability, threshold=threshold, opacity=opacity
    )
    return np.concatenate(list(strips))


def probability_picture(
    picture: Picture, section: PictureSection, probability: Samples, *, bits: int = 16
) -> NDArray[np.uint8 | np.uint16]:
    """Return the probability alone as grey of 8 or 16 bits, of the size of the picture."""
    canvas = np.zeros(picture.shape, np.uint8 if bits == 8 else np.uint16)
    part = canvas[section.frame.rows, section.frame.columns]
    for rows, strip in resampled_strips(
        probability.__getitem__, section.samples.shape, section.frame.shape
    ):
        part[rows] = as_grey(strip, bits)
    return canvas


def on_grid_of(
    shape: tuple[int, int], picture: Picture, section: PictureSection, probability: Samples
) -> Samples:
    """Return the probability on a grid of another size over the whole picture, 0 outside the section."""
    down, across = shape[0] / picture.shape[0], shape[1] / picture.shape[1]
    frame = section.frame
    top, bottom = round(frame.top * down), round(frame.bottom * down)
    left, right = round(frame.left * across), round(frame.right * across)
    canvas = np.zeros(shape, np.float32)
    canvas[top:bottom, left:right] = np.nan_to_num(
        resampled(probability, (bottom - top, right - left))
    )
    return canvas


def _in_colours(picture: Picture, rows: slice, scale: tuple[float, float]) -> NDArray[np.uint8]:
    """Return rows of a picture in colours of a byte each, their own copy; what is transparent is white."""
    part = picture.pixels[rows]
    if part.dtype != np.uint8:
        low, high = (np.float32(each) for each in scale)
        levels = (part.astype(np.float32) - low) * (255 / max(high - low, np.float32(1e-30)))
        part = np.clip(np.nan_to_num(levels), 0, 255).astype(np.uint8)
    canvas = np.array(np.broadcast_to(np.atleast_3d(part), (*part.shape[:2], 3)), np.uint8)
    if picture.shown is not None:
        canvas[~picture.shown[rows]] = 255
    return canvas


def _strips(first: int, last: int) -> Iterator[slice]:
    for start in range(first, last, STRIP):
        yield slice(start, min(last, start + STRIP))
