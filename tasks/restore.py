"""From a volume back to the SEG-Y files it was made from, byte for byte, written in place by many workers."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from storage.errors import DamagedStoreError, OutputError
from storage.export_files import ExportFiles
from storage.files import FewOpen
from storage.layout import lateral_blocks
from storage.ledger import Identity, open_ledger
from storage.locations import Location, absolute
from storage.segy.blocks import Block, record_batches
from storage.segy.group import (
    TRACE_HEADER,
    TRACE_NUMBER,
    SegyFacts,
    digest_of,
    digest_of_numbers,
    digest_of_parts,
    has_group,
    read_bytes,
    read_facts,
    records_without_bin,
    trace_numbers,
)
from storage.segy.patch import read_patch
from storage.segy.source import Traces
from storage.segy.writer import write_at
from storage.volume import attributes_of, job_shape, open_array, read_region, whole
from tasks.fan_out import Progress, Result, run_jobs
from tasks.ingest import AMPLITUDE, block_name

if TYPE_CHECKING:
    from distributed import Client


@dataclass(frozen=True, slots=True)
class RestoreJob:
    """One shard column, the files that its traces go to, and whether they are hashed on the way."""

    volume: Location
    block: tuple[slice, slice]
    facts: SegyFacts
    parts: tuple[Path, ...]
    hashed: bool


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

    With ``verify`` every part of the files is hashed as it is written, and the ledger keeps the hashes: what
    an earlier call wrote is proven like the rest. Hashing is a seventh of the work, so others do without.

    Parameters
    ----------
    volume
        A complete store that `tasks.ingest` wrote, its codec not ``lossy`` for the same bytes.
    out
        The file; the folder, where the volume was made from many files. It appears whole.
    verify
        Compare the hashes with the digest of what was read. What an earlier call wrote without is written
        again.
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
    with open_ledger(out, restore_identity(volume), anew=anew) as ledger:
        files = ExportFiles(restored_files(volume, out), ledger)
        if verify and any(result.get("sha256", "") is None for _, result in ledger.results()):
            files.start_over()
        beside_grid = files.begin(partial(_lay_out, volume, facts))
        shape = open_array(volume, AMPLITUDE).shape
        jobs = {
            block_name(block): RestoreJob(volume, block, facts, files.parts, verify)
            for block in lateral_blocks(shape, job_shape(volume, AMPLITUDE))
        }
        results = run_jobs(
            restore_block, jobs, what="export", client=client, ledger=ledger, progress=progress
        )
        if verify:
            blocks = {name: result["sha256"] for name, result in results.items()}
            if (found := digest_of_parts(beside_grid, blocks)) != digest:
                ledger.forget()  # so that a store that was mended is not judged by what is written now
                reason = _first_difference(found, digest)
                raise DamagedStoreError(volume, f"it does not give back what was read: {reason}")
        files.finish()
    return str(digest["sha256"])


def restored_files(volume: Location, out: Path) -> list[Path]:
    """Return the files of an export: ``out``, or files in it where the volume was made from many."""
    files = read_facts(volume).files
    return [out / file.name for file in files] if len(files) > 1 else [out]


def restore_identity(volume: Location) -> Identity:
    """Return the facts that decide the bytes of an export."""
    return {"volume": str(absolute(volume)), "digest": digest_of(volume)["sha256"]}


def restore_block(job: RestoreJob) -> Result:
    """Write the traces of one block to their places; return their number, and their hash if wanted."""
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
    with _Files(job.volume, job.facts, job.parts) as files:
        for traces, records in record_batches(block, numbers, job.facts.format):
            if job.hashed:
                digest.update(records.data)
            files.write(traces, records)
            written += len(traces)
    return {"traces": written, "sha256": digest.hexdigest() if job.hashed else None}


class _Files:
    """The files of an export, open for writes of records by trace number; flushed at the end."""

    def __init__(self, volume: Location, facts: SegyFacts, parts: tuple[Path, ...]) -> None:
        self._volume, self._facts, self._parts = volume, facts, parts
        self._starts = np.cumsum([0, *(file.traces for file in facts.files)])
        self._open = FewOpen(lambda number: os.open(parts[number], os.O_WRONLY), _close_flushed)

    def __enter__(self) -> "_Files":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def write(self, traces: Traces, records: NDArray[np.uint8]) -> None:
        """Write records at the places of their traces; runs of traces go in one call."""
        if traces.min() < 0 or traces.max() >= self._starts[-1]:
            raise DamagedStoreError(self._volume, "it numbers traces that its files do not have")
        cuts = np.diff(traces, prepend=-2) != 1
        if len(self._parts) > 1:
            cuts |= np.isin(traces, self._starts)
        for start, stop in pairwise([*np.flatnonzero(cuts), len(traces)]):
            trace = int(traces[start])
            number = int(np.searchsorted(self._starts, trace, side="right")) - 1
            file = self._facts.files[number]
            offset = file.header_bytes + (trace - int(self._starts[number])) * records.shape[1]
            with self._open.using(number) as descriptor:
                write_at(descriptor, records[start:stop].reshape(-1), offset)


def _close_flushed(descriptor: int) -> None:
    os.fdatasync(descriptor)
    os.close(descriptor)


def _lay_out(volume: Location, facts: SegyFacts, parts: Sequence[Path]) -> dict[str, str]:
    """Make the files at full size, with all but the traces of the grid; return the hashes of that."""
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
    digest = hashlib.sha256()
    with _Files(volume, facts, tuple(parts)) as files:
        for numbers, records in records_without_bin(volume):
            digest.update(records.data)
            files.write(numbers, records)
    return {
        "file_headers": hashlib.sha256(headers.data).hexdigest(),
        "trailers": hashlib.sha256(trailers.data).hexdigest(),
        "records": digest.hexdigest(),
        "trace_numbers": digest_of_numbers(trace_numbers(volume)),
    }


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


def _first_difference(found: dict[str, Any], digest: dict[str, Any]) -> str:
    """Name the first block, or else the part beside the grid, whose hashes differ."""
    blocks = digest.get("blocks", {})
    names = [f"block {name}" for name, sha in found["blocks"].items() if sha != blocks.get(name)]
    names += [name for name in found if name != "blocks" and found[name] != digest.get(name)]
    return f"{(names or ['blocks'])[0].replace('_', ' ')} by its digest"


def is_from_segy(volume: Location) -> bool:
    """Tell whether a store came from SEG-Y files, whose bytes it may give back."""
    return has_group(volume)


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
