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
    facts = Origin("big", (fields.CDP_X, fields.CDP_Y))
    live_traces = int(geometry.live_mask.sum())
    with whole_file(path) as part:
        lay_out(part, file_header(geometry, title), live_traces, geometry.samples.count)
        first = 0
        for index, section in enumerate(sections):
            live = geometry.live_mask[index]
            count = int(live.sum())
            raw = np.zeros((count, fields.TRACE_HEADER_BYTES), np.uint8)
            fields.set_trace_field(raw, fields.COORDINATE_SCALAR, CENTIMETRES)
            for byte, values in (
                (fields.CDP_X, geometry.cdp_x),
                (fields.CDP_Y, geometry.cdp_y),
            ):
                centimetres = np.rint(values[index, live] * -CENTIMETRES).astype(np.int32)
                fields.set_trace_field(raw, byte, centimetres)
            inline = np.full(count, geometry.inlines[index], np.int32)
            headers = fill_trace_headers(
                raw,
                facts,
                geometry.samples,
                inline,
                geometry.crosslines[live],
                first + np.arange(count),
            )
            write_records(part, make_records(headers, section[live]), [first], [count])
            first += count
