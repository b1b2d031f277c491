"""What is known of a synthetic earth beside the distance to its faults: throw, strike, dip, time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.earth.folds import NO_UNCONFORMITY, STRUCTURE, UPPER_LAYERS
from models.earth.kernels import undo_faults

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Truth:
    """Exact answers for every sample, float32 of the example's shape.

    Throw, strike and dip are those of the nearest visible fault, NaN where it is 15 samples away or
    more. Older faults are described as they lay before younger ones moved them.

    Attributes
    ----------
    throw
        Vertical part of the slip beside the sample, samples; negative at a reverse fault. 0 where the
        fault only pushes layers down.
    strike_deg
        0 to 360 from the first axis towards the second; the fault dips to the right of its strike.
    dip_deg
        0 to 90 from the horizontal, a trace counted as long as a sample.
    geologic_time
        Relative geologic time: grows with the age of the layer, by one a sample of thickness; steps
        at an unconformity. NaN inside salt and slumps, where there are no layers, and where unknown.
    """

    throw: Samples
    strike_deg: Samples
    dip_deg: Samples
    geologic_time: Samples

    def hidden(
        self, unlabelled: NDArray[np.bool_], body: NDArray[np.bool_] | None = None
    ) -> "Truth":
        """Return the truth without faults where none is labelled, without time inside a body."""
        faults = (self.throw, self.strike_deg, self.dip_deg)
        nothing = np.float32(np.nan)
        time = self.geologic_time if body is None else np.where(body, nothing, self.geologic_time)
        throw, strike, dip = (np.where(unlabelled, nothing, each) for each in faults)
        return Truth(throw, strike, dip, time)


@dataclass(frozen=True, slots=True)
class Undone:
    """Faults undone: what `kernels.undo_faults` fills in, by the names it has there."""

    origin: NDArray[np.float64]
    distance: Samples
    attitude: Samples
    above: NDArray[np.bool_]


def undo(
    faults: NDArray[np.void],
    size: tuple[int, int, int],
    *,
    younger: int | None = None,
    structure: NDArray[np.void] | None = None,
) -> Undone:
    """Return where every sample lay before faults moved it, and the fault beside it.

    Parameters
    ----------
    faults
        Records of ``faults.FAULT``, youngest first.
    size
        Samples along each axis.
    younger, structure
        How many of them cut the unconformity, and where it lies. None: there is no unconformity.
    """
    if structure is None:
        structure = np.zeros(1, dtype=STRUCTURE)
        structure["surface"] = NO_UNCONFORMITY
    undone = Undone(
        np.empty((3, *size)),
        np.empty(size, np.float32),
        np.full((3, *size), np.nan, np.float32),
        np.empty(size, np.bool_),
    )
    cut = faults.size if younger is None else younger
    undo_faults(
        faults, cut, structure, undone.origin, undone.distance, undone.attitude, undone.above
    )
    return undone


def describe(
    faults: NDArray[np.void], younger: int, structure: NDArray[np.void], level: Samples
) -> Truth:
    """Return the truth about a synthetic earth whose stratigraphic coordinate is ``level``.

    The generator adds `UPPER_LAYERS` above an unconformity, to draw other layers there; in time they
    have to come after all that lies below.
    """
    size = (level.shape[0], level.shape[1], level.shape[2])
    undone = undo(faults, size, younger=younger, structure=structure)
    time = level - np.float32(2 * UPPER_LAYERS) * undone.above
    throw, strike, dip = undone.attitude
    return Truth(throw, strike, dip, np.asarray(time, dtype=np.float32))
