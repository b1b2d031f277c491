"""The traces of one block of bins, between records as they lie in files and arrays as a store has them.

Both ways go through the traces in the order of their numbers, a few hundred at a time, so that what is
read, hashed and decoded stays in the processor's cache, and both see the same bytes in the same order.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.segy.samples import SampleFormat
from storage.segy.source import RecordReader, Traces

BATCH_BYTES = 1 << 19
"""Bytes of records in work at once: they and what becomes of them fit the cache of a core."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The traces of a block of bins, as a store keeps them.

    Parameters
    ----------
    headers
        Raw trace headers, uint8, shape (bins, header_bytes); zero where no trace is.
    samples
        Of the type that the store has, shape (bins, samples); NaN, or 0 for integers, where no trace is.
    odd
        Which samples do not give their words back: a bit each, uint8, shape (bins, samples / 8 rounded
        up); no rows where all do.
    words
        Those words, uint32, in the order of the traces.
    """

    headers: NDArray[np.uint8]
    samples: NDArray[np.generic]
    odd: NDArray[np.uint8]
    words: NDArray[np.uint32]


def batches(numbers: Traces, record_bytes: int) -> Iterator[tuple[NDArray[np.intp], Traces]]:
    """Yield (bins, trace numbers) of the live bins in the order of the traces.

    Parameters
    ----------
    numbers
        Trace number of every bin, shape (bins,), -1 where there is none.
    record_bytes
        Bytes of a record, which decides how many traces go together.
    """
    live = np.flatnonzero(numbers >= 0)
    bins = live[np.argsort(numbers[live], kind="stable")]
    step = max(1, BATCH_BYTES // record_bytes)
    for start in range(0, len(bins), step):
        part = bins[start : start + step]
        yield part, numbers[part]


def read_block(
    reader: RecordReader,
    numbers: Traces,
    sample_format: SampleFormat,
    see: Callable[[NDArray[np.generic]], None],
) -> tuple[Block, str]:
    """Read and decode the traces of a block; return it with the SHA-256 of its records.

    Parameters
    ----------
    reader
        Of the files.
    numbers
        Trace number of every bin, shape (bins,), -1 where there is none.
    sample_format
        How samples lie in the files.
    see
        Is shown the samples of live traces, part after part.
    """
    source = reader.source
    header_bytes, count = source.header_bytes, source.samples
    headers = np.zeros((len(numbers), header_bytes), np.uint8)
    samples = np.empty((len(numbers), count), sample_format.stored)
    dead = numbers < 0
    if dead.any():
        samples[dead] = np.nan if samples.dtype.kind == "f" else 0
    digest = hashlib.sha256()
    kept = _OddWords(len(numbers), count)
    for bins, traces in batches(numbers, source.record_bytes):
        records = reader.read(traces)
        digest.update(records.data)
        raw = records[:, header_bytes:]
        run = _run(bins)
        headers[run] = records[:, :header_bytes]
        out = (
            samples[run] if isinstance(run, slice) else np.empty((len(bins), count), samples.dtype)
        )
        odd = sample_format.decode(raw, out)
        see(out)
        if not isinstance(run, slice):
            samples[run] = out
        if len(odd):
            kept.add(run, odd, raw.view(sample_format.in_file))
    return Block(headers, samples, kept.odd, kept.words), digest.hexdigest()


class _OddWords:
    """The words of a block that samples do not give back, as `Block` has them."""

    def __init__(self, bins: int, samples: int) -> None:
        self.odd = np.empty((0, -(-samples // 8)), np.uint8)
        self._bins, self._samples = bins, samples
        self._words, self._count = np.empty(0, np.uint32), 0

    @property
    def words(self) -> NDArray[np.uint32]:
        """All that were added."""
        return self._words[: self._count]

    def add(
        self,
        run: slice | NDArray[np.intp],
        places: NDArray[np.intp],
        words: NDArray[np.generic],
    ) -> None:
        """Keep the words at flat places of some bins; ``words`` are all of theirs."""
        if not len(self.odd):
            self.odd = np.zeros((self._bins, self.odd.shape[1]), np.uint8)
            # Room for all: memory is taken where words are written.
            self._words = np.empty(self._bins * self._samples, np.uint32)
        flags = np.zeros(words.shape, bool)
        flags.reshape(-1)[places] = True
        self.odd[run] = np.packbits(flags, axis=1)
        stop = self._count + len(places)
        self._words[self._count : stop] = words[flags]
        self._count = stop


def record_batches(
    block: Block, numbers: Traces, sample_format: SampleFormat
) -> Iterator[tuple[Traces, NDArray[np.uint8]]]:
    """Yield (trace numbers, whole records) of a block in the order of the traces: what `read_block` read."""
    header_bytes, count = block.headers.shape[1], block.samples.shape[1]
    record_bytes = header_bytes + count * sample_format.in_file.itemsize
    done = 0
    for bins, traces in batches(numbers, record_bytes):
        run = _run(bins)
        records = np.empty((len(bins), record_bytes), np.uint8)
        records[:, :header_bytes] = block.headers[run]
        words = records[:, header_bytes:].view(sample_format.in_file)
        sample_format.encode(block.samples[run], words)
        if len(block.odd) and (packed := block.odd[run]).any():
            odd = np.unpackbits(packed, axis=1, count=count).view(bool)
            start, done = done, done + int(np.count_nonzero(odd))
            words[odd] = block.words[start:done]
        yield traces, records


def _run(bins: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Return bins as a slice where they follow one another, which spares a copy."""
    first, last = int(bins[0]), int(bins[-1])
    if last - first == len(bins) - 1 and (np.diff(bins) == 1).all():
        return slice(first, last + 1)
    return bins
