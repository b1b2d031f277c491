"""The frame of a survey in metres, from its coordinates as far as it has any."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.surfaces.frame import BIN_M, Frame, down_step
from models.tiles import missing_axis
from storage.geometry import SurveyGeometry, line_step

METRES_PER_FOOT = 0.3048

Vector = tuple[float, float, float]


def frame_of(geometry: SurveyGeometry, velocity: float) -> Frame:
    """Return how the axes of a survey lie in space.

    Parameters
    ----------
    geometry
        Of the survey. Where its coordinates are no lengths or no grid, lines are taken as 25 m apart, inline
        numbers growing to the north and crossline numbers to the east, and ``known`` is False.
    velocity
        m/s, for two-way time.
    """
    axis, missing = geometry.samples, missing_axis(geometry.shape)
    unit, z_unit = (
        METRES_PER_FOOT if each == "ft" else 1.0 for each in (geometry.xy_unit, axis.length_unit)
    )
    interval = axis.interval * (z_unit if axis.domain == "depth" else 1.0)
    down = down_step(interval, domain=axis.domain, velocity=velocity)
    frame = Frame((0.0, BIN_M, 0.0), (BIN_M, 0.0, 0.0), (0.0, 0.0, down), missing, known=False)
    if geometry.angle_unit:
        return frame
    if missing is not None:
        along = _along(geometry, unit)
        if along is None:
            return frame
        aside = (
            -along[1] / np.hypot(*along[:2]) * BIN_M,
            along[0] / np.hypot(*along[:2]) * BIN_M,
            0.0,
        )
        inline, crossline = (aside, along) if missing == 0 else (along, aside)
        return replace(frame, inline=inline, crossline=crossline, known=True)
    if geometry.affine is None:
        return frame
    _, dx_il, dx_xl, _, dy_il, dy_xl = (unit * each for each in geometry.affine)
    by_inline, by_crossline = line_step(geometry.inlines), line_step(geometry.crosslines)
    known = replace(
        frame,
        inline=(dx_il * by_inline, dy_il * by_inline, 0.0),
        crossline=(dx_xl * by_crossline, dy_xl * by_crossline, 0.0),
        known=True,
    )
    return known if known.cell_m3 > 0 else frame


def _along(geometry: SurveyGeometry, unit: float) -> Vector | None:
    """Return the step along a line: its mean direction, and the median distance of its traces."""
    places = np.stack([geometry.cdp_x.ravel(), geometry.cdp_y.ravel()], axis=1) * unit
    known: NDArray[np.float64] = places[np.isfinite(places).all(axis=1)]
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    steps = steps[np.isfinite(steps) & (steps > 0)]
    way = known[-1] - known[0] if len(known) else np.zeros(2)
    if not len(steps) or not np.hypot(*way) > 0:
        return None
    east, north = way / np.hypot(*way) * float(np.median(steps))
    return float(east), float(north), 0.0
