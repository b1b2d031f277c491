"""Whether a picture looks like a section at all, by two measures that layers show and other things do not."""

from dataclasses import dataclass

import numpy as np

from models.errors import ParameterError
from models.pictures.spectra import Samples, quantile

BLANK = 0.004
"""Standard deviation, of the full range: less is a sheet of one colour."""

LAYERED = 1.5
"""Least ratio of changes downwards to changes sideways, by power."""

LAYERS = 6.0
"""Least number of layers on top of each other: sections have 11 and more, photographs about 3."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What was measured.

    Attributes
    ----------
    layering
        Power of changes from row to row, over that from column to column.
    layers
        How many lie on top of each other: rows times the frequency below which half of the power lies.
    """

    layering: float
    layers: float

    @property
    def doubts(self) -> list[str]:
        """What speaks against a section, for people; nothing where all is well."""
        found = []
        if self.layering < LAYERED:
            found.append(
                f"it changes {self.layering:.1f} times as much downwards as sideways, "
                f"and layers change {LAYERED:g} times or more"
            )
        if self.layers < LAYERS:
            found.append(
                f"it has {self.layers:.0f} layers on top of each other, and sections have "
                f"{LAYERS:g} or more"
            )
        return found


def likeness(window: Samples) -> Likeness:
    """Return how much a picture looks like a section.

    Parameters
    ----------
    window
        Amplitudes from -1 to 1 at the size at which networks see them; NaN is unknown.

    Raises
    ------
    ParameterError
        If it is blank.
    """
    known = np.isfinite(window)
    if known.mean() < 0.01 or float(np.std(window[known])) < 2 * BLANK:
        raise ParameterError(
            "the picture",
            "one colour",
            "There is nothing to see in it. Name a picture of a section.",
        )
    filled = np.where(known, window, np.mean(window[known])).astype(np.float32)
    down = float(np.mean(np.diff(filled, axis=0) ** 2))
    across = float(np.mean(np.diff(filled, axis=1) ** 2))
    return Likeness(down / max(across, 1e-12), quantile(filled, 0, 0.5) * filled.shape[0])
