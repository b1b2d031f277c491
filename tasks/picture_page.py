"""What a page does with a picture that was dropped on it, in the process that keeps the networks."""

import tempfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.section_levels import Levels, probability_levels, thinning
from storage.pictures import Picture, read_picture, write_picture
from tasks.ensemble import fault_networks
from tasks.picture import (
    PictureSection,
    Wish,
    faults_of,
    section_of,
)
from tasks.picture_drawing import on_grid_of, picture_with_faults, probability_picture
from tasks.section import Samples
from tasks.standing_process import Reporter


class PictureShown(NamedTuple):
    """A picture as a page draws it.

    Attributes
    ----------
    pixels
        A word of RGBA bytes each, shape (down, across); thinned where a screen shows no more.
    shape
        Rows and columns of the picture itself.
    """

    pixels: NDArray[np.uint32]
    shape: tuple[int, int]


class PictureFaults(NamedTuple):
    """What was found in a picture.

    Attributes
    ----------
    levels
        Over the whole picture, see `models.section_levels`; of the shape that its pixels are drawn in.
    most
        Largest probability.
    notes
        What was taken for the section, and what speaks against its being one.
    """

    levels: Levels
    most: float
    notes: tuple[str, ...]


class PictureFiles(NamedTuple):
    """PNG files: the picture with faults, and the probability alone in 16 bits."""

    result: bytes
    mask: bytes


class _Seen(NamedTuple):
    picture: Picture
    section: PictureSection
    probability: Samples


def show_picture(name: str, data: bytes, *, progress: Reporter) -> PictureShown:
    """Return a picture as it is drawn.

    Raises
    ------
    InputError
        If it is none, or none that can be read.
    """
    picture = read_picture(data, name)
    progress(1, 1)
    pixels = picture.pixels[thinning(picture.shape)]
    if pixels.dtype != np.uint8:
        low, high = (float(each) for each in np.nanquantile(pixels, [0.001, 0.999]))
        scaled = (pixels - low) * (255 / max(high - low, 1e-30))
        pixels = np.clip(np.nan_to_num(scaled), 0, 255).astype(np.uint8)
    rgba = np.full((*pixels.shape[:2], 4), 255, np.uint8)
    rgba[..., :3] = pixels if pixels.ndim == 3 else pixels[..., None]
    if picture.shown is not None:
        rgba[..., 3] = np.where(picture.shown[thinning(picture.shape)], 255, 0)
    return PictureShown(rgba.view(np.uint32)[..., 0], picture.shape)


def find_on_picture(name: str, data: bytes, *, progress: Reporter) -> PictureFaults:
    """Return the faults of a picture.

    Raises
    ------
    InputError, ParameterError
        If it is none, or is blank.
    """
    picture, section, probability = _seen(name, data, progress)
    steps = [part.step for part in thinning(picture.shape)]
    grid = -(-picture.shape[0] // steps[0]), -(-picture.shape[1] // steps[1])
    over = on_grid_of(grid, picture, section, probability)
    live = probability[np.isfinite(probability)]
    return PictureFaults(
        probability_levels(over), float(live.max()) if live.size else 0.0, _notes(picture, section)
    )


def draw_picture(
    name: str, data: bytes, threshold: float, opacity: float, *, progress: Reporter
) -> PictureFiles:
    """Return files of a picture with its faults; what was found before is not sought again."""
    picture, section, probability = _seen(name, data, progress)
    drawn = picture_with_faults(
        picture, section, probability, threshold=threshold, opacity=opacity
    )
    mask = probability_picture(picture, section, probability)
    return PictureFiles(_png(drawn), _png(mask))


def _notes(picture: Picture, section: PictureSection) -> tuple[str, ...]:
    frame = section.frame
    notes = []
    if frame.shape != picture.shape:
        notes.append(
            f"the section lies at {frame.left} to {frame.right} across, {frame.top} to {frame.bottom} down, "
            "the rest is taken for axes and margins"
        )
    notes += [f"this does not look like a section: {doubt}" for doubt in section.likeness.doubts]
    return tuple(notes)


@lru_cache(maxsize=2)  # the process has one reporter, so the picture decides
def _seen(name: str, data: bytes, progress: Reporter) -> _Seen:
    """Look for faults; of the last pictures it is known."""
    picture = read_picture(data, name)
    section = section_of(picture, Wish())
    return _Seen(picture, section, faults_of(section, fault_networks(None), progress=progress))


def _png(pixels: NDArray[np.uint8 | np.uint16]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        write_picture(path, pixels)
        return path.read_bytes()
