"""CBVS byte by byte from the description of the format: a reader and a maker that share nothing with ours."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

CODES = {0x12: "f4", 0x13: "f8", 0x18: "i1", 0x08: "u1", 0x19: "i2", 0x09: "u2", 0x1A: "i4"}
AUXILIARY = 61
"""What OpendTect's own writer sets: all values of a trace but its coordinates, 20 bytes."""


@dataclass
class Plain:
    """All that a file says."""

    names: list[str]
    start: float
    step: float
    is_full: bool
    first: tuple[int, int]
    last: tuple[int, int]
    steps: tuple[int, int]
    transform: tuple[float, ...]
    traces: dict[tuple[int, int], list[np.ndarray[Any, Any]]] = field(default_factory=dict)


def read_plain(path: Path) -> Plain:
    """Read one little-endian file without per-trace values, number by number."""
    data, at = path.read_bytes(), 16

    def take(form: str) -> tuple[Any, ...]:
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values

    def text() -> bytes:
        (length,) = take("i")
        return bytes(take(f"{length}s")[0])

    assert data[:3] == b"dGB"
    assert list(data[3:8]) == [1, 2, 0, 2, 0]
    text()
    names, kinds, axes = [], [], []
    for _ in range(take("i")[0]):
        names.append(text().decode())
        _, code, order, *zeros, start, step, count, _, one = take("iBBBBffiff")
        assert (order & 1, zeros, one) == (1, [0, 0], 1)
        kinds.append(CODES[code])
        axes.append((start, step, count))
    full, per_position, *lines = take("8i")
    transform = take("6d")
    assert per_position == 1
    take("i")
    text()
    assert at % 4 == 0
    assert struct.unpack_from("<i", data, 8)[0] == at
    start, step, count = axes[0]
    plain = Plain(
        names,
        start,
        step,
        bool(full),
        (lines[0], lines[1]),
        (lines[2], lines[3]),
        (lines[4], lines[5]),
        transform,
    )
    for position in _positions(plain, data):
        samples = []
        for kind in kinds:
            values = np.frombuffer(data, f"<{kind}", count, at)
            samples.append(values.astype(kind))
            at += values.nbytes
        plain.traces[position] = samples
    (length,) = struct.unpack_from("<i", data, len(data) - 8)
    assert at == len(data) - 8 - length
    assert data[-4:] == b"\1BGd"
    return plain


def _positions(plain: Plain, data: bytes) -> list[tuple[int, int]]:
    if plain.is_full:
        rows = range(plain.first[0], plain.last[0] + 1, plain.steps[0])
        columns = range(plain.first[1], plain.last[1] + 1, plain.steps[1])
        return [(row, column) for row in rows for column in columns]
    (length,) = struct.unpack_from("<i", data, len(data) - 8)
    words = list(struct.unpack_from(f"<{length // 4}i", data, len(data) - 8 - length))
    positions = []
    for _ in range(words.pop(0)):
        inline, segments = words.pop(0), words.pop(0)
        for _ in range(segments):
            first, last, step = (words.pop(0) for _ in range(3))
            positions += [(inline, column) for column in range(first, last + 1, step)]
    return positions


Samples = Mapping[tuple[int, int], Sequence[np.ndarray[Any, Any]]]


def make_cbvs(
    path: Path,
    traces: Samples,
    *,
    names: Sequence[str] = ("Seismic",),
    z: tuple[float, float] = (0.0, 0.004),
    order: str = "<",
    bits: int = AUXILIARY,
    policy: int = 2,
    steps: tuple[int, int] = (1, 1),
    full: tuple[tuple[int, int], tuple[int, int]] | None = None,
    transform: Sequence[float] = (1000.0, 0.0, 25.0, 2000.0, 12.5, 0.0),
) -> Path:
    """Write traces in the order of the mapping; ``full`` holds first and last corner of a rectangle."""
    positions = list(traces)
    some = next(iter(traces.values()))
    mark = int(order == "<")
    body = b""

    def put(form: str, *values: Any) -> bytes:
        return struct.pack(order + form, *values)

    def text(value: bytes) -> bytes:
        return put("i", len(value)) + value

    body = text(b"standard text") + put("i", len(names))
    codes = {kind: code for code, kind in CODES.items()}
    for name, first in zip(names, some, strict=True):
        code = codes[first.dtype.str[1:]]
        body += text(name.encode()) + put("i", 0) + bytes((code, mark, 0, 0))
        body += put("ffiff", *z, len(first), 0.0, 1.0)
    rows, columns = zip(*positions, strict=True)
    corners = full or ((min(rows), min(columns)), (max(rows), max(columns)))
    body += put("8i", int(full is not None), 1, *corners[0], *corners[1], *steps)
    body += put("6d", *transform) + put("i", 0) + text(b"user text")
    head = b"dGB" + bytes((mark, 2, bits, policy, 0)) + put("ii", 16 + len(body) - 4, 0)
    data = head + body
    extra = 4 * sum(bool(bits & each) for each in (1, 4, 8, 16, 32))
    for (row, column), samples in traces.items():
        values = np.full(extra // 4, 7.5, f"{order}f4").tobytes()
        if bits & 2 and policy == 0:
            values = values[:4] + put("dd", row * 10.0, column * 10.0) + values[4:]
        data += values
        data += b"".join(each.astype(each.dtype.newbyteorder(order)).tobytes() for each in samples)
    trailer = b""
    if policy == 1:
        trailer += put("i", len(positions))
        trailer += b"".join(put("dd", row * 10.0, column * 10.0) for row, column in positions)
    if full is None:
        lines: dict[int, list[int]] = {}
        for row, column in positions:
            lines.setdefault(row, []).append(column)
        trailer += put("i", len(lines))
        for row, line in lines.items():  # a segment a trace: the plainest of all
            trailer += put("ii", row, len(line))
            trailer += b"".join(put("iii", column, column, steps[1]) for column in line)
    path.write_bytes(data + trailer + put("i", len(trailer)) + bytes((mark,)) + b"BGd")
    return path
