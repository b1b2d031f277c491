"""Ways to break a SEG-Y file by chance: its header fields, its length, the order of its bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator

from tests.surveys import DTYPES, ByteOrder

# First byte and width. The second row means something from revision 2 on.
BINARY_FIELDS = (
    *((byte, 2) for byte in (3217, 3221, 3223, 3225, 3229, 3255, 3501, 3503, 3505)),
    *((3261, 4), (3269, 4), (3273, 8), (3297, 4), (3507, 4), (3521, 8), (3529, 4)),
)
REVISION_2_FIELDS = BINARY_FIELDS[9:]
TRACE_FIELDS = (
    *((byte, 4) for byte in (1, 5, 9, 13, 17, 21, 25, 37, 73, 77, 181, 185, 189, 193, 197)),
    *((byte, 2) for byte in (29, 71, 89, 105, 109, 115, 117, 215)),
)
AWKWARD = (
    *(0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 16, 50, 100, 240, 256, 1000, 3200, 3600, 4000, 10_000),
    *(2**15 - 1, 2**15, 2**16 - 1, 2**16, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63),
    *(-1, -2, -100, 0x0100, 0x0200, 0x0201, 0x01020304, 0x04030201, 0x02010403, 0x7FF0 << 48),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A whole file, and where its records seem to lie."""

    name: str
    content: bytes
    order: ByteOrder
    first: int
    record: int


def read_source(name: str, content: bytes) -> Source:
    """Guess how a file is laid out; a wrong guess only breaks it elsewhere."""
    order: ByteOrder = "big"
    if int.from_bytes(content[3224:3226], "big") > 16:
        order = "little"
    code, samples, texts = (
        int.from_bytes(content[byte - 1 : byte + 1], order) for byte in (3225, 3221, 3505)
    )
    record = 240 + samples * np.dtype(DTYPES.get(code, "f4")).itemsize
    first = 3600 + 3200 * texts
    return Source(name, content, order, first if first < len(content) else 3600, record)


Breakage = Callable[[bytearray, Source, Generator], None]


def broken(source: Source, rng: Generator) -> tuple[bytes, list[str]]:
    """Return the content after one to four breakages, and their names."""
    content, done = bytearray(source.content), []
    for _ in range(rng.integers(1, 5)):
        breakage = BREAKAGES[rng.integers(len(BREAKAGES))]
        breakage(content, source, rng)
        done.append(breakage.__name__)
    return bytes(content), done


def binary_field(content: bytearray, source: Source, rng: Generator) -> None:
    byte, width = BINARY_FIELDS[rng.integers(len(BINARY_FIELDS))]
    order = source.order if rng.random() < 0.9 else "little"
    _put(content, byte - 1, width, _number(rng), order)


def revision_2(content: bytearray, source: Source, rng: Generator) -> None:
    _put(content, 3500, 2, 0x0200 + int(rng.integers(2)), "big")
    for _ in range(rng.integers(3)):
        byte, width = REVISION_2_FIELDS[rng.integers(len(REVISION_2_FIELDS))]
        _put(content, byte - 1, width, _number(rng), source.order)


def trace_field(content: bytearray, source: Source, rng: Generator) -> None:
    """Set one field of one, some or all traces: to one number, to chance, counting, or near it."""
    byte, width = TRACE_FIELDS[rng.integers(len(TRACE_FIELDS))]
    starts = np.arange(source.first, len(content), source.record)
    if len(starts) == 0:
        return
    share = rng.choice([0.0, 0.1, 1.0])
    chosen = starts[rng.random(len(starts)) < share] if share else rng.choice(starts, 1)
    kind, number = rng.integers(4), _number(rng)
    for count, start in enumerate(chosen.tolist()):
        at = start + byte - 1
        before = int.from_bytes(content[at : at + width], source.order)
        value = (number, int(rng.integers(2**31)), number + count, before + count % 3)[kind]
        _put(content, at, width, value, source.order)


def cut(content: bytearray, source: Source, rng: Generator) -> None:
    """Take bytes from the end: few, any number, or whole records."""
    few, whole = int(rng.integers(1, 300)), source.record * int(rng.integers(1, 5))
    less = (few, int(rng.integers(len(content) + 1)), whole)[rng.integers(3)]
    del content[max(0, len(content) - less) :]


def grow(content: bytearray, source: Source, rng: Generator) -> None:
    """Add bytes at the end: zeros or noise, few or as many as records or texts have."""
    count = (int(rng.integers(1, 300)), source.record, 3200)[rng.integers(3)]
    content += bytes(count) if rng.random() < 0.5 else rng.bytes(count)


def repeat_block(content: bytearray, source: Source, rng: Generator) -> None:
    begin, end = _block(content, source, rng)
    at = int(rng.integers(len(content) + 1)) if rng.random() < 0.5 else end
    content[at:at] = content[begin:end]


def remove_block(content: bytearray, source: Source, rng: Generator) -> None:
    begin, end = _block(content, source, rng)
    del content[begin:end]


def exchange_blocks(content: bytearray, source: Source, rng: Generator) -> None:
    begin, end = _block(content, source, rng)
    other = int(rng.integers(max(1, len(content) - (end - begin))))
    one, two = content[begin:end], content[other : other + end - begin]
    content[begin:end], content[other : other + end - begin] = two, one


def other_byte_order(content: bytearray, source: Source, rng: Generator) -> None:
    """Turn round the words of the binary header, of the traces, or of both."""
    head, traces = (3200, 3600), (source.first, len(content))
    parts = ([head], [traces], [head, traces])[rng.integers(3)]
    width = int(rng.choice([2, 4]))
    for begin, end in parts:
        stop = begin + max(0, min(end, len(content)) - begin) // width * width
        words = np.frombuffer(bytes(content[begin:stop]), f"u{width}")
        content[begin:stop] = words.byteswap().tobytes()


def noise(content: bytearray, source: Source, rng: Generator) -> None:
    """Change some bytes of the headers, of the first trace's, or anywhere."""
    ends = (min(3600, len(content)), min(source.first + 240, len(content)), len(content))
    begin, end = ((0, 3200, 0)[kind := rng.integers(3)], ends[kind])
    for at in rng.integers(begin, max(begin + 1, end), rng.integers(1, 20)).tolist():
        if at < len(content):
            content[at] = int(rng.integers(256))


BREAKAGES: tuple[Breakage, ...] = (
    *(binary_field, binary_field, revision_2, trace_field, trace_field),
    *(cut, grow, repeat_block, remove_block, exchange_blocks, other_byte_order, noise),
)


def _number(rng: Generator) -> int:
    kind = rng.integers(3)
    if kind == 0:
        return int(rng.integers(2**63))
    if kind == 1:
        return int(rng.integers(-20, 2000))
    return AWKWARD[rng.integers(len(AWKWARD))]


def _block(content: bytearray, source: Source, rng: Generator) -> tuple[int, int]:
    """Return begin and end of a block: any, or whole records."""
    if rng.random() < 0.5:
        begin, end = sorted(int(place) for place in rng.integers(len(content) + 1, size=2))
        return begin, min(end, begin + 20_000)
    records = max(1, (len(content) - source.first) // source.record)
    begin = source.first + source.record * int(rng.integers(records))
    return begin, begin + source.record * int(rng.integers(1, 5))


def _put(
    content: bytearray, at: int, width: int, value: int, order: Literal["big", "little"]
) -> None:
    """Write a number where there is room for it, its upper bits lost."""
    if at + width <= len(content):
        content[at : at + width] = (value % (1 << 8 * width)).to_bytes(width, order)
