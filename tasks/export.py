"""From a volume to one SEG-Y file, written in place by many workers and renamed at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from storage.errors import OutputError
from storage.export_files import ExportFiles, flush
from storage.geometry import SampleAxis
from storage.layout import lateral_blocks
from storage.ledger import Identity, open_ledger
from storage.locations import Location
from storage.segy.checklist import Origin, Title, axis_fault, file_header, fill_trace_headers
from storage.segy.fields import TRACE_HEADER_BYTES
from storage.segy.group import TRACE_HEADER, read_facts
from storage.segy.writer import beyond_floats, lay_out, make_records, write_records
from storage.volume import geometry_of, job_shape, read_region, whole
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


def export(  # noqa: PLR0913 - what is made, and how every stage is run
    volume: Location,
    variable: str,
    path: Path,
    title: Title,
    *,
    identity: Identity,
    headers: Location | None = None,
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
        Its samples become IEEE floats of four bytes.
    path
        The file; it appears whole, by rename.
    title
        For the text header.
    identity
        Facts that decide the bytes of the file.
    headers
        A store of the same survey with the group ``segy`` (default: ``volume``).
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
        If the headers of such a file cannot hold the vertical axis, or a file is there that may not be
        replaced; nothing is written.
    """
    headers = headers or volume
    geometry, facts = geometry_of(volume), read_facts(headers)
    origin = Origin(facts.order, facts.coordinate_bytes, facts.coordinate_scalar)
    if fault := axis_fault(geometry.samples):
        raise OutputError(volume, fault, "--profile same writes the files that were ingested.")

    def lay_out_part(parts: Sequence[Path]) -> dict[str, int]:
        live = int(geometry.live_mask.sum())
        lay_out(parts[0], file_header(geometry, title), live, geometry.samples.count)
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
            )
            for block in lateral_blocks(geometry.shape, job_shape(volume, variable))
        }
        results = run_jobs(
            export_block, jobs, what="export", client=client, ledger=ledger, progress=progress
        )
        files.finish()
    return sum(result["clipped"] for result in results.values())


def export_block(job: ExportJob) -> Result:
    """Write the traces of one block to their places; return their number and that of clipped samples."""
    live = read_region(job.volume, "live_mask", job.block)
    raw = read_region(job.headers, TRACE_HEADER, (*job.block, slice(0, TRACE_HEADER_BYTES)))[live]
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
    write_records(
        job.part, make_records(headers, samples), list(job.first_traces), [int(n) for n in counts]
    )
    flush(job.part)
    return {"traces": int(live.sum()), "clipped": beyond_floats(samples)}
