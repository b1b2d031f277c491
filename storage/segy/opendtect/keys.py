"""Which header bytes OpendTect's import wizard proposes for line numbers and coordinates.

A field is usable where every trace of its quick scan holds a value of the usual range there. For files of
revision 1 and 2 the places of the standard are taken whatever they hold; for revision 0 it keeps its own
places where they are usable, else those of revision 1, else the first field that is usable at all
(``segyhdrkeydata.cc``).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from storage.segy import fields
from storage.segy.fields import ByteOrder, trace_field

LARGEST_LINE: Final = 200_000_000

NEVER: Final = {
    fields.DATA_USE,
    69,
    fields.COORDINATE_SCALAR,
    fields.COORDINATE_UNITS,
    fields.DELAY,
    fields.WEIGHTING,
    fields.TRACE_SAMPLES,
    fields.TRACE_INTERVAL,
}
"""Fields with another meaning, which are never proposed."""


@dataclass(frozen=True, slots=True)
class Places:
    """Header bytes of inline, crossline, X and Y."""

    inline: int
    crossline: int
    x: int
    y: int


OF_REVISION_0: Final = Places(fields.FIELD_RECORD, fields.CDP, fields.SOURCE_X, fields.SOURCE_Y)
OF_REVISION_1: Final = Places(fields.INLINE, fields.CROSSLINE, fields.CDP_X, fields.CDP_Y)


@dataclass(frozen=True, slots=True)
class Key:
    """One header field over the quick scan: its smallest and largest value, and whether it is usable."""

    byte: int
    low: int
    high: int
    usable: bool


@dataclass(frozen=True, slots=True)
class Keys:
    """The four fields of one guess."""

    inline: Key
    crossline: Key
    x: Key
    y: Key

    @property
    def usable(self) -> bool:
        """Whether all four are."""
        return self.inline.usable and self.crossline.usable and self.x.usable and self.y.usable


def keys_at(headers: NDArray[np.uint8], order: ByteOrder, places: Places) -> Keys:
    """Return what the fields of a guess hold in some traces.

    Parameters
    ----------
    headers
        Raw headers, uint8, shape (n, 240), n at least 1.
    order
        Byte order.
    places
        Where the guess looks.
    """
    return Keys(
        _line_key(headers, order, places.inline),
        _line_key(headers, order, places.crossline),
        _coordinate_key(headers, order, places.x),
        _coordinate_key(headers, order, places.y),
    )


def proposed(headers: NDArray[np.uint8], order: ByteOrder, revision: int) -> Places:
    """Return the places that the wizard proposes; parameters as in `keys_at`."""
    if revision:
        return OF_REVISION_1
    usual, standard = OF_REVISION_0, OF_REVISION_1
    bytes_ = sorted(set(fields.TRACE_FIELDS) - NEVER)
    lines = [byte for byte in bytes_ if _line_key(headers, order, byte).usable]
    coordinates = [byte for byte in bytes_ if _coordinate_key(headers, order, byte).usable]
    xs = [byte for byte in coordinates if byte not in (77, 85, 185)]
    ys = [byte for byte in coordinates if byte not in (73, 81, 181)]
    return Places(
        _choice(lines, (usual.inline, standard.inline), 0),
        _choice(lines, (usual.crossline, standard.crossline), 1),
        _choice(xs, (usual.x, 81, standard.x), 0),
        _choice(ys, (usual.y, 85, standard.y), 0),
    )


def _choice(usable: list[int], preferred: tuple[int, ...], otherwise: int) -> int:
    """Return the first preferred field that is usable, else the nth usable one, else the usual one."""
    for byte in preferred:
        if byte in usable:
            return byte
    return usable[min(otherwise, len(usable) - 1)] if usable else preferred[0]


def _line_key(headers: NDArray[np.uint8], order: ByteOrder, byte: int) -> Key:
    low, high = _extremes(headers, order, byte)
    return Key(byte, low, high, low >= 1 and high <= LARGEST_LINE)


def _coordinate_key(headers: NDArray[np.uint8], order: ByteOrder, byte: int) -> Key:
    values = trace_field(headers, byte, order)
    low, high = int(values.min()), int(values.max())
    return Key(byte, low, high, bool((values != 0).all()))


def _extremes(headers: NDArray[np.uint8], order: ByteOrder, byte: int) -> tuple[int, int]:
    values = trace_field(headers, byte, order)
    return int(values.min()), int(values.max())
