"""On which lines the traces of a CBVS file lie, in which order; and the trailer that says so.

::

    [coordinates: count, x and y of every trace]           where the policy of coordinates is 1
    [inlines: count; number, segments; first, last, step]  where the file is no full rectangle
    bytes of both, 1, B, G, d
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.cbvs.header import IN_TRAILER, Header
from storage.cbvs.header_reader import damaged
from storage.errors import CbvsError
from storage.geometry import line_step

END = b"\1BGd"
"""The last bytes of a file; the first of them says little-endian."""


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """The traces of a file as runs of crosslines.

    Parameters
    ----------
    inlines
        Line numbers in the order of the file, int64, shape (n,).
    rows
        Segments of inline i are rows[i] to rows[i + 1], int64, shape (n + 1,).
    segments
        First and last crossline and the step between, int64, shape (m, 3).
    starts
        Number of every segment's first trace, and of all traces, int64, shape (m + 1,).
    """

    inlines: NDArray[np.int64]
    rows: NDArray[np.int64]
    segments: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def traces(self) -> int:
        """Number of traces."""
        return int(self.starts[-1])

    def numbers(self, row: int, crosslines: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the trace numbers of one inline on an axis of crosslines, -1 where there is no trace."""
        numbers = np.full(len(crosslines), -1, np.int64)
        axis_step, low = line_step(crosslines), int(crosslines[0])
        for segment in range(int(self.rows[row]), int(self.rows[row + 1])):
            first, _, step = self.segments[segment]
            traces = np.arange(self.starts[segment], self.starts[segment + 1])
            columns = (first + step * (traces - traces[0]) - low) // axis_step
            numbers[columns] = traces
        return numbers

    def same_as(self, other: "Positions") -> bool:
        """Tell whether two files have the same traces in the same order."""
        mine = (self.inlines, self.rows, self.segments)
        theirs = (other.inlines, other.rows, other.segments)
        return all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))


def _positions(
    inlines: Iterable[int], rows: Iterable[int], segments: NDArray[np.int64]
) -> Positions:
    counts = np.abs(segments[:, 1] - segments[:, 0]) // np.abs(segments[:, 2]) + 1
    starts = np.concatenate([[0], np.cumsum(counts)])
    return Positions(np.asarray(inlines, np.int64), np.asarray(rows, np.int64), segments, starts)


def full_positions(header: Header) -> Positions:
    """Return the positions of a full rectangle."""
    inlines, crosslines = header.lines(0), header.lines(1)
    one = np.array([[crosslines[0], crosslines[-1], crosslines.step]], np.int64)
    return _positions(inlines, range(len(inlines) + 1), np.broadcast_to(one, (len(inlines), 3)))


def read_positions(path: Path, header: Header) -> Positions:
    """Return where the traces of a file lie, and check that all of them are there.

    Raises
    ------
    CbvsError
        If the file ends early or its trailer makes no sense.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if header.is_full:  # before a damaged rectangle becomes a large array
            _refuse_short(path, header, len(header.lines(0)) * len(header.lines(1)), size)
        if header.is_full and header.policy != IN_TRAILER:
            return full_positions(header)
        file.seek(max(0, size - 8))
        end = file.read(8)
        if end[-3:] != END[-3:]:
            raise CbvsError(
                path,
                "the file is cut off: its trailer is missing",
                "Copy it again from its source.",
            )
        length = int(np.frombuffer(end[:4], f"{header.order}i4")[0])
        begin = size - 8 - length
        if length < 0 or begin < header.size:
            raise damaged(path, f"a trailer of {length} bytes")
        file.seek(begin)
        trailer = file.read(length)
    if header.policy == IN_TRAILER:
        trailer = trailer[4 + 16 * _first_integer(trailer, header, path) :]
    positions = full_positions(header) if header.is_full else _segments(path, header, trailer)
    _refuse_short(path, header, positions.traces, begin)
    return positions


def _first_integer(trailer: bytes, header: Header, path: Path) -> int:
    if len(trailer) < 4:
        raise damaged(path, f"a trailer of {len(trailer)} bytes")
    return int(np.frombuffer(trailer[:4], f"{header.order}i4")[0])


def _segments(path: Path, header: Header, trailer: bytes) -> Positions:
    """Return the positions that a trailer lists."""
    words = np.frombuffer(trailer[: len(trailer) // 4 * 4], f"{header.order}i4").astype(np.int64)
    inlines, rows, parts, at = [], [0], [np.empty((0, 3), np.int64)], 1
    for _ in range(int(words[0]) if len(words) else 0):
        head = words[at : at + 2]
        count = int(head[1]) if len(head) == 2 else -1
        part = words[at + 2 : at + 2 + 3 * count]
        if count < 0 or len(part) < 3 * count:
            raise damaged(path, "more segments than its trailer holds")
        inlines.append(int(head[0]))
        rows.append(rows[-1] + count)
        parts.append(part.reshape(-1, 3))
        at += 2 + 3 * count
    segments = np.concatenate(parts)
    if not len(segments):
        raise CbvsError(path, "it has no traces", "Name another volume.")
    if len(set(inlines)) < len(inlines):
        raise damaged(path, "an inline twice")
    span = segments[:, 1] - segments[:, 0]
    segments[:, 2] = np.maximum(np.abs(segments[:, 2]), 1) * np.where(span < 0, -1, 1)
    segments[:, 1] = segments[:, 0] + span // segments[:, 2] * segments[:, 2]
    return _positions(inlines, rows, segments)


def _refuse_short(path: Path, header: Header, traces: int, end: int) -> None:
    """Refuse a file whose traces reach beyond where they must end."""
    held = max(0, end - header.size) // header.record_bytes
    if held < traces:
        raise CbvsError(
            path,
            f"it speaks of {traces} traces and holds {held}: it is cut off",
            "Copy it again from its source.",
        )


def trailer_bytes(
    inlines: NDArray[np.int32], crosslines: NDArray[np.int32], live: NDArray[np.bool_]
) -> bytes:
    """Return the trailer of a new little-endian file: nothing but its end where every bin has a trace."""
    if live.all():
        return np.array([0], "<i4").tobytes() + END
    words, listed = [np.zeros(1, np.int64)], 0
    step = line_step(crosslines)
    for inline, row in zip(inlines, live, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(np.int8)))
        if not len(edges):
            continue
        firsts, lasts = crosslines[edges[::2]], crosslines[edges[1::2] - 1]
        words.append(np.array([inline, len(firsts)], np.int64))
        runs = np.stack([firsts, lasts, np.full_like(firsts, step)], axis=1)
        words.append(runs.astype(np.int64).reshape(-1))
        listed += 1
    words[0][0] = listed
    data = np.concatenate(words).astype("<i4").tobytes()
    return data + np.array([len(data)], "<i4").tobytes() + END
