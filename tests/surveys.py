"""Makers of SEG-Y files for tests, byte by byte from the standard and independent of our writer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

ByteOrder = Literal["big", "little"]

DTYPES = {
    2: "i4",
    3: "i2",
    5: "f4",
    6: "f8",
    8: "i1",
    9: "i8",
    10: "u4",
    11: "u2",
    12: "u8",
    16: "u1",
}
TWO_BYTES = {
    29,
    31,
    33,
    35,
    69,
    71,
    89,
    91,
    93,
    95,
    97,
    99,
    105,
    109,
    115,
    117,
    169,
    201,
    213,
    215,
}


@dataclass(frozen=True, slots=True, eq=False)
class Traces:
    """What lies in a file, trace after trace; coordinates in metres."""

    inline: NDArray[np.int64]
    crossline: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    amplitude: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.inline)

    def take(self, chosen: Any) -> "Traces":
        return Traces(
            self.inline[chosen],
            self.crossline[chosen],
            self.x[chosen],
            self.y[chosen],
            self.amplitude[chosen],
        )

    def inline_major(self) -> "Traces":
        return self.take(np.lexsort((self.crossline, self.inline)))


@dataclass(frozen=True, slots=True)
class Form:
    """How the traces are written."""

    code: int = 5
    order: ByteOrder = "big"
    line_bytes: tuple[int, int] = (189, 193)
    coordinate_bytes: tuple[int, int] | None = (181, 185)
    scalar: int = -100
    interval: int = 4000
    delay: int = 0
    revision: int = 0x0100
    measurement: int = 1
    texts: int = 0
    fields: Mapping[int, Any] = field(default_factory=dict)


def grid_traces(
    shape: tuple[int, int, int],
    *,
    first: tuple[int, int] = (101, 2001),
    step: tuple[int, int] = (1, 1),
    azimuth: float = 0.5,
    bin_m: tuple[float, float] = (25.0, 12.5),
    seed: int = 0,
) -> Traces:
    """Return every trace of a rotated grid, inline-major; amplitudes are whole numbers, 1 to 120."""
    inline, crossline = (
        part.ravel()
        for part in np.meshgrid(
            *(
                begin + by * np.arange(n)
                for begin, by, n in zip(first, step, shape[:2], strict=True)
            ),
            indexing="ij",
        )
    )
    along, across = (inline - first[0]) * bin_m[0], (crossline - first[1]) * bin_m[1]
    x = 455000.0 + np.cos(azimuth) * across - np.sin(azimuth) * along
    y = 6780000.0 + np.sin(azimuth) * across + np.cos(azimuth) * along
    drawn = np.random.default_rng(seed).integers(1, 121, (len(inline), shape[2]))
    return Traces(inline, crossline, x, y, drawn.astype(np.float64))


def write_segy(path: Path, traces: Traces, form: Form | None = None) -> Path:
    """Write a file as the form says; returns its path."""
    form = form or Form()
    samples = traces.amplitude.shape[1]
    text = "".join(f"C{row:2d}".ljust(80) for row in range(1, 41)).encode("cp037")
    binary = bytearray(400)
    stated = {
        3217: form.interval,
        3221: samples,
        3225: form.code,
        3255: form.measurement,
        3501: form.revision,
        3503: 1,
        3505: form.texts,
    }
    for byte, value in stated.items():
        binary[byte - 3201 : byte - 3199] = (value & 0xFFFF).to_bytes(2, form.order)
    headers = np.zeros((len(traces), 240), np.uint8)
    count = np.arange(len(traces))
    values: dict[int, Any] = {1: count + 1, 29: 1, 49: 7 * count, 91: count % 100, 197: -count}
    values |= {115: samples, 117: form.interval, 109: form.delay, 71: form.scalar}
    values |= dict(zip(form.line_bytes, (traces.inline, traces.crossline), strict=True))
    if form.coordinate_bytes:
        factor = -form.scalar if form.scalar < 0 else 1 / (form.scalar or 1)
        coordinates = (np.rint(traces.x * factor), np.rint(traces.y * factor))
        values |= dict(zip(form.coordinate_bytes, coordinates, strict=True))
    mark = ">" if form.order == "big" else "<"
    for byte, value in (values | dict(form.fields)).items():
        size = 2 if byte in TWO_BYTES else 4
        column = np.broadcast_to(np.asarray(value), len(traces)).astype(np.int64)
        raw = column.astype(f"{mark}i{size}").view(np.uint8).reshape(-1, size)
        headers[:, byte - 1 : byte - 1 + size] = raw
    records = np.concatenate([headers, _encode(traces.amplitude, form.code, mark)], axis=1)
    path.write_bytes(text + bytes(binary) + text * form.texts + records.tobytes())
    return path


def _encode(amplitude: NDArray[np.float64], code: int, mark: str) -> NDArray[np.uint8]:
    if code == 1:
        words: NDArray[Any] = to_ibm(amplitude).astype(f"{mark}u4")
    else:
        words = amplitude.astype(mark + DTYPES[code])
    return np.ascontiguousarray(words).view(np.uint8).reshape(len(amplitude), -1)


def to_ibm(values: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Return IBM System/360 words of values that need no more than 21 bits."""
    fraction, exponent = np.frexp(np.abs(values))
    sixteens = -(-exponent // 4)
    mantissa = np.ldexp(fraction, exponent - 4 * sixteens + 24).astype(np.uint32)
    sign = np.where(values < 0, np.uint32(1 << 31), np.uint32(0))
    words = sign | ((sixteens + 64).astype(np.uint32) << np.uint32(24)) | mantissa
    return np.where(values == 0, np.uint32(0), words).astype(np.uint32)


def holes(traces: Traces, share: float = 0.2, seed: int = 1) -> Traces:
    """Leave traces out, one whole inline among them; the corners stay, so that the axes do."""
    keep = np.random.default_rng(seed).random(len(traces)) > share
    keep &= traces.inline != np.unique(traces.inline)[3]
    keep[[0, -1]] = True
    return traces.take(keep)


def shuffled(traces: Traces, seed: int = 2) -> Traces:
    return traces.take(np.random.default_rng(seed).permutation(len(traces)))


def near_the_equator() -> Traces:
    """A survey whose coordinates may be angles, in degrees and in anything smaller."""
    traces = PLAIN()
    return replace(traces, x=traces.x - 455_000.0, y=(traces.y - 6_780_000.0) / 10)


def crossline_major(traces: Traces) -> Traces:
    return traces.take(np.lexsort((traces.inline, traces.crossline)))


def falling(traces: Traces) -> Traces:
    return traces.take(np.arange(len(traces))[::-1])


SHAPE = (9, 7, 21)
PLAIN = partial(grid_traces, SHAPE)

GOOD: dict[str, tuple[Callable[[], Traces], Form]] = {
    "plain": (PLAIN, Form()),
    "ibm": (PLAIN, Form(code=1)),
    "ibm-little": (PLAIN, Form(code=1, order="little")),
    "int32": (PLAIN, Form(code=2)),
    "int16-little": (PLAIN, Form(code=3, order="little")),
    "float64": (PLAIN, Form(code=6)),
    "int8": (PLAIN, Form(code=8)),
    "uint16": (PLAIN, Form(code=11)),
    "uint8": (PLAIN, Form(code=16)),
    "holes": (lambda: holes(PLAIN()), Form()),
    "holes-int16": (lambda: holes(PLAIN()), Form(code=3)),
    "shuffled-holes": (lambda: shuffled(holes(PLAIN())), Form(code=1)),
    "crossline-major": (lambda: crossline_major(PLAIN()), Form()),
    "falling": (lambda: falling(PLAIN()), Form()),
    "bytes-9-21": (PLAIN, Form(line_bytes=(9, 21), coordinate_bytes=(73, 77), revision=0)),
    "bytes-5-21": (PLAIN, Form(line_bytes=(5, 21), revision=0)),
    "steps-of-2": (lambda: grid_traces(SHAPE, step=(2, 4)), Form()),
    "negative-lines": (lambda: grid_traces(SHAPE, first=(-4, -90)), Form()),
    "scalar-1": (lambda: grid_traces(SHAPE, azimuth=0.0, bin_m=(25.0, 10.0)), Form(scalar=1)),
    "scalar-10": (lambda: grid_traces(SHAPE, azimuth=0.0, bin_m=(30.0, 20.0)), Form(scalar=10)),
    "no-scalar": (lambda: grid_traces(SHAPE, azimuth=0.0, bin_m=(25.0, 10.0)), Form(scalar=0)),
    "no-coordinates": (PLAIN, Form(coordinate_bytes=None)),
    "delay": (PLAIN, Form(delay=1500)),
    "odd-interval": (PLAIN, Form(interval=1999)),
    "wide-interval": (PLAIN, Form(interval=50_000)),
    "extended-texts": (PLAIN, Form(texts=2)),
    "extended-texts-revision-0": (PLAIN, Form(texts=3, revision=0)),
    "one-inline": (lambda: grid_traces((1, 40, 21)), Form()),
    "one-crossline": (lambda: grid_traces((40, 1, 21)), Form()),
    "one-trace": (lambda: grid_traces((1, 1, 21)), Form()),
    "one-sample": (lambda: grid_traces((9, 7, 1)), Form(interval=2000)),
}
"""Files that must be mapped, by name."""
