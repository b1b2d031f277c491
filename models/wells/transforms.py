"""What wells in every cell collect, by transforms in float32: quick, and for choices, not for values."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from models.wells.disc import disc_kernel
from models.wells.objective import Drainage, ValueMap

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]

MOST_BYTES = 10**9
"""Transformed kernels that are kept; with more of them they are worked out anew."""


class Transforms:
    """Kernels of wells, transformed once for each size of field.

    Parameters
    ----------
    kernels
        Of each class of wells, symmetric, sides odd.
    """

    def __init__(self, kernels: Sequence[Float]) -> None:
        self.kernels = kernels
        self.reach = np.max([kernel.shape for kernel in kernels], axis=0) // 2
        # The norm of a convolution with something positive is its sum.
        self.norm = float(np.sum([kernel.sum() for kernel in kernels])) or 1.0
        self._known: dict[tuple[tuple[int, int], int], NDArray[np.complex64]] = {}

    def size_for(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Return the size of a transform that keeps the ends of a field apart."""
        rows, columns = (
            # A kernel may wrap around as far as two cells of the field are apart, and no farther.
            fft.next_fast_len(int(side + min(reach, side) + 1), True)
            for side, reach in zip(shape, self.reach, strict=True)
        )
        return rows, columns

    def passed(self, field: Float32, size: tuple[int, int], each: int) -> Float32:
        """Return a field correlated with the kernel of a class, in the shape of the field."""
        spectrum = fft.rfft2(field, size)
        spectrum *= self._of(size, each)
        rows, columns = field.shape
        return np.asarray(fft.irfft2(spectrum, size)[:rows, :columns])

    def _of(self, size: tuple[int, int], each: int) -> NDArray[np.complex64]:
        found = self._known.get((size, each))
        if found is None:
            found = _transformed(self.kernels[each], size)
            if sum(one.nbytes for one in self._known.values()) + found.nbytes > MOST_BYTES:
                self._known.clear()
            self._known[size, each] = found
        return found


def kernels_of(value_map: ValueMap, drainage: Drainage) -> list[Float]:
    """Return the kernel of each class of wells on a map, square metres by the weight of periods."""
    shape = (value_map.values.shape[0], value_map.values.shape[1])
    width, height = value_map.cell_width_m, value_map.cell_height_m
    return [
        disc_kernel(
            profile, drainage.weight_of, cell_width_m=width, cell_height_m=height, largest=shape
        )
        for profile in drainage.profiles_m
    ]


def _transformed(kernel: Float, size: tuple[int, int]) -> NDArray[np.complex64]:
    """Return the transform of a kernel, cut to what fits and moved so that its middle is first."""
    cut = []
    for side, room in zip(kernel.shape, size, strict=True):
        reach = min(side // 2, (room - 1) // 2)
        cut.append(slice(side // 2 - reach, side // 2 + reach + 1))
    kernel = kernel[tuple(cut)]
    padded = np.zeros(size, np.float32)
    padded[: kernel.shape[0], : kernel.shape[1]] = kernel
    shift = (-(kernel.shape[0] // 2), -(kernel.shape[1] // 2))
    return np.asarray(fft.rfft2(np.roll(padded, shift, axis=(0, 1))))
