"""From a volume to one SEG-Y file, written in place by many workers and renamed at the end."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from storage.geometry import SampleAxis
from storage.layout import lateral_blocks
from storage.ledger import Identity, open_ledger
from storage.locations import Location
from storage.segy.checklist import Origin, Title, file_header, fill_trace_headers
from storage.segy.fields import TRACE_HEADER_BYTES
from storage.segy.group import TRACE_HEADER, read_facts
from storage.segy.writer import lay_out, make_records, write_records
from storage.volume import geometry_of, job_shape, read_region, whole
from tasks.fan_out import Progress, Result, run_jobs
from tasks.ingest import TEMPLATE

if TYPE_CHECKING:
    from distributed import Client


@dataclass(frozen=True, slots=True)
class ExportJob:
    """One shard column, and for each of its inlines the number of its first trace in the file."""

    volume: Location
    variable: str
    part: Path
    block: tuple[slice, slice]
    first_traces: tuple[int, ...]
    axis: SampleAxis
    origin: Origin


def export(
    volume: Location,
    variable: str,
    path: Path,
    title: Title,
    *,
    identity: Identity,
    anew: bool = False,
    client: "Client | None" = None,
    progress: Progress | None = None,
) -> None:
    """Write one variable of a store as SEG-Y for OpendTect: the input's traces, inline-major.

    Parameters
    ----------
    volume
        A complete store with the group ``segy``.
    variable
        Float samples; NaN becomes 0.
    path
        The file; it appears whole, by rename.
    title
        For the text header.
    identity
        Facts that decide the bytes of the file.
    anew
        Begin from nothing, and replace a file that is there.
    client, progress
        As in `tasks.fan_out.run_jobs`.
    """
    geometry, facts = geometry_of(volume), read_facts(volume)
    origin = Origin(facts.order, facts.coordinate_bytes)
    part = path.with_name(path.name + ".part")
    with open_ledger(path, identity, anew=anew) as ledger:
        if TEMPLATE in ledger.done and path.exists() and not part.exists():
            ledger.close_complete()  # killed after the rename
            return
        if TEMPLATE not in ledger.done:
            live = int(geometry.live_mask.sum())
            lay_out(part, file_header(geometry, title), live, geometry.samples.count)
            ledger.record(TEMPLATE, {})
        # Number of the first live trace at or after each bin, inline by inline.
        live_mask = geometry.live_mask
        first = (live_mask.cumsum() - live_mask.ravel()).reshape(live_mask.shape)
        jobs = {
            f"{block[0].start},{block[1].start}": ExportJob(
                volume,
                variable,
                part,
                block,
                tuple(int(n) for n in first[block[0], block[1].start]),
                geometry.samples,
                origin,
            )
            for block in lateral_blocks(geometry.shape, job_shape(volume, variable))
        }
        run_jobs(
            export_block, jobs, what="export", client=client, ledger=ledger, progress=progress
        )
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
        ledger.close_complete()


def export_block(job: ExportJob) -> Result:
    """Write the traces of one block to their places; return their number."""
    live = read_region(job.volume, "live_mask", job.block)
    raw = read_region(job.volume, TRACE_HEADER, (*job.block, slice(0, TRACE_HEADER_BYTES)))[live]
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
    return {"traces": int(live.sum())}
