"""The group ``segy`` of a store: everything of the file that samples and coordinates do not say.

::

    segy/file_header                         text, binary and extended headers, raw
    segy/trace_header(inline, crossline, 240)  raw headers in the file's byte order
    segy/trace_number(inline, crossline)     which trace of the file lies in each bin, -1: none
    attributes                               byte order, header bytes of the coordinates

A fault volume holds a copy of the group, so that it exports alone.
"""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from storage.layout import Grid, header_grid
from storage.segy.fields import TRACE_HEADER_BYTES, ByteOrder
from storage.segy.scan import Survey
from storage.volume import add_array

GROUP = "segy"
TRACE_HEADER = "segy/trace_header"
TRACE_NUMBER = "segy/trace_number"


@dataclass(frozen=True, slots=True)
class SegyFacts:
    """What an export must know of the file that a store came from."""

    order: ByteOrder
    coordinate_bytes: tuple[int, int] | None


def create_group(path: Path, survey: Survey, file_header: NDArray[np.uint8]) -> None:
    """Add the group to a store that has been laid out; trace headers stay empty."""
    facts = SegyFacts(survey.layout.order, survey.coordinate_bytes)
    group = zarr.open_group(path, mode="r+", use_consolidated=False).create_group(
        GROUP, attributes=asdict(facts)
    )
    group.create_array("file_header", data=file_header, chunks=(len(file_header),))
    shape = survey.geometry.live_mask.shape
    grid, dims = header_grid(shape), ("inline", "crossline", "byte")
    add_array(
        group,
        "trace_header",
        (*shape, TRACE_HEADER_BYTES),
        np.dtype("u1"),
        grid,
        dims,
        itemsize=TRACE_HEADER_BYTES,
    )
    numbers = add_array(
        group,
        "trace_number",
        shape,
        np.dtype("i8"),
        Grid(grid.chunks[:2], grid.shards[:2]),
        dims[:2],
    )
    numbers[:] = survey.trace_map


def copy_group(source: Path, target: Path) -> None:
    """Copy the group from one store to another that has been laid out."""
    shutil.copytree(source / GROUP, target / GROUP, dirs_exist_ok=True)


def read_facts(path: Path) -> SegyFacts:
    """Return the attributes of the group."""
    facts: dict[str, Any] = dict(zarr.open_group(path / GROUP, mode="r").attrs)
    coordinate_bytes = facts["coordinate_bytes"]
    return SegyFacts(facts["order"], tuple(coordinate_bytes) if coordinate_bytes else None)
