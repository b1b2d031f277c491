"""Which values a map has, counted a piece at a time: what decides whether wells can be placed on it."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError

OVERSHOOT = 0.05
"""Part of the largest value by which gridding falls below 0 beside steep ground; more is another quantity."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Counts and extremes of values.

    Attributes
    ----------
    without_value, infinite, below_zero
        How many are NaN, infinite, finite and below 0.
    least, most
        Of 0 and the finite ones.
    """

    without_value: int = 0
    infinite: int = 0
    below_zero: int = 0
    least: float = 0.0
    most: float = 0.0

    def __or__(self, other: Self) -> "Spread":
        """Return the spread of both together."""
        return Spread(
            self.without_value + other.without_value,
            self.infinite + other.infinite,
            self.below_zero + other.below_zero,
            min(self.least, other.least),
            max(self.most, other.most),
        )

    def facts(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def refuse(self, path: Path) -> None:
        """Refuse a map that no wells can be placed on.

        Raises
        ------
        MapError
            If values are infinite, or farther below 0 than `counts_as_zero` lets pass.
        """
        if self.infinite or not counts_as_zero(self.least, self.most):
            count = self.infinite + self.below_zero
            raise MapError(
                path,
                f"{count} values are negative or infinite; the finite ones go from {self.least:g} to "
                f"{self.most:g}",
                "Values are 0 or more; write NaN or -999.25 where there is none.",
            )


def spread_of(values: NDArray[np.floating]) -> Spread:
    """Return the spread of some values."""
    finite = np.isfinite(values)
    return Spread(
        int(np.isnan(values).sum()),
        int(np.isinf(values).sum()),
        int(np.count_nonzero(finite & (values < 0))),
        float(values.min(where=finite, initial=0.0)),
        float(values.max(where=finite, initial=0.0)),
    )


def spread_in(facts: dict[str, Any]) -> Spread | None:
    """Return the spread among other facts; None where they lack it."""
    names = [each.name for each in fields(Spread)]
    if any(name not in facts for name in names):
        return None
    return Spread(**{name: facts[name] for name in names})


def counts_as_zero(least: float, most: float) -> bool:
    """Tell whether what is below 0 is what gridding leaves beside steep ground, which counts as 0."""
    return least >= -OVERSHOOT * most
