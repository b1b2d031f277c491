"""From a volume back to the SEG-Y files it was made from, byte for byte, written in place by many workers."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from storage.errors import DamagedStoreError, OutputError
from storage.layout import lateral_blocks
from storage.ledger import Identity, open_ledger
from storage.locations import Location, absolute
from storage.segy.blocks import Block, record_batches
from storage.segy.group import (
    TRACE_HEADER,
    TRACE_NUMBER,
    SegyFacts,
    digest_of,
    digest_of_parts,
    read_bytes,
    read_facts,
    read_patch,
    records_without_bin,
)
from storage.segy.source import Traces
from storage.store_state import refuse_present
from storage.volume import attributes_of, geometry_of, job_shape, read_region, whole
from tasks.fan_out import Progress, Result, run_jobs
from tasks.ingest import AMPLITUDE, TEMPLATE, block_name

if TYPE_CHECKING:
    from distributed import Client


@dataclass(frozen=True, slots=True)
class RestoreJob:
    """One shard column, and the files that its traces go to; no files: it is only hashed."""

    volume: Location
    block: tuple[slice, slice]
    facts: SegyFacts
    parts: tuple[Path, ...]
    sha256: str | None


def restore(
    volume: Location,
    out: Path,
    *,
    verify: bool = False,
    anew: bool = False,
    client: "Client | None" = None,
    progress: Progress | None = None,
) -> str:
    """Write the files that a volume was made from; goes on where an earlier call was stopped.

    Parameters
    ----------
    volume
        A complete store that `tasks.ingest` wrote, its codec not ``lossy`` for the same bytes.
    out
        The file; the folder, where the volume was made from many files. It appears whole.
    verify
        Hash what is written and compare it with the digest of what was read.
    anew
        Begin from nothing, and replace files that are there.
    client, progress
        As in `tasks.fan_out.run_jobs`.

    Returns
    -------
    str
        The digest of the files, SHA-256.

    Raises
    ------
    DamagedStoreError
        If a part of the store was changed since it was written; found always where a checksum
        covers it, and everywhere with ``verify``.
    """
    facts, digest = read_facts(volume), digest_of(volume)
    targets = restored_files(volume, out)
    parts = [path.with_name(path.name + ".part") for path in targets]
    with open_ledger(out, restore_identity(volume), anew=anew) as ledger:
        if TEMPLATE not in ledger.done:
            if not ledger.anew:
                refuse_present(targets)
            for target in targets:
                target.parent.mkdir(parents=True, exist_ok=True)
            _lay_out(volume, facts, parts)
            ledger.record(TEMPLATE, {})
        jobs = {
            block_name(block): RestoreJob(
                volume,
                block,
                facts,
                tuple(parts),
                digest["blocks"][block_name(block)] if verify else None,
            )
            for block in lateral_blocks(geometry_of(volume).shape, job_shape(volume, AMPLITUDE))
        }
        run_jobs(
            restore_block, jobs, what="export", client=client, ledger=ledger, progress=progress
        )
        if verify:
            _verify_rest(volume, digest)
        for part, target in zip(parts, targets, strict=True):
            if part.exists():  # an earlier call that was killed here has renamed the others
                with part.open("rb+") as file:
                    os.fsync(file.fileno())
                part.replace(target)
        ledger.close_complete()
    return str(digest["sha256"])


def restored_files(volume: Location, out: Path) -> list[Path]:
    """Return the files of an export: ``out``, or files in it where the volume was made from many."""
    files = read_facts(volume).files
    return [out / file.name for file in files] if len(files) > 1 else [out]


def restore_identity(volume: Location) -> Identity:
    """Return the facts that decide the bytes of an export."""
    return {"volume": str(absolute(volume)), "digest": digest_of(volume)["sha256"]}


def restore_block(job: RestoreJob) -> Result:
    """Write the traces of one block to their places; return their number."""
    numbers = read_region(job.volume, TRACE_NUMBER, job.block).reshape(-1)
    header_bytes, count = job.facts.trace_header_bytes, job.facts.samples
    block = Block(
        read_region(job.volume, TRACE_HEADER, whole(job.block, header_bytes)).reshape(
            -1, header_bytes
        ),
        read_region(job.volume, AMPLITUDE, whole(job.block, count)).reshape(-1, count),
        *read_patch(job.volume, block_name(job.block)),
    )
    digest, written = hashlib.sha256(), 0
    with _Files(job.facts, job.parts) as files:
        for traces, records in record_batches(block, numbers, job.facts.format):
            if job.sha256:
                digest.update(records.data)
            files.write(traces, records)
            written += len(traces)
    if job.sha256 and digest.hexdigest() != job.sha256:
        raise DamagedStoreError(
            job.volume,
            f"the traces of block {block_name(job.block)} are not those that were read: their digest "
            "differs",
        )
    return {"traces": written}


class _Files:
    """The files of an export, open for writes of records by trace number."""

    def __init__(self, facts: SegyFacts, parts: tuple[Path, ...]) -> None:
        self._facts, self._parts = facts, parts
        self._starts = np.cumsum([0, *(file.traces for file in facts.files)])
        self._open: dict[int, int] = {}

    def __enter__(self) -> "_Files":
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)

    def write(self, traces: Traces, records: NDArray[np.uint8]) -> None:
        """Write records at the places of their traces; runs of traces go in one call."""
        cuts = np.diff(traces, prepend=-2) != 1
        if len(self._parts) > 1:
            cuts |= np.isin(traces, self._starts)
        for start, stop in pairwise([*np.flatnonzero(cuts), len(traces)]):
            trace = int(traces[start])
            number = int(np.searchsorted(self._starts, trace, side="right")) - 1
            file = self._facts.files[number]
            offset = file.header_bytes + (trace - int(self._starts[number])) * records.shape[1]
            _write_all(self._descriptor(number), records[start:stop].reshape(-1), offset)

    def _descriptor(self, number: int) -> int:
        if number not in self._open:
            self._open[number] = os.open(self._parts[number], os.O_WRONLY)
        return self._open[number]


def _write_all(descriptor: int, data: NDArray[np.uint8], offset: int) -> None:
    view, done = data.data, 0
    while done < len(view):
        done += os.pwrite(descriptor, view[done:], offset + done)


def _lay_out(volume: Location, facts: SegyFacts, parts: list[Path]) -> None:
    """Make the files at full size, with all but the traces of the grid."""
    headers, trailers = read_bytes(volume, "file_header"), read_bytes(volume, "trailer")
    for file, part, header, trailer in zip(
        facts.files,
        parts,
        _split(headers, [file.header_bytes for file in facts.files], volume),
        _split(trailers, [file.trailer_bytes for file in facts.files], volume),
        strict=True,
    ):
        end = file.header_bytes + file.traces * facts.record_bytes
        with part.open("wb") as target:
            target.write(header.data)
            target.truncate(end + file.trailer_bytes)
            target.seek(end)
            target.write(trailer.data)
    with _Files(facts, tuple(parts)) as files:
        for numbers, records in records_without_bin(volume):
            files.write(numbers, records)


def _split(
    data: NDArray[np.uint8], sizes: list[int], volume: Location
) -> Iterator[NDArray[np.uint8]]:
    """Yield pieces of the given sizes."""
    if data.size != sum(sizes):
        raise DamagedStoreError(
            volume, "its raw file headers have another size than its attributes say"
        )
    start = 0
    for size in sizes:
        yield data[start : start + size]
        start += size


def _verify_rest(volume: Location, digest: dict[str, Any]) -> None:
    """Compare what the jobs do not hash, and the digest itself."""
    records = hashlib.sha256()
    for _, part in records_without_bin(volume):
        records.update(part.data)
    parts = {
        "file_headers": hashlib.sha256(read_bytes(volume, "file_header").data).hexdigest(),
        "trailers": hashlib.sha256(read_bytes(volume, "trailer").data).hexdigest(),
        "records": records.hexdigest(),
    }
    if digest_of_parts(parts, digest["blocks"]) != digest:
        raise DamagedStoreError(
            volume, "file headers, trailers or records without a bin are not those that were read"
        )


def check_restorable(volume: Location, out: Path) -> None:
    """Refuse what cannot give the same bytes back, before anything is written.

    Raises
    ------
    InputError
        If the store is not complete, came from no SEG-Y file, or was rounded.
    """
    facts, attributes = read_facts(volume), attributes_of(volume)
    if attributes.get("codec") == "lossy":
        raise OutputError(
            volume,
            "it was ingested with --codec lossy, so that its samples are not those of the file",
            "Export it with --profile opendtect, or ingest the file again with another codec.",
        )
    if len(facts.files) > 1 and out.is_file():
        raise OutputError(
            out,
            f"the volume was made from {len(facts.files)} files, and this is one",
            "Name a folder.",
        )
