"""Compiled loops that read blank-separated numbers, correctly rounded."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

POWERS = 10.0 ** np.arange(23)
"""Powers of ten that float64 holds exactly."""

EXACT = 2**53
"""Whole numbers below are exact in float64, so one division or product by `POWERS` rounds correctly."""

LEAST, MOST = -342, 308
"""Powers of ten beyond which a value is 0 or infinite, whatever its 19 digits."""

POINT, COMMA = 1, 2
"""Bits of the decimal signs that were seen."""

WORD = 2**64 - 1


def _fives() -> NDArray[np.uint64]:
    """Return the first 128 bits of the powers of five from `LEAST` to `MOST`: two words each.

    Powers of negative exponent are rounded up, as the proof of Lemire (2021) asks for.
    """
    table = np.empty((MOST - LEAST + 1, 2), np.uint64)
    for row, exponent in enumerate(range(LEAST, MOST + 1)):
        five = 5 ** abs(exponent)
        if exponent < 0:
            length = (five - 1).bit_length()
            bits = length + 127 if exponent >= -27 else 2 * length + 128
            five = (1 << bits) // five + 1
        shift = five.bit_length() - 128
        five = five >> shift if shift > 0 else five << -shift
        table[row] = five >> 64, five & WORD
    return table


FIVES = _fives()

U0, U1, U3, U9, U32, U63 = (np.uint64(number) for number in (0, 1, 3, 9, 32, 63))
U52, FULL, LOW, NINE_BITS = (np.uint64(number) for number in (52, WORD, 2**32 - 1, 0x1FF))


@njit(cache=True, nogil=True)
def product(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the high and the low word of the product of two words."""
    a1, a0, b1, b0 = a >> U32, a & LOW, b >> U32, b & LOW
    low, middle = a0 * b0, a1 * b0
    middle += low >> U32
    other = a0 * b1 + (middle & LOW)
    return a1 * b1 + (middle >> U32) + (other >> U32), (other << U32) | (low & LOW)


@njit(cache=True, nogil=True)
def float_bits(digits: np.uint64, exponent: int, fives: NDArray[np.uint64]) -> np.uint64:
    """Return the bits of ``digits * 10**exponent`` as float64, or all ones where that is not settled.

    Lemire, D. (2021). Number parsing at a gigabyte per second. Software: Practice and Experience 51.
    """
    if digits == U0:
        return U0
    if exponent < LEAST or exponent > MOST:
        return FULL
    zeros = 0
    while not digits >> U63:
        digits <<= U1
        zeros += 1
    high, low = product(digits, fives[exponent - LEAST, 0])
    if high & NINE_BITS == NINE_BITS:
        more, _ = product(digits, fives[exponent - LEAST, 1])
        low += more
        if low < more:
            high += U1
    if low == FULL and (exponent < -27 or exponent > 55):
        return FULL
    top = high >> U63
    mantissa = high >> (top + U9)
    power = ((217706 * exponent) >> 16) + 63 + np.int64(top) - zeros + 1023
    if power <= 0 or power >= 2046:
        return FULL
    half = low <= U1 and -4 <= exponent <= 23 and mantissa & U3 == U1
    if half and mantissa << (top + U9) == high:
        mantissa -= U1  # exactly between two numbers: to the even one
    mantissa = (mantissa + (mantissa & U1)) >> U1
    # Rounding up to the next power of two carries into the exponent by this sum.
    bits: np.uint64 = (np.uint64(power - 1) << U52) + mantissa
    return bits


@njit(cache=True, nogil=True)
def is_blank(byte: int) -> bool:
    """Tell whether a byte separates values."""
    return byte == 32 or 9 <= byte <= 13


@njit(cache=True, nogil=True)
def parse(  # noqa: PLR0912, PLR0915 - a call for each value halves the speed
    text: NDArray[np.uint8],
    span: tuple[int, int],
    out: NDArray[np.float64],
    hard: NDArray[np.int64],
    powers: NDArray[np.float64],
    fives: NDArray[np.uint64],
) -> tuple[int, int, int]:
    """Read the values that begin within a span of bytes; the last one may end past it.

    Parameters
    ----------
    text
        Bytes.
    span
        First and end; the byte before the first, where there is one, tells whether a value begins there.
    out
        Output, float64, as long as there can be values.
    hard
        Output, rows of (number of the value, first byte, end): those not read here; all are counted.
    powers, fives
        `POWERS`, `FIVES`.

    Returns
    -------
    values, hard values, decimal signs seen (`POINT`, `COMMA`)

    References
    ----------
    Clinger, W. D. (1990). How to read floating point numbers accurately. PLDI. His fast path takes up to
    15 digits, `float_bits` up to 19; the rest is left to another reader.
    """
    (at, stop), size, count, hard_count, signs = span, text.size, 0, 0, 0
    bits = out.view(np.uint64)
    if at > 0 and not is_blank(text[at - 1]):
        while at < size and not is_blank(text[at]):
            at += 1
    while True:
        while at < stop and is_blank(text[at]):
            at += 1
        if at >= stop:
            return count, hard_count, signs
        first = at
        negative = text[at] == 45
        if negative or text[at] == 43:
            at += 1
        mantissa, exponent, sign, begun = 0, 0, 0, at
        while at < size and 48 <= text[at] <= 57:
            mantissa = mantissa * 10 + (text[at] - 48)
            at += 1
        digits = at - begun
        if at < size and (text[at] == 46 or text[at] == 44):
            sign = POINT if text[at] == 46 else COMMA
            at += 1
            begun = at
            while at < size and 48 <= text[at] <= 57:
                mantissa = mantissa * 10 + (text[at] - 48)
                at += 1
            exponent = begun - at
            digits -= exponent
        good = 0 < digits <= 19
        if at + 1 < size and (text[at] | 32) == 101:
            at += 1
            down = text[at] == 45
            if down or text[at] == 43:
                at += 1
            power, begun = 0, at
            while at < size and 48 <= text[at] <= 57:
                power = power * 10 + (text[at] - 48)
                at += 1
            good = good and 0 < at - begun < 5
            exponent += -power if down else power
        good = good and (at == size or is_blank(text[at]))
        if good and digits <= 18 and mantissa < EXACT and -22 <= exponent <= 22:
            value = float(mantissa)
            value = value / powers[-exponent] if exponent < 0 else value * powers[exponent]
            out[count] = -value if negative else value
            signs |= sign
        else:
            word = float_bits(np.uint64(mantissa), exponent, fives) if good else FULL
            if word == FULL:
                while at < size and not is_blank(text[at]):
                    at += 1
                if hard_count < hard.shape[0]:
                    hard[hard_count, 0], hard[hard_count, 1], hard[hard_count, 2] = (
                        count,
                        first,
                        at,
                    )
                hard_count += 1
            else:
                bits[count] = word
                if negative:
                    out[count] = -out[count]
                signs |= sign
        count += 1


@njit(cache=True, nogil=True)
def count_values(text: NDArray[np.uint8], start: int, stop: int) -> int:
    """Return how many values begin in ``text[start:stop]``."""
    count = 0
    blank = start == 0 or is_blank(text[start - 1])
    for at in range(start, stop):
        now = is_blank(text[at])
        count += blank and not now
        blank = now
    return count


@njit(cache=True, nogil=True)
def find_value(text: NDArray[np.uint8], start: int, stop: int, number: int) -> int:
    """Return where the value begins that ``number`` others precede in ``text[start:stop]``; -1: none."""
    blank = start == 0 or is_blank(text[start - 1])
    for at in range(start, stop):
        now = is_blank(text[at])
        if blank and not now:
            if number == 0:
                return at
            number -= 1
        blank = now
    return -1
