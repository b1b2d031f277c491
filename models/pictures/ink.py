"""Sections in ink: wiggles on paper, scanned in black and white, become smooth amplitudes.

The ink of a variable-area section is the positive half of each trace, filled. The share of ink across the
width of one trace grows with its amplitude, so the mean over that width is the section again.
"""

import numpy as np

from models.pictures.scale import Zoom, zoom_of
from models.pictures.spectra import Samples, spectrum

EXTREME, PURE = 0.15, 0.9
"""So near to black or white; so much of the pixels: then a picture is ink on paper."""

LEAST_TRACE, MOST_TRACE = 3, 80
"""Pixels from one trace to the next."""

PEAK = 6.0
"""Power of traces that stand side by side, over what lies around that frequency."""


def is_ink(window: Samples) -> bool:
    """Tell whether a picture has black and white alone, and some of both.

    Parameters
    ----------
    window
        Amplitudes, any range.
    """
    low, high = float(np.nanmin(window)), float(np.nanmax(window))
    if high <= low:
        return False
    level = (window - low) / (high - low)
    dark, light = float(np.mean(level < EXTREME)), float(np.mean(level > 1 - EXTREME))
    return dark + light >= PURE and min(dark, light) >= 0.02


def trace_pitch(window: Samples) -> float | None:
    """Return how many pixels lie from one trace to the next; None: there are no separate traces."""
    frequencies, power = spectrum(np.nan_to_num(window), 1)
    inside = np.flatnonzero((frequencies > 1 / MOST_TRACE) & (frequencies < 1 / LEAST_TRACE))
    if inside.size < 8:
        return None
    around = np.array(
        [
            np.median(power[(frequencies > 0.6 * f) & (frequencies < 1.5 * f)])
            for f in frequencies[inside]
        ]
    )
    stands_out = power[inside] / np.maximum(around, 1e-30)
    strong = np.flatnonzero(stands_out >= PEAK)
    if not strong.size:
        return None
    # The lowest of a comb of harmonics, at its summit: what bends layers has raised its flanks too.
    first = frequencies[inside[strong[0]]]
    near = inside[(frequencies[inside] >= first) & (frequencies[inside] < 1.5 * first)]
    return float(1 / frequencies[near[int(np.argmax(power[near]))]])


def ink_zoom(window: Samples) -> Zoom:
    """Return how much a picture in ink should be zoomed: one column a trace.

    Parameters
    ----------
    window
        (rows, columns), its middle.
    """
    pitch = trace_pitch(window)
    if pitch is None:
        return zoom_of(window)
    width = max(1, round(pitch))
    columns = window.shape[1] // width
    traces = window[:, : columns * width].reshape(-1, columns, width).mean(axis=2)
    down = zoom_of(np.asarray(traces, np.float32)).down
    return Zoom(1 / pitch, down)
