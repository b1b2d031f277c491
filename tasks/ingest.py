"""From trace records to a volume: one job a shard column, which also hashes and counts what it reads."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

import numpy as np
from numpy.typing import NDArray

from models.statistics import AmplitudeStatistics, Histogram, add_histogram, merge_statistics
from storage.errors import SegyError
from storage.layout import KEPT_BITS, Profile
from storage.ledger import Identity, key_of, open_ledger, result_of
from storage.locations import Location
from storage.segy.blocks import read_block
from storage.segy.fields import TEXT_BYTES
from storage.segy.group import (
    TRACE_HEADER,
    TRACE_NUMBER,
    create_group,
    digest_of_parts,
    set_digest,
)
from storage.segy.patch import write_patch
from storage.segy.records import refuse_changed
from storage.segy.samples import SampleFormat
from storage.segy.scan import Survey
from storage.segy.source import Source, file_headers, open_records
from storage.segy.text_header import text_lines
from storage.store_state import refuse_other_store
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
from tasks.fan_out import JobT, Progress, Result, stream_jobs
from tasks.job_grid import Block, GridJobs

if TYPE_CHECKING:
    from distributed import Client

AMPLITUDE = "amplitude"
TEMPLATE = "template"
"""Ledger entry of the step before the jobs: the store is laid out."""


@dataclass(frozen=True, slots=True)
class IngestJob:
    """One shard column: where its samples come from and where they go."""

    source: Source
    volume: Location
    block: tuple[slice, slice]
    profile: Profile


def ingest(
    survey: Survey,
    volume: Location,
    *,
    identity: Identity,
    profile: Profile = "fast",
    crs: str | None = None,
    anew: bool = False,
    client: "Client | None" = None,
    progress: Progress | None = None,
) -> None:
    """Write a volume from the files of a survey; goes on where an earlier call was stopped.

    Every job hashes the records that it reads, the driver all else; the hashes in order make the digest of
    the files, which `tasks.restore` can prove an export against.

    Parameters
    ----------
    survey
        From `tasks.scan.scan_survey`.
    volume
        The store; it says ``complete`` in its attributes when it is.
    identity
        Facts that decide its bytes.
    profile
        How samples are compressed.
    crs
        Coordinate system, such as EPSG:32631 (default: what the text header names).
    anew
        Begin from nothing, whatever store lies there.
    client, progress
        As in `tasks.fan_out.run_jobs`.

    Raises
    ------
    SegyError
        If a file was changed since it was scanned.
    JobsFailedError
        If jobs failed; what is complete stays.
    """

    def job(block: Block) -> IngestJob:
        source = survey.source.holding(survey.trace_map[block])
        return IngestJob(source, volume, block, profile)

    def conclude(digests: Result, results: dict[str, Result]) -> None:
        live = sum(result["live"] for result in results.values())
        if live + len(survey.without_bin) != survey.source.traces:
            raise SegyError(
                survey.source.path,
                f"the file has {survey.source.traces} traces, the volume {live}",
                "Please report this.",
            )
        for file in survey.source.files:
            refuse_changed(file)
        records = {name: result["sha256"] for name, result in results.items()}
        set_digest(volume, digest_of_parts(digests["digests"], records))

    fill_volume(
        volume,
        Steps(
            survey.geometry.shape,
            lambda: _lay_out(survey, volume, identity, profile, crs),
            job,
            ingest_block,
            conclude,
        ),
        identity=identity,
        profile=profile,
        anew=anew,
        client=client,
        progress=progress,
    )


@dataclass(frozen=True, slots=True)
class Steps(Generic[JobT]):
    """What differs between kinds of input.

    Parameters
    ----------
    shape
        Of the survey.
    lay_out
        Writes the template of the store, and returns what `conclude` needs to know of it.
    job, work
        The job of a block, and what does it: returns live traces, statistics and the error of rounding.
    conclude
        Takes that and the results in the order of the blocks; refuses what went wrong with the input.
    """

    shape: tuple[int, int, int]
    lay_out: Callable[[], Result]
    job: Callable[[Block], JobT]
    work: Callable[[JobT], Result]
    conclude: Callable[[Result, dict[str, Result]], None]


def fill_volume(
    volume: Location,
    steps: Steps[JobT],
    *,
    identity: Identity,
    profile: Profile = "fast",
    anew: bool = False,
    client: "Client | None" = None,
    progress: Progress | None = None,
) -> None:
    """Write a volume: a template, a job a shard column, statistics; parameters and errors as `ingest`."""
    with open_ledger(volume, identity, anew=anew) as ledger:
        if is_complete(volume, identity) and not ledger.anew:
            ledger.close_complete()
            return
        if TEMPLATE not in ledger.done:
            if not ledger.anew:
                refuse_other_store(volume, identity)
            ledger.record(TEMPLATE, steps.lay_out())
        jobs = GridJobs(steps.shape, job_shape(volume, AMPLITUDE), steps.job)
        parts: dict[str, Result] = {}
        histogram: Histogram = {}

        def take(name: str, result: Result) -> None:
            add_histogram(histogram, result["statistics"].pop("histogram"))
            parts[name] = result

        stream_jobs(
            steps.work,
            jobs,
            take,
            what="ingest",
            client=client,
            ledger=ledger,
            progress=progress,
        )
        results = {name: parts[name] for name in jobs}
        steps.conclude(result_of(ledger, TEMPLATE), results)
        live = sum(result["live"] for result in results.values())
        finish(volume, _facts(results, histogram, live, profile))
        ledger.close_complete()


def ingest_block(job: IngestJob) -> Result:
    """Convert the traces of one block; return their number, hash and statistics."""
    sample_format = SampleFormat(job.source.format_code, job.source.order)
    numbers = read_region(job.volume, TRACE_NUMBER, job.block)
    statistics = AmplitudeStatistics()
    with open_records(job.source) as reader:
        block, sha256 = read_block(reader, numbers.reshape(-1), sample_format, statistics.add)
    error = round_samples(block.samples) if job.profile == "lossy" else 0.0
    live = numbers >= 0
    headers = block.headers.reshape(*live.shape, -1)
    samples = block.samples.reshape(*live.shape, -1)
    if len(block.words):
        write_patch(job.volume, block_name(job.block), block.odd, block.words)
    del block  # odd words take as much as a shard, and the next lines pack one
    write_region(job.volume, TRACE_HEADER, whole(job.block, headers.shape[2]), headers, live)
    write_region(job.volume, AMPLITUDE, whole(job.block, samples.shape[2]), samples, live)
    return {
        "live": int(live.sum()),
        "sha256": sha256,
        "error": error,
        "statistics": statistics.as_dict(),
    }


def block_name(block: tuple[slice, slice]) -> str:
    """Return the ledger's name of a block: where it begins."""
    return f"{block[0].start},{block[1].start}"


def round_samples(samples: NDArray[Any]) -> float:
    """Round floats to the bits that the ``lossy`` profile keeps, in place; return the sum of squared errors.

    Integers stay as they are, and so does what is not finite; what would become infinite is cut.
    """
    if samples.dtype.kind != "f":
        return 0.0
    bits = samples.view(f"u{samples.dtype.itemsize}")
    drop = np.finfo(samples.dtype).nmant - KEPT_BITS
    error = 0.0
    for row, words in zip(samples, bits, strict=True):
        finite = np.isfinite(row)
        before = row[finite].astype(np.float64)
        half, shift = words.dtype.type(1 << (drop - 1)), words.dtype.type(drop)
        kept = (words[finite] + half) >> shift << shift
        over = np.isinf(kept.view(row.dtype))
        kept[over] = words[finite][over] >> shift << shift
        words[finite] = kept
        after = row[finite].astype(np.float64)
        error += float(np.sum((after - before) ** 2))
    return error


def _facts(
    results: dict[str, Result], histogram: Histogram, live: int, profile: Profile
) -> dict[str, Any]:
    """Return what a complete volume says of its samples."""
    statistics = merge_statistics([result["statistics"] for result in results.values()], histogram)
    facts: dict[str, Any] = {"statistics": {"live_traces": live, **statistics}, "codec": profile}
    error = sum(result["error"] for result in results.values())
    if profile == "lossy" and error and statistics["rms"]:
        signal = statistics["rms"] ** 2 * statistics["finite"]
        facts["signal_to_noise_db"] = round(float(10 * np.log10(signal / error)), 1)
    return facts


def _lay_out(
    survey: Survey, volume: Location, identity: Identity, profile: Profile, crs: str | None
) -> Result:
    """Write the template of the store: coordinates, raw file headers, empty arrays; return the hashes."""
    source = survey.source
    dtype = SampleFormat(source.format_code, source.order).stored
    amplitude = Variable(AMPLITUDE, dtype, "1", "seismic amplitude")
    text = text_lines(file_headers(source)[0][:TEXT_BYTES].tobytes())
    attributes = {
        "title": Path(source.path).name,
        "domain": survey.geometry.samples.domain,
        "affine": survey.geometry.affine,
        "crs": crs or _crs(text),
        "text_header": text,
        "warnings": list(survey.warnings),
        "identity": dict(identity),
        "key": key_of(identity),
    }
    create_volume(volume, survey.geometry, [amplitude], attributes, profile=profile)
    return {"digests": create_group(volume, survey)}


def _crs(text: list[str]) -> str | None:
    """Return the coordinate reference system that a text header names by its EPSG code."""
    found = re.search(r"EPSG\s*[:=]?\s*(?:CODE\s*)?(\d{4,6})", " ".join(text), re.IGNORECASE)
    return f"EPSG:{found.group(1)}" if found else None
