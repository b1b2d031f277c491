"""Faults in a picture: a section at the size that networks know, and what they see in the picture again."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.pictures.colours import (
    GREY,
    Curve,
    amplitude_table,
    amplitudes,
    curve_of,
)
from models.pictures.frame import Frame, section_frame
from models.pictures.ink import ink_zoom, is_ink
from models.pictures.likeness import Likeness, likeness
from models.pictures.resample import ReadRows, resampled, resampled_strips
from models.pictures.scale import Zoom, window_of, zoom_of
from storage.errors import InputError
from storage.pictures import LEAST_SIDE, Picture
from tasks.ensemble import FaultNetworks
from tasks.fan_out import Progress
from tasks.section import Samples, predict_picture

Polarity = Literal["normal", "reversed", "auto"]

SIZES = (1.0, 0.7)
"""Of what networks see, whose mean is taken: nobody knows well how large a picture is drawn. On three
pictures of the North Sea with drawn faults: average precision .206 at 1, .219 at .7, .241 for both; F1
within 2 pixels at the best threshold .490, .486, .514."""

SAMPLE = 1 << 20
"""Pixels that tell the range of levels."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user says of a picture; None: it is found out.

    Attributes
    ----------
    crop
        Left, top, right, bottom of the section, pixels.
    zoom
        Factors across and down by which it is made larger before networks see it.
    aspect
        Pixels from trace to trace over pixels from sample to sample.
    polarity
        normal: light, red or the like is positive; reversed; auto: the mean of what is seen in both. It
        matters little: average precision .206, .203 and .209 on the pictures of `SIZES`.
    """

    crop: tuple[int, int, int, int] | None = None
    zoom: tuple[float, float] | None = None
    aspect: float | None = None
    polarity: Polarity = "normal"


@dataclass(frozen=True, slots=True)
class PictureSection:
    """A section out of a picture.

    Attributes
    ----------
    frame
        Where it lies in the picture.
    palette
        Its colours.
    ink
        It is black ink on white paper.
    zoom
        By which it was made larger.
    samples
        What networks see, float16 (rows, columns), NaN where the picture is empty.
    likeness
        How much it looks like a section.
    foreign
        Share of its pixels that are none of the palette's: lettering, lines.
    """

    frame: Frame
    palette: Curve
    ink: bool
    zoom: Zoom
    samples: NDArray[np.float16]
    likeness: Likeness
    foreign: float


def section_of(picture: Picture, wish: Wish) -> PictureSection:
    """Return the section that a picture shows, at the size at which networks should see it.

    Parameters
    ----------
    picture
        As it was read.
    wish
        What is known of it.

    Raises
    ------
    InputError
        If the part to look at lies outside, or is too small.
    ParameterError
        If it is blank.
    """
    frame = _frame(picture, wish)
    rows, columns = window_of(frame.shape)
    palette = _palette(picture, frame)
    read = _amplitudes(picture, frame, palette)
    window = read(rows)[:, columns]
    like = likeness(window)
    ink = not picture.in_colours and is_ink(window)
    zoom = _zoom(window, wish, ink=ink)
    if ink:  # wiggles are not what layers look like
        like = likeness(np.asarray(resampled(window, _zoomed(window.shape, zoom))))
    wanted = _zoomed(frame.shape, zoom)
    samples = np.empty(wanted, np.float16)
    for part, strip in resampled_strips(read, frame.shape, wanted):
        samples[part] = strip
    foreign = float(np.isnan(window).mean()) if picture.in_colours else 0.0
    return PictureSection(frame, palette, ink, zoom, samples, like, foreign)


def faults_of(
    section: PictureSection,
    networks: FaultNetworks,
    *,
    polarity: Polarity = "normal",
    threads: int = 1,
    progress: Progress | None = None,
) -> Samples:
    """Return the fault probability of a section out of a picture, of the shape of its samples.

    Parameters
    ----------
    section
        From `section_of`.
    networks
        Which are to see it.
    polarity
        As in `Wish`.
    threads, progress
        As in `tasks.section.predict_plane`.
    """
    signs = {"normal": (1,), "reversed": (-1,), "auto": (1, -1)}[polarity]
    shape = section.samples.shape[0], section.samples.shape[1]
    found = np.zeros(shape, np.float32)
    for size in SIZES:
        rows, columns = (max(LEAST_SIDE, round(side * size)) for side in shape)
        seen = resampled(section.samples, (rows, columns))
        for sign in signs:
            one = predict_picture(
                seen if sign > 0 else -seen, networks=networks, threads=threads, progress=progress
            )
            found += resampled(one, shape)
    return found / np.float32(len(SIZES) * len(signs))


def _frame(picture: Picture, wish: Wish) -> Frame:
    """Return the part that the user names, or that is found."""
    rows, columns = picture.shape
    if wish.crop is None:
        return section_frame(picture.pixels, picture.shown, level_range(picture))
    frame = Frame(*wish.crop)
    inside = 0 <= frame.left < frame.right <= columns and 0 <= frame.top < frame.bottom <= rows
    if not inside or min(frame.shape) < LEAST_SIDE:
        raise InputError(
            picture.name,
            f"--crop {','.join(map(str, wish.crop))} is no part of its {columns} x {rows} pixels",
            f"Name left,top,right,bottom, {LEAST_SIDE} pixels or more apart.",
        )
    return frame


def _palette(picture: Picture, frame: Frame) -> Curve:
    """Return the palette of a part of a picture."""
    if not picture.in_colours:
        return GREY
    step = max(1, int(np.sqrt(frame.shape[0] * frame.shape[1] / 1e6)))
    part = picture.pixels[frame.rows, frame.columns][::step, ::step]
    return curve_of(part.reshape(-1, 3).astype(np.uint8))


def level_range(picture: Picture) -> tuple[float, float]:
    """Return the darkest and the lightest level, of one byte or of what there is."""
    if picture.pixels.dtype == np.uint8:
        return 0.0, 255.0
    step = max(1, int(np.sqrt(picture.pixels.size / SAMPLE)))
    some = picture.pixels[::step, ::step]
    low, high = np.quantile(some[np.isfinite(some)], [0.001, 0.999])
    return float(low), float(high)


def _amplitudes(picture: Picture, frame: Frame, palette: Curve) -> ReadRows:
    """Return what reads rows of the section as amplitudes from -1 to 1, NaN where there is none."""
    low, high = level_range(picture)
    table = amplitude_table(palette)

    def read(rows: slice) -> Samples:
        below = slice(frame.top + rows.start, frame.top + rows.stop)
        part = picture.pixels[below, frame.columns]
        if not picture.in_colours:
            found = (
                (part - np.float32((low + high) / 2)) / np.float32(max(high - low, 1e-30) / 2)
            ).astype(np.float32)
        elif palette is GREY:
            found = part.mean(axis=2, dtype=np.float32) / np.float32(127.5) - 1
        else:
            found = amplitudes(part.astype(np.uint8), table)
        if picture.shown is not None:
            found[~picture.shown[below, frame.columns]] = np.nan
        return found

    return read


def _zoom(window: Samples, wish: Wish, *, ink: bool) -> Zoom:
    """Return the zoom that the user wants, or that suits the picture."""
    if wish.zoom:
        return Zoom(*wish.zoom)
    zoom = ink_zoom(window) if ink else zoom_of(window)
    return Zoom(zoom.down / wish.aspect, zoom.down) if wish.aspect else zoom


def _zoomed(shape: tuple[int, ...], zoom: Zoom) -> tuple[int, int]:
    """Return rows and columns at another size."""
    rows, columns = shape[0] * zoom.down, shape[1] * zoom.across
    return max(LEAST_SIDE, round(rows)), max(LEAST_SIDE, round(columns))
