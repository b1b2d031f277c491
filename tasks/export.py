"""From a volume to one SEG-Y file, written in place by many workers and renamed at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from storage.errors import OutputError
from storage.export_files import ExportFiles, flush
from storage.geometry import SampleAxis, SurveyGeometry
from storage.layout import lateral_blocks
from storage.ledger import Identity, open_ledger
from storage.locations import Location
from storage.segy.checklist import (
    IEEE_FLOAT,
    PERCENT,
    Origin,
    Title,
    axis_fault,
    file_header,
    fill_trace_headers,
)
from storage.segy.fields import TRACE_HEADER_BYTES
from storage.segy.group import TRACE_HEADER, has_group, read_facts
from storage.segy.new_survey import NEW, new_headers, scalar_for
from storage.segy.writer import beyond_floats, lay_out, make_records, write_records
from storage.volume import attributes_of, geometry_of, job_shape, read_region, whole
from tasks.fan_out import Progress, Result, run_jobs
from tasks.ingest import block_name

if TYPE_CHECKING:
    from distributed import Client


@dataclass(frozen=True, slots=True)
class ExportJob:
    """One shard column, and for each of its inlines the number of its first trace in the file."""

    volume: Location
    headers: Location
    variable: str
    part: Path
    block: tuple[slice, slice]
    first_traces: tuple[int, ...]
    axis: SampleAxis
    origin: Origin
    new_scalar: int | None
    """Of coordinates in headers that are made, where the store has none."""
    code: int


FRACTIONS = ("fault_probability", "fault_thinned")
"""Variables of values 0 to 1, which alone can be written as per cent."""


def axis_of(volume: Location) -> SampleAxis:
    """Return where the samples of a volume belong, which headers of whole numbers may not hold."""
    return geometry_of(volume).samples


def export(  # noqa: PLR0913 - what is made, and how every stage is run
    volume: Location,
    variable: str,
    path: Path,
    title: Title,
    *,
    identity: Identity,
    headers: Location | None = None,
    code: int = IEEE_FLOAT,
    anew: bool = False,
    replace: bool = False,
    client: "Client | None" = None,
    progress: Progress | None = None,
) -> int:
    """Write one variable of a store as SEG-Y for OpendTect: the input's traces, inline-major.

    Goes on where an earlier call was stopped.

    Parameters
    ----------
    volume
        A complete store.
    variable
        What is exported.
    path
        The file; it appears whole, by rename.
    title
        For the text header; the store's coordinate system stands for one that is not named.
    identity
        Facts that decide the bytes of the file.
    headers
        A store of the same survey with the group ``segy`` (default: ``volume``). Of a survey that came
        from no SEG-Y file headers are made, with coordinates in the finest parts that they hold.
    code
        Sample format: `IEEE_FLOAT`, or `PERCENT` for fault volumes.
    anew
        Begin from nothing, and replace a file that is there.
    replace
        The path is the caller's: a file without a ledger is one that this call made before.
    client, progress
        As in `tasks.fan_out.run_jobs`.

    Returns
    -------
    int
        Samples that no such float holds; they are written as the largest.

    Raises
    ------
    OutputError
        If the headers of such a file cannot hold the vertical axis, the samples are no fractions that per
        cent could stand for, or a file is there that may not be replaced; nothing is written.
    """
    if code == PERCENT and variable not in FRACTIONS:
        raise OutputError(
            volume,
            f"{variable} has other values than 0 to 1, which int8 writes as 0 to 100",
            "Use --sample-format float.",
        )
    title = changed(title, crs=title.crs or attributes_of(volume).get("crs"))
    headers = headers or volume
    geometry = geometry_of(volume)
    origin, new_scalar = _origin(headers, geometry)
    if fault := axis_fault(geometry.samples):
        raise OutputError(volume, fault, "--profile same writes the files that were ingested.")

    def lay_out_part(parts: Sequence[Path]) -> dict[str, int]:
        live = int(geometry.live_mask.sum())
        header, count = file_header(geometry, title, code), geometry.samples.count
        lay_out(parts[0], header, live, count, code)
        return {"traces": live}

    with open_ledger(path, identity, anew=anew) as ledger:
        files = ExportFiles([path], ledger, replace=replace)
        files.begin(lay_out_part)
        # Number of the first live trace at or after each bin, inline by inline.
        live_mask = geometry.live_mask
        first = (live_mask.cumsum() - live_mask.ravel()).reshape(live_mask.shape)
        jobs = {
            block_name(block): ExportJob(
                volume,
                headers,
                variable,
                files.parts[0],
                block,
                tuple(int(n) for n in first[block[0], block[1].start]),
                geometry.samples,
                origin,
                new_scalar,
                code,
            )
            for block in lateral_blocks(geometry.shape, job_shape(volume, variable))
        }
        results = run_jobs(
            export_block, jobs, what="export", client=client, ledger=ledger, progress=progress
        )
        files.finish()
    return sum(result["clipped"] for result in results.values())


def _origin(headers: Location, geometry: SurveyGeometry) -> tuple[Origin, int | None]:
    """Return what trace headers are like, and the scalar of those that are to be made."""
    if not has_group(headers):
        return NEW, scalar_for(geometry)
    facts = read_facts(headers)
    return Origin(facts.order, facts.coordinate_bytes, facts.coordinate_scalar), None


def _raw_headers(job: ExportJob, live: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the headers of the traces of a block: the input's, or new ones with their coordinates."""
    if job.new_scalar is None:
        region = (*job.block, slice(0, TRACE_HEADER_BYTES))
        return read_region(job.headers, TRACE_HEADER, region)[live]
    x, y = (read_region(job.volume, name, job.block)[live] for name in ("cdp_x", "cdp_y"))
    return new_headers(x, y, job.new_scalar)


def export_block(job: ExportJob) -> Result:
    """Write the traces of one block to their places; return their number and that of clipped samples."""
    live = read_region(job.volume, "live_mask", job.block)
    raw = _raw_headers(job, live)
    samples = read_region(job.volume, job.variable, whole(job.block, job.axis.count))[live]
    inline = read_region(job.volume, "inline", (job.block[0],))
    crossline = read_region(job.volume, "crossline", (job.block[1],))
    rows, columns = np.nonzero(live)
    counts = live.sum(axis=1)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    numbers = np.repeat(np.array(job.first_traces), counts) + within
    headers = fill_trace_headers(
        raw, job.origin, job.axis, inline[rows], crossline[columns], numbers
    )
    records = make_records(headers, samples, job.code)
    write_records(job.part, records, list(job.first_traces), [int(n) for n in counts])
    flush(job.part)
    return {"traces": int(live.sum()), "clipped": beyond_floats(samples)}
