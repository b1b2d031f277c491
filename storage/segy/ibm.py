"""IBM System/360 floating point, single precision, to IEEE float32 and back.

A word is a sign bit, 7 bits exponent of 16 biased by 64, and 24 bits fraction: fraction * 2**(4 e - 280).
Where the fraction is normalized and float32 has the exponent, the value is exact and the word comes back;
both ways are then a few integer operations on whole blocks, as fast as a compiled loop and without one.

Reference: IBM System/360 Principles of Operation, A22-6821, "Floating-point arithmetic".
"""

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]

SIGN, MAGNITUDE = np.uint32(0x8000_0000), np.uint32(0x7FFF_FFFF)
FRACTION, EXPONENT = np.uint32(0x00FF_FFFF), np.uint32(0x7F00_0000)
NORMALIZED = np.uint32(0x0010_0000)
"""Least fraction whose first digit of 16 is not zero."""

LEAST, MOST = np.uint32(34 << 24), np.uint32(96 << 24)
"""Exponents that float32 has as normal numbers."""

NORMAL, INFINITY = np.uint32(0x0080_0000), np.uint32(0x7F80_0000)
"""Least normal magnitude of float32, and the first that is not finite."""

BIAS = np.uint32((280 << 23) & 0xFFFF_FFFF)


def decode_ibm(words: Words, out: NDArray[np.float32]) -> NDArray[np.intp]:
    """Decode words into ``out``; return the flat positions of those that `encode_ibm` does not restore.

    Parameters
    ----------
    words
        In native byte order, any shape.
    out
        float32 of that shape, C-contiguous. What float32 has no number for becomes infinity, a
        subnormal or zero, as IEEE rounding has it.
    """
    flat, result = words.reshape(-1), out.reshape(-1)
    part = flat & FRACTION
    # Extremes tell that all words are plain, in less time than a mask takes.
    plain = part.min(initial=FRACTION) >= NORMALIZED
    np.copyto(result, part.view(np.int32))  # exact: 24 bits
    np.bitwise_and(flat, EXPONENT, out=part)
    plain &= part.min(initial=MOST) >= LEAST and part.max(initial=LEAST) <= MOST
    # Times 2**(4 e - 280) is the sum of exponents; e stands in bits 24 to 30, float32's from 23 on,
    # so it is added twice, once along with the sign.
    scale = flat & (SIGN | EXPONENT)
    scale += part
    scale -= BIAS
    bits = result.view(np.uint32)
    bits += scale
    if plain:
        return np.empty(0, np.intp)
    odd = (part < LEAST) | (part > MOST) | ((flat & FRACTION) < NORMALIZED)
    return _decode_odd(flat, np.flatnonzero(odd), bits)


def _decode_odd(flat: Words, odd: NDArray[np.intp], bits: Words) -> NDArray[np.intp]:
    """Decode words that are zero, not normalized or out of float32's range."""
    words = flat[odd]
    bits[odd] = words & SIGN
    nonzero = (words & MAGNITUDE) != 0
    odd, words = odd[nonzero], words[nonzero]
    if not len(odd):
        return odd
    exponent = ((words >> np.uint32(24)) & np.uint32(0x7F)).astype(np.int32)
    values = np.ldexp((words & FRACTION).astype(np.float64), 4 * exponent - 280)
    with np.errstate(over="ignore", under="ignore"):
        bits[odd] = values.astype(np.float32).view(np.uint32) | (words & SIGN)
    lost = encode_ibm(bits[odd].view(np.float32)) != words
    return np.asarray(odd[lost])


def encode_ibm(values: NDArray[np.float32]) -> Words:
    """Return the IBM words of floats, in native byte order.

    Normal numbers are rounded to the nearest where IBM's fraction is the shorter one; subnormal ones
    become zero. What is not finite becomes the largest magnitude.
    """
    bits = values.view(np.uint32)
    # Exponent + 133 is four times the exponent of 16, with 0 to 3 over; all of it fits above the fraction.
    magnitude = bits & MAGNITUDE
    special = magnitude.min(initial=NORMAL) < NORMAL or magnitude.max(initial=0) >= INFINITY
    magnitude += np.uint32(133 << 23)
    sixteen = magnitude >> np.uint32(1)
    sixteen &= EXPONENT
    # The fraction is the float with the exponent 147 to 150: a whole number below 2**24.
    magnitude &= np.uint32(0x01FF_FFFF)
    magnitude += np.uint32(147 << 23)
    whole = magnitude.view(np.float32)
    np.rint(whole, out=whole)
    words = whole.astype(np.int32).view(np.uint32)
    words |= sixteen
    if special:
        magnitude = bits & MAGNITUDE
        words[magnitude < NORMAL] = 0
        words[magnitude >= INFINITY] = MAGNITUDE
    np.bitwise_and(bits, SIGN, out=sixteen)
    words |= sixteen
    return words
