"""At which size networks should see a picture: what they learned has layers of a certain thickness.

A picture may show a trace over many pixels, or many traces in one. Three things are measured: by how much it
was enlarged, be it by repetition or smoothly; how thick its layers are; how fine it is sideways, as no trace
is narrower than what it shows. A section may be smooth of its own, so what is fine sideways only ever keeps a
picture from being made small; where nothing tells how small, its layers do, as if both ways were alike.
"""

from dataclasses import dataclass

import numpy as np

from models.pictures.enlargement import enlargement, without_copies
from models.pictures.spectra import Samples, quantile

LAYERS = 0.145
"""Half of a section's power along traces lies below so many cycles a sample where networks are good: .147,
.158 and .143 on three sections of the North Sea, .145 and .158 on two off New Zealand."""

AS_IT_IS = (0.75, 1.4)
"""Zooms between these change nothing that matters: layers of training examples vary as much."""

SMALLEST, LARGEST = 1 / 32, 2.0

FINEST = 0.45
"""Cycles a trace below which all but a thousandth of the power lies, where traces are told apart."""

WINDOW = 2048
"""Pixels along each side by which a picture is measured."""


@dataclass(frozen=True, slots=True)
class Zoom:
    """Factors by which a picture is made larger (above 1) or smaller before networks see it."""

    across: float
    down: float


def window_of(shape: tuple[int, int]) -> tuple[slice, slice]:
    """Return the middle of a picture, by which it is measured."""
    rows, columns = (
        slice((side - min(side, WINDOW)) // 2, (side + min(side, WINDOW)) // 2) for side in shape
    )
    return rows, columns


def zoom_of(window: Samples) -> Zoom:
    """Return how much a picture should be zoomed.

    Parameters
    ----------
    window
        (rows, columns), its middle; NaN counts as the mean.
    """
    known = np.where(np.isfinite(window), window, np.nanmean(window)).astype(np.float32)
    known, copies = without_copies(known - known.mean())
    turned, rows = without_copies(np.ascontiguousarray(known.T))
    known = np.ascontiguousarray(turned.T)
    wanted = quantile(known, 0, 0.5) / LAYERS
    sideways = _sideways(known, wanted)
    return Zoom(_bounded(_kept(sideways) / copies), _bounded(_kept(wanted) / rows))


def _sideways(known: Samples, wanted: float) -> float:
    """Return the zoom across of what repeats nothing, given that of its layers."""
    drawn = enlargement(known)
    if drawn == 1:
        return max(min(1.0, quantile(known, 1, 0.999) / FINEST), wanted)
    down = min(enlargement(np.ascontiguousarray(known.T)), drawn)
    return max(1.0, _kept(wanted * down)) / drawn


def _kept(zoom: float) -> float:
    """Return 1 for a zoom that changes little."""
    return 1.0 if AS_IT_IS[0] <= zoom <= AS_IT_IS[1] else zoom


def _bounded(zoom: float) -> float:
    return float(min(max(zoom, SMALLEST), LARGEST))
