"""CBVS volumes: one file, or several that OpendTect split one volume into, read as one.

::

    name.cbvs, name^01.cbvs, ...     successive blocks of inlines, of one Z range
                                     or successive slabs of Z, of the same traces; the first has one sample

A volume does not say whether its Z is time or depth, nor in which unit its coordinates are: its survey does.
Inline and crossline numbers keep their meaning whatever their order in the file: axes ascend.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.cbvs.axes import axes_of
from storage.cbvs.family import files_of
from storage.cbvs.header import Component, Header, undefined_to_nan
from storage.cbvs.header_reader import read_header
from storage.cbvs.join import join
from storage.cbvs.positions import Positions, read_positions
from storage.errors import CbvsError
from storage.files import LocalFile, stamp
from storage.geometry import Affine, Domain, LengthUnit, SampleAxis, SurveyGeometry, grid_geometry

READ_BYTES = 16 << 20
"""Most bytes of traces that are read at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One file of a volume.

    Parameters
    ----------
    path, stamp
        Where it lies, and what changes when it is written again.
    header, positions
        What it says of its traces.
    first_sample
        Where its samples begin in those of the volume.
    """

    path: Path
    stamp: str
    header: Header
    positions: Positions
    first_sample: int

    @property
    def samples(self) -> slice:
        """Its samples among those of the volume."""
        return slice(self.first_sample, self.first_sample + self.header.count)


@dataclass(frozen=True, eq=False)
class Cbvs:
    """A volume that can be read; made by `open_cbvs`.

    Parameters
    ----------
    path
        Its first file.
    parts
        Its files, at least one.
    inlines, crosslines
        The axes, ascending, int32, shapes (n_inline,) and (n_crossline,).
    samples
        The vertical axis.
    affine
        From line numbers to coordinates, None where neither survey nor file has one.
    warnings
        What is uncommon about it, a line each.
    xy_unit
        Of the coordinates, None where it is that of the vertical axis.
    """

    path: Path
    parts: tuple[Part, ...]
    inlines: NDArray[np.int32]
    crosslines: NDArray[np.int32]
    samples: SampleAxis
    affine: Affine | None
    warnings: tuple[str, ...] = field(default=())
    xy_unit: LengthUnit | None = None

    @property
    def components(self) -> tuple[Component, ...]:
        """The values of every sample."""
        return self.parts[0].header.components

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return (n_inline, n_crossline, n_sample)."""
        return len(self.inlines), len(self.crosslines), self.samples.count

    @property
    def has_two_units(self) -> bool:
        """Whether its coordinates are in another unit than its depths."""
        return self.xy_unit not in (None, self.samples.length_unit)

    @cached_property
    def geometry(self) -> SurveyGeometry:
        """Axes, live mask and coordinates."""
        live = np.zeros(self.shape[:2], bool)
        for part in self.parts:
            for inline, row in _rows(self, part, slice(0, len(self.inlines))):
                live[inline] |= part.positions.numbers(row, self.crosslines) >= 0
        if self.affine:
            return grid_geometry(
                self.inlines, self.crosslines, self.samples, self.affine, live, self.xy_unit
            )
        nowhere = np.full(live.shape, np.nan)
        return SurveyGeometry(
            self.inlines, self.crosslines, self.samples, live, nowhere, nowhere, None
        )


def open_cbvs(
    path: Path,
    *,
    domain: Domain = "time",
    length_unit: LengthUnit = "m",
    affine: Affine | None = None,
    xy_unit: LengthUnit | None = None,
) -> Cbvs:
    """Look at the headers and trailers of a volume's files; samples are not read.

    Parameters
    ----------
    path
        The file that is named without ``^``; others of the volume lie beside it.
    domain, length_unit
        What the survey says: Z is in seconds, or in this unit.
    affine
        The survey's transform; None: that of the file.
    xy_unit
        Unit of the coordinates; None: that of the Z.

    Raises
    ------
    CbvsError
        If a file is missing, is no CBVS file, is cut off or of a kind that cannot be read, or the files are
        of different volumes.
    """
    paths = files_of(path)
    headers = [read_header(each) for each in paths]
    positions = [read_positions(*each) for each in zip(paths, headers, strict=True)]
    firsts, count = join(paths, headers, positions)
    parts = tuple(
        Part(each, stamp(each), header, traces, first)
        for each, header, traces, first in zip(paths, headers, positions, firsts, strict=True)
    )
    inlines, crosslines = axes_of(path, headers, positions)
    scale = 1000 if domain == "time" else 1
    interval = headers[-1].interval or Decimal(1)  # of a single sample there may be none
    start, step = float(headers[0].start * scale), float(interval * scale)
    samples = SampleAxis(domain, start, step, count, length_unit)
    placed = affine or _regular(headers[0].affine)
    notes = () if placed else ("neither the file nor a survey says where its lines lie",)
    return Cbvs(path, parts, inlines, crosslines, samples, placed, notes, xy_unit)


def _regular(affine: Affine) -> Affine | None:
    """Return the transform of a file, None where it maps a survey onto a line or a point."""
    _, dx_il, dx_xl, _, dy_il, dy_xl = affine
    regular = np.isfinite(affine).all() and dx_il * dy_xl != dx_xl * dy_il
    return affine if regular else None


def read_traces(
    cbvs: Cbvs, component: int, inlines: slice, crosslines: slice, samples: slice
) -> NDArray[Any]:
    """Read a region of one component.

    Parameters
    ----------
    cbvs
        From `open_cbvs`.
    component
        Its number, from 0.
    inlines, crosslines, samples
        The region, in indices of the axes, without steps.

    Returns
    -------
    ndarray, shape of the region
        In the file's own type; NaN, or 0 for integers, where there is no trace, and NaN where a float is
        OpendTect's number for undefined.

    Raises
    ------
    CbvsError
        If a file is gone, or shorter than it was.
    """
    region = tuple(
        slice(*each.indices(n)[:2])
        for each, n in zip((inlines, crosslines, samples), cbvs.shape, strict=True)
    )
    dtype = cbvs.components[component].dtype
    shape = [max(0, each.stop - each.start) for each in region]
    out = np.full(shape, np.nan if dtype.kind == "f" else 0, dtype)
    for part in cbvs.parts:
        low = max(region[2].start, part.samples.start)
        high = min(region[2].stop, part.samples.stop)
        if low < high:
            window = out[:, :, low - region[2].start : high - region[2].start]
            mine = slice(low - part.first_sample, high - part.first_sample)
            _read_part(cbvs, part, component, (region[0], region[1], mine), window)
    undefined_to_nan(out)
    return out


def refuse_changed(cbvs: Cbvs) -> None:
    """Refuse a volume of which a file was written, or removed, since it was opened.

    Raises
    ------
    CbvsError
        Naming the file.
    """
    for part in cbvs.parts:
        if not part.path.exists() or stamp(part.path) != part.stamp:
            raise CbvsError(
                part.path,
                "the file was changed while it was read",
                "See what changed it, then start anew with --overwrite.",
            )


def _rows(cbvs: Cbvs, part: Part, inlines: slice) -> Iterator[tuple[int, int]]:
    """Yield (index on the axis, row in the file) of the inlines of a range that a file has."""
    wanted = cbvs.inlines[inlines]
    if not len(wanted):
        return
    inside = (part.positions.inlines >= wanted[0]) & (part.positions.inlines <= wanted[-1])
    rows = np.flatnonzero(inside)
    indices = np.searchsorted(cbvs.inlines, part.positions.inlines[rows])
    yield from zip(indices.tolist(), rows.tolist(), strict=True)


def _read_part(
    cbvs: Cbvs,
    part: Part,
    component: int,
    region: tuple[slice, slice, slice],
    out: NDArray[Any],
) -> None:
    """Read a region of one file, its samples counted from the file's own first."""
    header = part.header
    before = sum(each.dtype.itemsize for each in header.components[:component]) * header.count
    stored = header.components[component].dtype.newbyteorder(header.data_orders[component])
    first = header.values_bytes + before + region[2].start * stored.itemsize
    last = first + (region[2].stop - region[2].start) * stored.itemsize
    try:
        file = LocalFile(str(part.path))
    except OSError as error:
        raise CbvsError(
            part.path, f"it cannot be read ({error.strerror})", "Put it back."
        ) from None
    try:
        for inline, row in _rows(cbvs, part, region[0]):
            numbers = part.positions.numbers(row, cbvs.crosslines)[region[1]]
            for columns, traces in _runs(numbers, header.record_bytes):
                raw = np.empty((len(columns), header.record_bytes), np.uint8)
                offset = header.size + int(traces[0]) * header.record_bytes
                if file.read_into(offset, raw.reshape(-1)) < raw.size:
                    raise CbvsError(
                        part.path, f"it ends within trace {traces[-1]}", "Put the whole file back."
                    )
                out[inline - region[0].start, columns] = raw[:, first:last].view(stored)
    finally:
        file.close()


def _runs(
    numbers: NDArray[np.int64], record_bytes: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.int64]]]:
    """Yield (columns, trace numbers) of traces that lie one after the other in the file."""
    live = np.flatnonzero(numbers >= 0)
    columns = live[np.argsort(numbers[live])]
    longest = max(1, READ_BYTES // record_bytes)
    for run in np.split(columns, np.flatnonzero(np.diff(numbers[columns]) != 1) + 1):
        for start in range(0, len(run), longest):
            part = run[start : start + longest]
            yield part, numbers[part]
