"""Size and attitude of a fault from its sums."""

from dataclasses import dataclass

import numpy as np

from models.surfaces.frame import Frame
from models.surfaces.segments import (
    AREA,
    AZIMUTHS,
    HIGHEST,
    LOWEST,
    PAIRS,
    PER_M,
    PER_M2,
    PER_UNIT,
    PROBABILITY,
    SAMPLES,
    TENSOR,
    Integers,
)


@dataclass(frozen=True, slots=True)
class FaultShape:
    """What the sums of a fault say, metres and degrees; None where a line does not show it."""

    samples: int
    area_m2: float | None
    strike_deg: float | None
    dip_deg: float
    length_m: float | None
    height_m: float
    mean_probability: float


def shape_of(row: Integers, frame: Frame) -> FaultShape:
    """Return size and attitude of a fault from its row of sums.

    Strike and dip are those of the mean axis of its normals, each weighed by its area; the length is
    measured along the nearest of `AZIMUTHS` directions, the height from the highest sample to the lowest.
    """
    tensor = np.zeros((3, 3))
    for value, (a, b) in zip(row[TENSOR].tolist(), PAIRS, strict=True):
        tensor[a, b] = tensor[b, a] = float(value)
    normal = np.linalg.eigh(tensor)[1][:, -1]
    normal = -normal if normal[2] > 0 else normal
    strike = float(np.degrees(np.arctan2(normal[0], normal[1])) - 90.0) % 360.0
    extents = (row[HIGHEST] + row[LOWEST]) / PER_M
    nearest = round(strike / (180.0 / AZIMUTHS)) % AZIMUTHS
    line = frame.missing is not None
    samples = int(row[SAMPLES])
    return FaultShape(
        samples,
        None if line else round(float(row[AREA]) / PER_M2, 1),
        None if line else round(strike, 2),
        round(float(np.degrees(np.arccos(min(1.0, -normal[2])))), 2),
        None if line else float(extents[nearest]),
        float(extents[AZIMUTHS]),
        round(float(row[PROBABILITY]) / PER_UNIT / samples, 4),
    )
