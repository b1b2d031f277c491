"""New CBVS files: laid out at full size, then traces at their offsets; little-endian, one file a volume.

What a trace is worth beside its samples is not stored, so that a volume of one component is exactly the array
of its samples. Bins without a trace are left out, and the trailer then says which there are.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.cbvs.family import refuse_strays
from storage.cbvs.header import UNDEFINED, Component, header_bytes, trace_bytes
from storage.cbvs.positions import trailer_bytes
from storage.errors import OutputError, RegionError
from storage.geometry import SurveyGeometry
from storage.locations import whole_file

LARGEST = np.finfo(np.float32).max
WRITTEN = tuple(np.dtype(each) for each in ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8"))
"""Types that a volume may have."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How traces lie in a file that has been laid out."""

    first: int
    components: tuple[Component, ...]
    samples: int

    @property
    def record_bytes(self) -> int:
        """Bytes of a trace."""
        return trace_bytes(self.components, self.samples)


def check_components(path: Path, components: Sequence[Component]) -> None:
    """Check that a volume can be of these types.

    Raises
    ------
    OutputError
        Naming the first that it cannot be of.
    """
    for component in components:
        if component.dtype not in WRITTEN:
            raise OutputError(
                path, f"CBVS has no samples of type {component.dtype}", "Choose float32."
            )


def lay_out(path: Path, geometry: SurveyGeometry, components: Sequence[Component]) -> Layout:
    """Write header and trailer of a file of full size; its traces cost nothing yet.

    Raises
    ------
    OutputError
        If OpendTect could not read such a file.
    """
    check_components(path, components)
    live = geometry.live_mask
    if not live.any():
        raise OutputError(path, "the survey has no trace", "Choose another survey.")
    head = header_bytes(geometry, tuple(components))
    layout = Layout(len(head), tuple(components), geometry.samples.count)
    with path.open("wb") as file:
        file.write(head)
        file.seek(len(head) + int(live.sum()) * layout.record_bytes)
        file.write(trailer_bytes(geometry.inlines, geometry.crosslines, live))
    return layout


def first_traces(live: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the number of the first trace at or after each bin, inline by inline, shape of the mask."""
    return (live.cumsum() - live.ravel()).reshape(live.shape)


def write_block(
    path: Path,
    layout: Layout,
    numbers: Sequence[int],
    live: NDArray[np.bool_],
    samples: Sequence[NDArray[Any]],
) -> None:
    """Write the traces of a block of bins to their places.

    Parameters
    ----------
    path
        A file that `lay_out` made.
    layout
        What `lay_out` returned.
    numbers
        Of every inline of the block, the number of the first trace in the file.
    live
        Where the block has a trace, shape (inline, crossline).
    samples
        An array for each component, shape (inline, crossline, sample). Floats that are not finite become
        OpendTect's number for undefined, in volumes of integers 0; what a type does not hold is cut.
    """
    descriptor = os.open(path, os.O_WRONLY)
    try:
        for row, number in enumerate(numbers):
            present = live[row]
            if not present.any():
                continue
            parts = [
                _as_stored(block[row] if present.all() else block[row, present], component.dtype)
                for block, component in zip(samples, layout.components, strict=True)
            ]
            record = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
            _write_at(descriptor, record, layout.first + number * layout.record_bytes)
    finally:
        os.close(descriptor)


def _as_stored(samples: NDArray[Any], dtype: np.dtype[np.generic]) -> NDArray[np.uint8]:
    """Return the bytes of traces as they lie in the file, shape (traces, bytes)."""
    if dtype.kind == "f":
        values = samples
        if dtype.itemsize < samples.dtype.itemsize and samples.dtype.kind == "f":
            values = np.clip(samples, -LARGEST, LARGEST)
        values = values.astype(dtype.newbyteorder("<"), copy=False)
        absent = ~np.isfinite(samples)
        if absent.any():
            values = np.where(absent, UNDEFINED.astype(values.dtype), values)
    elif samples.dtype != dtype:
        limits = np.iinfo(dtype.str)
        whole = np.rint(np.nan_to_num(samples)) if samples.dtype.kind == "f" else samples
        values = np.clip(whole, limits.min, limits.max).astype(dtype.newbyteorder("<"))
    else:
        values = samples.astype(dtype.newbyteorder("<"), copy=False)
    return np.ascontiguousarray(values).view(np.uint8)


def _write_at(descriptor: int, data: NDArray[np.uint8], offset: int) -> None:
    """Write all bytes; one system call moves at most 2 GiB."""
    view, done = data.reshape(-1).data, 0
    while done < len(view):
        done += os.pwrite(descriptor, view[done:], offset + done)


Add = Callable[[slice, Sequence[NDArray[Any]] | NDArray[Any]], None]


@contextmanager
def writing(
    path: Path, geometry: SurveyGeometry, components: Sequence[Component]
) -> Iterator[Add]:
    """Write one file inline by inline; it appears whole, by rename, or not at all.

    Parameters
    ----------
    path
        The file.
    geometry
        Axes, live mask and transform.
    components
        Names and types.

    Yields
    ------
    callable
        Takes the next inlines as a slice of their axis, ascending without gaps, and their samples, shape
        (component, inline, crossline, sample), as `write_block` does.

    Raises
    ------
    OutputError
        If a file of a split volume of that name lies beside it, or OpendTect could not read the volume.
    RegionError
        If inlines are left out or come twice.
    """
    refuse_strays(path)
    done, live = 0, geometry.live_mask
    with whole_file(path) as part:
        layout = lay_out(part, geometry, components)
        first = first_traces(live)

        def add(inlines: slice, samples: Sequence[NDArray[Any]] | NDArray[Any]) -> None:
            nonlocal done
            start, stop, _ = inlines.indices(len(geometry.inlines))
            if start != done or not start < stop:
                raise RegionError(str(path), inlines, f"does not follow inline number {done}")
            write_block(part, layout, first[start:stop, 0].tolist(), live[start:stop], samples)  # type: ignore[arg-type]
            done = stop

        yield add
        if done < len(geometry.inlines):
            raise RegionError(str(path), slice(0, done), "are not all inlines")
