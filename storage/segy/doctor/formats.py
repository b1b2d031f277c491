"""What samples are, told from the samples: the format and byte order in which they make sense.

Read as what they are not, numbers become absurd (byte order, integers for floats), or rough where neighbours
should be alike (signed for unsigned), or neither: IBM for IEEE only stretches the range. There the digits
decide. Half of all IEEE words have an even exponent, and of these about as many begin just above a power of
four as a little further up; IBM words that are normalized never begin there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.segy.doctor.finding import Finding
from storage.segy.fields import FORMAT, SAMPLE_TYPES, ByteOrder, sample_dtype
from storage.segy.samples import SampleFormat

NAMES = {
    1: "IBM floats",
    2: "32-bit integers",
    3: "16-bit integers",
    5: "IEEE floats",
    6: "IEEE doubles",
    8: "8-bit integers",
    9: "64-bit integers",
    10: "unsigned 32-bit integers",
    11: "unsigned 16-bit integers",
    12: "unsigned 64-bit integers",
    16: "unsigned 8-bit integers",
}
FLOATS = ("ibm", "f4", "f8")
PLACE = f"bytes {FORMAT}-{FORMAT + 1}"

TELLING = 2048
"""Samples of a trace that are looked at."""

LARGEST, SMALLEST = 1e20, 1e-20
"""No amplitude is larger, or smaller without being zero."""

MOST_BAD, CLEAN = 0.02, 0.002
"""Share of absurd samples that condemns a format, and that a better one may have."""

WIDEST = 60.0
"""Octaves between small and large samples that no survey has."""

FULL_SCALE = 2.0**27
"""Floats taken for 32-bit integers lie above."""

ROUGH, SMOOTH = 1.0, 0.8
"""Differences of neighbours over the deviation, about 1.4 where they have nothing in common: what is
rough, and the share of it that is clearly smoother."""

FEWEST = 30
"""Words that the digits must go by."""

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class View:
    """Samples read in one way.

    Parameters
    ----------
    code, order
        Format and byte order.
    bad
        Share of samples that are absurd as amplitudes.
    octaves
        Between the 1 % and the 99 % quantile of what is not zero.
    rough
        Mean difference of neighbours over mean deviation.
    middle
        Median of the magnitudes.
    """

    code: int
    order: ByteOrder
    bad: float
    octaves: float
    rough: float
    middle: float

    @property
    def is_float(self) -> bool:
        """True for floating point of any kind."""
        return SAMPLE_TYPES[self.code] in FLOATS

    @property
    def sensible(self) -> bool:
        """True where the numbers may be amplitudes."""
        full = not self.is_float and self.middle > FULL_SCALE
        return self.bad <= CLEAN and self.octaves < WIDEST and not full


def view(raw: Bytes, code: int, order: ByteOrder) -> View:
    """Read samples in one way and measure what comes out.

    Parameters
    ----------
    raw
        Sample bytes of some traces, shape (n, bytes).
    code, order
        How they are read.
    """
    reading = SampleFormat(code, order)
    count = min(raw.shape[1] // reading.in_file.itemsize, TELLING)
    part = np.ascontiguousarray(raw[:, : count * reading.in_file.itemsize])
    decoded = np.empty((len(part), count), reading.stored)
    filled = _filled(part, reading)
    with np.errstate(all="ignore"):
        reading.decode(part, decoded)
        values = decoded.astype(np.float64)
        magnitude = np.abs(values)
        absurd = ~np.isfinite(values) | (magnitude > LARGEST) | (filled & (magnitude < SMALLEST))
        known = magnitude[filled & ~absurd]
        ends = np.quantile(known, (0.01, 0.5, 0.99)) if known.size else np.ones(3)
        octaves = float(np.log2(ends[2] / ends[0]))
    shown = int(filled.sum()) or 1
    return View(
        code, order, float(absurd.sum() / shown), octaves, _roughness(values), float(ends[1])
    )


def _filled(part: Bytes, reading: SampleFormat) -> NDArray[np.bool_]:
    """Tell which samples are not zero by their bytes, shape (n, samples); floats have a zero with a sign."""
    width = reading.in_file.itemsize
    words = part.reshape(len(part), -1, width) != 0
    if SAMPLE_TYPES[reading.code] in FLOATS:
        sign = 0 if reading.order == "big" else width - 1
        words[:, :, sign] = (part.reshape(words.shape)[:, :, sign] & 0x7F) != 0
    return np.asarray(words.any(axis=2))


def _roughness(values: NDArray[np.float64]) -> float:
    """Return the typical difference of neighbours, in deviations of their trace."""
    with np.errstate(all="ignore"):
        steps = np.abs(np.diff(values, axis=1)).mean(axis=1) if values.shape[1] > 1 else np.ones(1)
        spread = np.abs(values - values.mean(axis=1, keepdims=True)).mean(axis=1)
        found = (steps / spread)[np.isfinite(steps / spread)] if values.shape[1] > 1 else steps
    return float(np.median(found)) if found.size else 1.4


def told_by_digits(raw: Bytes, order: ByteOrder) -> int | None:
    """Return the format of four-byte words, 1 or 5, by their digits; None where these do not tell.

    Parameters
    ----------
    raw
        Sample bytes of some traces, shape (n, bytes).
    order
        Byte order of the words.
    """
    width = raw.shape[1] // 4 * 4
    words = np.ascontiguousarray(raw[:, :width]).view(">u4" if order == "big" else "<u4")
    numbers = np.unique(words.astype(np.uint32) & np.uint32(0x7FFF_FFFF))
    exponents = (numbers >> np.uint32(23)).astype(np.intp)
    first = (numbers >> np.uint32(20)) & np.uint32(7)
    counts = np.bincount(exponents, minlength=256)
    # Where the octave below is empty the numbers may simply begin higher up.
    below = np.concatenate([[0], counts[:-1]])
    filled = (below >= np.maximum(5, counts // 20)) & (np.arange(256) % 2 == 0)
    looked = filled[exponents]
    lowest, next_up = int((looked & (first == 0)).sum()), int((looked & (first == 1)).sum())
    if lowest + next_up < FEWEST:
        return None
    if lowest * 50 <= next_up:
        return 1
    return 5 if 0.4 * next_up <= lowest <= 2.5 * next_up else None


def judge_format(raw: Bytes, code: int, order: ByteOrder) -> list[Finding]:
    """Say whether samples are what the file says they are.

    Parameters
    ----------
    raw
        Sample bytes of some traces, shape (n, bytes).
    code, order
        As the file has it.
    """
    if not raw.any():
        return [Finding("all-zero", "look", "all samples that were looked at are zero")]
    mine = view(raw, code, order)
    better = _better(raw, mine)
    if better is None:
        if mine.bad > MOST_BAD:
            what = f"{mine.bad:.0%} of the samples are absurd as {NAMES[code]}, and in every other format"
            return [Finding("absurd-samples", "look", what, PLACE, advice="Look at a few traces.")]
        return []
    if better.order != order:
        return [_swapped(mine, better)]
    what = f"the samples are {NAMES[better.code]}, not {NAMES[code]}: {_reason(mine, better)}"
    return [Finding("format", "wrong", what, PLACE, {"format": better.code})]


def best_format(raw: Bytes, order: ByteOrder, codes: tuple[int, ...]) -> int | None:
    """Return the format among some in which samples make most sense, None where in none they do."""
    sensible = [found for code in codes if (found := view(raw, code, order)).sensible]
    if {1, 5} <= {found.code for found in sensible} and (told := told_by_digits(raw, order)):
        return told
    return min(sensible, key=lambda found: found.rough).code if sensible else None


def codes_of_width(width: int) -> tuple[int, ...]:
    """Return the formats that are common among those whose samples take so many bytes."""
    return tuple(
        code for code in (5, 1, 2, 3, 8, 6, 9) if sample_dtype(code, "big").itemsize == width
    )


def _better(raw: Bytes, mine: View) -> View | None:
    """Return a way to read samples that makes clearly more sense than the file's own."""
    width = sample_dtype(mine.code, mine.order).itemsize
    other: ByteOrder = "little" if mine.order == "big" else "big"
    found: list[tuple[float, View]] = []
    for order in (mine.order, other) if width > 1 else (mine.order,):
        told = told_by_digits(raw, order) if width == 4 else None
        for code in dict.fromkeys((mine.code, *codes_of_width(width))):
            if (code, order) == (mine.code, mine.order):
                continue
            candidate = view(raw, code, order)
            if candidate.sensible and _is_better(candidate, mine, told):
                kept = (code == told) + 0.02 * (code == mine.code) + 0.02 * (order == mine.order)
                found.append((candidate.rough - kept, candidate))
    return min(found, key=lambda each: each[0])[1] if found else None


def _is_better(found: View, mine: View, told: int | None) -> bool:
    """Tell whether samples make clearly more sense as found; ``told`` is what the digits say there."""
    if mine.bad > MOST_BAD:
        return found.is_float or found.rough < ROUGH
    if mine.is_float:
        return found.order == mine.order and found.code == told
    if found.is_float:
        return not mine.sensible
    return mine.rough > ROUGH and found.rough < SMOOTH * mine.rough


def _reason(mine: View, better: View) -> str:
    if mine.bad > MOST_BAD:
        return f"as {NAMES[mine.code]} {mine.bad:.0%} of them are absurd"
    if {mine.code, better.code} == {1, 5}:
        return "told by their digits"
    return f"as {NAMES[mine.code]} nearly all of them would be of full scale"


def _swapped(mine: View, better: View) -> Finding:
    what = f"the samples are {better.order}-endian, the headers {mine.order}-endian"
    if better.code != mine.code:
        what += f", and they are {NAMES[better.code]}"
    return Finding(
        "sample-order",
        "stops",
        what,
        "samples",
        advice="No option reads headers and samples in two byte orders: write the file in one.",
    )
