"""What OpendTect reads of a SEG-Y file, and how headers are filled for it.

OpendTect imports revision 1, big-endian, IEEE floats or 8-bit integers, inline-major, with line numbers and
coordinates in the places of revision 1 and in those it guesses for revision 0: every setting of its wizard
then gives the same map. Everything else of a trace header is the input's. `storage.segy.opendtect` reads as
it does, and proves what is written here.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from storage.geometry import SampleAxis, SurveyGeometry, line_step
from storage.segy import fields
from storage.segy.fields import ByteOrder

IEEE_FLOAT: Final = 5
PERCENT: Final = 8
"""Sample formats: values as they are; 100 times the values 0 to 1, rounded to 8-bit integers."""
SAMPLES_SAID: Final = {
    IEEE_FLOAT: "Samples: IEEE floats of four bytes",
    PERCENT: "Samples: 8-bit integers, 0 to 100: 100 times the values above",
}
SAMPLE_FORMATS: Final = {"float": IEEE_FLOAT, "int8": PERCENT}
REVISION_1: Final = 0x0100
COLUMNS, ROWS = 80, 40

BRACKETS: Final = bytes.maketrans("[]".encode("cp037"), b"\x4a\x5a")
"""From the brackets of code page 037 to those of OpendTect's table: else it sees no coordinate system."""


@dataclass(frozen=True, slots=True)
class Title:
    """The words of a text header: what the samples are, where they come from, how they were made.

    ``crs`` is the authority code of the coordinate system, None where it is not known.
    """

    data: str
    source: str
    method: str
    values: str
    crs: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where trace headers come from: their byte order, and the bytes of CDP X and Y if they have them.

    ``coordinate_scalar`` stands for the scalars that the headers have, None where these are right.
    """

    order: ByteOrder
    coordinate_bytes: tuple[int, int] | None
    coordinate_scalar: int | None = None


def file_header(geometry: SurveyGeometry, title: Title, code: int = IEEE_FLOAT) -> bytes:
    """Return the text and binary headers, 3600 bytes, for samples of the format ``code``."""
    return text_header(geometry, title, code) + _binary_header(geometry, code)


def text_header(geometry: SurveyGeometry, title: Title, code: int = IEEE_FLOAT) -> bytes:
    """Return 40 lines of 80 characters in EBCDIC, beginning with C01."""
    axis = geometry.samples
    last = axis.start + axis.interval * (axis.count - 1)
    lines = {
        1: title.data,
        2: f"Made by graben from {title.source}",
        3: title.method,
        4: title.values,
        5: SAMPLES_SAID[code],
        6: _range("Inline", geometry.inlines),
        7: _range("Crossline", geometry.crosslines),
        8: f"{axis.name}: {axis.start:g} to {last:g} {axis.unit}, inc: {axis.interval:g}",
        9: f"Traces: {int(geometry.live_mask.sum())}, inline by inline",
        11: "Inline: bytes 189-192 and 9-12.  Crossline: bytes 193-196 and 21-24",
        12: "CDP X: bytes 181-184 and 73-76.  CDP Y: bytes 185-188 and 77-80",
        13: f"Coordinate scalar: bytes 71-72.  First sample: bytes 109-110{_rounded(axis)}",
        14: f"Z domain to choose in OpendTect: {_z_domain(axis)}",
        15: f"Projection: {title.crs.replace(':', ' ')} [{title.crs}]" if title.crs else "",
        39: "SEG-Y REV1",
        40: "END TEXTUAL HEADER",
    }
    lines |= {17 + number: words for number, words in enumerate(_corners(geometry))}
    rows = (
        f"C{row:02d} {lines.get(row, '')}"[:COLUMNS].ljust(COLUMNS) for row in range(1, ROWS + 1)
    )
    return "".join(rows).encode("cp037", errors="replace").translate(BRACKETS)


def _range(name: str, numbers: NDArray[np.int32]) -> str:
    return f"{name}: {numbers[0]} to {numbers[-1]}, inc: {line_step(numbers)}"


def _rounded(axis: SampleAxis) -> str:
    """Say that the first sample lies beside a whole number, where it does."""
    start = start_field(axis)
    return "" if start == axis.start else f", {start} for {axis.start:g}"


def _z_domain(axis: SampleAxis) -> str:
    if axis.domain == "time":
        return "Time"
    return f"Depth ({'feet' if axis.length_unit == 'ft' else 'metres'})"


def _corners(geometry: SurveyGeometry) -> list[str]:
    """Return a line for each corner of the survey, as OpendTect's own exports have them."""
    if geometry.affine is None:
        return []
    x0, dx_il, dx_xl, y0, dy_il, dy_xl = geometry.affine
    (il_0, il_1), (xl_0, xl_1) = (
        (int(lines[0]), int(lines[-1])) for lines in (geometry.inlines, geometry.crosslines)
    )
    return [
        f"Corner {number}:  X: {x0 + dx_il * il + dx_xl * xl:.2f}  Y: {y0 + dy_il * il + dy_xl * xl:.2f}"
        f"  IL: {il}  XL: {xl}"
        for number, (il, xl) in enumerate(
            ((il_0, xl_0), (il_0, xl_1), (il_1, xl_1), (il_1, xl_0)), start=1
        )
    ]


def _binary_header(geometry: SurveyGeometry, code: int) -> bytes:
    """Return the 400 bytes of the binary header; what is not listed is zero.

    The measurement system is that of the coordinates, as OpendTect takes it; for that of depth it asks.
    """
    axis = geometry.samples
    header = bytearray(fields.FILE_HEADER_BYTES)
    values = {
        fields.INTERVAL: interval_field(axis),
        fields.SAMPLES: axis.count,
        fields.FORMAT: code,
        fields.SORTING: 4,
        fields.MEASUREMENT: fields.FEET if geometry.xy_unit == "ft" else fields.METRES,
        fields.REVISION: REVISION_1,
        fields.FIXED_LENGTH: 1,
    }
    for byte, value in values.items():
        header[byte - 1 : byte + 1] = value.to_bytes(2, "big")
    return bytes(header[fields.TEXT_BYTES :])


def axis_fault(axis: SampleAxis) -> str | None:
    """Say what of a vertical axis headers of two bytes cannot hold; None where they hold it all."""
    if not 0.0005 < axis.interval < 65.5355:  # what rounds to 1 to 65535 thousandths
        return f"the sample interval of {axis.interval:g} does not lie in 0.001 to 65.535"
    if abs(start_field(axis)) > 32767:
        return f"the first sample lies at {axis.start:g}; SEG-Y holds 32767 at most"
    if axis.count > 65535:
        return f"the traces have {axis.count} samples; SEG-Y of revision 1 holds 65535 at most"
    return None


def interval_field(axis: SampleAxis) -> int:
    """Return the sample interval in microseconds or thousandths of a metre, as headers hold it."""
    return round(axis.interval * 1000)


def start_field(axis: SampleAxis) -> int:
    """Return the first sample in whole ms or metres, as headers hold it."""
    return round(axis.start)


def rounding(axis: SampleAxis) -> str | None:
    """Say how far samples lie from their places by headers of whole numbers; None where they lie right.

    A hundredth of a sample does no harm.
    """
    off = (
        start_field(axis) - axis.start,
        start_field(axis)
        + interval_field(axis) / 1000 * (axis.count - 1)
        - (axis.start + axis.interval * (axis.count - 1)),
    )
    if max(map(abs, off)) < 0.01 * axis.interval:
        return None
    unit = "ms" if axis.domain == "time" else axis.length_unit
    first, last = (
        f"{abs(each):.3g} {unit} too {'deep' if each > 0 else 'shallow'}" for each in off
    )
    return (
        f"SEG-Y holds a first sample in whole {unit} and steps of thousandths, so that samples from "
        f"{axis.start:g} by {axis.interval:g} lie {first} at the top and {last} at the base; CBVS keeps them"
    )


def fill_trace_headers(
    raw: NDArray[np.uint8],
    origin: Origin,
    axis: SampleAxis,
    inline: NDArray[np.int32],
    crossline: NDArray[np.int32],
    number: NDArray[np.int64],
) -> NDArray[np.uint8]:
    """Return trace headers for OpendTect from those of the input.

    Parameters
    ----------
    raw
        The input's headers, uint8, shape (n, 240).
    origin
        Byte order of the input and where it keeps its coordinates.
    axis
        The vertical axis.
    inline, crossline
        Line numbers of the traces, shape (n,).
    number
        Number of each trace in the output, from 0, shape (n,).

    Returns
    -------
    ndarray of uint8, shape (n, 240)
        Big-endian.
    """
    headers = fields.to_big_endian(raw, origin.order)
    x, y = np.zeros((2, len(raw)), np.int32)
    if origin.coordinate_bytes:
        x, y = (fields.trace_field(raw, byte, origin.order) for byte in origin.coordinate_bytes)
    units = fields.trace_field(raw, fields.COORDINATE_UNITS, origin.order)
    start = start_field(axis)
    values: dict[int, NDArray[Any] | int] = {
        fields.SEQUENCE_LINE: number + 1,
        fields.SEQUENCE_FILE: number + 1,
        fields.FIELD_RECORD: inline,
        fields.INLINE: inline,
        fields.CDP: crossline,
        fields.CROSSLINE: crossline,
        fields.SOURCE_X: x,
        fields.CDP_X: x,
        fields.SOURCE_Y: y,
        fields.CDP_Y: y,
        fields.TRACE_ID: 1,
        fields.DATA_USE: 1,
        fields.COORDINATE_UNITS: np.where(np.isin(units, list(fields.GEOGRAPHIC)), units, 1),
        fields.LAG_A: -start,
        fields.DELAY: start,
        fields.TRACE_SAMPLES: axis.count,
        fields.TRACE_INTERVAL: interval_field(axis),
        fields.WEIGHTING: 0,
        fields.TIME_SCALAR: 0,
    }
    if origin.coordinate_scalar is not None:
        values[fields.COORDINATE_SCALAR] = origin.coordinate_scalar
    for byte, value in values.items():
        fields.set_trace_field(headers, byte, value)
    return headers
