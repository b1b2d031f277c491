"""Whether the coordinates of a survey are coordinates: on the grid, and of a size that bins have."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from storage.segy.columns import Column
from storage.segy.coordinates import factors_of
from storage.segy.doctor.finding import Finding, OptionValue, Severity, counted
from storage.segy.doctor.grids import SQUARE, Coordinates2D, Fit, fit_grid
from storage.segy.doctor.look import Headers, coordinates_at
from storage.segy.fields import COORDINATE_SCALAR, TRACE_FIELDS, TRACE_HEADER_BYTES, TRACE_ID
from storage.segy.lines import Pair

DEAD = 2
"""Trace identification code of a dead trace."""

SMALLEST_BIN, LARGEST_BIN = 0.5, 200.0
"""Sides of the bins of real surveys, in metres."""

USUAL_BIN = (5.0, 50.0)
"""Sides of the bins of most; no two scalars give both of them such bins."""

SCALARS = (1, *(sign * 10**power for power in range(1, 5) for sign in (-1, 1)))
"""Coordinate scalars of the standard, which some writers leave at 0 for 1."""

LARGEST_ONE, LARGEST_BOTH = 3.5e7, 1.1e7
"""No map has larger coordinates in metres, be they prefixed by a zone, and none where both are as large."""

METRES = {"m": 1.0, "ft": 0.3048}

SMALLEST_STEP = 4.0
"""What coordinates grow by from line to line at least, in the numbers of the headers."""

STRAIGHT = 0.02
"""What may be left of a column of coordinates when line numbers have been taken from it."""

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class OnMap:
    """The traces of a survey on the map.

    Parameters
    ----------
    inline, crossline
        Line numbers, shape (n,).
    x, y
        Coordinates, NaN where unknown.
    trace
        Numbers of the traces, from 0.
    pair
        Header bytes of the coordinates, None where there are none.
    unit
        Of the coordinates.
    """

    inline: Column
    crossline: Column
    x: Points
    y: Points
    trace: NDArray[np.int64]
    pair: Pair | None
    unit: str

    @property
    def is_line(self) -> bool:
        """True for a single line."""
        return bool(np.ptp(self.inline) == 0 or np.ptp(self.crossline) == 0)


def judge_coordinates(on_map: OnMap, headers: Headers, line_bytes: Pair | None) -> list[Finding]:
    """Say what is wrong with coordinates.

    Parameters
    ----------
    on_map
        The traces that have a bin.
    headers
        Some trace headers, among which other coordinates are looked for.
    line_bytes
        Of the line numbers; None where they were made.
    """
    if on_map.pair is None or on_map.is_line:
        fit = None
    else:
        fit = fit_grid(on_map.inline, on_map.crossline, on_map.x, on_map.y)
    findings = _unknown(on_map, headers)
    if fit is None and not on_map.is_line:
        findings += _elsewhere(on_map, headers, line_bytes)
    if fit is not None:
        findings += [*_outliers(on_map, fit), *_skewed(fit), *_scale(on_map, fit.bin, headers)]
    elif on_map.pair and on_map.is_line:
        findings += _scale(on_map, _spacing(on_map), headers)
    return findings


def _unknown(on_map: OnMap, headers: Headers) -> list[Finding]:
    """Tell of traces without coordinates among others."""
    unknown = np.isnan(on_map.x)
    if on_map.pair is None or not unknown.any():
        return []
    first = int(on_map.trace[unknown].min())
    codes = headers.field(TRACE_ID)[np.isin(headers.numbers, on_map.trace[unknown])]
    dead = "dead trace" if len(codes) and (codes == DEAD).all() else "trace"
    what = (
        f"{counted(int(unknown.sum()), dead)} without valid coordinates, such as trace {first + 1}; they "
        "stay unknown"
    )
    return [Finding("unknown-coordinates", "note", what, _place(on_map.pair))]


def _outliers(on_map: OnMap, fit: Fit) -> list[Finding]:
    """Tell of traces with coordinates that are off the grid of the others."""
    if not (count := int(fit.off.sum())):
        return []
    at = int(np.flatnonzero(fit.off)[0])
    what = (
        f"{counted(count, 'trace')} off the grid of the others, such as trace "
        f"{int(on_map.trace[at]) + 1} at {on_map.x[at]:.10g}, {on_map.y[at]:.10g}: the volume gets no map "
        "from lines to coordinates"
    )
    advice = "Correct their coordinates in the file, or set them to 0."
    return [Finding("off-grid", "look", what, _place(on_map.pair), advice=advice)]


def _skewed(fit: Fit) -> list[Finding]:
    if fit.cosine < SQUARE:
        return []
    angle = np.degrees(np.arccos(fit.cosine))
    what = f"inlines and crosslines meet at {angle:.0f} degrees by the coordinates"
    return [Finding("skewed", "look", what, advice="See whether the line numbers are right.")]


def _scale(on_map: OnMap, spacing: float, headers: Headers) -> list[Finding]:
    """Tell of a coordinate scalar that is zero, none of the standard, or makes no map of the numbers.

    Parameters
    ----------
    on_map
        The traces.
    spacing
        Distance of neighbouring traces.
    headers
        Some trace headers.
    """
    if on_map.unit not in METRES or not spacing > 0:
        return []
    where = f"trace bytes {COORDINATE_SCALAR}-{COORDINATE_SCALAR + 1}"
    size = _Size.of(on_map, spacing)
    scalars = np.unique(headers.coordinate_scalars)
    in_use = np.unique(factors_of(scalars))
    if len(in_use) > 1:
        if size.plausible:
            return []
        what = (
            f"{size.words(on_map.unit)}, and the coordinate scalar is not the same in all traces"
        )
        advice = "Correct the scalars in the file, or name one for all with --coordinate-scalar."
        return [Finding("coordinate-scale", "look", what, where, advice=advice)]
    now = int(scalars[-1])
    factors = dict(zip(SCALARS, factors_of(np.array(SCALARS)) / in_use, strict=True))
    others = {scalar: factor for scalar, factor in factors.items() if size.times(factor).plausible}
    # The usual bins first, then the smallest change.
    better = min(
        others,
        key=lambda scalar: (not size.times(others[scalar]).usual, abs(np.log10(others[scalar]))),
        default=None,
    )
    options: dict[str, OptionValue] = {} if better is None else {"coordinate_scalar": better}
    if not size.plausible and better is not None:
        factor = others[better]
        wrong = f"{max(factor, 1 / factor):.4g} times too {'small' if factor > 1 else 'large'}"
        what = f"{size.words(on_map.unit)}: with a coordinate scalar of {now} they seem {wrong}"
        severity: Severity = "wrong" if size.times(factor).usual else "look"
        return [Finding("coordinate-scale", severity, what, where, options)]
    if now == 0:
        return [Finding("scalar-0", "note", "the coordinate scalar is 0 and counts as 1", where)]
    if now not in SCALARS:
        what = f"the coordinate scalar is {now}, which is no power of ten up to 10000"
        return [Finding("odd-scalar", "look", what, where, options)]
    return []


@dataclass(frozen=True, slots=True)
class _Size:
    """How large coordinates are, in metres: the smaller of the largest X and Y, the larger, the spacing."""

    smaller: float
    larger: float
    spacing: float

    @classmethod
    def of(cls, on_map: OnMap, spacing: float) -> Self:
        metres = METRES[on_map.unit]
        ends = sorted(float(np.nanmax(np.abs(values))) * metres for values in (on_map.x, on_map.y))
        return cls(ends[0], ends[1], spacing * metres)

    def times(self, factor: float) -> "_Size":
        return _Size(self.smaller * factor, self.larger * factor, self.spacing * factor)

    @property
    def plausible(self) -> bool:
        """True where they may be those of a map."""
        inside = self.smaller <= LARGEST_BOTH and self.larger <= LARGEST_ONE
        return inside and SMALLEST_BIN <= self.spacing <= LARGEST_BIN

    @property
    def usual(self) -> bool:
        """True where the bins are like those of most surveys."""
        return USUAL_BIN[0] <= self.spacing < USUAL_BIN[1]

    def words(self, unit: str) -> str:
        spacing, larger = (value / METRES[unit] for value in (self.spacing, self.larger))
        return f"traces are {spacing:.4g} {unit} apart, coordinates go up to {larger:.4g}"


def _spacing(on_map: OnMap) -> float:
    """Return the typical distance of traces that follow one another."""
    steps = np.hypot(np.diff(on_map.x), np.diff(on_map.y))
    steps = steps[steps > 0]
    return float(np.median(steps)) if steps.size else 0.0


def _elsewhere(on_map: OnMap, headers: Headers, line_bytes: Pair | None) -> list[Finding]:
    """Look for coordinates at other bytes: two neighbouring columns on a right-angled grid."""
    rows = np.searchsorted(on_map.trace, headers.numbers)
    rows[rows == len(on_map.trace)] = 0
    known = on_map.trace[rows] == headers.numbers
    inline, crossline = on_map.inline[rows[known]], on_map.crossline[rows[known]]
    if len(inline) < 4:
        return []
    straight = _straight(headers, known, inline, crossline)
    for x_byte in straight:
        pair = (x_byte, x_byte + 4)
        if pair == on_map.pair or pair[1] not in straight or _overlap(pair, line_bytes):
            continue
        found = coordinates_at(headers, pair)
        fit = _fit(found, known, inline, crossline) if found else None
        if fit and fit.cosine < SQUARE and 2 * SMALLEST_BIN <= fit.bin <= LARGEST_BIN:
            now = (
                f"those at {_place(on_map.pair)} lie on no grid"
                if on_map.pair
                else "none are found"
            )
            what = f"coordinates on the grid of the line numbers lie at bytes {pair[0]}/{pair[1]}; {now}"
            options: dict[str, OptionValue] = {"cdp_x_byte": pair[0], "cdp_y_byte": pair[1]}
            return [Finding("coordinates", "wrong", what, _place(pair), options)]
    return []


def _overlap(pair: Pair, line_bytes: Pair | None) -> bool:
    """Tell whether fields of four bytes share some with those of the line numbers."""
    return any(abs(one - other) < 4 for one in pair for other in line_bytes or ())


def _fit(
    found: Coordinates2D, known: NDArray[np.bool_], inline: Column, crossline: Column
) -> Fit | None:
    return fit_grid(inline, crossline, found.x[known], found.y[known])


def _straight(
    headers: Headers, known: NDArray[np.bool_], inline: Column, crossline: Column
) -> list[int]:
    """Return the four-byte columns that grow evenly with the line numbers."""
    places = [byte for byte in range(1, TRACE_HEADER_BYTES - 2) if TRACE_FIELDS.get(byte, 4) == 4]
    columns = np.stack([headers.field(byte)[known] for byte in places], axis=1).astype(np.float64)
    ones = np.ones(len(inline))
    design = np.stack([ones, inline - inline.mean(), crossline - crossline.mean()], axis=1)
    solution, *_ = np.linalg.lstsq(design, columns)
    left = (columns - design @ solution).std(axis=0)
    # Line numbers grow evenly as well, but seldom by as much.
    steep = np.hypot(*solution[1:]) > SMALLEST_STEP
    straight = (columns.std(axis=0) > 0) & (left <= STRAIGHT * columns.std(axis=0)) & steep
    return [byte for byte, good in zip(places, straight, strict=True) if good]


def _place(pair: Pair | None) -> str:
    return f"trace bytes {pair[0]}/{pair[1]}" if pair else ""
