"""Fault probability drawn over a picture, and on its own as grey."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

EDGE = 0.8
"""Share of the threshold from which a fault begins to show, so that its edges are smooth."""

Colour = tuple[int, int, int]


def drawn_over(
    pixels: Pixels,
    probability: NDArray[np.float32],
    *,
    threshold: float,
    opacity: float,
    colour: Colour,
) -> None:
    """Draw faults over a part of a picture, in place.

    Parameters
    ----------
    pixels
        (rows, columns, 3).
    probability
        (rows, columns), 0 to 1; NaN where nothing is known.
    threshold
        From which probability a fault is drawn.
    opacity
        0 invisible, 1 hides what is below.
    colour
        Of faults.
    """
    shown = np.nan_to_num((probability / threshold - EDGE) / (1 - EDGE))
    alpha = np.clip(shown, 0, 1) * np.float32(opacity)
    rows, columns = np.nonzero(alpha)
    part = alpha[rows, columns, None]
    below = pixels[rows, columns]
    mixed = below + part * (np.array(colour, np.float32) - below)
    pixels[rows, columns] = np.rint(mixed).astype(np.uint8)


def as_grey(probability: NDArray[np.float32], bits: int) -> NDArray[np.uint8 | np.uint16]:
    """Return probability as grey: 0 black, 1 white; what is not known is black.

    Parameters
    ----------
    probability
        0 to 1 or NaN.
    bits
        8 or 16.
    """
    kind = np.uint8 if bits == 8 else np.uint16
    levels = np.rint(np.nan_to_num(probability) * np.float32((1 << bits) - 1))
    return np.asarray(levels.astype(kind))
