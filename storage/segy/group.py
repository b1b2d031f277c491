"""The group ``segy`` of a store: everything of the files that samples and coordinates do not say.

::

    segy/file_header                          text, binary and extended headers, raw, file after file
    segy/trailer                              what follows the last whole trace, file after file
    segy/trace_header(inline, crossline, byte)  raw headers in the files' byte order
    segy/trace_number(inline, crossline)      which trace of the files lies in each bin, -1: none
    segy/record(trace, byte), record_number   whole records of the traces that have no bin of their own
    segy/patch/I,J/odd(bin, byte), word       of the block at I,J: which samples do not give back their
                                              words, a bit each, and those words in the order of the traces
    attributes                                kind of records, files, digest

A fault volume holds a copy of what an export needs.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec

from storage.errors import InputError, undamaged
from storage.layout import Grid, header_grid, volume_grid
from storage.locations import Location, copy_tree, exists, within
from storage.segy.fields import TRACE_HEADER_BYTES, ByteOrder
from storage.segy.samples import SampleFormat
from storage.segy.scan import Survey
from storage.segy.source import Traces, file_headers, open_records, trailers
from storage.volume import (
    add_array,
    attributes_of,
    open_array,
    open_group,
    read_array,
    read_region,
)

GROUP = "segy"
TRACE_HEADER = "segy/trace_header"
TRACE_NUMBER = "segy/trace_number"

RECORDS_AT_ONCE = 16 << 20
"""Bytes of records without a bin that are copied at once."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file: its name, traces, and the bytes before and after them."""

    name: str
    traces: int
    header_bytes: int
    trailer_bytes: int


@dataclass(frozen=True, slots=True)
class SegyFacts:
    """What an export must know of the files that a store came from."""

    order: ByteOrder
    format_code: int
    samples: int
    trace_header_bytes: int
    coordinate_bytes: tuple[int, int] | None
    coordinate_scalar: int | None
    files: tuple[FileFacts, ...] = ()

    @property
    def format(self) -> SampleFormat:
        """How samples lie in the files."""
        return SampleFormat(self.format_code, self.order)

    @property
    def record_bytes(self) -> int:
        """Bytes of one trace with its headers."""
        return self.trace_header_bytes + self.samples * self.format.in_file.itemsize

    @property
    def traces(self) -> int:
        """Traces in all files."""
        return sum(file.traces for file in self.files)


def facts_of(survey: Survey) -> SegyFacts:
    """Return what an export must know of a survey's files."""
    source = survey.source
    files = tuple(
        FileFacts(Path(file.path).name, file.traces, file.first, file.trailer_bytes)
        for file in source.files
    )
    return SegyFacts(
        source.order,
        source.format_code,
        source.samples,
        source.header_bytes,
        survey.coordinate_bytes,
        survey.coordinate_scalar,
        files,
    )


def create_group(path: Location, survey: Survey) -> dict[str, str]:
    """Add the group to a store that has been laid out; trace headers stay empty.

    Returns
    -------
    dict
        SHA-256 of ``file_headers``, ``trailers`` and ``records`` (of the traces without a bin), as they
        lie in the files, and of ``trace_numbers``: those of the bins, then those of the records.
    """
    group = open_group(path, mode="r+").create_group(GROUP, attributes=asdict(facts_of(survey)))
    digests = {
        "file_headers": _add_bytes(group, "file_header", file_headers(survey.source)),
        "trailers": _add_bytes(group, "trailer", trailers(survey.source)),
        "records": _add_records(group, survey),
        "trace_numbers": digest_of_numbers([survey.trace_map, survey.without_bin]),
    }
    group.create_group("patch")
    shape = survey.geometry.live_mask.shape
    header_bytes = survey.source.header_bytes
    stored = facts_of(survey).format.stored
    volume = volume_grid(survey.geometry.shape, stored.itemsize)
    grid, dims = header_grid(volume, header_bytes), ("inline", "crossline", "byte")
    array = (*shape, header_bytes)
    add_array(
        group, "trace_header", array, np.dtype("u1"), grid, dims, itemsize=TRACE_HEADER_BYTES
    )
    flat = Grid(grid.chunks[:2], grid.shards[:2])
    numbers = add_array(group, "trace_number", shape, survey.trace_map.dtype, flat, dims[:2])
    numbers[:] = survey.trace_map
    return digests


def _add_bytes(group: zarr.Group, name: str, parts: Sequence[NDArray[np.uint8]]) -> str:
    """Add raw bytes, file after file; return their SHA-256. Nothing is added where there are none."""
    data = np.concatenate(parts)
    if data.size:
        group.create_array(name, data=data, chunks=(min(data.size, 1 << 20),))
    return hashlib.sha256(data.data).hexdigest()


def _add_records(group: zarr.Group, survey: Survey) -> str:
    """Copy the records of traces that have no bin; return their SHA-256."""
    numbers, record_bytes = survey.without_bin, survey.source.record_bytes
    digest = hashlib.sha256()
    if not len(numbers):
        return digest.hexdigest()
    step = max(1, RECORDS_AT_ONCE // record_bytes)
    group.create_array("record_number", data=numbers, chunks=(min(len(numbers), 1 << 16),))
    array = group.create_array(
        "record",
        shape=(len(numbers), record_bytes),
        dtype="u1",
        chunks=(min(step, len(numbers)), record_bytes),
        compressors=[BloscCodec(cname="zstd", clevel=1, shuffle="shuffle", typesize=4)],
    )
    with open_records(survey.source) as reader:
        for start in range(0, len(numbers), step):
            records = reader.read(numbers[start : start + step])
            digest.update(records.data)
            array[start : start + len(records)] = records
    return digest.hexdigest()


def digest_of_numbers(parts: Iterable[Traces]) -> str:
    """Return the SHA-256 of trace numbers, part after part."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def trace_numbers(path: Location) -> Iterator[Traces]:
    """Yield the trace numbers of all bins, a row of shards at a time, then those of the records."""
    array = open_array(path, TRACE_NUMBER)
    step = (array.shards or array.chunks)[0]
    for start in range(0, array.shape[0], step):
        yield read_region(path, TRACE_NUMBER, (slice(start, start + step), slice(None)))
    for numbers, _ in records_without_bin(path):
        yield numbers


def records_without_bin(path: Location) -> Iterator[tuple[Traces, NDArray[np.uint8]]]:
    """Yield numbers and whole records of the traces that have no bin, in parts."""
    if not exists(within(path, GROUP, "record", "zarr.json")):
        return
    numbers = read_array(path, f"{GROUP}/record_number")
    array = open_array(path, f"{GROUP}/record")
    for start in range(0, len(numbers), array.chunks[0]):
        part = slice(start, start + array.chunks[0])
        yield numbers[part], read_region(path, f"{GROUP}/record", (part, slice(None)))


def read_bytes(path: Location, name: str) -> NDArray[np.uint8]:
    """Return ``file_header`` or ``trailer`` of a store, all files one after the other."""
    if not exists(within(path, GROUP, name, "zarr.json")):
        return np.empty(0, np.uint8)
    return read_array(path, f"{GROUP}/{name}")


def has_group(path: Location) -> bool:
    """Tell whether a store came from SEG-Y files."""
    return exists(within(path, GROUP, "zarr.json"))


def copy_group(source: Location, target: Location) -> None:
    """Copy what an export needs of the group from one store to another that has been laid out."""
    leave = ("record", "record_number", "patch", "trailer")
    copy_tree(within(source, GROUP), within(target, GROUP), leave=leave)


def digest_of_parts(parts: dict[str, str], blocks: dict[str, str]) -> dict[str, Any]:
    """Return the digest of the files of a store.

    Parameters
    ----------
    parts
        SHA-256 of all that is no block, from `create_group`.
    blocks
        SHA-256 of the records of every block, in the order of the blocks.
    """
    listed = "".join(f"{name} {sha256}\n" for name, sha256 in {**parts, **blocks}.items())
    return {**parts, "blocks": blocks, "sha256": hashlib.sha256(listed.encode()).hexdigest()}


def set_digest(path: Location, digest: dict[str, Any]) -> None:
    """Keep the digest of the files among the attributes."""
    open_group(within(path, GROUP), mode="r+").attrs["digest"] = digest


def digest_of(path: Location) -> dict[str, Any]:
    """Return the digest that `set_digest` kept."""
    with undamaged(within(path, GROUP)):
        return dict(attributes_of(within(path, GROUP))["digest"])


def read_facts(path: Location) -> SegyFacts:
    """Return the attributes of the group.

    Raises
    ------
    InputError
        If the store came from no SEG-Y file.
    """
    if not has_group(path):
        raise InputError(path, "the store has no group 'segy'", "Name one that graben ingested.")
    facts = attributes_of(within(path, GROUP))
    with undamaged(within(path, GROUP)):
        pair = facts["coordinate_bytes"]
        return SegyFacts(
            facts["order"],
            facts["format_code"],
            facts["samples"],
            facts["trace_header_bytes"],
            tuple(pair) if pair else None,
            facts["coordinate_scalar"],
            tuple(FileFacts(**file) for file in facts["files"]),
        )
