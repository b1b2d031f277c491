"""Sections as people draw them: layers with faults, in grey, in colours, in ink, with axes around."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Samples = NDArray[np.float32]
Pixels = NDArray[np.uint8]

MIDDLE = 0.14
"""Cycles a sample of the layers."""


def layers(
    shape: tuple[int, int], seed: int = 0, *, throw: float = 0.0, noise: float = 0.1
) -> Samples:
    """Return a section of bent layers, (rows, columns), -1 to 1; a fault in its middle throws them down."""
    rows, columns = shape
    rng = np.random.default_rng(seed)
    reflectors = rng.standard_normal(rows + 400)
    times = np.arange(-30, 31) * MIDDLE
    wavelet = (1 - 2 * (np.pi * times) ** 2) * np.exp(-((np.pi * times) ** 2))
    trace = np.convolve(reflectors, wavelet, "same")
    across = np.arange(columns)
    bend = 12 * np.sin(across / columns * 5 + seed) + 0.06 * across
    depth = np.arange(rows)[:, None] + bend[None] + 100
    depth = depth + throw * (across > columns // 2 + np.arange(rows)[:, None] / 4)
    section = np.interp(depth, np.arange(trace.size), trace)
    grain = ndimage.gaussian_filter1d(rng.standard_normal(shape), 1.0, axis=0)
    section += noise * section.std() / grain.std() * grain
    return np.asarray(np.clip(section / (2.5 * section.std()), -1, 1), np.float32)


def grey(section: Samples) -> Pixels:
    """Draw a section in grey."""
    return np.asarray(np.rint((section + 1) * 127.5), np.uint8)


def coloured(section: Samples, palette: Sequence[Sequence[int]]) -> Pixels:
    """Draw a section in colours that stand at even steps of amplitude."""
    steps, points = np.linspace(-1, 1, len(palette)), np.array(palette, float)
    bands = [np.interp(section, steps, points[:, band]) for band in range(3)]
    return np.asarray(np.rint(np.stack(bands, axis=-1)), np.uint8)


def in_ink(section: Samples, pitch: int, down: int) -> NDArray[np.bool_]:
    """Draw a section as wiggles whose positive half is filled, so many pixels a trace; True is paper."""
    columns = section.shape[1]
    fine = ndimage.zoom(section, (down, 1), order=1)
    paper = np.ones((fine.shape[0], columns * pitch), bool)
    side = np.arange(pitch) - pitch // 3
    for trace in range(columns):
        right = fine[:, trace, None] * pitch * 0.6
        filled = (side[None] >= 0) & (side[None] <= right)
        line = np.abs(side[None] - right) < 0.7
        paper[:, trace * pitch : (trace + 1) * pitch] = ~(filled | line)
    return paper


def with_axes(
    section: NDArray[Any],
    margins: tuple[int, int, int, int],
    paper: int = 255,
    *,
    box: bool = True,
) -> NDArray[Any]:
    """Put a section on a page: margins left, top, right, bottom, a box, ticks, lettering, a colour bar."""
    left, top, right, bottom = margins
    rows, columns = section.shape[:2]
    page = np.full((rows + top + bottom, columns + left + right, *section.shape[2:]), paper)
    page = page.astype(np.uint8)
    ink = 0 if paper > 127 else 255
    if box:
        page[top - 1, left - 1 : left + columns + 1] = ink
        page[top + rows, left - 1 : left + columns + 1] = ink
        page[top - 1 : top + rows + 1, left - 1] = ink
        page[top - 1 : top + rows + 1, left + columns] = ink
    for row in range(top, top + rows, 50):
        page[row, left - 6 : left - 1] = ink
        page[row - 3 : row + 4 : 2, left - 26 : left - 10 : 3] = (
            ink  # what letters look like from afar
        )
    for column in range(left, left + columns, 80):
        page[top - 6 : top - 1, column] = ink
    page[top // 3 : top // 3 + 8 : 2, left + 20 : left + 120 : 4] = ink
    page[top : top + rows, left : left + columns] = section
    return page
