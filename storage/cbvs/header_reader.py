"""The header of a CBVS file, read; how it is built is told in `storage.cbvs.header`."""

from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import numpy as np

from storage.cbvs.header import (
    COORDINATE,
    INTEGER,
    MAGIC,
    OTHER_VALUES,
    PER_TRACE,
    SIGNED,
    START,
    VERSION,
    ByteOrder,
    Component,
    Header,
)
from storage.errors import CbvsError

LONGEST_TEXT, MOST_COMPONENTS = 1 << 20, 1 << 12
"""Beyond these it is no header but something else."""


class _Cursor:
    """Numbers from a file, one after the other."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file, self._path = file, path
        self.order: ByteOrder = "<"

    def bytes(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) < count:
            raise CbvsError(
                self._path, "the file ends within its header", "Copy it again from its source."
            )
        return data

    def numbers(self, kind: str, count: int) -> list[float]:
        dtype = np.dtype(f"{self.order}{kind}")
        values: list[float] = np.frombuffer(self.bytes(count * dtype.itemsize), dtype).tolist()
        return values

    def integers(self, count: int) -> list[int]:
        return [int(value) for value in self.numbers("i4", count)]

    def text(self) -> str:
        (length,) = self.integers(1)
        if not 0 <= length <= LONGEST_TEXT:
            raise damaged(self._path, f"a text of {length} bytes")
        return self.bytes(length).decode("utf-8", errors="replace").rstrip("\0 ")

    def decimal(self) -> Decimal:
        """Return a float32 as the shortest decimal number that it stands for."""
        value = np.frombuffer(self.bytes(4), f"{self.order}f4")[0].astype(np.float32)
        if not np.isfinite(value):
            raise damaged(self._path, f"a Z of {value}")
        return Decimal(str(value))


def damaged(path: Path, what: str) -> CbvsError:
    """Return the error of a file that says what cannot be."""
    return CbvsError(path, f"it speaks of {what}", "The file is damaged: copy it again.")


def read_header(path: Path) -> Header:
    """Read the header of one file.

    Raises
    ------
    CbvsError
        If it is no CBVS file, of another version, cut off, or holds what cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(8)
        if head[:3] != MAGIC or len(head) < 8 or head[3] > 2:
            raise CbvsError(
                path, "this is no CBVS file: it does not begin with dGB", "Name another."
            )
        if head[4] > VERSION:
            raise CbvsError(
                path,
                f"it is of version {head[4]} of CBVS, and {VERSION} is known",
                "Export it from OpendTect as SEG-Y.",
            )
        cursor = _Cursor(file, path)
        cursor.order = "<" if head[3] else ">"
        cursor.bytes(8)  # sizes that readers do without
        cursor.text()
        components, orders, (start, interval, count) = _read_components(cursor, path)
        full, traces, *lines = cursor.integers(8)
        if traces > 1:
            raise CbvsError(
                path, f"it has {traces} traces a position", "Stack it first: graben reads volumes."
            )
        affine = tuple(cursor.numbers("f8", 6))
        cursor.integers(1)
        cursor.text()
        return Header(
            cursor.order,
            orders,
            components,
            start,
            interval,
            count,
            _values_bytes(head[5], head[6]),
            head[6],
            bool(full),
            (lines[0], lines[1]),
            (lines[2], lines[3]),
            (lines[4], lines[5]),
            affine,  # type: ignore[arg-type]
            file.tell(),
        )


def _read_components(
    cursor: _Cursor, path: Path
) -> tuple[tuple[Component, ...], tuple[ByteOrder, ...], tuple[Decimal, Decimal, int]]:
    """Return components, the byte orders of their samples, and their one vertical axis."""
    (number,) = cursor.integers(1)
    if not 1 <= number <= MOST_COMPONENTS:
        raise damaged(path, f"{number} components")
    components: list[Component] = []
    orders: list[ByteOrder] = []
    axes = set()
    for index in range(number):
        name = cursor.text() or f"Component {index + 1}"
        cursor.integers(1)
        code, order = cursor.bytes(4)[:2]
        components.append(Component(name, dtype_of(code, path)))
        orders.append("<" if order & 1 else ">")
        start, interval = cursor.decimal(), cursor.decimal()
        (count,) = cursor.integers(1)
        cursor.bytes(8)  # a scale that nobody applies
        if count < 1 or (interval <= 0 and count > 1):
            raise damaged(path, f"{count} samples every {interval}")
        axes.add((start, interval, count))
    if len(axes) > 1:
        raise CbvsError(
            path, "its components have different Z ranges", "Export them one by one as SEG-Y."
        )
    return tuple(components), tuple(orders), axes.pop()


def dtype_of(code: int, path: Path) -> np.dtype[np.generic]:
    """Return the type that the first byte of a data code stands for.

    Raises
    ------
    CbvsError
        If NumPy has no such type.
    """
    kind = ("i" if code & SIGNED else "u") if code & INTEGER else "f"
    size = 1 << (code & 7)
    if size > 8 or (kind == "f" and size < 4):
        raise CbvsError(
            path,
            f"samples of code {code:#04x} cannot be read",
            "Store it as float32 in OpendTect.",
        )
    return np.dtype(f"{kind}{size}")


def _values_bytes(bits: int, policy: int) -> int:
    """Return the bytes of the per-trace values whose bits are set."""
    coordinates = 16 if bits & COORDINATE and policy == PER_TRACE else 0
    return coordinates + 4 * sum(bool(bits & each) for each in (START, *OTHER_VALUES))
