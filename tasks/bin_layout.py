"""Where the bins of a fault volume lie in CDP X/Y, and how far from one a place among them may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import InputError
from storage.volume import open_volume

Float = NDArray[np.float64]
COORDINATES_ROUNDED = 1.1
"""By how much bins may seem farther apart than most of them, where trace headers round coordinates."""


@dataclass(frozen=True, slots=True)
class Layout:
    """All bins of a survey, those without a trace among them.

    Attributes
    ----------
    live
        Which have a trace, at least one, shape (inline, crossline).
    places
        CDP X/Y of all, shape (inline, crossline, 2): by the affine, by the headers, as far as known.
    """

    live: NDArray[np.bool_]
    places: list[Float]

    @property
    def reach_m(self) -> float:
        """Distance within which every place among live bins has one of them, metres.

        Half the longer diagonal of a bin: lines may be several times as far apart as the traces along
        them. Of a single line it is the distance between its traces.
        """
        at = np.where(self.live[..., None], self.places[0], np.nan)
        diagonals = [
            _typical(at[1:, 1:] - at[:-1, :-1]) / 2,
            _typical(at[1:, :-1] - at[:-1, 1:]) / 2,
        ]
        along = [_typical(np.diff(at, axis=axis)) for axis in (0, 1)]
        return COORDINATES_ROUNDED * (max(diagonals) or max(along))


def layout_of(path: Path) -> Layout:
    """Return where the bins of a fault volume lie.

    Raises
    ------
    InputError
        If neither the survey's affine nor trace headers say so, or no bin has a trace.
    """
    with open_volume(path) as volume:
        live = volume["live_mask"].to_numpy().astype(bool)
        if not live.any():
            raise InputError(path, "no bin has a trace", "Map faults again.")
        places = []
        if affine := volume.attrs.get("affine"):
            inline, crossline = volume["inline"].to_numpy(), volume["crossline"].to_numpy()
            places.append(_by_affine(affine, inline, crossline))
        if "cdp_x" in volume and "cdp_y" in volume:
            headers = np.stack([volume[name].to_numpy() for name in ("cdp_x", "cdp_y")], axis=-1)
            if np.isfinite(headers[live]).all():
                places.append(headers)
    if not places:
        raise InputError(
            path,
            "it does not say where its bins lie in CDP X/Y",
            "Map faults again from a SEG-Y file with coordinates at bytes 181 and 185.",
        )
    return Layout(live, places)


def _by_affine(affine: Sequence[float], inline: Float, crossline: Float) -> Float:
    """Return CDP X/Y of all bins from their numbers, shape (inline, crossline, 2)."""
    x0, x_inline, x_crossline, y0, y_inline, y_crossline = affine
    across, along = inline[:, None].astype(np.float64), crossline[None, :].astype(np.float64)
    x = x0 + x_inline * across + x_crossline * along
    y = y0 + y_inline * across + y_crossline * along
    return np.stack([x, y], axis=-1)


def _typical(steps: Float) -> float:
    """Return the length that most steps have, those to bins without a trace left out; 0 without any."""
    lengths = np.hypot(steps[..., 0], steps[..., 1])
    known = lengths[np.isfinite(lengths)]
    return float(np.median(known)) if known.size else 0.0
