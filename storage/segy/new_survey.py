"""A SEG-Y file for samples that come from no SEG-Y file, such as a synthetic survey."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.geometry import SurveyGeometry
from storage.locations import whole_file
from storage.segy import fields
from storage.segy.checklist import Origin, Title, file_header, fill_trace_headers
from storage.segy.writer import lay_out, make_records, write_records

CENTIMETRES = -100
"""Coordinate scalar: integers in the headers are divided by 100."""


NEW = Origin("big", (fields.CDP_X, fields.CDP_Y))
"""Where `new_headers` puts what they hold."""


def new_headers(
    cdp_x: NDArray[np.float64], cdp_y: NDArray[np.float64], scalar: int = CENTIMETRES
) -> NDArray[np.uint8]:
    """Return raw trace headers that hold coordinates and nothing else.

    Parameters
    ----------
    cdp_x, cdp_y
        In metres or feet, shape (n,); what is not known becomes 0.
    scalar
        Negative: the headers hold whole numbers of its parts.

    Returns
    -------
    ndarray of uint8, shape (n, 240)
        Big-endian.
    """
    raw = np.zeros((len(cdp_x), fields.TRACE_HEADER_BYTES), np.uint8)
    fields.set_trace_field(raw, fields.COORDINATE_SCALAR, scalar)
    for byte, values in ((fields.CDP_X, cdp_x), (fields.CDP_Y, cdp_y)):
        whole = np.rint(np.nan_to_num(values) * abs(scalar)).astype(np.int32)
        fields.set_trace_field(raw, byte, whole)
    return raw


def scalar_for(geometry: SurveyGeometry) -> int:
    """Return the finest scalar with which headers of four bytes hold all coordinates of a survey."""
    largest = np.nanmax(np.abs([geometry.cdp_x, geometry.cdp_y]), initial=0.0)
    fits = (scalar for scalar in (-100, -10, -1) if largest * -scalar < 2**31 - 1)
    return next(fits, -1)


def write_survey(
    path: Path, geometry: SurveyGeometry, sections: Iterable[NDArray[np.float32]], title: Title
) -> None:
    """Write a survey inline by inline; one section is in memory at a time.

    Parameters
    ----------
    path
        The file; it appears whole.
    geometry
        Line numbers, coordinates, live mask and sample axis.
    sections
        One for each inline, shape (n_crossline, n_sample); bins without a trace are left out.
    title
        For the text header.
    """
    live_traces = int(geometry.live_mask.sum())
    with whole_file(path) as part:
        lay_out(part, file_header(geometry, title), live_traces, geometry.samples.count)
        first = 0
        for index, section in enumerate(sections):
            live = geometry.live_mask[index]
            count = int(live.sum())
            raw = new_headers(geometry.cdp_x[index, live], geometry.cdp_y[index, live])
            inline = np.full(count, geometry.inlines[index], np.int32)
            headers = fill_trace_headers(
                raw,
                NEW,
                geometry.samples,
                inline,
                geometry.crosslines[live],
                first + np.arange(count),
            )
            write_records(part, make_records(headers, section[live]), [first], [count])
            first += count
