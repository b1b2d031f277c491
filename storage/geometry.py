"""The geometry of a survey: line numbers, the sample axis, and the map from lines to CDP X/Y.

::

        crossline ->          CDP X = x0 + dx_per_inline * inline + dx_per_crossline * crossline
      i  o--o--o--o           CDP Y = y0 + dy_per_inline * inline + dy_per_crossline * crossline
      n  |  |  |  |
      l  o--o--o--o           Line numbers are labels: they are never renumbered.
      i  |  |  |  |           Samples go down: twt in ms, or depth in metres.
      n  o--o--o--o
      e
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

DENSE, BLOCK = 1 << 20, 1 << 16
MOST_FITTED = 100_000
"""Traces that a least-squares fit needs; all others are checked against it."""

Domain = Literal["time", "depth"]
LengthUnit = Literal["m", "ft"]
Affine = tuple[float, float, float, float, float, float]
Region = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True)
class SampleAxis:
    """The vertical axis of a volume.

    Parameters
    ----------
    domain
        ``time``: two-way time in ms; ``depth``: metres below datum.
    start, interval
        First sample and spacing, in ms, metres or feet.
    count
        Number of samples.
    length_unit
        Of a depth axis, and of the survey's coordinates where they have no other: feet stay feet.
    """

    domain: Domain
    start: float
    interval: float
    count: int
    length_unit: LengthUnit = "m"

    @property
    def name(self) -> str:
        """Name of the dimension in a store."""
        return "twt" if self.domain == "time" else "depth"

    @property
    def unit(self) -> str:
        """Unit of the axis."""
        return "ms" if self.domain == "time" else self.length_unit

    def values(self) -> NDArray[np.float64]:
        """Return the position of every sample, shape (count,), in `unit`."""
        return self.start + self.interval * np.arange(self.count, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class SurveyGeometry:
    """Axes of labels, and where each bin lies.

    Parameters
    ----------
    inlines, crosslines
        Line numbers, ascending with one step, int32, shapes (n_inline,) and (n_crossline,).
    samples
        The vertical axis.
    live_mask
        True where the survey has a trace, shape (n_inline, n_crossline).
    cdp_x, cdp_y
        Map coordinates of the bins in metres, feet or `angle_unit`, float64, NaN where unknown.
    affine
        From line numbers to CDP X/Y, as in the drawing above: x0, dx_per_inline,
        dx_per_crossline, y0, dy_per_inline, dy_per_crossline. None where the coordinates lie on no
        grid, as on a single line.
    angle_unit
        Of the coordinates where they are longitude and latitude, None where they are lengths.
    coordinate_unit
        Of coordinates that are lengths; None where it is that of the vertical axis.
    """

    inlines: NDArray[np.int32]
    crosslines: NDArray[np.int32]
    samples: SampleAxis
    live_mask: NDArray[np.bool_]
    cdp_x: NDArray[np.float64]
    cdp_y: NDArray[np.float64]
    affine: Affine | None
    angle_unit: str | None = None
    coordinate_unit: LengthUnit | None = None

    @property
    def xy_unit(self) -> LengthUnit:
        """Unit of lengths on the map; depths may have the other, as in feet below a grid in metres."""
        return self.coordinate_unit or self.samples.length_unit

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return (n_inline, n_crossline, n_sample)."""
        return len(self.inlines), len(self.crosslines), self.samples.count

    @property
    def dims(self) -> tuple[str, str, str]:
        """Return the names of the dimensions."""
        return "inline", "crossline", self.samples.name


def line_axis(numbers: NDArray[np.int32]) -> range:
    """Return the regular axis that holds all line numbers: smallest to largest by their gcd step.

    A range, so that numbers from wrong header bytes cost nothing however far apart they are.
    """
    low, high = int(numbers.min()), int(numbers.max())
    if high - low <= max(
        DENSE, len(numbers)
    ):  # marking is quicker than sorting, and takes less memory
        present = np.zeros(high - low + 1, bool)
        for block in np.array_split(numbers, len(numbers) // BLOCK + 1):
            present[block.astype(np.int64) - low] = True
        found = np.flatnonzero(present) + low
    else:
        found = np.unique(numbers).astype(np.int64)
    step = int(np.gcd.reduce(np.diff(found))) if len(found) > 1 else 1
    return range(int(found[0]), int(found[-1]) + 1, step)


def line_step(axis: NDArray[np.int32]) -> int:
    """Return the step of an axis of line numbers, 1 where it has one line."""
    return int(axis[1]) - int(axis[0]) if len(axis) > 1 else 1


def drawn(count: int) -> NDArray[np.int64]:
    """Return as many numbers below ``count`` as a fit needs, ascending, the same ones each time.

    They are drawn, as every nth trace of a regular survey may lie on one line.
    """
    if count <= MOST_FITTED:
        return np.arange(count)
    return np.unique(np.random.default_rng(0).integers(count, size=MOST_FITTED))


def fit_affine(
    inline: NDArray[np.int32],
    crossline: NDArray[np.int32],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> Affine | None:
    """Fit the map from line numbers to coordinates by least squares.

    Parameters
    ----------
    inline, crossline
        Line numbers of the traces, shape (n,).
    x, y
        Coordinates of the same traces in metres, shape (n,), NaN where unknown.

    Returns
    -------
    tuple of six floats, or None
        None where the traces span no area, or where one lies further than half a bin from the
        fitted grid: such coordinates are no grid, or the header bytes are wrong.
    """
    known = np.isfinite(x) & np.isfinite(y)
    il, xl = inline[known].astype(np.float64), crossline[known].astype(np.float64)
    if len(il) < 3 or np.ptp(il) == 0 or np.ptp(xl) == 0:
        return None
    # Centred numbers keep the normal equations well conditioned for labels in the ten thousands.
    il0, xl0 = il.mean(), xl.mean()
    design = np.stack([np.ones_like(il), il - il0, xl - xl0], axis=1)
    solution, _, rank, _ = np.linalg.lstsq(design, np.stack([x[known], y[known]], axis=1))
    if rank < 3:
        return None
    steps = solution[1:]
    origin = solution[0] - il0 * steps[0] - xl0 * steps[1]
    (x0, y0), (dx_il, dy_il), (dx_xl, dy_xl) = origin, steps[0], steps[1]
    affine = float(x0), float(dx_il), float(dx_xl), float(y0), float(dy_il), float(dy_xl)
    steps_of_lines = (float(np.min(np.diff(np.unique(lines)))) for lines in (il, xl))
    bin_m = _bin_size(affine, *steps_of_lines)
    if not bin_m > 0 or _farthest(affine, il, xl, x[known], y[known]) > 0.5 * bin_m:
        return None
    return affine


def fit_bins(
    inlines: NDArray[np.int32],
    crosslines: NDArray[np.int32],
    cdp_x: NDArray[np.float64],
    cdp_y: NDArray[np.float64],
) -> Affine | None:
    """Fit the map from line numbers to coordinates for bins; some are fitted, all are checked.

    Parameters
    ----------
    inlines, crosslines
        The axes, shapes (n_inline,) and (n_crossline,).
    cdp_x, cdp_y
        Coordinates of the bins, shape (n_inline, n_crossline), NaN where unknown.

    Returns
    -------
    tuple of six floats, or None
        As `fit_affine`.
    """
    rows, columns = np.divmod(drawn(cdp_x.size), len(crosslines))
    affine = fit_affine(
        inlines[rows], crosslines[columns], cdp_x[rows, columns], cdp_y[rows, columns]
    )
    if affine is None:
        return None
    lines = (inlines.astype(np.float64), crosslines.astype(np.float64))
    bin_m = _bin_size(affine, line_step(inlines), line_step(crosslines))
    rows_off = (
        _farthest(affine, il, lines[1], x, y)
        for il, x, y in zip(lines[0], cdp_x, cdp_y, strict=True)
    )
    return None if max(rows_off) > 0.5 * bin_m else affine


def _bin_size(affine: Affine, inline_step: float, crossline_step: float) -> float:
    """Return the shorter side of a bin."""
    _, dx_il, dx_xl, _, dy_il, dy_xl = affine
    return float(
        min(np.hypot(dx_il, dy_il) * inline_step, np.hypot(dx_xl, dy_xl) * crossline_step)
    )


def _farthest(
    affine: Affine,
    inline: NDArray[np.float64] | float,
    crossline: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> float:
    """Return the largest distance of known coordinates from where an affine map has them."""
    x0, dx_il, dx_xl, y0, dy_il, dy_xl = affine
    off = np.hypot(
        x - x0 - dx_il * inline - dx_xl * crossline, y - y0 - dy_il * inline - dy_xl * crossline
    )
    return float(np.max(off, initial=0.0, where=np.isfinite(off)))


def grid_geometry(
    inlines: NDArray[np.int32],
    crosslines: NDArray[np.int32],
    samples: SampleAxis,
    affine: Affine,
    live_mask: NDArray[np.bool_] | None = None,
    coordinate_unit: LengthUnit | None = None,
) -> SurveyGeometry:
    """Return the geometry of a regular grid that an affine map places."""
    il, xl = np.meshgrid(inlines, crosslines, indexing="ij")
    x0, dx_il, dx_xl, y0, dy_il, dy_xl = affine
    live = np.ones(il.shape, bool) if live_mask is None else live_mask
    cdp_x = np.where(live, x0 + dx_il * il + dx_xl * xl, np.nan)
    cdp_y = np.where(live, y0 + dy_il * il + dy_xl * xl, np.nan)
    placed = SurveyGeometry(inlines, crosslines, samples, live, cdp_x, cdp_y, affine)
    return replace(placed, coordinate_unit=coordinate_unit)
