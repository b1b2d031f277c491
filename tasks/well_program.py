"""The programme of wells: how many there may be, when each begins, what each costs and brings in."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError
from models.wells.economics import Economics
from storage.errors import MapError
from tasks.map_places import either_apart_m, said_place
from tasks.maps import Assignment, map_of_growth, mean_value

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Programme:
    """What decides number, dates and worth of wells.

    Attributes
    ----------
    assignment
        The map and the wells, as many as there may be, with dates and weights.
    economics
        Prices, costs and discounting.
    costs
        Cost of each well in units of what is collected, shape (wells,), where wells have to pay for
        themselves; None: all are drilled.
    rigs
        Wells that begin in each period; None: all at once.
    budget
        Money for all wells at most; None: as much as they cost.
    """

    assignment: Assignment
    economics: Economics
    costs: Float | None
    rigs: int | None
    budget: float | None = None

    def facts(self) -> dict[str, Any]:
        """Return what decides the plan and its worth beyond the assignment, as plain values.

        Prices and costs stand here each for itself: wells go by their ratio, and what they are worth by
        both. What is not asked for is left out.
        """
        money = self.economics
        asked = {
            "price": money.price,
            "well_cost": money.well_cost or None,
            "budget": self.budget,
            "discount": money.discount or None,
            "period_years": money.period_years if money.discount else None,
            "rigs": self.rigs,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def worth(self, value: float, wells: int) -> float | None:
        """Return the net present value of a plan of the first wells that collects a value."""
        drainage = self.assignment.drainage
        starts = drainage.start_of[:wells]
        return self.economics.net_present_value(value, starts, drainage.periods)


def programme_of(
    assignment: Assignment,
    *,
    price: float | None = None,
    well_cost: float | None = None,
    budget: float | None = None,
    discount_percent: float = 0.0,
    period_years: float = 1.0,
    rigs: int | None = None,
) -> Programme:
    """Return the programme of wells.

    Parameters
    ----------
    assignment
        The map and the wells that there may be.
    price, well_cost, budget
        Money for one unit of what is collected, for one well, and for all wells at most.
    discount_percent, period_years
        By how much money is worth less a year later, and the length of a period.
    rigs
        Wells that begin in each period.

    Raises
    ------
    ParameterError
        If wells that differ have to be chosen among, or there are more than the periods bear.
    """
    economics = Economics(price, well_cost or 0.0, discount_percent / 100, period_years)
    drainage = assignment.drainage
    most = drainage.radii_m.size
    if budget is not None and well_cost is not None:
        # A hair more, or three wells of a third of the budget each would be two.
        most = min(most, int(budget / well_cost * (1 + 1e-12)))
    chosen = most < drainage.radii_m.size or (price is not None and well_cost is not None)
    if chosen and len(drainage.profiles_m) > 1:
        raise ParameterError(
            "radii",
            f"{drainage.radii_m.size} wells that differ",
            "Their number is chosen by --well-cost, --price and --budget only where all are alike: give "
            "--radius, or as many radii as there will be wells.",
        )
    starts = np.arange(most) // (rigs or most)
    if starts[-1] >= drainage.periods:
        raise ParameterError(
            "rigs",
            f"{rigs} wells a period",
            f"{most} wells need {starts[-1] + 1} periods, and there are {drainage.periods}: give more "
            "--periods, more --rigs or fewer wells.",
        )
    drainage = replace(
        drainage.some(np.arange(most)), starts=starts, weights=economics.weights(drainage.periods)
    )
    costs = None
    if price is not None and well_cost is not None:
        costs = economics.costs(starts, drainage.periods)
    return Programme(replace(assignment, drainage=drainage), economics, costs, rigs, budget)


def growth_of_places(assignment: Assignment, path: Path) -> tuple[Path, str]:
    """Return where the growth of each place stands, as workers read it: path and hash.

    Raises
    ------
    MapError
        If the map does not cover the same ground, lies elsewhere, or the radii have growths of their own.
    """
    found, here = map_of_growth(path, assignment.reading), assignment.reservoir.value_map
    size, mine = ((grid.width_m, grid.height_m) for grid in (found.value_map, here))
    cell = max(here.cell_width_m, here.cell_height_m)
    if not np.allclose(size, mine, rtol=0.0, atol=cell):
        raise MapError(
            path,
            f"it covers {size[0]:g} x {size[1]:g} m, and {assignment.path} {mine[0]:g} x {mine[1]:g} m",
            "Growth by the place needs a map of the same ground.",
        )
    # Its place may be the one that the map's own file says, or the one that options gave the map.
    places = [
        place for place in (assignment.reservoir.frame, assignment.frame) if place is not None
    ]
    own = found.frame
    if own is not None and places:
        apart = min(either_apart_m(place, here, own, found.value_map) for place in places)
        # A hair more, or half a cell itself would hang on the last digit of coordinates.
        if apart > cell / 2 * (1 + 1e-6):
            raise MapError(
                path,
                f"it lies {said_place(own)}, and {assignment.path} {said_place(places[-1])}",
                "Growth by the place needs a map of the same ground.",
            )
    if not np.allclose(assignment.drainage.growth_of, mean_value(path, assignment.reading)):
        raise MapError(
            path,
            "growth is asked for by the place, and the radii have growths of their own",
            "Leave out one of them.",
        )
    return path.absolute(), found.sha256
