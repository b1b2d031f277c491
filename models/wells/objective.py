"""The objective of a well plan, exact: what all circles collect over all periods, shared ground once.

With ``D_i,m`` the disc of well ``i`` in period ``m``, of radius ``radius_i + m * growth``, the objective
is the sum over periods of the integral of the map's value over the union of the discs. It is a
monotone submodular function of the set of wells, and a smooth one of their positions wherever no two
circles touch from within or coincide.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError
from models.wells import kernels
from models.wells.shares.kernels import share_out

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

    Raises
    ------
    ParameterError
        If the values are not such a grid, or the cells have no size.
    """

    values: Float
    cell_width_m: float
    cell_height_m: float
    row_integrals: Float = field(init=False, repr=False, compare=False)

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

    @property
    def width_m(self) -> float:
        """Extent along x, metres."""
        return float(self.values.shape[1] * self.cell_width_m)

    @property
    def height_m(self) -> float:
        """Extent along y, metres."""
        return float(self.values.shape[0] * self.cell_height_m)

    @property
    def grid(self) -> kernels.Grid:
        """The map as the compiled loops take it."""
        return self.values, self.row_integrals, float(self.cell_width_m), float(self.cell_height_m)


@dataclass(frozen=True, slots=True)
class Drainage:
    """How far the wells reach: a first radius each, and how all radii grow.

    Parameters
    ----------
    radii_m
        Radius of each well in period 0, metres.
    periods
        Number of periods, 1 or more.
    growth_m
        What every radius gains after each period, metres, not negative.

    Raises
    ------
    ParameterError
        If a radius, the growth or the number of periods is out of range.
    """

    radii_m: Float
    periods: int = 1
    growth_m: float = 0.0

    def __post_init__(self) -> None:
        radii = np.array(self.radii_m, dtype=np.float64, ndmin=1)
        if not radii.size or not (np.isfinite(radii) & (radii > 0)).all():
            raise ParameterError("radius", f"{radii.tolist()} m", "Every radius must be positive.")
        if self.periods < 1:
            raise ParameterError("periods", self.periods, "At least one period is needed.")
        if not (np.isfinite(self.growth_m) and self.growth_m >= 0):
            raise ParameterError("growth", f"{self.growth_m} m", "It must not be negative.")
        object.__setattr__(self, "radii_m", radii)

    @property
    def last_radii_m(self) -> Float:
        """Radii in the last period, metres."""
        return self.radii_m + (self.periods - 1) * self.growth_m


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
        Radii of the same wells, and the periods.

    Raises
    ------
    ParameterError
        If positions and radii differ in number, or a position is not finite.

    References
    ----------
    Green, G. (1828). An Essay on the Application of Mathematical Analysis to the Theories of
    Electricity and Magnetism. Nottingham.
    """
    sums, _, order = _integrate(value_map, positions_m, drainage, with_lost=False)
    back = np.argsort(order)
    return Evaluation(
        value=float(sums[:, kernels.VALUE].sum()),
        by_position=sums[back][:, [kernels.BY_X, kernels.BY_Y]],
        by_radius=sums[back][:, kernels.BY_RADIUS],
    )


def gross(value_map: ValueMap, positions_m: Float, drainage: Drainage) -> Float:
    """Return what each well would collect if it were the only one, shape (wells,)."""
    positions = _checked(positions_m, drainage)
    x, y = positions.T.copy()
    return np.asarray(
        kernels.integrate_alone(
            value_map.grid, x, y, drainage.radii_m, float(drainage.growth_m), drainage.periods
        )
    )


def marginal(value_map: ValueMap, positions_m: Float, drainage: Drainage) -> Float:
    """Return what would be lost if each well alone were removed, shape (wells,).

    Removing a well takes its exposed arcs off the boundary and brings those out that only it covers;
    both sets come from one sweep of every circle, so all wells together cost what one value costs.
    """
    sums, lost, order = _integrate(value_map, positions_m, drainage, with_lost=True)
    result = np.empty(order.size)
    result[order] = sums[:, kernels.VALUE] - lost
    return result


def shares(value_map: ValueMap, positions_m: Float, drainage: Drainage) -> Float:
    """Return what each well collects where ground under k circles gives a k-th to each of them.

    The shares sum to the objective.

    Returns
    -------
    ndarray of float64, shape (wells,)
        Map value times square metres.
    """
    wells = np.column_stack([_checked(positions_m, drainage), drainage.radii_m])
    # Wells alike in place and radius are one circle that stands for several.
    circles, which, several = np.unique(wells, axis=0, return_inverse=True, return_counts=True)
    x, y, radii = circles.T.copy()
    each = share_out(
        value_map.grid, x, y, radii, float(drainage.growth_m), drainage.periods, several
    )
    return np.asarray(each)[which.ravel()]


def _integrate(
    value_map: ValueMap, positions_m: Float, drainage: Drainage, *, with_lost: bool
) -> tuple[Float, Float, NDArray[np.intp]]:
    """Return the kernel's sums, in the order of x that it needs, and that order."""
    positions = _checked(positions_m, drainage)
    order = np.argsort(positions[:, 0], kind="stable")
    x, y = positions[order].T.copy()
    sums, lost = kernels.integrate(
        value_map.grid,
        x,
        y,
        drainage.radii_m[order],
        float(drainage.growth_m),
        drainage.periods,
        with_lost,
    )
    return sums, lost, order


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
