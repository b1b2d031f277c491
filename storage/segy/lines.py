"""Where line numbers lie in trace headers, and the bins that they make.

They are looked for at the usual places; the first place where every trace has a bin of its own wins, then
one where nearly every trace has. Where no headers number the traces, the grid of their coordinates may.
"""

from dataclasses import dataclass

import numpy as np

from storage.errors import SegyError
from storage.segy import fields
from storage.segy.bins import Bins, Duplicates, Misfit, bin_traces, doubled_reason
from storage.segy.columns import Column, Columns, Steady, read_columns
from storage.segy.coordinates import read_coordinates
from storage.segy.lattice import fit_lattice_at
from storage.segy.notice import Notice
from storage.segy.sample_axis import AXIS_FIELDS
from storage.segy.source import Source

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the user says that things lie; None: they are looked for.

    Parameters
    ----------
    inline, crossline, cdp_x, cdp_y
        First header bytes, from 1.
    as_line
        Take the traces for one line in the order of the file, whatever their headers say.
    coordinate_scalar
        What stands for the coordinate scalar of every trace: a negative one divides, a positive one
        multiplies.
    """

    inline: int | None = None
    crossline: int | None = None
    cdp_x: int | None = None
    cdp_y: int | None = None
    as_line: bool = False
    coordinate_scalar: int | None = None

    @property
    def coordinates(self) -> Pair | None:
        """Header bytes of CDP X and Y where the user names one of them."""
        if self.cdp_x is None and self.cdp_y is None:
            return None
        return self.cdp_x or fields.CDP_X, self.cdp_y or fields.CDP_Y


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Line numbers that place the traces.

    Parameters
    ----------
    bins
        The traces on their grid.
    pair
        Header bytes of inline and crossline; None where the numbers were made.
    columns
        What else the same pass over the headers found.
    notices
        What is uncommon about the traces.
    """

    bins: Bins
    pair: Pair | None
    columns: Columns
    notices: tuple[Notice, ...]


def find_lines(source: Source, places: Places, duplicates: Duplicates) -> Lines:
    """Return the first line numbers that give every trace its own bin, else those that nearly do.

    Parameters
    ----------
    source
        The files.
    places
        What the user says of header bytes.
    duplicates
        Which of several traces of one bin has it; ``error`` refuses them.

    Raises
    ------
    SegyError
        If no numbers place the traces.
    """
    if places.as_line:
        inline = np.ones(source.traces, np.int32)
        crossline = np.arange(1, source.traces + 1, dtype=np.int32)
        columns = _read(source, places, None)
        return _made(source, inline, crossline, columns, "order in the file")
    problems, nearly = [], None
    for pair in candidates(places):
        columns = _read(source, places, pair)
        inline, crossline = (columns.kept[byte] for byte in pair)
        bins = bin_traces(inline, crossline, keep="last" if duplicates == "last" else "first")
        if isinstance(bins, Misfit):
            apart = columns.steady[fields.OFFSET].odd_trace is not None
            gathers = ", at different offsets: pre-stack data" if apart and bins.shared else ""
            problems.append(f"{pair[0]}/{pair[1]}: {bins.reason}{gathers}")
            continue
        wanted = places.coordinates or (fields.CDP_X, fields.CDP_Y)
        rest = columns.without(set(pair) - set(wanted))
        found = Lines(bins, pair, rest, _notices(bins, inline, crossline))
        if not len(bins.doubled):
            return found
        problems.append(f"{pair[0]}/{pair[1]}: {doubled_reason(bins, inline, crossline)}")
        nearly = nearly or found
    if nearly and duplicates != "error":
        return nearly
    if places.inline is None and places.crossline is None and nearly is None:
        lattice = _from_coordinates(source, places)
        if lattice:
            return lattice
    raise SegyError(
        source.path,
        "no inline and crossline numbers that place every trace (" + "; ".join(problems) + ")",
        "Keep one of each with --duplicates first."
        if nearly
        else "Name their header bytes with --inline-byte and --crossline-byte, or take the traces for "
        "one line with --as-line.",
    )


def candidates(places: Places) -> list[Pair]:
    """Return the pairs of header bytes where line numbers are looked for, in order."""
    if places.inline and places.crossline:
        return [(places.inline, places.crossline)]
    return [(places.inline or il, places.crossline or xl) for il, xl in fields.LINE_BYTES]


def _read(source: Source, places: Places, pair: Pair | None) -> Columns:
    """Read one pair of line numbers with all that is needed beside them."""
    kept = {*(pair or ()), *(places.coordinates or (fields.CDP_X, fields.CDP_Y))}
    steady = {*AXIS_FIELDS, fields.COORDINATE_SCALAR, fields.COORDINATE_UNITS, fields.OFFSET}
    columns = read_columns(source, sorted(kept), sorted(steady))
    if places.coordinate_scalar is not None:
        columns.steady[fields.COORDINATE_SCALAR] = Steady(places.coordinate_scalar)
    return columns


def _notices(bins: Bins, inline: Column, crossline: Column) -> tuple[Notice, ...]:
    """Return what is uncommon about the traces on the grid."""
    notices = []
    if missing := int(np.count_nonzero(bins.trace_map < 0)):
        what = f"{missing} of {bins.trace_map.size} bins have no trace; they stay empty"
        notices.append(Notice("empty-bins", what))
    if len(bins.doubled):
        what = f"{doubled_reason(bins, inline, crossline)}; they are kept beside the grid"
        notices.append(Notice("duplicates", what))
    if count := len(bins.stray):
        what = f"{count} traces have no line numbers; they are kept beside the grid"
        notices.append(Notice("no-numbers", what))
    if skipped := int(np.count_nonzero((inline <= 0) & (crossline <= 0))) - len(bins.stray):
        what = (
            f"{skipped} traces have inline and crossline numbers of zero or less; OpendTect leaves them "
            "out"
        )
        notices.append(Notice("numbers-below-one", what))
    return tuple(notices)


def _from_coordinates(source: Source, places: Places) -> Lines | None:
    """Return line numbers that a regular grid gives the coordinates, None where there is no grid."""
    columns = _read(source, places, None)
    coordinates = read_coordinates(source, columns, places.coordinates, None)
    lattice = fit_lattice_at(coordinates.at, source.traces) if coordinates.pair else None
    if lattice is None:
        return None
    found = _made(source, lattice.inline, lattice.crossline, columns, "grid of their coordinates")
    return None if len(found.bins.doubled) else found


def _made(
    source: Source, inline: Column, crossline: Column, columns: Columns, origin: str
) -> Lines:
    """Return line numbers that the file does not hold."""
    bins = bin_traces(inline, crossline)
    if isinstance(bins, Misfit):
        raise SegyError(
            source.path, f"its coordinates make no grid ({bins.reason})", "Name line numbers."
        )
    what = f"the traces have no line numbers that place them; they are numbered by the {origin}"
    notices = (Notice("made-lines", what), *_notices(bins, inline, crossline))
    return Lines(bins, None, columns, notices)
