"""Decks of well plans: one reservoir for all, a deck for each plan that a deck can tell from the others."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.wells.depletion import Reservoir, Rock, reservoir_of
from storage.eclipse_deck import DeckWell, DepletionCase, deck_text
from storage.locations import write_text
from tasks.well_problem import Problem, posed_on

Float = NDArray[np.float64]

MOST_CELLS = 10_000
"""Cells of a deck; a larger map is made coarser. Such a deck takes Flow seconds to a minute."""

STEPS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """A plan to simulate.

    Attributes
    ----------
    name
        What people call it.
    positions_m
        Centres on the map, shape (wells, 2), metres.
    value
        What it collects by its circles.
    """

    name: str
    positions_m: Float
    value: float


@dataclass(frozen=True, slots=True)
class Check:
    """How plans are simulated.

    Attributes
    ----------
    top
        Plans at most.
    period_years
        Length of a period of the plan.
    years
        How long is simulated; None: all periods.
    permeability_md, power, is_porosity
        What is known of the rock, as in `models.wells.depletion.Rock`.
    limit_s
        Time that one simulation may take.
    simulator
        Its name and version.
    """

    top: int
    period_years: float
    years: float | None
    permeability_md: float | None
    power: float
    is_porosity: bool
    limit_s: float
    simulator: str

    def steps(self, periods: int) -> list[float]:
        """Return the steps of the report, days."""
        each = self.steps_a_period
        years = self.period_years * periods if self.years is None else self.years
        count = max(1, round(years / self.period_years * each))
        return [self.period_years * 365.25 / each] * count

    @property
    def steps_a_period(self) -> int:
        """Steps in a period."""
        return max(1, round(STEPS_A_YEAR * self.period_years))


@dataclass(frozen=True, slots=True)
class Decks:
    """Decks that are written.

    Attributes
    ----------
    reservoir
        That of all of them.
    layouts
        The plans that they are of.
    paths
        A deck each, named by the hash of what it says.
    days
        Ends of the periods, as far as is simulated.
    best
        How many of the plans are the best ones; those behind them are the contrast.
    """

    reservoir: Reservoir
    layouts: tuple[Layout, ...]
    paths: tuple[Path, ...]
    days: tuple[float, ...]
    best: int


def write_decks(
    problem: Problem,
    layouts: Sequence[Layout],
    contrast: Sequence[Layout],
    check: Check,
    folder: Path,
) -> Decks:
    """Write the decks of the first layouts that differ in a deck, and of what stands beside them.

    Parameters
    ----------
    problem
        What was asked of the wells.
    layouts
        Plans, the one that counts first.
    contrast
        Plans that are taken whatever the first ones are.
    check
        How they are simulated.
    folder
        Where decks go.
    """
    value_map, periods = posed_on(problem)[0], problem.drainage.periods
    rock = Rock(
        radius_m=float(problem.drainage.middle_radii_m.mean()),
        years=check.period_years * periods,
        permeability_md=check.permeability_md,
        power=check.power,
        is_porosity=check.is_porosity,
    )
    reservoir = reservoir_of(
        value_map.values,
        value_map.cell_width_m,
        value_map.cell_height_m,
        rock=rock,
        most_cells=MOST_CELLS,
    )
    chosen = _distinct(reservoir, problem, layouts, check)
    best = len(chosen)
    chosen += [(each, _wells(reservoir, problem, each, check.steps_a_period)) for each in contrast]
    reservoir = _opened(reservoir, [well for _, wells in chosen for well in wells])
    steps = check.steps(periods)
    ends = np.cumsum(steps)[check.steps_a_period - 1 : -1 : check.steps_a_period]
    return Decks(
        reservoir,
        tuple(layout for layout, _ in chosen),
        tuple(_written(folder, reservoir, wells, steps) for _, wells in chosen),
        (*ends.tolist(), float(sum(steps))),
        best,
    )


def _distinct(
    reservoir: Reservoir, problem: Problem, layouts: Sequence[Layout], check: Check
) -> list[tuple[Layout, list[DeckWell]]]:
    """Return the layouts whose wells open other cells or begin at other times, with these wells."""
    chosen: list[tuple[Layout, list[DeckWell]]] = []
    seen: set[tuple[tuple[int, int, int], ...]] = set()
    for layout in layouts:
        wells = _wells(reservoir, problem, layout, check.steps_a_period)
        key = tuple(sorted((well.column, well.row, well.step) for well in wells))
        if key not in seen and len(chosen) < check.top:
            seen.add(key)
            chosen.append((layout, wells))
    return chosen


def _wells(reservoir: Reservoir, problem: Problem, layout: Layout, steps: int) -> list[DeckWell]:
    """Return the wells of a layout, and existing ones that stand on the map."""
    groups = [("W", layout.positions_m, problem.first(len(layout.positions_m)).start_of)]
    if problem.existing is not None:
        groups.append(("E", problem.existing.positions_m, problem.existing.drainage.start_of))
    return [
        DeckWell(f"{letter}{number}", int(column), int(row), int(start) * steps)
        for letter, positions, starts in groups
        for number, ((column, row), start) in enumerate(
            zip(reservoir.cells_of(positions), starts, strict=True), start=1
        )
        if column >= 0
    ]


def _opened(reservoir: Reservoir, wells: Sequence[DeckWell]) -> Reservoir:
    """Return the reservoir with the cells of all wells taking part: it is one for all plans."""
    active = reservoir.active.copy()
    for well in wells:
        active[well.row, well.column] = True
    return replace(reservoir, active=active)


def _written(
    folder: Path, reservoir: Reservoir, wells: Sequence[DeckWell], steps: Sequence[float]
) -> Path:
    """Write a deck under the hash of what it says; return its path."""
    case = DepletionCase(
        title="A well plan of graben",
        widths_m=reservoir.widths_m,
        heights_m=reservoir.heights_m,
        porosity=reservoir.porosity,
        thickness_m=reservoir.thickness_m,
        permeability_md=reservoir.permeability_md,
        active=reservoir.active,
        wells=wells,
        step_days=steps,
    )
    text = deck_text(case)
    name = "PLAN-" + hashlib.sha256(text.encode()).hexdigest()[:8].upper()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.DATA"
    write_text(path, text)
    return path
