"""The header of a CBVS file: what its traces hold, on which lines they lie, where they begin.

::

    dGB, byte order, version, per-trace values, policy of coordinates, 0 | header size, 0 | text
    components: name, kind, data code, first Z, Z step, samples, 0, 1
    rectangle or trailer, traces a position | first, last, step of lines | transform | number, text

All integers are int32. Z is in seconds, metres or feet, as float32; graben's twt is in ms. Trailers and
traces lie elsewhere (`storage.cbvs.positions`, `storage.cbvs.reader`).

Reference: the public source of OpendTect, CBVS reader and writer.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from storage.geometry import Affine, SampleAxis, SurveyGeometry, line_step

ByteOrder = Literal["<", ">"]

MAGIC, VERSION = b"dGB", 2
START, COORDINATE = 1, 2
OTHER_VALUES = (4, 8, 16, 32)
"""Bits of per-trace values: offset, pick, reference number, azimuth."""
PER_TRACE, IN_TRAILER, NOT_STORED = 0, 1, 2
"""Policies of coordinates."""

INTEGER, SIGNED = 8, 16
"""Bits of a data code beside the logarithm of the bytes of a sample."""

UNDEFINED = np.float32(1e30)
"""OpendTect's number for no value."""

MADE_BY = b"Written by graben"


@dataclass(frozen=True, slots=True)
class Component:
    """One of the values of every sample: its name and its type, in native byte order."""

    name: str
    dtype: np.dtype[np.generic]


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of one file says.

    Parameters
    ----------
    order
        Of all numbers but samples, as NumPy writes it: ``<`` or ``>``.
    data_orders
        Of the samples of every component.
    components
        At least one.
    start, interval, count
        First sample, spacing and number of samples, in seconds, metres or feet.
    values_bytes
        Bytes before the samples of every trace.
    policy
        Where coordinates lie.
    is_full
        Every line pair of the rectangle has a trace, and no trailer says so.
    first, last, step
        Inline and crossline; a negative step stands for lines in falling order.
    affine
        As in `storage.geometry`; of no use where it is singular.
    size
        Bytes of the header: the first trace begins there.
    """

    order: ByteOrder
    data_orders: tuple[ByteOrder, ...]
    components: tuple[Component, ...]
    start: Decimal
    interval: Decimal
    count: int
    values_bytes: int
    policy: int
    is_full: bool
    first: tuple[int, int]
    last: tuple[int, int]
    step: tuple[int, int]
    affine: Affine
    size: int

    @property
    def record_bytes(self) -> int:
        """Bytes of a trace."""
        return self.values_bytes + trace_bytes(self.components, self.count)

    def lines(self, axis: int) -> range:
        """Return the line numbers of the rectangle in the order of the file; axis 0: inlines."""
        low, high = sorted((self.first[axis], self.last[axis]))
        step = abs(self.step[axis]) or 1
        numbers = range(low, high + 1, step)
        falls = self.step[axis] < 0 or self.last[axis] < self.first[axis]
        return numbers[::-1] if falls else numbers


def trace_bytes(components: tuple[Component, ...], count: int) -> int:
    """Return the bytes of the samples of one trace."""
    return count * sum(component.dtype.itemsize for component in components)


def code_of(dtype: np.dtype[np.generic]) -> int:
    """Return the first byte of the data code of a type."""
    flags = 0 if dtype.kind == "u" else SIGNED
    return flags | (0 if dtype.kind == "f" else INTEGER) | dtype.itemsize.bit_length() - 1


def header_bytes(geometry: SurveyGeometry, components: tuple[Component, ...]) -> bytes:
    """Return the header of a new file: little-endian, nothing stored beside the samples of a trace."""
    axis = geometry.samples
    start, interval = (np.float32(_in_file(axis, value)) for value in (axis.start, axis.interval))
    body = _int(len(components))
    for component in components:
        name = component.name.encode()
        body += _int(len(name)) + name + _int(0) + bytes((code_of(component.dtype), 1, 0, 0))
        body += np.array([start, interval], "<f4").tobytes() + _int(axis.count)
        body += np.array([0, 1], "<f4").tobytes()
    body += _int(int(geometry.live_mask.all()), 1)
    for end in (0, -1):
        body += _int(int(geometry.inlines[end]), int(geometry.crosslines[end]))
    body += _int(line_step(geometry.inlines), line_step(geometry.crosslines))
    # OpendTect takes the survey's own transform; a line alone has none.
    body += np.array(geometry.affine or np.zeros(6), "<f8").tobytes()
    text = MADE_BY + b" " * (-(16 + 4 + len(body) + 8 + len(MADE_BY)) % 4)
    body += _int(0, len(text)) + text
    head = MAGIC + bytes((1, VERSION, 0, NOT_STORED, 0))
    return head + _int(16 + 4 + len(body), 0, 0) + body


def _int(*values: int) -> bytes:
    return np.array(values, "<i4").tobytes()


def _in_file(axis: SampleAxis, value: float) -> float:
    """Return a Z as it is stored: seconds where graben has ms."""
    return value / 1000 if axis.domain == "time" else value


def undefined_to_nan(samples: NDArray[np.generic]) -> None:
    """Put NaN where OpendTect has no value, in place; integers have no number for that."""
    if samples.dtype.kind == "f":
        # Single precision first: what was stored once as float32 is the same number as a double.
        samples[(samples == UNDEFINED) | (samples == samples.dtype.type(1e30))] = np.nan
