"""What finds faults in a survey: classical attributes, and networks in one pass or several."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from models.attributes.likelihood import fault_likelihood
from models.attributes.planarity import non_planarity
from models.attributes.semblance import discontinuity
from models.normalize import normalize, scale_of
from models.runtime.ensemble import Ensemble
from models.statistics import amplitude_histogram
from models.tiles import missing_axis
from tasks.ensemble import FaultNetworks
from tasks.evaluate import THRESHOLDS, predict_survey

Samples = NDArray[np.float32]
Find = Callable[[Samples], Samples]

RANKS = tuple(float(each) for each in np.round(1 - np.geomspace(0.004, 0.35, 24), 4))
"""Candidates for the threshold of an attribute: the share of a survey's samples below it."""


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
    thresholds
        Those that come with the weights, for volumes and for lines; None: one is to be chosen.
    probability
        True: what it says is meant as a probability.
    """

    name: str
    find: Find
    candidates: tuple[float, ...]
    thresholds: tuple[float, float] | None = None
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


def of_networks(
    name: str, networks: FaultNetworks, *, threads: int, threshold: float | None = None
) -> Method:
    """Return the networks of an ensemble, at the thresholds of its card or at one for all.

    Parameters
    ----------
    name
        For people.
    networks
        Loaded when they are first asked for.
    threads
        Of the runtime.
    threshold
        In place of those of the card.
    """

    @cache
    def loaded(*, line: bool) -> Ensemble:
        return networks.view(line=line).with_threads(threads).load()

    def find(amplitude: Samples) -> Samples:
        return predict_survey(loaded(line=missing_axis(amplitude.shape) is not None), amplitude)

    own = networks.card.volumes.threshold, networks.card.lines.threshold
    thresholds = own if threshold is None else (threshold, threshold)
    return Method(name, find, THRESHOLDS, thresholds, probability=True)


def _ranked(find: Find, amplitude: Samples) -> Samples:
    """Return for each sample the share of the survey's samples whose attribute is smaller."""
    found = find(normalize(amplitude, scale_of(amplitude_histogram(amplitude))))
    ranks = np.searchsorted(np.sort(found, axis=None), found.ravel()) / found.size
    return np.asarray(ranks.reshape(found.shape), dtype=np.float32)
