"""Pictures of sections as arrays: PNG, TIFF, JPEG and what else a screen or a scanner gives, up to a size.

What cannot be a picture, is cut short, or would unpack to more than the memory holds is refused in one line.
"""

import io
import logging
import struct
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from storage.errors import InputError
from storage.locations import whole_file

READABLE = ("PNG", "TIFF", "JPEG", "BMP", "GIF", "WEBP")
FORMATS = {".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF", ".jpg": "JPEG", ".jpeg": "JPEG"}
"""What can be written, by the end of the file's name."""

MOST_PIXELS = 120_000_000
"""A section on paper, six metres long at 300 dots an inch, has as many."""

LEAST_SIDE = 32
"""Pixels: fewer show no fault."""

STRIP = 256
"""Rows that are unpacked at once: an image of many megapixels is held once and not three times."""

MEND = "Name a PNG, TIFF or JPEG picture of a section."
QUALITY = 95

SILENT = logging.NullHandler()

Pixels = NDArray[np.uint8 | np.uint16 | np.float32]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture.

    Attributes
    ----------
    name
        Of its file, for what is said of it.
    pixels
        (rows, columns) where it is grey: uint8, uint16 or float32; (rows, columns, 3) uint8 in colours.
    shown
        (rows, columns), False where it is transparent; None: it is nowhere.
    """

    name: str
    pixels: Pixels
    shown: NDArray[np.bool_] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def in_colours(self) -> bool:
        """It has colours that are not grey."""
        return self.pixels.ndim == 3


def read_picture(source: Path | bytes, name: str = "the picture") -> Picture:
    """Return the first image of a file.

    Parameters
    ----------
    source
        A path, or what a file holds.
    name
        What to call it where ``source`` is no path.

    Raises
    ------
    InputError
        If it is no picture, or is truncated, too large or too small.
    """
    name = str(source) if isinstance(source, Path) else name
    with _said_of(name), _opened(source) as image:
        _check_size(name, image.size)
        upright = ImageOps.exif_transpose(image)
        picture = Picture(name, *_unpacked(_plain(upright)))
    if picture.in_colours and _is_grey(picture.pixels):
        return replace(picture, pixels=picture.pixels[..., 0].copy())
    return picture


def write_picture(path: Path, pixels: Pixels) -> None:
    """Write a picture whose name tells its form; it appears whole.

    Parameters
    ----------
    path
        Ends in .png, .tif, .tiff, .jpg or .jpeg.
    pixels
        (rows, columns) uint8 or uint16, or (rows, columns, 3) uint8. JPEG holds no uint16.

    Raises
    ------
    InputError
        If it ends in something else, or the form does not hold such pixels.
    """
    form = picture_form(path)
    if form == "JPEG" and pixels.dtype != np.uint8:
        raise InputError(path, "JPEG holds no 16-bit grey", "Name a .png or .tif file.")
    _save(path, Image.fromarray(pixels), form)


def write_strips(path: Path, shape: tuple[int, int], strips: Iterable[NDArray[np.uint8]]) -> None:
    """Write a picture in colours that comes some rows at a time, so that it is held once; as `write_picture`.

    Parameters
    ----------
    path
        As there.
    shape
        Rows and columns of the whole.
    strips
        (rows, columns, 3) each, from the top.
    """
    form = picture_form(path)
    image, row = Image.new("RGB", shape[::-1]), 0
    for strip in strips:
        image.paste(Image.fromarray(strip), (0, row))
        row += strip.shape[0]
    _save(path, image, form)


def _save(path: Path, image: Image.Image, form: str) -> None:
    with whole_file(path) as part:
        image.save(part, format=form, **({"quality": QUALITY} if form == "JPEG" else {}))


def picture_form(path: Path) -> str:
    """Return the form of a picture to write, by its name.

    Raises
    ------
    InputError
        If it is not known.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise InputError(path, "this form of picture is not known", "Use .png, .tif or .jpg.")
    return form


def read_mask(path: Path) -> NDArray[np.float32]:
    """Return how much each pixel of a drawn mask is drawn on, 0 to 1.

    Where a picture of one colour has transparency, that is the mask; else what is brighter than black.

    Raises
    ------
    InputError
        As `read_picture`.
    """
    with _said_of(str(path)), _opened(path) as image:
        _check_size(str(path), image.size)
        if image.mode.startswith("I;16"):
            return np.asarray(image, np.float32) / np.float32(65535)
        rgba = np.asarray(image.convert("RGBA"))
        colours = rgba[rgba[..., 3] > 0][:, :3]
        transparent = rgba[..., 3].min() < 255 and bool((colours == colours[:1]).all())
        drawn = rgba[..., 3] if transparent else np.asarray(image.convert("L"))
        return np.asarray(drawn, np.float32) / np.float32(255)


@contextmanager
def _said_of(name: str) -> Iterator[None]:
    """Turn whatever Pillow says of bytes that make no picture into one line."""
    logging.getLogger("PIL").addHandler(SILENT)  # the one line says it
    try:
        with warnings.catch_warnings():
            # Its limit of pixels is another than ours; odd EXIF and palettes are not the user's concern.
            warnings.simplefilter("ignore")
            yield
    except InputError:
        raise
    except UnidentifiedImageError:
        raise InputError(name, "this is no picture", MEND) from None
    except Image.DecompressionBombError:
        raise InputError(name, _too_large(), MEND) from None
    except FileNotFoundError:
        raise InputError(name, "there is no such file", MEND) from None
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
        IndexError,
        KeyError,
    ) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(name, f"it cannot be read as a picture ({reason})", MEND) from None


@contextmanager
def _opened(source: Path | bytes) -> Iterator[Image.Image]:
    file = source if isinstance(source, Path) else io.BytesIO(source)
    with Image.open(file, formats=READABLE) as image:
        yield image


def _check_size(name: str, size: tuple[int, int]) -> None:
    """Refuse by the header, before anything is unpacked."""
    columns, rows = size
    if columns * rows > MOST_PIXELS:
        raise InputError(name, f"it has {columns} x {rows} pixels; {_too_large()}", MEND)
    if min(size) < LEAST_SIDE:
        raise InputError(
            name,
            f"it has {columns} x {rows} pixels",
            f"A section needs {LEAST_SIDE} or more along each side.",
        )


def _too_large() -> str:
    return f"more than {MOST_PIXELS // 1_000_000} megapixels are not unpacked"


def _plain(image: Image.Image) -> Image.Image:
    """Return the image in one of the forms that are unpacked: 1, L, LA, RGB, RGBA, I;16, I, F."""
    if "transparency" in image.info or image.mode == "PA":
        return image.convert("RGBA")
    if image.mode in ("1", "L", "LA", "RGB", "RGBA", "I", "F") or image.mode.startswith("I;16"):
        return image
    return image.convert("RGB")  # CMYK, YCbCr, LAB, HSV


def _unpacked(image: Image.Image) -> tuple[Pixels, NDArray[np.bool_] | None]:
    """Return the pixels and where they are shown, unpacked strip by strip."""
    columns, rows = image.size
    image.load()
    bands = len(image.getbands())
    colours = bands >= 3
    kinds = {"I": np.float32, "F": np.float32}
    kind = np.uint16 if image.mode.startswith("I;16") else kinds.get(image.mode, np.uint8)
    pixels = np.empty((rows, columns, 3) if colours else (rows, columns), kind)
    shown = np.empty((rows, columns), np.bool_) if bands in (2, 4) else None
    for first in range(0, rows, STRIP):
        last = min(rows, first + STRIP)
        strip = np.asarray(image.crop((0, first, columns, last)))
        if strip.dtype == np.bool_:
            strip = strip * np.uint8(255)
        if shown is not None:
            shown[first:last] = strip[..., -1] > 127
            strip = strip[..., :3] if colours else strip[..., 0]
        pixels[first:last] = strip
    return pixels, None if shown is None or shown.all() else shown


def _is_grey(pixels: Pixels) -> bool:
    """Tell whether all pixels of an image in colours are grey."""
    red, green, blue = (pixels[..., band] for band in range(3))
    return all(
        np.array_equal(red[first : first + STRIP], other[first : first + STRIP])
        for first in range(0, pixels.shape[0], STRIP)
        for other in (green, blue)
    )
