"""The objective of a well plan, exact: what all circles collect over all periods, shared ground once.

With ``D_i,m`` the disc of well ``i`` in period ``m``, of radius ``radius_i + m * growth``, the objective
is the sum over periods of the integral of the map's value over the union of the discs. It is a
monotone submodular function of the set of wells, and a smooth one of their positions wherever no two
circles touch from within or coincide. Wells that are there already take their ground away: with E for
them the objective of a plan S is F(S and E) - F(E), which is monotone and submodular as well. Periods may
count differently, and wells may begin later (`models.wells.drainage`).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError
from models.wells import kernels
from models.wells.drainage import Drainage, Existing, covered_by
from models.wells.shares.kernels import share_out

__all__ = [
    "Drainage",
    "Evaluation",
    "Existing",
    "ValueMap",
    "evaluate",
    "gross",
    "marginal",
    "shares",
    "with_existing",
]

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ValueMap:
    """Value per square metre, constant within each cell of a regular grid.

    ::

        y ^   +------+------+
          |   | 1, 0 | 1, 1 |    values[1, 0] lies above values[0, 0];
          |   +------+------+    x and y start at the outer corner of cell 0, 0
          |   | 0, 0 | 0, 1 |
          |   +------+------+
          +-----------------> x

    Parameters
    ----------
    values
        Shape (rows, columns), finite, not negative.
    cell_width_m, cell_height_m
        Size of a cell along x and along y.
    existing
        Wells that are there already; what they collect is not there to collect. Default none.

    Attributes
    ----------
    taken
        What the existing wells collect: map value times square metres.

    Raises
    ------
    ParameterError
        If the values are not such a grid, or the cells have no size.
    """

    values: Float
    cell_width_m: float
    cell_height_m: float
    existing: Existing | None = None
    row_integrals: Float = field(init=False, repr=False, compare=False)
    taken: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = np.ascontiguousarray(self.values, dtype=np.float64)
        if (
            values.ndim != 2
            or not values.size
            or not np.isfinite(values).all()
            or values.min() < 0
        ):
            raise ParameterError(
                "map values", f"array of shape {values.shape}", "Two axes, finite, not negative."
            )
        for name, size in (("cell width", self.cell_width_m), ("cell height", self.cell_height_m)):
            if not (np.isfinite(size) and size > 0):
                raise ParameterError(name, f"{size} m", "It must be positive.")
        rows = np.zeros((values.shape[0], values.shape[1] + 1))
        np.cumsum(values * self.cell_width_m, axis=1, out=rows[:, 1:])
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "row_integrals", rows)
        object.__setattr__(self, "taken", 0.0)
        if self.existing is not None:
            theirs = self.existing.drainage
            sums, _ = _integrate(self, self.existing.positions_m, theirs.table_m, theirs)
            object.__setattr__(self, "taken", float(sums[:, kernels.VALUE].sum()))

    @property
    def cell_m(self) -> tuple[float, float]:
        """Width and height of a cell, metres."""
        return float(self.cell_width_m), float(self.cell_height_m)

    @property
    def width_m(self) -> float:
        """Extent along x, metres."""
        return float(self.values.shape[1] * self.cell_width_m)

    @property
    def height_m(self) -> float:
        """Extent along y, metres."""
        return float(self.values.shape[0] * self.cell_height_m)

    def covered(self) -> Float:
        """Return what part of each cell the existing wells cover, on the mean of the periods, 0 to 1."""
        if self.existing is None:
            return np.zeros_like(self.values)
        wells, shape = self.existing, self.values.shape
        return covered_by(wells, shape, self.cell_width_m, self.cell_height_m)

    def left(self) -> Float:
        """Return what the existing wells leave of each cell, on the mean of the periods."""
        return self.values * (1 - self.covered())

    @property
    def grid(self) -> kernels.Grid:
        """The map as the compiled loops take it."""
        return self.values, self.row_integrals, float(self.cell_width_m), float(self.cell_height_m)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The objective of one well plan and its derivatives.

    Attributes
    ----------
    value
        The objective: map value times square metres.
    by_position
        Derivatives by centre, per metre, shape (wells, 2): x, y.
    by_radius
        Derivatives by first radius, per metre, shape (wells,).
    """

    value: float
    by_position: Float
    by_radius: Float


def evaluate(value_map: ValueMap, positions_m: Float, drainage: Drainage) -> Evaluation:
    """Return the objective of a well plan with its gradient.

    By Green's theorem the integral over the union is one along its boundary, the exposed arcs of the
    circles; moving a centre shifts its arcs, so the derivative is the integral of value times normal
    over them. Where circles coincide the derivative is that of the one counted.

    Parameters
    ----------
    value_map
        What there is to collect. Ground outside the map is worth nothing.
    positions_m
        Centres, shape (wells, 2): x, y in metres from the outer corner of cell 0, 0.
    drainage
        Radii of the same wells in every period.

    Raises
    ------
    ParameterError
        If positions and radii differ in number, a position is not finite, or the existing wells of the
        map are of other periods.

    References
    ----------
    Green, G. (1828). An Essay on the Application of Mathematical Analysis to the Theories of
    Electricity and Magnetism. Nottingham.
    """
    centres, table = with_existing(value_map, _checked(positions_m, drainage), drainage)
    sums, _ = _integrate(value_map, centres, table, drainage)
    wells = sums[: drainage.radii_m.size]
    return Evaluation(
        value=float(sums[:, kernels.VALUE].sum()) - value_map.taken,
        by_position=wells[:, [kernels.BY_X, kernels.BY_Y]],
        by_radius=wells[:, kernels.BY_RADIUS],
    )


def gross(value_map: ValueMap, positions_m: Float, drainage: Drainage) -> Float:
    """Return what each well would collect if it were the only new one, shape (wells,)."""
    positions = _checked(positions_m, drainage)
    x, y = positions.T.copy()
    alone = np.asarray(
        kernels.integrate_alone(value_map.grid, x, y, drainage.table_m, drainage.weight_of)
    )
    if value_map.existing is None:
        return alone
    centres, table = with_existing(value_map, positions, drainage)
    reach, old = table.max(axis=1), np.arange(len(positions), len(centres))
    for well in range(len(positions)):
        away = np.hypot(*(centres[old] - centres[well]).T)
        near = old[away < reach[well] + reach[old]]
        both = np.append(well, near)
        with_it, _ = _integrate(value_map, centres[both], table[both], drainage)
        without, _ = _integrate(value_map, centres[near], table[near], drainage)
        alone[well] = with_it[:, kernels.VALUE].sum() - without[:, kernels.VALUE].sum()
    return alone


def marginal(value_map: ValueMap, positions_m: Float, drainage: Drainage) -> Float:
    """Return what would be lost if each well alone were removed, shape (wells,).

    Removing a well takes its exposed arcs off the boundary and brings those out that only it covers;
    both sets come from one sweep of every circle, so all wells together cost what one value costs.
    """
    centres, table = with_existing(value_map, _checked(positions_m, drainage), drainage)
    sums, lost = _integrate(value_map, centres, table, drainage, with_lost=True)
    return np.asarray(sums[:, kernels.VALUE] - lost)[: drainage.radii_m.size]


def shares(value_map: ValueMap, positions_m: Float, drainage: Drainage) -> Float:
    """Return what each well collects where ground under k circles gives a k-th to each of them.

    Ground of existing wells gives nothing. The shares sum to the objective.

    Returns
    -------
    ndarray of float64, shape (wells,)
        Map value times square metres.
    """
    positions, table = with_existing(value_map, _checked(positions_m, drainage), drainage)
    old = np.arange(len(positions)) >= drainage.radii_m.size
    # Wells alike in place and radii are one circle that stands for several.
    circles, which, several = np.unique(
        np.column_stack([positions, table, old]), axis=0, return_inverse=True, return_counts=True
    )
    x, y = circles[:, :2].T.copy()
    radii, fixed = np.ascontiguousarray(circles[:, 2:-1]), circles[:, -1] > 0
    each = share_out(value_map.grid, x, y, radii, drainage.weight_of, several, fixed)
    return np.asarray(each)[which.ravel()[: drainage.radii_m.size]]


def with_existing(
    value_map: ValueMap, positions: Float, drainage: Drainage
) -> tuple[Float, Float]:
    """Return centres and radii by period of the wells, and after them those of the existing ones."""
    existing = value_map.existing
    if existing is None:
        return positions, drainage.table_m
    theirs = existing.drainage
    if not np.array_equal(theirs.weight_of, drainage.weight_of):
        raise ParameterError("existing wells", "other periods", "Periods must be the same.")
    centres = np.concatenate([positions, existing.positions_m])
    return centres, np.concatenate([drainage.table_m, theirs.table_m])


def _integrate(
    value_map: ValueMap,
    centres: Float,
    table_m: Float,
    drainage: Drainage,
    *,
    with_lost: bool = False,
) -> tuple[Float, Float]:
    """Return the kernel's sums and what removals leave, in the order of the wells."""
    order = np.argsort(centres[:, 0], kind="stable")
    x, y = centres[order].T.copy()
    radii = np.ascontiguousarray(table_m[order])
    sums, lost = kernels.integrate(value_map.grid, x, y, radii, drainage.weight_of, with_lost)
    back = np.argsort(order)
    return sums[back], lost[back] if with_lost else lost


def _checked(positions_m: Float, drainage: Drainage) -> Float:
    """Return the positions as the kernels need them."""
    positions = np.asarray(positions_m, dtype=np.float64)
    if positions.shape != (drainage.radii_m.size, 2) or not np.isfinite(positions).all():
        raise ParameterError(
            "positions",
            f"array of shape {positions.shape}",
            f"{drainage.radii_m.size} finite pairs x, y are needed, one for each radius.",
        )
    return positions
