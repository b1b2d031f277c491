"""Makers of small fault volumes for tests: a plane fault in a survey on a turned grid."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.geometry import SampleAxis, grid_geometry
from storage.volume import Variable, create_volume, finish, open_array

INLINES, CROSSLINES, SAMPLES = 140, 150, 20
FIRST_TWT_MS, INTERVAL_MS = 1000.0, 4.0
TURN = math.radians(32.0)
BIN_M = 25.0
AFFINE = (
    *(430_000.0, BIN_M * math.cos(TURN), -2 * BIN_M * math.sin(TURN)),
    *(6_480_000.0, BIN_M * math.sin(TURN), 2 * BIN_M * math.cos(TURN)),
)
"""Inlines 25 m and crosslines 50 m apart, turned by 32 degrees; both are numbered in steps."""

INLINE_NUMBERS = 401 + 1 * np.arange(INLINES, dtype=np.int32)
CROSSLINE_NUMBERS = 1202 + 1 * np.arange(CROSSLINES, dtype=np.int32)


def probability() -> NDArray[np.float32]:
    """A dipping fault: it crosses inlines and crosslines, and moves with depth."""
    inline, crossline, sample = np.ogrid[:INLINES, :CROSSLINES, :SAMPLES]
    distance = np.abs(inline - 0.5 * crossline - 10 - 2.0 * sample)
    return np.asarray(np.exp(-((distance / 2.0) ** 2)), dtype=np.float32)


def write_fault_volume(
    path: Path,
    *,
    values: NDArray[np.float32] | None = None,
    affine: tuple[float, ...] | None = AFFINE,
    coordinates: bool = True,
    threshold: float | None = 0.5,
    complete: bool = True,
) -> NDArray[np.float64]:
    """Write a store like a run's ``faults.zarr``; return CDP X/Y of the bins, (inline, crossline, 2)."""
    live = np.ones((INLINES, CROSSLINES), bool)
    live[:9, :30] = False
    axis = SampleAxis("time", FIRST_TWT_MS, INTERVAL_MS, SAMPLES)
    geometry = grid_geometry(INLINE_NUMBERS, CROSSLINE_NUMBERS, axis, AFFINE, live)
    variable = Variable("fault_probability", np.float32, "1", "fault probability")
    attributes = {"domain": "time", "affine": affine, "key": "0" * 64}
    if threshold is not None:
        attributes["threshold"] = threshold  # type: ignore[assignment]
    create_volume(path, geometry, [variable], attributes)
    filled = probability() if values is None else values
    filled[~live] = np.nan
    open_array(path, "fault_probability", mode="r+")[...] = filled
    if not coordinates:
        for name in ("cdp_x", "cdp_y"):
            open_array(path, name, mode="r+")[...] = np.nan
    if complete:
        finish(path, {})
    x0, x_inline, x_crossline, y0, y_inline, y_crossline = AFFINE
    inline, crossline = np.meshgrid(INLINE_NUMBERS, CROSSLINE_NUMBERS, indexing="ij")
    return np.stack(
        [
            x0 + x_inline * inline + x_crossline * crossline,
            y0 + y_inline * inline + y_crossline * crossline,
        ],
        axis=-1,
    )
