"""From trace headers to a survey geometry and a trace map.

A trace map says for every bin which trace of the file lies there. Line numbers are looked for at the
usual places; the first place where every trace has a bin of its own wins.
"""

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.errors import SegyError
from storage.geometry import Domain, SurveyGeometry, fit_affine, line_axis
from storage.segy.fields import (
    CDP_X,
    CDP_Y,
    COORDINATE_SCALAR,
    COORDINATE_UNITS,
    GEOGRAPHIC,
    LINE_BYTES,
    OFFSET,
    SOURCE_X,
    SOURCE_Y,
    TRACE_HEADER_BYTES,
    trace_field,
)
from storage.segy.records import RecordLayout
from storage.segy.sample_axis import AXIS_FIELDS, sample_axis

READ_BYTES = 32 << 20
"""Bytes read at once while scanning headers; bounds the memory of a scan of any file."""

SPARSEST = 0.1
"""A grid with fewer traces than this share of its bins means wrong header bytes."""

NO_COORDINATE = -(2**31)
"""Written by some tools into the coordinates of dead traces."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What a scan finds.

    Parameters
    ----------
    layout
        Where the records lie.
    geometry
        Axes, coordinates, live mask.
    trace_map
        Trace number of every bin, from 0, -1 where there is none; int64, shape of the live mask.
    line_bytes
        Header bytes of inline and crossline.
    coordinate_bytes
        Header bytes of CDP X and Y, None where the file has no coordinates.
    warnings
        One line each, for the report.
    """

    layout: RecordLayout
    geometry: SurveyGeometry
    trace_map: NDArray[np.int64]
    line_bytes: tuple[int, int]
    coordinate_bytes: tuple[int, int] | None
    warnings: tuple[str, ...]


def scan(
    layout: RecordLayout,
    *,
    line_bytes: tuple[int | None, int | None] = (None, None),
    domain: Domain = "time",
    sample_interval: float | None = None,
) -> Survey:
    """Read all trace headers and find the geometry.

    Parameters
    ----------
    layout
        From `storage.segy.records.inspect`.
    line_bytes
        Header bytes of inline and crossline where the user knows them.
    domain
        ``depth`` reads the interval as thousandths of a metre, ``time`` as microseconds.
    sample_interval
        Overrides the file, ms or metres.

    Raises
    ------
    SegyError
        If no place holds line numbers that give every trace a bin of its own, or the sample axis
        is unknown or changes from trace to trace.
    """
    wanted = {COORDINATE_SCALAR, COORDINATE_UNITS, CDP_X, CDP_Y, SOURCE_X, SOURCE_Y, OFFSET}
    wanted |= {*AXIS_FIELDS, *(byte for pair in LINE_BYTES for byte in pair)}
    wanted |= {byte for byte in line_bytes if byte}
    columns = read_columns(layout, sorted(wanted))
    pair = _line_bytes(layout, columns, line_bytes)
    inline, crossline = columns[pair[0]], columns[pair[1]]
    inlines, crosslines = (np.array(line_axis(line), np.int32) for line in (inline, crossline))
    cells = (
        np.searchsorted(inlines, inline).astype(np.int64),
        np.searchsorted(crosslines, crossline).astype(np.int64),
    )
    trace_map = np.full((len(inlines), len(crosslines)), -1, dtype=np.int64)
    trace_map[cells] = np.arange(layout.traces)
    warnings: list[str] = []
    coordinate_bytes, x, y = _coordinates(columns, pair)
    cdp_x, cdp_y = np.full(trace_map.shape, np.nan), np.full(trace_map.shape, np.nan)
    cdp_x[cells], cdp_y[cells] = x, y
    affine = fit_affine(inline, crossline, x, y)
    angle_unit = _angle_unit(columns[COORDINATE_UNITS], y)
    if coordinate_bytes is None:
        warnings.append(
            "The trace headers hold no coordinates; wells cannot be kept from its faults."
        )
    elif affine is None and min(trace_map.shape) > 1:
        warnings.append("The coordinates of the trace headers lie on no regular grid.")
    if angle_unit:
        warnings.append(
            f"The coordinates are in {angle_unit} (byte {COORDINATE_UNITS}), not in metres; wells "
            "cannot be kept from its faults."
        )
    if missing := trace_map.size - layout.traces:
        warnings.append(f"{missing} of {trace_map.size} bins have no trace; they stay empty.")
    if skipped := int(((inline <= 0) & (crossline <= 0)).sum()):
        warnings.append(
            f"{skipped} traces have inline and crossline numbers of zero or less; OpendTect leaves "
            "them out."
        )
    samples = sample_axis(layout, columns, domain, sample_interval, warnings)
    live = trace_map >= 0
    geometry = SurveyGeometry(inlines, crosslines, samples, live, cdp_x, cdp_y, affine, angle_unit)
    return Survey(layout, geometry, trace_map, pair, coordinate_bytes, tuple(warnings))


def read_columns(layout: RecordLayout, fields: list[int]) -> dict[int, NDArray[np.int32]]:
    """Return header fields of all traces: byte -> int32, shape (traces,).

    Records are read in blocks when they are short; a long record is skipped and only its header
    read, so that the scan of a large file reads little more than its headers.
    """
    columns = {field: np.empty(layout.traces, dtype=np.int32) for field in fields}
    step = max(1, READ_BYTES // layout.record_bytes)
    descriptor = os.open(layout.path, os.O_RDONLY)
    try:
        for start in range(0, layout.traces, step):
            count = min(step, layout.traces - start)
            headers = _headers(descriptor, layout, start, count)
            for field in fields:
                columns[field][start : start + count] = trace_field(headers, field, layout.order)
    finally:
        os.close(descriptor)
    return columns


def _headers(descriptor: int, layout: RecordLayout, start: int, count: int) -> NDArray[np.uint8]:
    """Return the raw headers of a run of traces, shape (count, 240)."""
    if layout.record_bytes > 16 * 4096:
        rows = (
            os.pread(descriptor, TRACE_HEADER_BYTES, layout.offset(start + i))
            for i in range(count)
        )
        block = b"".join(rows)
        return np.frombuffer(block, np.uint8).reshape(count, TRACE_HEADER_BYTES)
    block = os.pread(descriptor, count * layout.record_bytes, layout.offset(start))
    return np.frombuffer(block, np.uint8).reshape(count, -1)[:, :TRACE_HEADER_BYTES]


def _line_bytes(
    layout: RecordLayout,
    columns: dict[int, NDArray[np.int32]],
    given: tuple[int | None, int | None],
) -> tuple[int, int]:
    """Return the first pair of header bytes whose numbers give every trace its own bin."""
    if all(given):
        candidates = [(given[0] or 0, given[1] or 0)]
    else:
        candidates = [(given[0] or il, given[1] or xl) for il, xl in LINE_BYTES]
    problems = []
    for pair in candidates:
        problem = _problem(columns[pair[0]], columns[pair[1]], columns[OFFSET])
        if problem is None:
            return pair
        problems.append(f"{pair[0]}/{pair[1]}: {problem}")
    raise SegyError(
        layout.path,
        "no inline and crossline numbers that place every trace (" + "; ".join(problems) + ")",
        "Name their header bytes with --inline-byte and --crossline-byte.",
    )


def _problem(
    inline: NDArray[np.int32], crossline: NDArray[np.int32], offset: NDArray[np.int32]
) -> str | None:
    """Say why these numbers cannot be a grid, or None where they can."""
    traces = len(inline)
    if not inline.any() and not crossline.any():
        return "all zero"
    key = inline.astype(np.int64) << 32 | (crossline.astype(np.int64) & 0xFFFFFFFF)
    order = np.argsort(key, kind="stable")
    doubled = np.flatnonzero(np.diff(key[order]) == 0)
    if len(doubled):
        first, second = sorted(order[doubled[0] : doubled[0] + 2])
        apart = "" if offset[first] == offset[second] else ", at different offsets: pre-stack data"
        return (
            f"{len(doubled)} traces share the bin of another, such as traces {first + 1} and "
            f"{second + 1}{apart}"
        )
    n_inline, n_crossline = len(line_axis(inline)), len(line_axis(crossline))
    if traces < SPARSEST * n_inline * n_crossline:
        return f"{traces} traces on {n_inline} x {n_crossline} lines"
    return None


def _coordinates(
    columns: dict[int, NDArray[np.int32]], line_bytes: tuple[int, int]
) -> tuple[tuple[int, int] | None, NDArray[np.float64], NDArray[np.float64]]:
    """Return where the coordinates lie and, in metres, what they are; NaN where unknown."""
    scalar = columns[COORDINATE_SCALAR].astype(np.float64)
    factor = np.where(scalar > 0, scalar, np.where(scalar < 0, -1 / np.minimum(scalar, -1), 1.0))
    for pair in ((CDP_X, CDP_Y), (SOURCE_X, SOURCE_Y)):
        if set(pair) & set(line_bytes):
            continue
        raw_x, raw_y = columns[pair[0]], columns[pair[1]]
        known = ((raw_x != 0) | (raw_y != 0)) & (raw_x != NO_COORDINATE) & (raw_y != NO_COORDINATE)
        varies = (
            len(raw_x) == 1 or np.ptp(raw_x[known]) or np.ptp(raw_y[known]) if known.any() else 0
        )
        if varies:
            x, y = np.where(known, raw_x * factor, np.nan), np.where(known, raw_y * factor, np.nan)
            return pair, x, y
    nothing = np.full(len(scalar), np.nan)
    return None, nothing, nothing


def _angle_unit(units: NDArray[np.int32], y: NDArray[np.float64]) -> str | None:
    """Return the unit of coordinates that are angles.

    Files in metres say degrees now and then; a latitude beyond the pole gives them away.
    """
    name, pole = GEOGRAPHIC.get(int(units[0]), (None, 0))
    known = np.abs(y[np.isfinite(y)])
    return name if known.size and known.max() <= pole else None
