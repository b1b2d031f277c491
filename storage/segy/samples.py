"""Samples of trace records as arrays, in the type a store keeps them in, and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.segy.fields import SAMPLE_TYPES, ByteOrder, sample_dtype
from storage.segy.ibm import decode_ibm, encode_ibm


@dataclass(frozen=True, slots=True)
class SampleFormat:
    """How samples lie in a file.

    Parameters
    ----------
    code
        Data sample format, bytes 3225 to 3226.
    order
        Byte order.
    """

    code: int
    order: ByteOrder

    @property
    def is_ibm(self) -> bool:
        """True for IBM floating point, the only format of which some words do not come back."""
        return SAMPLE_TYPES[self.code] == "ibm"

    @property
    def stored(self) -> np.dtype[np.generic]:
        """The type in a store: the file's own, IBM as float32; native byte order."""
        kind = SAMPLE_TYPES[self.code]
        return np.dtype("f4" if kind == "ibm" else kind)

    @property
    def in_file(self) -> np.dtype[np.generic]:
        """The type in the file; IBM words as unsigned integers."""
        return sample_dtype(self.code, self.order)

    def decode(self, raw: NDArray[np.uint8], out: NDArray[np.generic]) -> NDArray[np.intp]:
        """Decode the sample bytes of records; return flat positions of words that do not come back.

        Parameters
        ----------
        raw
            Bytes, shape (n, samples * width); rows may lie apart.
        out
            Of type `stored`, shape (n, samples), C-contiguous.
        """
        words = raw.view(self.in_file)
        if self.is_ibm:
            return decode_ibm(words.astype(np.uint32), out)  # type: ignore[arg-type]
        # The bits are copied, and swapped: a NaN keeps what it carries.
        np.copyto(out, words)
        return np.empty(0, np.intp)

    def encode(self, samples: NDArray[np.generic], out: NDArray[np.generic]) -> None:
        """Write samples of type `stored` as they lie in the file, into ``out`` of type `in_file`."""
        np.copyto(out, encode_ibm(samples.view(np.float32)) if self.is_ibm else samples)
