"""A SEG-Y file in its parts, the changes that tests make to it, and a variant: a file and its fate."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.surveys import DTYPES, ByteOrder, Form, Traces, grid_traces, write_segy

SHAPE = (20, 24, 40)
CUBE = partial(grid_traces, SHAPE, azimuth=0.41)
TEXT = 3200
IBM = Form(code=1)


@dataclass(slots=True)
class Content:
    """A file in its parts, for a variant to change."""

    order: ByteOrder
    code: int
    head: bytearray
    between: bytes
    records: NDArray[np.uint8]
    tail: bytes = b""

    def put(self, byte: int, value: float, kind: str = "i2") -> None:
        """Write a field of the binary header."""
        raw = np.array(value).astype(self.type_of(kind)).tobytes()
        self.head[byte - 1 : byte - 1 + len(raw)] = raw

    def put_traces(self, byte: int, values: Any, kind: str = "i4") -> None:
        """Write a field of every trace header."""
        column = np.broadcast_to(np.asarray(values), len(self.records)).astype(self.type_of(kind))
        raw = column.view(np.uint8).reshape(len(column), -1)
        self.records[:, byte - 1 : byte - 1 + raw.shape[1]] = raw

    def words(self, kind: str) -> NDArray[Any]:
        """Return the samples for writing, shape (traces, samples)."""
        return self.records[:, 240:].view(self.type_of(kind))

    def write(self, path: Path) -> Path:
        path.write_bytes(bytes(self.head) + self.between + self.records.tobytes() + self.tail)
        return path

    def type_of(self, kind: str) -> np.dtype[Any]:
        return np.dtype((">" if self.order == "big" else "<") + kind)


Change = Callable[[Content], object]


@dataclass(frozen=True, slots=True)
class Variant:
    """A file and what must become of it.

    ``refused`` is the word that the one line must hold; without it the file comes back as it was.
    ``shape`` is the volume's, None where bins do not follow from the headers; ``live`` counts its
    traces, None where every bin has one.
    """

    change: Change = lambda _: None
    traces: Callable[[], Traces] = CUBE
    form: Form = IBM
    options: tuple[str, ...] = ()
    refused: str = ""
    shape: tuple[int, int, int] | None = SHAPE
    live: int | None = None

    def write(self, path: Path) -> Path:
        traces, form = self.traces(), self.form
        whole = write_segy(path, traces, form).read_bytes()
        first = 3600 + TEXT * form.texts
        records = np.frombuffer(whole[first:], np.uint8).reshape(len(traces), -1).copy()
        content = Content(
            form.order, form.code, bytearray(whole[:3600]), whole[3600:first], records
        )
        # Two bytes, major and minor, in either byte order.
        content.head[3500:3502] = form.revision.to_bytes(2, "big")
        _fill_with_noise(content)
        self.change(content)
        return content.write(path)


def _fill_with_noise(content: Content) -> None:
    """Give every trace samples of its own, so that no two can be taken for one another."""
    rng = np.random.default_rng(17)
    if content.code == 1:
        words = content.words("u4")
        sign, exponent = rng.integers(0, 2, words.shape), rng.integers(60, 70, words.shape)
        words[:] = sign << 31 | exponent << 24 | rng.integers(1 << 20, 1 << 24, words.shape)
    elif content.code in (5, 6):
        values = content.words(DTYPES[content.code])
        values[:] = 1000 * rng.standard_normal(values.shape)
    else:
        content.records[:, 240:] = rng.integers(0, 256, content.records[:, 240:].shape)


def several(*changes: Change) -> Change:
    def change(content: Content) -> None:
        for one in changes:
            one(content)

    return change


def put(byte: int, value: float, kind: str = "i2") -> Change:
    return lambda content: content.put(byte, value, kind)


def put_traces(byte: int, values: Any, kind: str = "i4") -> Change:
    return lambda content: content.put_traces(byte, values, kind)


def put_words(words: list[int], kind: str = "u4") -> Change:
    def change(content: Content) -> None:
        content.words(kind)[3, : len(words)] = np.array(words, dtype=kind)

    return change


def put_text(text: bytes) -> Change:
    def change(content: Content) -> None:
        content.head[:TEXT] = text.ljust(TEXT)[:TEXT]

    return change


def fill_head(first: int, last: int, value: int) -> Change:
    def change(content: Content) -> None:
        content.head[first - 1 : last] = bytes([value]) * (last - first + 1)

    return change


def noise(size: int | tuple[int, int], seed: int = 3) -> Any:
    return np.random.default_rng(seed).integers(0, 256, size, dtype=np.uint8)


def cut_last_trace(content: Content) -> None:
    content.tail = content.records[-1, :300].tobytes()
    content.records = content.records[:-1]


def shorten_every(step: int) -> Change:
    """Return a change that takes ten samples from every so many traces, as their headers then say."""

    def change(content: Content) -> None:
        short = np.arange(len(content.records)) % step == 1
        content.put(3503, 0)
        content.put_traces(115, np.where(short, 30, 40), "i2")
        rows = zip(content.records, short, strict=True)
        content.tail = b"".join(row[: len(row) - 40 * less].tobytes() for row, less in rows)
        content.records = content.records[:0]

    return change


def keep_no_trace(content: Content) -> None:
    content.records = content.records[:0]


def use_unassigned_bytes(content: Content) -> None:
    content.records[:, 232:240] = noise((len(content.records), 8))


def add_extra_headers(content: Content) -> None:
    content.put(3507, 2, "i4")
    extra = noise((len(content.records), 480))
    extra[:, 156:158] = np.frombuffer(np.array(2, content.type_of("u2")).tobytes(), np.uint8)
    extra[:, 232:240] = np.frombuffer("SEG00001".encode("cp037"), np.uint8)
    content.records = np.hstack([content.records[:, :240], extra, content.records[:, 240:]])


def stanzas(encoding: str, *openings: str) -> bytes:
    """Return one text record for each opening."""
    return b"".join(
        f"{words}\r\nwords and more words".ljust(TEXT).encode(encoding) for words in openings
    )


def put_between(content: bytes) -> Change:
    def change(parts: Content) -> None:
        parts.between = content

    return change


def put_tail(tail: bytes) -> Change:
    def change(content: Content) -> None:
        content.tail = tail

    return change


def random_words(content: Content) -> None:
    content.records[:, 240:] = noise(content.records[:, 240:].shape)
