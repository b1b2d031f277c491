"""Ridge samples joined to segments, segments of all tiles to faults, faults numbered by size.

Samples belong to one surface where they are neighbours and their normals agree, so that faults that cross
are two; and where one lies in the other's plane a few samples on, past a fault that crosses or past a gap.
What is known of a segment is a row of whole numbers that are added or maximized, so that faults do not depend
on how the survey was cut::

    samples  probability  area  normals (6) | -first sample  -lowest, highest along 18 azimuths and down
    ---------------- added ---------------- | ---------------------- largest kept -----------------------
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.surfaces.frame import Frame
from models.surfaces.linking.kernels import join, pairs_across
from models.surfaces.orientation import decoded

Integers = NDArray[np.int64]
Float = NDArray[np.float64]

LINK = 3
"""Samples along each axis up to which two are joined."""

STRICTER = 2 / 3
"""Share of the angle that counts for samples that are no neighbours."""

AZIMUTHS = 18
"""Directions, over half a turn, along which the length of a fault is measured."""

SAMPLES, PROBABILITY, AREA = 0, 1, 2
TENSOR = slice(3, 9)
ADDED = 9
"""Columns that are added; of all others the largest is kept."""

FIRST = 9
LOWEST = slice(10, 10 + AZIMUTHS + 1)
HIGHEST = slice(LOWEST.stop, LOWEST.stop + AZIMUTHS + 1)
COLUMNS = HIGHEST.stop

PER_UNIT, PER_M2, PER_M, PER_COSINE = 1 << 16, 64, 10, 1 << 12
"""Fixed-point units of probability, area, distance and products of cosines."""

PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Joining:
    """When two samples belong to one surface; made by `joining`.

    Attributes
    ----------
    offsets
        To the neighbours that come later, shape (m, 3).
    axes
        Unit normal in metres of each code of `orientation.encoded`, shape (codes, 3).
    tangents
        The same as gradients per sample, over their largest component.
    cosines
        Of the largest angle between neighbours, and between samples further apart.
    """

    offsets: NDArray[np.int32]
    axes: Float
    tangents: Float
    cosines: tuple[float, float]


def joining(frame: Frame, angle_deg: float, reach: int = LINK) -> Joining:
    """Return the rule of a survey."""
    around = product(range(-reach, reach + 1), repeat=3)
    offsets = np.array([each for each in around if each > (0, 0, 0)], np.int32)
    axes = decoded()
    per_sample = axes @ frame.steps.T
    largest = np.abs(per_sample).max(axis=1, keepdims=True)
    tangents = per_sample / np.where(largest > 0, largest, 1.0)
    angles = np.radians([angle_deg, STRICTER * angle_deg])
    beside, further = np.cos(angles).tolist()
    return Joining(offsets, axes, tangents, (beside, further))


def label(
    attitude: NDArray[np.uint16], positions: NDArray[np.int32], rule: Joining
) -> NDArray[np.int32]:
    """Return the segment of each ridge sample of a block, numbered from 0 by their first samples.

    Parameters
    ----------
    attitude
        Code of the normal at every sample on a ridge, shape of the block.
    positions
        Those samples in the order of the block, shape (n, 3).
    rule
        From `joining`.
    """
    number_at = np.full(attitude.shape, -1, np.int32)
    number_at[tuple(positions.T)] = np.arange(len(positions), dtype=np.int32)
    parents = join(
        attitude, positions, number_at, rule.offsets, rule.axes, rule.tangents, rule.cosines
    )
    return np.unique(parents, return_inverse=True)[1].astype(np.int32)


def across(
    attitude: NDArray[np.uint16],
    segment: NDArray[np.int32],
    owner: NDArray[np.int8],
    rule: Joining,
) -> Integers:
    """Return which segments of different owners are one: rows of (owner, segment, owner, segment).

    Parameters
    ----------
    attitude
        As in `label`, for a block that lies across tiles.
    segment
        Number of the segment within its tile, 0 for none.
    owner
        Number of the tile that a trace belongs to, shape of the first two axes.
    rule
        From `joining`.
    """
    positions = np.argwhere(segment).astype(np.int32)
    pairs = pairs_across(
        attitude,
        positions,
        segment,
        owner,
        rule.offsets,
        rule.axes,
        rule.tangents,
        rule.cosines,
    )
    return np.asarray(np.unique(pairs, axis=0))


def sums_of(
    labels: NDArray[np.int32],
    positions: NDArray[np.int32],
    probability: NDArray[np.float32],
    in_space: Float,
    *,
    origin: tuple[int, int, int],
    shape: tuple[int, int, int],
    frame: Frame,
) -> Integers:
    """Return one row of `COLUMNS` whole numbers for each segment.

    Parameters
    ----------
    labels, positions
        From `label`; positions count from ``origin``.
    probability
        Of each sample.
    in_space
        Unit normal of each sample, metres.
    origin, shape
        First sample of the block within the survey, and samples of the survey.
    frame
        Of the survey.
    """
    place = positions.astype(np.int64) + np.array(origin)
    # A surface within one row of samples is the row's cross-section over the cosine between them.
    facing = np.abs(in_space @ frame.steps.T).max(axis=1)
    area = np.rint(PER_M2 * frame.cell_m3 / facing)
    rows = np.empty((len(labels), COLUMNS), np.int64)
    rows[:, SAMPLES] = 1
    rows[:, PROBABILITY] = np.rint(probability.astype(np.float64) * PER_UNIT)
    rows[:, AREA] = area
    for column, (a, b) in enumerate(PAIRS):
        cosines = np.rint(in_space[:, a] * in_space[:, b] * PER_COSINE)
        rows[:, TENSOR.start + column] = area * cosines
    rows[:, FIRST] = -np.ravel_multi_index(tuple(place.T), shape)
    along = np.rint(PER_M * (place @ frame.steps) @ _directions().T).astype(np.int64)
    rows[:, LOWEST], rows[:, HIGHEST] = -along, along
    return _gathered(rows, labels, int(labels.max(initial=-1)) + 1)


def _directions() -> Float:
    """Return unit vectors along all azimuths and down, one a row: east, north, down."""
    azimuth = np.pi * np.arange(AZIMUTHS) / AZIMUTHS
    level = np.stack([np.sin(azimuth), np.cos(azimuth), np.zeros(AZIMUTHS)], axis=1)
    return np.concatenate([level, [[0.0, 0.0, 1.0]]])


def _gathered(rows: Integers, labels: NDArray[np.int32], count: int) -> Integers:
    """Return the rows of each label as one."""
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(count))
    if not count:
        return np.zeros((0, COLUMNS), np.int64)
    added = np.add.reduceat(rows[order, :ADDED], starts, axis=0)
    largest = np.maximum.reduceat(rows[order, ADDED:], starts, axis=0)
    return np.concatenate([added, largest], axis=1)


def kept(
    labels: NDArray[np.int32],
    sums: Integers,
    positions: NDArray[np.int32],
    *,
    core: tuple[slice, slice],
    shape: tuple[int, int, int],
    smallest: int,
) -> NDArray[np.bool_]:
    """Tell which segments of a tile may be part of a fault that is large enough.

    Those that are too small and end within the tile are none, and never leave it.

    Parameters
    ----------
    labels, sums, positions
        From `label` and `sums_of`; positions count from the core's first sample.
    core
        Of the tile, lateral axes.
    shape
        Samples of the survey.
    smallest
        Samples of a fault.
    """
    goes_on = np.zeros(len(sums), np.bool_)
    for axis, (part, n) in enumerate(zip(core, shape[:2], strict=True)):
        if part.start > 0:
            goes_on[labels[positions[:, axis] < LINK]] = True
        if part.stop < n:
            goes_on[labels[positions[:, axis] >= part.stop - part.start - LINK]] = True
    return np.asarray(goes_on | (sums[:, SAMPLES] >= smallest))


def number_faults(sums: Integers, pairs: Integers, smallest: int) -> tuple[Integers, Integers]:
    """Return the fault of every segment, and the sums of every fault.

    Parameters
    ----------
    sums
        One row a segment, of all tiles.
    pairs
        Rows of two segments that are one fault, shape (n, 2).
    smallest
        Faults of fewer samples are none.

    Returns
    -------
    ids
        1 for the largest fault, 2 for the next, the first sample decides between equals; 0 for none.
    faults
        Sums, one row a fault, in the order of their numbers.
    """
    count = len(sums)
    links = coo_array((np.ones(len(pairs), np.bool_), tuple(pairs.T)), shape=(count, count))
    parts, component = connected_components(links, directed=False)
    together = _gathered(sums, component, parts)
    order = np.lexsort((-together[:, FIRST], -together[:, SAMPLES]))
    order = order[together[order, SAMPLES] >= smallest]
    ids = np.zeros(parts, np.int64)
    ids[order] = 1 + np.arange(len(order))
    return ids[component], together[order]
