"""From files, samples and a scanned survey to the facts of an examination, and to what an ingest takes."""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.statistics import AmplitudeStatistics, merge_statistics
from storage.geometry import SurveyGeometry, line_step
from storage.layout import lateral_blocks, volume_grid
from storage.segy.doctor.formats import NAMES
from storage.segy.doctor.head import Head
from storage.segy.fields import FILE_HEADER_BYTES, SAMPLES
from storage.segy.records import RecordLayout
from storage.segy.samples import SampleFormat
from storage.segy.scan import Survey
from storage.segy.source import Source, Traces
from tasks.examination import (
    AxisFacts,
    FileFacts,
    LineFacts,
    MapFacts,
    PlanFacts,
    SampleFacts,
    TraceFacts,
)

BYTES_A_SECOND = 150e6
"""What one thread converts, headers and statistics included."""

MOST_THREADS = 8
"""More threads than this wait for the disk."""

SHARDS_IN_WORK = 2.5
"""Memory of a job in shards: records, samples, the shard being packed."""

PROCESS_BYTES = 80 << 20
BYTES_A_TRACE = 28
"""Memory of the process with its libraries, and of what a scan keeps of every trace."""


def head_facts(head: Head, size: int) -> FileFacts:
    """Return what a file states whose records are not found."""
    return FileFacts(
        size,
        f"{head.revision >> 8}.{head.revision & 255}",
        head.order,
        head.format_code,
        NAMES.get(head.format_code, "unknown"),
        head.samples or head.count(SAMPLES),
        None,
        (head.first_traces(size) or [FILE_HEADER_BYTES])[0],
        head.header_bytes,
        0,
    )


def file_facts(layout: RecordLayout, size: int) -> FileFacts:
    """Return what a file is."""
    return FileFacts(
        size,
        f"{layout.revision >> 8}.{layout.revision & 255}",
        layout.order,
        layout.format_code,
        NAMES[layout.format_code],
        layout.samples,
        layout.traces,
        layout.first,
        layout.header_bytes,
        layout.trailer_bytes,
    )


def survey_facts(survey: Survey) -> dict[str, Any]:
    """Return the facts of a scanned survey, by the field names of `Examination`."""
    geometry, pair = survey.geometry, survey.line_bytes or (None, None)
    samples = geometry.samples
    live = int(geometry.live_mask.sum())
    start = samples.start + 0.0  # no minus before a zero
    last = start + samples.interval * (samples.count - 1)
    return {
        "inlines": _lines(geometry.inlines, pair[0]),
        "crosslines": _lines(geometry.crosslines, pair[1]),
        "vertical": AxisFacts(
            samples.domain, start, last, samples.interval, samples.count, samples.unit
        ),
        "traces": TraceFacts(
            survey.source.traces,
            geometry.live_mask.size,
            live,
            geometry.live_mask.size - live,
            len(survey.without_bin),
            _order(survey.trace_map),
        ),
        "coordinates": _map(survey),
        "plan": _plan(geometry, survey.source),
    }


def sample_facts(source: Source, raw: NDArray[np.uint8]) -> SampleFacts:
    """Return statistics of the samples of some traces.

    Parameters
    ----------
    source
        Where they come from.
    raw
        Sample bytes, shape (n, bytes).
    """
    reading = SampleFormat(source.format_code, source.order)
    samples = np.empty((len(raw), source.samples), reading.stored)
    reading.decode(np.ascontiguousarray(raw), samples)
    statistics = AmplitudeStatistics()
    statistics.add(samples)
    facts = merge_statistics([statistics.as_dict()])
    seen = facts["samples"] or 1
    return SampleFacts(
        len(raw),
        facts["min"],
        facts["max"],
        facts["mean"],
        facts["rms"],
        round(facts["zeros"] / seen, 4),
        round(1 - facts["finite"] / seen, 4),
        int((~raw.any(axis=1)).sum()),
        facts["quantiles"],
    )


def _lines(numbers: NDArray[np.int32], byte: int | None) -> LineFacts:
    return LineFacts(byte, int(numbers[0]), int(numbers[-1]), line_step(numbers), len(numbers))


def _order(trace_map: Traces) -> str:
    """Say in which order the traces lie in the files."""
    for name, numbers in (
        ("inline by inline", trace_map),
        ("crossline by crossline", trace_map.T),
    ):
        for lines in (numbers, numbers[::-1], numbers[:, ::-1], numbers[::-1, ::-1]):
            flat = lines.reshape(-1)
            if (np.diff(flat[flat >= 0]) > 0).all():
                return name
    return "mixed"


def _map(survey: Survey) -> MapFacts | None:
    geometry, pair = survey.geometry, survey.coordinate_bytes
    known = np.isfinite(geometry.cdp_x)
    if pair is None or not known.any():
        return None
    x, y = geometry.cdp_x[known], geometry.cdp_y[known]
    extent = ((float(x.min()), float(x.max())), (float(y.min()), float(y.max())))
    unknown = int((geometry.live_mask & ~known).sum())
    unit = geometry.angle_unit or geometry.xy_unit
    return MapFacts(*pair, unit, *extent, unknown, geometry.affine, *_grid(geometry))


def _grid(geometry: SurveyGeometry) -> tuple[float | None, float | None, float | None]:
    """Return distances of neighbouring inlines and crosslines, and the azimuth of an inline."""
    if geometry.affine is None:
        return None, None, None
    _, dx_il, dx_xl, _, dy_il, dy_xl = geometry.affine
    inline, crossline = line_step(geometry.inlines), line_step(geometry.crosslines)
    azimuth = float(np.degrees(np.arctan2(dx_xl, dy_xl))) % 360
    return (
        round(float(np.hypot(dx_il, dy_il)) * inline, 3),
        round(float(np.hypot(dx_xl, dy_xl)) * crossline, 3),
        round(azimuth, 2) % 360,
    )


def _plan(geometry: SurveyGeometry, source: Source) -> PlanFacts:
    stored = SampleFormat(source.format_code, source.order).stored.itemsize
    shards = volume_grid(geometry.shape, stored).shards
    jobs = len(lateral_blocks(geometry.shape, shards))
    threads = min(os.cpu_count() or 1, jobs)
    shape = [min(n, part) for n, part in zip(geometry.shape, shards, strict=True)]
    traces = shape[0] * shape[1]
    job_bytes = traces * (geometry.samples.count * stored + source.header_bytes)
    return PlanFacts(
        jobs,
        traces * shape[2] * stored,
        threads,
        PROCESS_BYTES + int(threads * SHARDS_IN_WORK * job_bytes) + BYTES_A_TRACE * source.traces,
        source.traces * (source.samples * stored + source.header_bytes),
        round(
            source.traces * source.record_bytes / BYTES_A_SECOND / min(threads, MOST_THREADS), 1
        ),
    )
