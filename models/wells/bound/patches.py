"""Patches of a map: where wells could pay, and all that they reach, one rectangle for each such place.

A well whose gain on the whole value is below what the prices ask for a well stands nowhere in the
optimum, and ground that no other well reaches keeps its value as its price. What is left of a large
map is a few patches, which only the number of wells ties together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.signal import oaconvolve

from models.wells.transforms import Float32, Transforms

Mask = NDArray[np.bool_]

WORTHWHILE = 0.6
"""Patches that together are more than this part of the map are no gain over the map."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of the map and the cells in it that are its own.

    Attributes
    ----------
    rows, columns
        The rectangle.
    own
        Cells within reach of the patch's wells, in the shape of the rectangle; none is another's.
    spots
        For each class of wells the cells they may stand in, indices into the rectangle row by row.
    size, transforms
        Size of the transforms of its fields, and the kernels of the classes.
    """

    rows: slice
    columns: slice
    own: Mask
    spots: tuple[NDArray[np.intp], ...]
    size: tuple[int, int]
    transforms: Transforms

    def cut(self, field: Float32) -> Float32:
        """Return the patch's rectangle of a field on the map."""
        return field[self.rows, self.columns]

    def collected(self, prices: Float32, each: int) -> Float32:
        """Return what a well of a class collects in each of its cells, shape (spots,)."""
        return self.transforms.passed(prices, self.size, each).ravel()[self.spots[each]]

    def covered(self, wells: Float32, each: int) -> Float32:
        """Return how often wells of a class cover each cell, in the shape of the rectangle."""
        field = np.zeros(self.own.size, np.float32)
        field[self.spots[each]] = wells
        return self.transforms.passed(field.reshape(self.own.shape), self.size, each)

    def put(self, field: Float32, each: int, wells: Float32) -> None:
        """Write wells of a class into a field on the map."""
        rows, columns = np.unravel_index(self.spots[each], self.own.shape)
        field[self.rows.start + rows, self.columns.start + columns] = wells


def worthwhile(
    values: Float32, transforms: Transforms, possible: Mask | None, least: NDArray[np.float64]
) -> list[Mask]:
    """Return the cells where a well of each class could pay.

    Parameters
    ----------
    values
        The map.
    transforms
        The kernels of the classes.
    possible
        Cells that a well may stand in; None: all.
    least
        What a well of each class has to collect, -inf: anything; shape (classes,).
    """
    anywhere = np.ones(values.shape, bool) if possible is None else possible
    found = []
    for kernel, enough in zip(transforms.kernels, least, strict=True):
        cells = anywhere
        if np.isfinite(enough):
            gains = oaconvolve(values, kernel.astype(np.float32), mode="same")
            cells = anywhere & (gains >= enough)
        # With none left the guess was no good.
        found.append(cells if cells.any() else anywhere)
    return found


def patches_of(possible: Sequence[Mask], transforms: Transforms) -> list[Patch]:
    """Return the patches of a map.

    Parameters
    ----------
    possible
        Cells that wells of each class may stand in, the shape of the map.
    transforms
        The kernels of the classes.
    """
    shape = possible[0].shape
    reached = _widened(reduce(np.logical_or, possible), transforms.reach)
    labels, _ = ndimage.label(reached)
    found = ndimage.find_objects(labels)
    area = sum((one.stop - one.start) * (two.stop - two.start) for one, two in found)
    if area > WORTHWHILE * labels.size:
        found, labels = [(slice(0, shape[0]), slice(0, shape[1]))], np.ones(shape, np.int8)
    patches = []
    for number, (rows, columns) in enumerate(found, start=1):
        own = labels[rows, columns] == number
        patches.append(
            Patch(
                rows=rows,
                columns=columns,
                own=own,
                spots=tuple(np.flatnonzero(one[rows, columns] & own) for one in possible),
                size=transforms.size_for(own.shape),
                transforms=transforms,
            )
        )
    return patches


def _widened(cells: Mask, reach: NDArray[np.intp]) -> Mask:
    """Return the cells that are no farther from one of these than the reach along both axes."""
    for axis, far in enumerate(reach):
        if 2 * int(far) + 1 >= cells.shape[axis]:
            cells = np.broadcast_to(cells.any(axis=axis, keepdims=True), cells.shape)
        else:
            cells = ndimage.maximum_filter1d(cells.astype(np.uint8), 2 * int(far) + 1, axis) > 0
    return np.asarray(cells)
