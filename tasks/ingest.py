"""From trace records to a volume: one job a shard column, live traces counted, statistics merged."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from models.normalize import amplitude_histogram, merge
from storage.errors import SegyError
from storage.layout import lateral_blocks
from storage.ledger import Identity, key_of, open_ledger
from storage.segy.fields import TRACE_HEADER_BYTES
from storage.segy.group import TRACE_HEADER, TRACE_NUMBER, create_group
from storage.segy.reader import read_file_header, read_records
from storage.segy.records import RecordLayout
from storage.segy.samples import decode, stored_dtype
from storage.segy.scan import Survey
from storage.volume import (
    Variable,
    create_volume,
    finish,
    is_complete,
    job_shape,
    read_region,
    whole,
    write_region,
)
from tasks.fan_out import Progress, Result, run_jobs

AMPLITUDE = "amplitude"
TEMPLATE = "template"
"""Name of the ledger's entry that says that the store is laid out."""


@dataclass(frozen=True, slots=True)
class IngestJob:
    """One shard column: where its traces lie, and where their samples go."""

    layout: RecordLayout
    volume: Path
    block: tuple[slice, slice]


def ingest(
    survey: Survey,
    volume: Path,
    *,
    identity: Identity,
    client: Client | None = None,
    progress: Progress | None = None,
) -> None:
    """Convert a scanned SEG-Y file to a volume; goes on where an earlier call was stopped.

    Parameters
    ----------
    survey
        From `tasks.scan.scan_survey`.
    volume
        The store to write.
    identity
        Facts that decide the bytes of the store.
    client, progress
        As in `tasks.fan_out.run_jobs`.

    Raises
    ------
    SegyError
        If traces are missing from the volume afterwards.
    """
    with open_ledger(volume, identity) as ledger:
        if is_complete(volume, identity):
            ledger.close_complete()
            return
        if TEMPLATE not in ledger.done:
            _lay_out(survey, volume, identity)
            ledger.record(TEMPLATE, {})
        blocks = lateral_blocks(survey.geometry.shape, job_shape(volume, AMPLITUDE))
        jobs = {_name(block): IngestJob(survey.layout, volume, block) for block in blocks}
        results = run_jobs(
            ingest_block, jobs, what="ingest", client=client, ledger=ledger, progress=progress
        )
        live = sum(result["live"] for result in results.values())
        if live != survey.layout.traces:
            raise SegyError(
                survey.layout.path,
                f"the file has {survey.layout.traces} traces, the volume {live}",
                "Name the header bytes of the line numbers with --inline-byte and --crossline-byte.",
            )
        histogram = merge([result["histogram"] for result in results.values()])
        finish(volume, {"statistics": {"live_traces": live, "histogram": histogram}})
        ledger.close_complete()


def is_ingested(volume: Path, identity: Identity) -> bool:
    """Tell whether a volume is complete and of this identity, so that it need not be made anew."""
    return is_complete(volume, identity)


def ingest_block(job: IngestJob) -> Result:
    """Convert the traces of one block; return their number and histogram."""
    numbers = read_region(job.volume, TRACE_NUMBER, job.block)
    live = numbers >= 0
    records = read_records(job.layout, numbers[live])
    samples = decode(records, job.layout)
    headers = np.zeros((*numbers.shape, TRACE_HEADER_BYTES), np.uint8)
    headers[live] = records[:, :TRACE_HEADER_BYTES]
    del records
    histogram = amplitude_histogram(samples)
    amplitude = _on_grid(samples, live)
    del samples
    write_region(job.volume, TRACE_HEADER, (*job.block, slice(0, TRACE_HEADER_BYTES)), headers)
    write_region(job.volume, AMPLITUDE, whole(job.block, job.layout.samples), amplitude)
    return {"live": int(live.sum()), "histogram": histogram}


def _on_grid(samples: NDArray[Any], live: NDArray[np.bool_]) -> NDArray[Any]:
    """Return samples, shape (n, m), on the bins of a block; NaN, or 0 for integers, where no trace is."""
    shape = (*live.shape, samples.shape[1])
    if live.all():
        return samples.reshape(shape)
    amplitude = np.full(shape, np.nan if samples.dtype.kind == "f" else 0, samples.dtype)
    amplitude[live] = samples
    return amplitude


def _lay_out(survey: Survey, volume: Path, identity: Identity) -> None:
    """Write the template of the store: coordinates, raw file header, empty arrays."""
    dtype = stored_dtype(survey.layout.format_code)
    amplitude = Variable(AMPLITUDE, dtype, "1", "seismic amplitude")
    axis = survey.geometry.samples
    attributes = {
        "title": Path(survey.layout.path).name,
        "domain": axis.domain,
        "affine": survey.geometry.affine,
        "identity": dict(identity),
        "key": key_of(identity),
    }
    create_volume(volume, survey.geometry, [amplitude], attributes)
    create_group(volume, survey, read_file_header(survey.layout))


def _name(block: tuple[slice, slice]) -> str:
    """Return the ledger's name of a block: where it begins."""
    return f"{block[0].start},{block[1].start}"
