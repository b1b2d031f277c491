"""Where the traces lie on the map: which header fields hold it, in which unit, and what is no coordinate."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from storage.segy import fields
from storage.segy.columns import Column, Columns, read_columns
from storage.segy.notice import Notice
from storage.segy.source import Source, Traces

NO_COORDINATE = -(2**31)
"""Written by some tools into the coordinates of dead traces."""

NOTHING: Column = np.empty(0, np.int32)

Pair = tuple[int, int]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """Coordinates of all traces, as the headers have them.

    Parameters
    ----------
    pair
        Header bytes they come from, None where there are none.
    raw_x, raw_y
        Whole numbers of the headers, int32, shape (traces,), both `NO_COORDINATE` where the place is not
        known; empty where there are none.
    factors
        What they are multiplied by: one for all traces, or one for each, float64.
    angle_unit
        Where they are longitude and latitude.
    """

    pair: Pair | None
    raw_x: Column
    raw_y: Column
    factors: NDArray[np.float64]
    angle_unit: str | None = None

    def at(self, traces: Traces | slice) -> tuple[Values, Values]:
        """Return x and y of some traces in metres, feet or `angle_unit`, NaN where unknown."""
        if self.pair is None:
            count = len(traces) if not isinstance(traces, slice) else 0
            return np.full(count, np.nan), np.full(count, np.nan)
        x, y = (coordinate_values(raw, self.factors, traces) for raw in (self.raw_x, self.raw_y))
        return x, y

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is uncommon about them."""
        if self.pair is None:
            what = "the trace headers hold no coordinates; wells cannot be kept from its faults"
            return (Notice("no-coordinates", what),)
        if self.angle_unit is None:
            return ()
        what = (
            f"the coordinates are in {self.angle_unit} (byte {fields.COORDINATE_UNITS}), not in metres; "
            "wells cannot be kept from its faults"
        )
        return (Notice("angles", what),)


def read_coordinates(
    source: Source, columns: Columns, named: Pair | None, line_bytes: Pair | None
) -> Coordinates:
    """Return the coordinates of the CDPs, or of the sources where those of the CDPs say nothing.

    Parameters
    ----------
    source
        The files.
    columns
        CDP X/Y of all traces and the fields in ``named``; whether coordinate scalar and units change.
    named
        Header bytes that the user names.
    line_bytes
        Of the line numbers, which are never taken for coordinates.
    """
    usual = ((fields.CDP_X, fields.CDP_Y), (fields.SOURCE_X, fields.SOURCE_Y))
    for pair in (named,) if named else usual:
        if set(pair) & set(line_bytes or ()):
            continue
        kept = columns.kept if set(pair) <= set(columns.kept) else read_columns(source, pair).kept
        raw_x, raw_y = kept[pair[0]], kept[pair[1]]
        if says_something(raw_x, raw_y):
            unknown = ~are_known(raw_x, raw_y)
            raw_x[unknown] = raw_y[unknown] = NO_COORDINATE
            found = Coordinates(pair, raw_x, raw_y, _factors(source, columns))
            name, pole = fields.GEOGRAPHIC.get(
                columns.steady[fields.COORDINATE_UNITS].value, (None, 0)
            )
            # Files in metres say degrees now and then; a latitude beyond the pole gives them away.
            if name and np.nanmax(np.abs(found.at(slice(None))[1])) <= pole:
                return replace(found, angle_unit=name)
            return found
    return Coordinates(None, NOTHING, NOTHING, np.ones(1))


def coordinate_values(raw: Column, factors: Values, traces: Traces | slice) -> Values:
    """Return one coordinate of some traces, NaN where unknown, from what `Coordinates` has of all."""
    whole, factors = raw[traces], factors if len(factors) == 1 else factors[traces]
    return np.where(whole != NO_COORDINATE, whole * factors, np.nan)


def are_known(raw_x: Column, raw_y: Column) -> NDArray[np.bool_]:
    """Tell which numbers are coordinates."""
    known: NDArray[np.bool_] = (raw_x != 0) | (raw_y != 0)
    known &= raw_x != NO_COORDINATE
    known &= raw_y != NO_COORDINATE
    return known


def factors_of(scalar: Column) -> Values:
    """Return what coordinate scalars multiply by: negative ones divide, 0 counts as 1."""
    value = scalar.astype(np.float64)
    return np.where(value > 0, value, np.where(value < 0, -1 / np.minimum(value, -1), 1.0))


def says_something(raw_x: Column, raw_y: Column) -> bool:
    """Tell whether there are coordinates, and not the same ones everywhere."""
    known = are_known(raw_x, raw_y)
    if not known.any():
        return False
    first = int(known.argmax())
    apart = (raw_x != raw_x[first]) | (raw_y != raw_y[first])
    apart &= known
    return len(raw_x) == 1 or bool(apart.any())


def _factors(source: Source, columns: Columns) -> Values:
    """Return the factors of all traces: a single one where all have the same."""
    byte = fields.COORDINATE_SCALAR
    steady = columns.steady[byte]
    if steady.odd_trace is None:
        return factors_of(np.array([steady.value], np.int32))
    return factors_of(read_columns(source, [byte]).kept[byte])
