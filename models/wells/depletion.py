"""A reservoir for a simulator from a value map: pores, thickness, permeability, on cells that it can bear.

A map says what there is to collect and nothing of the rock, so the rock is assumed, and the assumptions
are words that go with every figure (`Reservoir.assumptions`). What is kept is the one thing that a plan
goes by: pore volume per area is proportional to the map's value, cell by cell.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

POROSITY, LEAST_POROSITY, MOST_POROSITY = 0.2, 0.03, 0.35
"""Of a cell of mean value; what it follows the value within, the thickness takes the rest."""

THICKNESS_M = 10.0

LEAST_PART = 0.01
"""Of the mean value: cells of less take no part."""

COMPRESSIBILITY_PER_BAR, VISCOSITY_CP = 3.1e-4, 1.5
"""About those of the fluids and the rock in the deck, all together; they scale the permeability."""

WELL_RADIUS_M = 0.1

DARCY_M2 = 9.869233e-13


@dataclass(frozen=True, slots=True)
class Rock:
    """What is known of the rock.

    Parameters
    ----------
    radius_m, years
        Of a circle, and the time in which a well drains most of it, where the permeability is not given.
    permeability_md
        At mean porosity; None: by the circle.
    power
        Of porosity, by which permeability varies; 0: it does not.
    is_porosity
        Whether the map's values are porosities, which are then taken as they stand.
    """

    radius_m: float
    years: float
    permeability_md: float | None = None
    power: float = 0.0
    is_porosity: bool = False


@dataclass(frozen=True, slots=True)
class Reservoir:
    """One layer of cells, rows along y as on the map.

    Attributes
    ----------
    widths_m, heights_m
        Of columns and rows; the last ones may be smaller.
    porosity, thickness_m, permeability_md
        Shape (rows, columns).
    active
        Cells that take part.
    factor
        Cells of the map along a side of one of these.
    assumptions
        What nobody has said and is assumed, a sentence each.
    """

    widths_m: Float
    heights_m: Float
    porosity: Float
    thickness_m: Float
    permeability_md: Float
    active: NDArray[np.bool_]
    factor: int
    assumptions: tuple[str, ...]

    def cells_of(self, positions_m: Float) -> NDArray[np.int64]:
        """Return column and row of each position from 0, shape (n, 2); -1 off the map."""
        cells = []
        for at, sizes in ((positions_m[:, 0], self.widths_m), (positions_m[:, 1], self.heights_m)):
            edges = np.concatenate([[0.0], np.cumsum(sizes)])
            # A well on the far edge of the map stands in the last cell; the sum may be rounded.
            edge = edges[-1] * (1 + 1e-12)
            cell = np.minimum(np.searchsorted(edges, at, side="right") - 1, len(sizes) - 1)
            cells.append(np.where((at >= 0) & (at <= edge), cell, -1))
        found = np.stack(cells, axis=-1)
        found[(found < 0).any(axis=1)] = -1
        return found.astype(np.int64)


def coarsened(
    values: Float, cell_width_m: float, cell_height_m: float, most_cells: int
) -> tuple[Float, Float, Float, int]:
    """Return a map of fewer cells that holds the same sums, whole blocks at a time.

    Parameters
    ----------
    values
        Shape (rows, columns).
    cell_width_m, cell_height_m
        Size of a cell.
    most_cells
        What it may have.

    Returns
    -------
    values, widths_m, heights_m, factor
        Means of blocks, sizes of their columns and rows, and cells along the side of a block; the last
        blocks have what is left.
    """
    factor = 1
    while math.prod(-(-side // factor) for side in values.shape) > most_cells and factor < max(
        values.shape
    ):
        factor += 1
    starts = [np.arange(0, side, factor) for side in values.shape]
    counts = [np.diff(np.append(at, n)) for at, n in zip(starts, values.shape, strict=True)]
    sums = np.add.reduceat(np.add.reduceat(values, starts[0], axis=0), starts[1], axis=1)
    means = sums / (counts[0][:, None] * counts[1])
    return means, counts[1] * cell_width_m, counts[0] * cell_height_m, factor


def reservoir_of(
    values: Float,
    cell_width_m: float,
    cell_height_m: float,
    *,
    rock: Rock,
    most_cells: int,
) -> Reservoir:
    """Return what a simulator is told of a map.

    Parameters
    ----------
    values
        Shape (rows, columns), not negative.
    cell_width_m, cell_height_m
        Size of a cell.
    rock
        What is known of it.
    most_cells
        What it may have; a larger map is made coarser.
    """
    means, widths, heights, factor = coarsened(values, cell_width_m, cell_height_m, most_cells)
    mean = float(means[means > 0].mean()) if (means > 0).any() else 1.0
    active = means >= LEAST_PART * mean
    porous = rock.is_porosity and float(means.max()) <= 1.0
    # Cells that take no part get numbers that a simulator accepts, as wells may open them.
    pores = np.maximum(means, LEAST_PART * mean) * (1 if porous else POROSITY / mean) * THICKNESS_M
    porosity = np.clip(pores / THICKNESS_M, LEAST_POROSITY, MOST_POROSITY)
    usual = float(np.clip(mean, LEAST_POROSITY, MOST_POROSITY)) if porous else POROSITY
    permeability = rock.permeability_md or _permeability(usual, rock.radius_m, rock.years)
    said = [*_said(rock, permeability, porous=porous)]
    if factor > 1:
        said.append(
            f"{factor} x {factor} cells of the map are one: {means.shape[1]} x {means.shape[0]} cells"
        )
    return Reservoir(
        widths_m=widths,
        heights_m=heights,
        porosity=porosity,
        thickness_m=pores / porosity,
        permeability_md=permeability * (porosity / usual) ** rock.power,
        active=active,
        factor=factor,
        assumptions=tuple(said),
    )


def _said(rock: Rock, permeability_md: float, *, porous: bool) -> list[str]:
    """Say what is assumed."""
    what = "the map's" if porous else f"{POROSITY:g} x value / mean value"
    by = (
        f"by which a well alone in a closed circle of {rock.radius_m:.4g} m makes 63 % of what it ever will "
        f"in {rock.years:.4g} years"
        if rock.permeability_md is None
        else "as given"
    )
    where = f", elsewhere by the power {rock.power:g} of porosity" if rock.power else ", uniform"
    return [
        f"one horizontal layer of oil and water, without gas, aquifer or faults; porosity is {what}, within "
        f"{LEAST_POROSITY:g} and {MOST_POROSITY:g}, thickness {THICKNESS_M:g} m, and less or more where "
        "porosity is at these, so that pore volume goes by the map's value",
        f"permeability {permeability_md:.3g} mD at mean porosity{where} ({by})",
        "vertical wells of 0.1 m radius, from 200 to 100 bar, which know nothing of their circles",
        f"cells of less than {LEAST_PART:.0%} of the mean value take no part unless a well stands there",
    ]


def _permeability(porosity: float, radius_m: float, years: float) -> float:
    """Return the permeability by which a circle is drained to 1/e in a time, mD.

    In pseudo-steady flow the rate of a well in a closed circle falls with the time constant
    porosity x viscosity x compressibility x r^2 (ln(r / r_well) - 3/4) / (2 k) (Dake, Fundamentals of
    Reservoir Engineering, 1978, chapter 6).
    """
    seconds = years * 365.25 * 86400
    storage = porosity * VISCOSITY_CP * 1e-3 * COMPRESSIBILITY_PER_BAR * 1e-5
    shape = max(math.log(radius_m / WELL_RADIUS_M) - 0.75, 1.0)
    return storage * radius_m**2 * shape / (2 * seconds) / (DARCY_M2 * 1e-3)
