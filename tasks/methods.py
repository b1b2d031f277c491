"""What finds faults in a survey: classical attributes, and networks in one pass or several."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from models.attributes.likelihood import fault_likelihood
from models.attributes.planarity import non_planarity
from models.attributes.semblance import discontinuity
from models.averaging import Averaging
from models.normalize import normalize, scale_of
from models.runtime.protocol import Runtime
from models.statistics import amplitude_histogram
from tasks.evaluate import THRESHOLDS, predict_survey

Samples = NDArray[np.float32]
Find = Callable[[Samples], Samples]

RANKS = tuple(float(each) for each in np.round(1 - np.geomspace(0.004, 0.35, 24), 4))
"""Candidates for the threshold of an attribute: the share of a survey's samples below it."""

VOLUME_PASSES = Averaging(mirror=False)
"""Three zooms with two normalizations: what a network of volumes averages."""

SECTION_PASSES = Averaging()
"""The same, mirrored too: what a network of sections averages."""


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the table.

    Attributes
    ----------
    name
        For people.
    find
        From the amplitudes of a survey, (n0, n1, n2), n1 = 1 a section, to 0..1 of the same shape.
    candidates
        Thresholds to choose from on validation examples.
    threshold
        The one that comes with the weights; None: to be chosen.
    probability
        True: what it says is meant as a probability.
    """

    name: str
    find: Find
    candidates: tuple[float, ...]
    threshold: float | None = None
    probability: bool = False


def baselines() -> list[Method]:
    """Return the classical attributes that a network has to beat.

    Their values are replaced by ranks within a survey, as a threshold is worth nothing elsewhere otherwise.
    """
    attributes: dict[str, Find] = {
        "semblance, 5 traces": partial(discontinuity, reach=2, window=9),
        "semblance, 17 samples": partial(discontinuity, reach=1, window=17),
        "planarity": non_planarity,
        "fault likelihood": fault_likelihood,
    }
    return [Method(name, partial(_ranked, find), RANKS) for name, find in attributes.items()]


def of_network(name: str, runtime: Runtime, threshold: float) -> list[Method]:
    """Return a network in one pass, at the threshold of its card, and averaged over passes.

    Parameters
    ----------
    name
        Of the network.
    runtime
        Loaded.
    threshold
        Of one pass; the average has one of its own.
    """
    passes = SECTION_PASSES if runtime.sections else VOLUME_PASSES
    once = partial(predict_survey, runtime)
    several = partial(predict_survey, runtime, averaging=passes)
    return [
        Method(name, once, THRESHOLDS, threshold, probability=True),
        Method(f"{name}, {passes.passes} passes", several, THRESHOLDS, probability=True),
    ]


def _ranked(find: Find, amplitude: Samples) -> Samples:
    """Return for each sample the share of the survey's samples whose attribute is smaller."""
    found = find(normalize(amplitude, scale_of(amplitude_histogram(amplitude))))
    ranks = np.searchsorted(np.sort(found, axis=None), found.ravel()) / found.size
    return np.asarray(ranks.reshape(found.shape), dtype=np.float32)
