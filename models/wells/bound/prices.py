"""Shadow prices: the multiplier of the bound, by a primal-dual iteration on cell centres.

With prices p, 0 <= p <= value, no plan of any N wells collects more than

    periods * integral of (value - p) + sum over wells of the largest gain that one disc has on p,

as ground that k circles cover is worth value once, and value <= (value - p) + k * p. The prices that
make this least solve the dual of the linear relaxation. Any prices give a bound, so this iteration may
stop at any time and need not be exact: it runs in float32.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from models.wells.disc import disc_kernel
from models.wells.objective import Drainage, ValueMap

Float32 = NDArray[np.float32]

CANDIDATES = 20_000
"""Cells that can hold a part of a well after one iteration; the projection sorts no more of them."""

RESTART = 200
"""Iterations after which the mean of the prices begins anew."""


class PriceSearch:
    """Chambolle and Pock's primal-dual iteration; wells are fractions that sum to their number.

    Parameters
    ----------
    value_map, drainage
        What there is to collect, and by what wells.
    possible
        Cells that a well may stand in, the shape of the map; default all.

    References
    ----------
    Chambolle, A. and Pock, T. (2011). A first-order primal-dual algorithm for convex problems with
    applications to imaging. Journal of Mathematical Imaging and Vision, 40, 120-145.
    https://doi.org/10.1007/s10851-010-0251-1
    """

    def __init__(
        self, value_map: ValueMap, drainage: Drainage, possible: NDArray[np.bool_] | None = None
    ) -> None:
        self._values = value_map.values.astype(np.float32)
        # float32 may lie above the value; prices must not.
        over = self._values > value_map.values
        self._values[over] = np.nextafter(self._values[over], np.float32(0))
        self._possible = possible
        radii, self._counts = np.unique(drainage.radii_m, return_counts=True)
        shape = (self._values.shape[0], self._values.shape[1])
        kernels = [
            disc_kernel(
                radius,
                periods=drainage.periods,
                growth_m=drainage.growth_m,
                cell_width_m=value_map.cell_width_m,
                cell_height_m=value_map.cell_height_m,
                largest=shape,
            )
            / (value_map.cell_width_m * value_map.cell_height_m * drainage.periods)
            for radius in radii
        ]
        largest = np.max([kernel.shape for kernel in kernels], axis=0)
        self._size = tuple(
            fft.next_fast_len(int(side + reach // 2 + 1), True)
            for side, reach in zip(shape, largest, strict=True)
        )
        # Kernels as long as two maps wrap around: then the transform holds both sides.
        if (largest > np.array(self._size)).any():
            self._size = tuple(
                fft.next_fast_len(int(side + reach), True)
                for side, reach in zip(shape, largest, strict=True)
            )
        self._kernels = [self._transformed(kernel) for kernel in kernels]
        # The norm of a convolution with something positive is its sum.
        norm = float(np.sum([kernel.sum() for kernel in kernels])) or 1.0
        # So many mean values to one well: of 1 to 40 the one with the least bounds after 50 to 400
        # iterations on two maps.
        weight = 10.0 * (float(self._values.mean()) or 1.0)
        self._price_step, self._well_step = 0.95 * weight / norm, 0.95 / weight / norm
        self._prices = self._values.copy()
        self._ahead = self._prices
        self._sum, self._terms = np.zeros_like(self._values), 0
        self.iterations = 0
        self._wells = [
            self._spread(self._collect(self._prices, kernel), count)
            for kernel, count in zip(self._kernels, self._counts, strict=True)
        ]

    def run(self, iterations: int) -> None:
        """Make so many iterations."""
        for _ in range(iterations):
            covered = np.zeros_like(self._values)
            for at, (kernel, count) in enumerate(zip(self._kernels, self._counts, strict=True)):
                gain = self._collect(self._ahead, kernel)
                wells = self._wells[at] + np.float32(self._well_step) * gain
                self._wells[at] = projected(wells, int(count), self._possible)
                covered += self._collect(self._wells[at], kernel)
            step = np.float32(self._price_step) * (covered - 1)
            prices = np.clip(self._prices - step, 0, self._values)
            self._ahead = 2 * prices - self._prices
            self._prices = prices
            if self._terms == RESTART:
                self._sum[:], self._terms = 0, 0
            self._sum += prices
            self._terms += 1
            self.iterations += 1

    def prices(self) -> list[Float32]:
        """Return the prices to try: the last ones and their mean, 0 <= prices <= value."""
        if not self._terms:
            return [self._prices.copy()]
        return [self._prices.copy(), np.minimum(self._sum / np.float32(self._terms), self._values)]

    def highest(self, prices: Float32) -> float:
        """Return about what the bound would be for wells on cell centres, in cells and one period."""
        gains = sum(
            int(count) * float(self._masked(self._collect(prices, kernel)).max())
            for kernel, count in zip(self._kernels, self._counts, strict=True)
        )
        return float(np.subtract(self._values, prices).sum(dtype=np.float64)) + gains

    def _masked(self, gain: Float32) -> Float32:
        return gain if self._possible is None else np.asarray(np.where(self._possible, gain, 0))

    def _transformed(self, kernel: NDArray[np.float64]) -> NDArray[np.complex64]:
        padded = np.zeros(self._size, np.float32)
        padded[: kernel.shape[0], : kernel.shape[1]] = kernel
        shift = (-(kernel.shape[0] // 2), -(kernel.shape[1] // 2))
        return np.asarray(fft.rfft2(np.roll(padded, shift, axis=(0, 1))))

    def _collect(self, field: Float32, kernel: NDArray[np.complex64]) -> Float32:
        spectrum = fft.rfft2(field, self._size)
        spectrum *= kernel
        rows, columns = field.shape
        return np.asarray(fft.irfft2(spectrum, self._size)[:rows, :columns])

    def _spread(self, gain: Float32, count: int) -> Float32:
        """Return wells spread evenly over the cells of the largest gains."""
        gain = self._masked(gain)
        rank = min(gain.size, 4 * int(count))
        least = np.partition(gain.ravel(), gain.size - rank)[gain.size - rank]
        chosen = (gain >= least).astype(np.float32)
        return projected(chosen, int(count), self._possible)


def projected(wells: Float32, total: int, possible: NDArray[np.bool_] | None) -> Float32:
    """Return the nearest field that is not negative and sums to ``total``."""
    if possible is not None:
        wells = np.where(possible, wells, np.float32(-np.inf))
    flat = wells.ravel()
    if flat.size > CANDIDATES:
        flat = np.partition(flat, flat.size - CANDIDATES)[flat.size - CANDIDATES :]
    top = np.sort(flat[np.isfinite(flat)])[::-1].astype(np.float64)
    level = (np.cumsum(top) - total) / np.arange(1, top.size + 1)
    last = int(np.nonzero(top > level)[0][-1])
    return np.asarray(np.maximum(wells - np.float32(level[last]), np.float32(0)))
