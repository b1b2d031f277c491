"""Synthetic faults in real blocks: samples are read where they lay before the faults moved."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.earth.draws import log_uniform
from models.earth.example import Example, Labels, Size
from models.earth.faults import draw_faults
from models.earth.imaging import blur_fault_zones
from models.earth.kernels import FARTHEST
from models.earth.layering import disorder
from models.earth.presets import Preset, draw_noise_level, draw_preset
from models.earth.survey import SurveyCharacter
from models.earth.truth import Truth, undo

Samples = NDArray[np.float32]
Known = NDArray[np.bool_]

MARGIN = 16
"""Samples of a background around the example on every side that the survey has them on."""

STILL = 1e-6
"""Samples that moved less than this are taken as they are."""

AROUND_LEFTOVERS = 1
"""Samples around a possible fault of the background whose label is not trusted either."""


@dataclass(frozen=True, slots=True)
class Background:
    """A block of the survey, and where in it the example begins.

    Attributes
    ----------
    amplitude
        Normalized, shape (n0, n1, n2) of the example and what margin there is.
    corner
        Its first sample along each axis.
    """

    amplitude: Samples
    corner: Size


def insert_faults(
    rng: np.random.Generator,
    background: Background,
    survey: SurveyCharacter,
    *,
    size: Size,
    preset: str = "mixed",
    labels: Labels = "fault",
) -> Example:
    """Return an example with synthetic faults in a real background.

    Parameters
    ----------
    rng
        Source of randomness.
    background
        A confidently unfaulted block of the survey.
    survey
        Its band and its noise say which throws can be seen; its disorder which samples of the
        background may be faults themselves: their label is not known.
    size
        Of the example, samples.
    preset
        Key of ``presets.MIXTURES``: which fault sets are drawn.
    labels
        "all" adds throw, strike and dip; the geologic time of a real block is not known.
    """
    ranges = survey.narrow(draw_preset(rng, preset))
    period = 1 / log_uniform(rng, *ranges.peak_frequency)
    faults = draw_faults(rng, size, period, draw_noise_level(rng, ranges), ranges)
    undone = undo(faults, size)
    amplitude = displace(background, undone.origin)
    amplitude = _blur(rng, amplitude, undone.distance, ranges)
    known = _move_known(background, undone.origin, survey.leftover)
    known |= undone.distance <= 1
    unlabelled = undone.distance >= FARTHEST
    truth = None
    if labels == "all":
        throw, strike, dip = undone.attitude
        time = np.full(size, np.nan, np.float32)
        truth = Truth(throw, strike, dip, time).hidden(unlabelled)
    amplitude = amplitude - amplitude.mean()
    amplitude = np.asarray(amplitude / (amplitude.std() + 1e-9), dtype=np.float32)
    return Example(amplitude, undone.distance, faults.size, truth, known)


def displace(background: Background, origin: NDArray[np.float64]) -> Samples:
    """Return the samples of a background that lay at other places before faults moved them.

    Parameters
    ----------
    background
        Where samples are read, by cubic splines between them, mirrored at its sides.
    origin
        Shape (3, n0, n1, n2), samples from the corner of the example. Samples that did not move are
        taken unchanged.
    """
    size = origin.shape[1:]
    inner = tuple(slice(c, c + n) for c, n in zip(background.corner, size, strict=True))
    out = background.amplitude[inner].copy()
    moved = _moved(origin)
    places = _places(background, origin[:, moved])
    out[moved] = ndimage.map_coordinates(background.amplitude, places, order=3, mode="mirror")
    return out


def _moved(origin: NDArray[np.float64]) -> Known:
    """Return which samples did not stay where they are."""
    grid = np.ogrid[tuple(slice(n) for n in origin.shape[1:])]
    away = [
        np.abs(origin[axis] - grid[axis]) > STILL for axis in range(3) if _is_wide(origin, axis)
    ]
    return np.asarray(np.logical_or.reduce(away))


def _is_wide(origin: NDArray[np.float64], axis: int) -> bool:
    """Say whether there is more than one sample along an axis; a section's faults move within it."""
    return bool(origin.shape[1 + axis] > 1)


def _places(background: Background, origin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return positions in the background, shape (3, n)."""
    places = origin + np.array(background.corner, np.float64)[:, None]
    if background.amplitude.shape[1] == 1:
        places[1] = 0
    return places


def _blur(
    rng: np.random.Generator, amplitude: Samples, distance: Samples, ranges: Preset
) -> Samples:
    """Return amplitudes with the fault zones smeared as migration does; all else stays."""
    if rng.random() >= ranges.fault_zone:
        return amplitude
    return np.where(distance < FARTHEST, blur_fault_zones(rng, amplitude, distance), amplitude)


def _move_known(background: Background, origin: NDArray[np.float64], leftover: float) -> Known:
    """Return where the label is known: possible faults of the background move with their samples."""
    doubtful = disorder(background.amplitude) > leftover
    doubtful = ndimage.binary_opening(
        doubtful, np.ones((1, 1, 5))
    )  # faults are tall, noise is not
    if doubtful.any():
        doubtful = ndimage.binary_dilation(doubtful, iterations=AROUND_LEFTOVERS)
    places = _places(background, origin.reshape(3, -1))
    last = np.array(doubtful.shape)[:, None] - 1
    i, j, k = np.clip(np.rint(places).astype(np.intp), 0, last)
    return np.asarray(~doubtful[i, j, k].reshape(origin.shape[1:]), dtype=np.bool_)
