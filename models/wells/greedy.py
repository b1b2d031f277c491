"""Greedy placement on cell centres: the well with the largest gain, again and again.

For a monotone submodular objective the greedy choice is within a factor 1 - 1/e of the best plan on
the same candidates (Nemhauser, Wolsey and Fisher, 1978). The gains of all cells are one correlation of
the map with the disc kernel; after a well is placed only the gains within two radii change.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, oaconvolve

from models.errors import ParameterError
from models.wells.disc import cells_within, disc_kernel
from models.wells.objective import Drainage, ValueMap

Float = NDArray[np.float64]

BLOCK = 64
"""Side of the blocks, in cells, whose maxima are kept: finding the best cell costs one look at them."""


class NoRoomError(ParameterError):
    """A distance between wells that leaves no room for all of them.

    Parameters
    ----------
    spacing_m
        The distance.
    placed, count
        For how many of how many there is room.
    """

    def __init__(self, spacing_m: float, placed: int, count: int) -> None:
        mend = "ask for less, or for fewer wells."
        super().__init__(
            "spacing",
            f"{spacing_m:g} m",
            f"Greedy placement finds room for {placed} of {count} wells: {mend}",
        )
        self.spacing_m, self.placed, self.count = spacing_m, placed, count

    def __reduce__(self) -> tuple[type, tuple[float, int, int]]:
        return type(self), (self.spacing_m, self.placed, self.count)


def greedy(
    value_map: ValueMap,
    drainage: Drainage,
    *,
    allowed: NDArray[np.bool_] | None = None,
    preference: Float | None = None,
    spacing_m: float = 0.0,
    fewer: bool = False,
) -> Float:
    """Place wells one after the other where each gains most, those that reach farthest first.

    What a well has collected is taken off the map once, as the mean over its periods: exact while the
    growth over all periods is small against a cell, a good guide otherwise. The value of the plan is
    for `models.wells.objective` to say.

    Parameters
    ----------
    value_map
        What there is to collect.
    drainage
        Radii of the wells, and the periods.
    allowed
        Cells that a well may stand in, the shape of the map; default all.
    preference
        Positive factors on the gains, the shape of the map, to make starts differ; default none.

    spacing_m
        Distance between wells at least, metres.
    fewer
        Whether to end with fewer wells where the spacing leaves no room for more, the last ones of
        the order in which they are placed.

    Returns
    -------
    ndarray of float64, shape (wells, 2)
        Centres x, y in metres, in the order of the radii.

    Raises
    ------
    ParameterError
        If no cell is allowed; as `NoRoomError` if the spacing leaves none for one of the wells.

    References
    ----------
    Nemhauser, G. L., Wolsey, L. A. and Fisher, M. L. (1978). An analysis of approximations for
    maximizing submodular set functions, I. Mathematical Programming, 14, 265-294.
    https://doi.org/10.1007/BF01588971
    """
    if allowed is not None and not allowed.any():
        raise ParameterError("allowed cells", "none", "At least one cell must be allowed.")
    if spacing_m > 0:
        # What wells forbid is marked in a mask of our own.
        allowed = np.ones(value_map.values.shape, bool) if allowed is None else allowed.copy()
    gains = _Gains(value_map, allowed, preference)
    positions = np.empty((drainage.radii_m.size, 2))
    kernels = [_kernel(value_map, drainage, each) for each in range(len(drainage.profiles_m))]
    sizes = np.array([kernel.sum() for kernel in kernels])
    order, in_use = np.argsort(-sizes[drainage.class_of], kind="stable"), -1
    for placed, well in enumerate(order):
        if drainage.class_of[well] != in_use:
            in_use = int(drainage.class_of[well])
            gains.use(kernels[in_use], drainage.total_weight)
        row, column = gains.best()
        if not np.isfinite(gains.score(row, column)):
            if fewer and placed:
                return positions[
                    np.sort(np.argsort(-sizes[drainage.class_of], kind="stable")[:placed])
                ]
            raise NoRoomError(spacing_m, placed, len(positions))
        positions[well] = (
            (column + 0.5) * value_map.cell_width_m,
            (row + 0.5) * value_map.cell_height_m,
        )
        gains.place(row, column)
        if spacing_m > 0:
            gains.forbid(row, column, spacing_m)
    return positions


def preference_field(
    shape: tuple[int, int], block: int, amplitude: float, rng: np.random.Generator
) -> Float:
    """Return random factors around 1, constant over squares of cells.

    Parameters
    ----------
    shape
        Rows and columns of the map.
    block
        Side of a square, cells.
    amplitude
        Standard deviation of the factors; they stay above 0.
    rng
        Source of randomness.
    """
    coarse = rng.standard_normal((-(-shape[0] // block), -(-shape[1] // block)))
    fine = np.repeat(np.repeat(coarse, block, axis=0), block, axis=1)
    return np.exp(amplitude * fine[: shape[0], : shape[1]])


def _kernel(value_map: ValueMap, drainage: Drainage, number: int) -> Float:
    rows, columns = value_map.values.shape
    return disc_kernel(
        drainage.profiles_m[number],
        drainage.weight_of,
        cell_width_m=value_map.cell_width_m,
        cell_height_m=value_map.cell_height_m,
        largest=(rows, columns),
    )


class _Gains:
    """What is left on the map, the gain of a well in every cell, and the best of every block."""

    def __init__(
        self, value_map: ValueMap, allowed: NDArray[np.bool_] | None, preference: Float | None
    ) -> None:
        self._left = value_map.left()
        self._cell_area = value_map.cell_width_m * value_map.cell_height_m
        self._gain = np.zeros_like(self._left)
        self._cell_size = value_map.cell_width_m, value_map.cell_height_m
        self._allowed, self._preference = allowed, preference
        blocks = [-(-side // BLOCK) for side in self._left.shape]
        # Padded to whole blocks, and forbidden there, so that blocks are a plain reshape.
        self._score = np.full((blocks[0] * BLOCK, blocks[1] * BLOCK), -np.inf)
        self._best = np.full(blocks, -np.inf)

    def use(self, kernel: Float, weight: float) -> None:
        """Work out the gains of a well with this kernel on all that is left."""
        self._kernel, self._weight = kernel, weight
        self._gain = oaconvolve(self._left, kernel, mode="same")
        rows, columns = self._left.shape
        self._rank(slice(0, rows), slice(0, columns))

    def best(self) -> tuple[int, int]:
        """Return row and column of the best cell, the first of equals."""
        block = np.unravel_index(np.argmax(self._best), self._best.shape)
        top, left = int(block[0]) * BLOCK, int(block[1]) * BLOCK
        within = self._score[top : top + BLOCK, left : left + BLOCK]
        row, column = np.unravel_index(np.argmax(within), within.shape)
        return top + int(row), left + int(column)

    def score(self, row: int, column: int) -> float:
        """Return what the choice of the best cell goes by; not finite where no well may stand."""
        return float(self._score[row, column])

    def forbid(self, row: int, column: int, distance_m: float) -> None:
        """Allow no well in cells whose centres are nearer to that of this one."""
        width, height = self._cell_size
        centre = np.array([(column + 0.5) * width, (row + 0.5) * height])
        rows, columns, near = cells_within(centre, distance_m, self._left.shape, width, height)
        if self._allowed is not None:
            self._allowed[rows, columns] &= ~near
        self._rank(rows, columns)

    def place(self, row: int, column: int) -> None:
        """Take what a well in this cell collects off the map and update the gains around it."""
        a, b = self._kernel.shape[0] // 2, self._kernel.shape[1] // 2
        rows, columns = self._left.shape
        top, bottom = max(0, row - a), min(rows, row + a + 1)
        left, right = max(0, column - b), min(columns, column + b + 1)
        covered = self._kernel[
            top - row + a : bottom - row + a, left - column + b : right - column + b
        ] / (self._weight * self._cell_area)
        taken = self._left[top:bottom, left:right] * np.clip(covered, 0.0, 1.0)
        self._left[top:bottom, left:right] -= taken
        change = fftconvolve(taken, self._kernel, mode="full")
        high, low = (
            slice(max(0, top - a), min(rows, bottom + a)),
            slice(max(0, left - b), min(columns, right + b)),
        )
        self._gain[high, low] -= change[
            high.start - top + a : high.stop - top + a, low.start - left + b : low.stop - left + b
        ]
        self._rank(high, low)

    def _rank(self, rows: slice, columns: slice) -> None:
        """Renew scores and block maxima where gains have changed."""
        score = self._gain[rows, columns]
        if self._preference is not None:
            score = score * self._preference[rows, columns]
        if self._allowed is not None:
            score = np.where(self._allowed[rows, columns], score, -np.inf)
        self._score[rows, columns] = score
        top, bottom = rows.start // BLOCK, -(-rows.stop // BLOCK)
        left, right = columns.start // BLOCK, -(-columns.stop // BLOCK)
        touched = self._score[top * BLOCK : bottom * BLOCK, left * BLOCK : right * BLOCK]
        blocks = touched.reshape(bottom - top, BLOCK, right - left, BLOCK)
        self._best[top:bottom, left:right] = blocks.max(axis=(1, 3))
