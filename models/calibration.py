"""Platt scaling: a slope, an offset on the logits, so that probabilities mean what they say.

The map is monotone: it changes no ranking, so neither average precision nor the picks at a threshold
that is mapped along with the probabilities.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from models.errors import ParameterError

CLIP = 1e-6
"""Probabilities nearer to 0 or 1 have no logit worth fitting in float32."""

BINS = 4000
"""Of the logit; fitting sees counts in them, so any number of samples costs the same."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From a network's logits to those of honest probabilities.

    Attributes
    ----------
    slope
        Above 0; below 1 where the network is too sure of itself. Its inverse is the temperature.
    offset
        Below 0 where it claims too many faults, as the weighted loss teaches it.
    """

    slope: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite([self.slope, self.offset]).all() and self.slope > 0):
            raise ParameterError(
                name="calibration",
                value=(self.slope, self.offset),
                mend="It needs a finite slope above 0, and a finite offset.",
            )

    def of_logits(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return calibrated probabilities."""
        return np.asarray(special.expit(self.slope * logits + self.offset), dtype=np.float32)

    def of_probabilities(self, probability: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return calibrated probabilities of what a network said before calibration."""
        clipped = np.clip(probability.astype(np.float64), CLIP, 1 - CLIP)
        return self.of_logits(special.logit(clipped))

    def after(self, earlier: "Calibration") -> Self:
        """Return the one calibration that does what an earlier one and then this do."""
        return type(self)(self.slope * earlier.slope, self.slope * earlier.offset + self.offset)

    def rounded(self) -> Self:
        """Return the calibration with six digits, as a card keeps it."""
        return type(self)(round(self.slope, 6), round(self.offset, 6))


UNCHANGED = Calibration()


def fit_calibration(
    pairs: list[tuple[NDArray[np.float32], NDArray[np.uint8]]],
) -> Calibration:
    """Return the calibration with the highest likelihood of labels given probabilities.

    Parameters
    ----------
    pairs
        (probability before calibration, label) of validation examples; never of those to be scored.

    References
    ----------
    Platt, J. (1999). Probabilistic outputs for support vector machines.
    Guo, C. et al. (2017). On calibration of modern neural networks. ICML.
    """
    limit = float(special.logit(1 - CLIP))
    edges = np.linspace(-limit, limit, BINS + 1)
    counts = np.zeros((2, BINS))
    for probability, label in pairs:
        clipped = np.clip(probability.astype(np.float64), CLIP, 1 - CLIP)
        which = np.clip(np.searchsorted(edges, special.logit(clipped)) - 1, 0, BINS - 1)
        for hit in (0, 1):
            counts[hit] += np.bincount(which[(label > 0) == hit], minlength=BINS)
    if not counts.sum(axis=1).all():
        raise ParameterError(
            name="validation examples",
            value="all samples of one kind",
            mend="Calibration needs samples with a fault and samples without.",
        )
    middle = (edges[1:] + edges[:-1]) / 2
    share = counts / counts.sum()

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = np.exp(parameters[0]) * middle + parameters[1]
        value = -(share[1] @ special.log_expit(logits) + share[0] @ special.log_expit(-logits))
        slope = share.sum(axis=0) * special.expit(logits) - share[1]
        return float(value), np.array([slope @ (logits - parameters[1]), slope.sum()])

    found = optimize.minimize(loss, np.zeros(2), jac=True, method="BFGS").x
    return Calibration(float(np.exp(found[0])), float(found[1])).rounded()
