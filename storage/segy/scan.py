"""From trace headers to a survey geometry and a trace map.

A trace map says for every bin which trace of the file lies there. Coordinates go from the headers' whole
numbers straight to the bins, one axis after the other, so that a scan takes about 24 bytes a trace, whatever
the size of a survey.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from storage.geometry import Domain, LengthUnit, SurveyGeometry, fit_bins
from storage.segy.bins import Duplicates
from storage.segy.columns import Column
from storage.segy.coordinates import NOTHING, coordinate_values, read_coordinates
from storage.segy.lines import Pair, Places, find_lines
from storage.segy.notice import Notice
from storage.segy.records import RecordLayout
from storage.segy.sample_axis import sample_axis
from storage.segy.source import Source, Traces


@dataclass(frozen=True, slots=True)
class Axis:
    """What the user says of the vertical axis.

    Parameters
    ----------
    domain
        ``depth`` reads the interval as thousandths of a metre, ``time`` as microseconds.
    sample_interval
        Overrides the file, ms or metres.
    strict
        Refuse what a SEG-Y file made from this one could not hold.
    depth_unit, xy_unit
        Units of depths and of coordinates; None: both are that of the file's measurement system.
    """

    domain: Domain = "time"
    sample_interval: float | None = None
    strict: bool = True
    depth_unit: LengthUnit | None = None
    xy_unit: LengthUnit | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What a scan finds.

    Parameters
    ----------
    source
        The files, and where their records lie.
    geometry
        Axes, coordinates, live mask.
    trace_map
        Trace number of every bin, from 0, -1 where there is none; int32 where that holds them, shape of
        the live mask.
    without_bin
        Traces that have no bin of their own: duplicates, and those without line numbers; int64, ascending.
    line_bytes
        Header bytes of inline and crossline; None where the numbers were made from the coordinates
        or from the order of the file.
    coordinate_bytes
        Header bytes of CDP X and Y, None where the file has no coordinates.
    coordinate_scalar
        What the user names instead of the scalars of the headers.
    notices
        What is uncommon about it.
    """

    source: Source
    geometry: SurveyGeometry
    trace_map: Traces
    without_bin: Traces
    line_bytes: Pair | None
    coordinate_bytes: Pair | None
    coordinate_scalar: int | None
    notices: tuple[Notice, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is uncommon about it, a line each."""
        return tuple(map(str, self.notices))

    @property
    def layout(self) -> RecordLayout:
        """Where the records of the first file lie."""
        return self.source.first


def scan(
    source: Source,
    *,
    places: Places | None = None,
    axis: Axis | None = None,
    duplicates: Duplicates = "first",
) -> Survey:
    """Read all trace headers and find the geometry.

    Parameters
    ----------
    source
        From `storage.segy.source.source_of`.
    places
        What the user says of header bytes.
    axis
        What the user says of the vertical axis.
    duplicates
        Which of several traces of one bin lies on the grid; the others are kept beside it.
        ``error`` refuses them.

    Raises
    ------
    SegyError
        If no place holds line numbers that place the traces, or the sample axis is unknown or changes
        from trace to trace.
    """
    places, axis = places or Places(), axis or Axis()
    found = find_lines(source, places, duplicates)
    coordinates = read_coordinates(source, found.columns, places.coordinates, found.pair)
    notices = [*found.notices, *coordinates.notices]
    bins, pair, steady = found.bins, found.pair, found.columns.steady
    del found  # and columns with it: each takes four bytes a trace
    cdp_x = _on_bins(bins.trace_map, coordinates.raw_x, coordinates.factors)
    coordinates = replace(coordinates, raw_x=NOTHING)
    cdp_y = _on_bins(bins.trace_map, coordinates.raw_y, coordinates.factors)
    coordinates = replace(coordinates, raw_y=NOTHING)
    affine = fit_bins(bins.inlines, bins.crosslines, cdp_x, cdp_y)
    if coordinates.pair and affine is None and min(bins.trace_map.shape) > 1:
        what = "the coordinates of the trace headers lie on no regular grid"
        notices.append(Notice("off-grid", what))
    samples = sample_axis(
        source.first,
        steady,
        axis.domain,
        axis.sample_interval,
        notices,
        strict=axis.strict,
    )
    xy_unit = axis.xy_unit or samples.length_unit
    if axis.domain == "time":
        samples = replace(samples, length_unit=xy_unit)
    elif axis.depth_unit:
        samples = replace(samples, length_unit=axis.depth_unit)
    geometry = SurveyGeometry(
        bins.inlines,
        bins.crosslines,
        samples,
        bins.trace_map >= 0,
        cdp_x,
        cdp_y,
        affine,
        coordinates.angle_unit,
        None if coordinates.angle_unit else xy_unit,
    )
    without_bin = np.sort(np.concatenate([bins.doubled, bins.stray]))
    return Survey(
        source,
        geometry,
        bins.trace_map,
        without_bin,
        pair,
        coordinates.pair,
        places.coordinate_scalar,
        tuple(notices),
    )


def _on_bins(trace_map: Traces, raw: Column, factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one coordinate of the bins, shape of the map, NaN where it is not known; row by row."""
    if not len(raw):
        return np.broadcast_to(np.nan, trace_map.shape)
    values = np.full(trace_map.shape, np.nan)
    for row, numbers in zip(values, trace_map, strict=True):
        live = np.flatnonzero(numbers >= 0)
        row[live] = coordinate_values(raw, factors, numbers[live])
    return values
