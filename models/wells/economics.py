"""Net present value of a well plan: what it collects is sold, what it drills is paid for."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import ParameterError

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Economics:
    """Prices, costs and discounting.

    Parameters
    ----------
    price
        Money for one unit of what is collected, map value times square metres; None: nothing is sold.
    well_cost
        Money for one well, spent when it begins.
    discount
        By how much money is worth less a year later, as a fraction.
    period_years
        Length of a period.

    Raises
    ------
    ParameterError
        If a price or length is not positive, or a cost or rate negative.
    """

    price: float | None = None
    well_cost: float = 0.0
    discount: float = 0.0
    period_years: float = 1.0

    def __post_init__(self) -> None:
        for name, value in (("price", self.price), ("period length", self.period_years)):
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ParameterError(name, value, "It must be positive.")
        for name, value in (("well cost", self.well_cost), ("discount", self.discount)):
            if not (math.isfinite(value) and value >= 0):
                raise ParameterError(name, value, "It must not be negative.")

    def weights(self, periods: int) -> Float:
        """Return the discount factor of each period; money counts at its beginning, shape (periods,)."""
        years = np.arange(periods) * self.period_years
        return np.asarray((1.0 + self.discount) ** -years)

    def costs(self, starts: ArrayLike, periods: int) -> Float:
        """Return the discounted cost of wells that begin in some periods, in units of what is collected.

        Zero where nothing is sold, as then wells do not pay for themselves, nor need they.
        """
        factors = self.weights(periods)[np.asarray(starts, dtype=np.intp)]
        return np.asarray(factors * (self.well_cost / self.price if self.price else 0.0))

    def net_present_value(self, value: float, starts: ArrayLike, periods: int) -> float | None:
        """Return sales less costs at the beginning of the first period; None where nothing is sold.

        Parameters
        ----------
        value
            What the plan collects, with the weights of `weights`.
        starts
            Period in which each of its wells begins.
        periods
            Number of periods.
        """
        if self.price is None:
            return None
        return self.price * (value - float(self.costs(starts, periods).sum()))
