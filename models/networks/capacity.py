"""How large an autoencoder is: widths of its layers from a number of parameters, without TensorFlow."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from models.errors import ParameterError

Kind = Literal["dense", "convolutional", "variational"]
KINDS: tuple[Kind, ...] = get_args(Kind)

STRIDE = 8
"""Samples along each axis for one place of a code."""

BUDGET_TOLERANCE = 0.025
"""Allowed distance from the budget; so two networks differ by 5 % at most."""

LEAST_CHANNELS = 4


@dataclass(frozen=True, slots=True)
class Architecture:
    """What an autoencoder is made of.

    Attributes
    ----------
    kind
        Dense, convolutional or variational.
    patch
        Samples along each side of a patch, a multiple of eight.
    code
        Values in the code of a patch; a whole number for each place.
    widths
        Dense: units of the hidden layer. Else channels at 1/2, 1/4 and 1/8 of the resolution.
    """

    kind: Kind
    patch: int
    code: int
    widths: tuple[int, ...]

    @property
    def code_channels(self) -> int:
        """Values for each place."""
        return self.code // (self.patch // STRIDE) ** 3

    def count_parameters(self) -> int:
        """Return the number of parameters, without building the network."""
        channels = self.code_channels
        if self.kind == "dense":
            (hidden,), samples = self.widths, STRIDE**3
            encoder = (samples + 1) * hidden + (hidden + 1) * channels
            return encoder + (channels + 1) * hidden + (hidden + 1) * samples
        wide = self.widths
        outputs = channels * (2 if self.kind == "variational" else 1)
        convolutions = [
            (STRIDE, wide[0]),
            (wide[0], wide[1]),
            (wide[1], wide[2]),
            (channels, wide[2]),
            (wide[2], wide[1]),
            (wide[1], wide[0]),
            (wide[0], STRIDE),
            *[(width, width) for width in wide[1:] for _ in range(4)],
        ]
        cubic = sum((27 * inputs + 1) * width for inputs, width in convolutions)
        return cubic + (wide[2] + 1) * outputs


def architecture(kind: Kind, *, budget: int, patch: int, code: int) -> Architecture:
    """Return the autoencoder of a kind whose number of parameters is nearest to a budget.

    Parameters
    ----------
    kind
        Dense, convolutional or variational.
    budget
        Parameters of encoder and decoder together.
    patch, code
        As in `Architecture`.

    Raises
    ------
    ParameterError
        If no such network is within 2.5 % of the budget, or patch and code do not fit together.
    """
    if patch % STRIDE or patch < STRIDE:
        raise ParameterError(name="patch", value=patch, mend=f"A multiple of {STRIDE} is needed.")
    places = (patch // STRIDE) ** 3
    if code % places or code < places:
        mend = f"A multiple of {places} is needed for patches of {patch} samples a side."
        raise ParameterError(name="code", value=code, mend=mend)
    candidates = (Architecture(kind, patch, code, widths) for widths in _widths(kind, budget))
    nearest = min(candidates, key=lambda each: abs(each.count_parameters() - budget))
    found = nearest.count_parameters()
    if abs(found - budget) > BUDGET_TOLERANCE * budget:
        raise ParameterError(
            name="budget",
            value=f"{budget} parameters",
            mend=f"The nearest {kind} network has {found}, which is more than 2.5 % away: "
            "choose a larger budget or smaller patches.",
        )
    return nearest


def _widths(kind: Kind, budget: int) -> Iterator[tuple[int, ...]]:
    """Yield the widths to try, from the narrowest to some that exceed the budget."""
    if kind == "dense":
        yield from ((units,) for units in range(1, budget // (2 * STRIDE**3) + 2))
        return
    # A single convolution at 1/8 of the resolution holds 27 * (4 * scale)^2 parameters.
    for scale in np.arange(1.0, 2.0 + (budget / (27 * 16)) ** 0.5, 0.125):
        first, second, third = (max(LEAST_CHANNELS, round(each * scale)) for each in (1, 2, 4))
        yield first, second, third
