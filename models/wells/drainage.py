"""How far wells reach in every period, and what a period counts: what objective, search and bound take."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import ParameterError
from models.wells.disc import cell_disc_area

Float = NDArray[np.float64]
Int = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Drainage:
    """Radii of the wells in every period, and the weights of the periods.

    Parameters
    ----------
    radii_m
        Radius of each well in its first period, metres.
    periods
        Number of periods, 1 or more.
    growth_m
        What the radius gains after each period, metres, not negative: one for all or one for each.
    starts
        Period in which each well begins, from 0; default all 0.
    weights
        What map value collected in each period counts, positive, such as discount factors; default
        all 1.

    Attributes
    ----------
    growth_of, start_of, weight_of
        Growth and first period of each well, weight of each period.
    table_m
        Radii, shape (wells, periods), metres; 0 before the well begins.
    profiles_m
        The distinct rows of the table, shape (classes, periods): wells of one class may change places.
    class_of
        Class of each well, shape (wells,).

    Raises
    ------
    ParameterError
        If a number is out of its range, or there are not as many as wells or periods.
    """

    radii_m: Float
    periods: int = 1
    growth_m: ArrayLike = 0.0
    starts: ArrayLike = 0
    weights: ArrayLike = 1.0
    growth_of: Float = field(init=False, repr=False, compare=False)
    start_of: Int = field(init=False, repr=False, compare=False)
    weight_of: Float = field(init=False, repr=False, compare=False)
    table_m: Float = field(init=False, repr=False, compare=False)
    profiles_m: Float = field(init=False, repr=False, compare=False)
    class_of: Int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        radii = np.array(self.radii_m, dtype=np.float64, ndmin=1)
        if not radii.size or not (np.isfinite(radii) & (radii > 0)).all():
            raise ParameterError("radius", f"{radii.tolist()} m", "Every radius must be positive.")
        if self.periods < 1:
            raise ParameterError("periods", self.periods, "At least one period is needed.")
        growth = _each("growth", self.growth_m, radii.size)
        if not (np.isfinite(growth) & (growth >= 0)).all():
            raise ParameterError("growth", f"{self.growth_m} m", "It must not be negative.")
        starts = _each("start", self.starts, radii.size)
        if not ((starts >= 0) & (starts < self.periods) & (starts == np.floor(starts))).all():
            raise ParameterError(
                "start", f"period {self.starts}", f"It must be one of 0 to {self.periods - 1}."
            )
        weights = _each("weight", self.weights, self.periods)
        if not (np.isfinite(weights) & (weights > 0)).all():
            raise ParameterError("weight", self.weights, "Every period must count something.")
        age = np.arange(self.periods) - starts[:, None]
        table = np.where(age >= 0, radii[:, None] + age * growth[:, None], 0.0)
        profiles, class_of = np.unique(table, axis=0, return_inverse=True)
        for name, value in (
            ("radii_m", radii),
            ("growth_of", growth),
            ("start_of", starts.astype(np.int64)),
            ("weight_of", weights),
            ("table_m", table),
            ("profiles_m", profiles),
            ("class_of", class_of.ravel().astype(np.int64)),
        ):
            object.__setattr__(self, name, value)

    @property
    def last_radii_m(self) -> Float:
        """Radii in the last period, metres."""
        return np.asarray(self.table_m[:, -1])

    @property
    def middle_radii_m(self) -> Float:
        """Mean of the first and the last radius of each well, metres."""
        return (self.radii_m + self.last_radii_m) / 2

    @property
    def counts(self) -> Int:
        """Number of wells of each class."""
        return np.bincount(self.class_of)

    @property
    def total_weight(self) -> float:
        """What ground counts that a well collects in every period."""
        return float(self.weight_of.sum())

    def some(self, wells: NDArray[np.intp]) -> "Drainage":
        """Return the drainage of some wells, by their numbers; a number may come more than once."""
        return replace(
            self,
            radii_m=self.radii_m[wells],
            growth_m=self.growth_of[wells],
            starts=self.start_of[wells],
        )

    def of_class(self, number: int, copies: int = 1) -> "Drainage":
        """Return the drainage of wells of one class."""
        return self.some(np.repeat(np.argmax(self.class_of == number), copies))


def in_one_period(drainage: Drainage, most: float = 0.1) -> Drainage:
    """Return one period of mean radii that counts what all do, where radii hardly change.

    What wells collect is nearly linear in so little growth: choices may go by this, values not.

    Parameters
    ----------
    drainage
        The wells.
    most
        Growth over all periods in proportion to the first radius up to which radii hardly change;
        with more, or wells that begin later, the drainage itself is returned.
    """
    grown = drainage.growth_of * (drainage.periods - 1)
    if (drainage.start_of > 0).any() or (grown > most * drainage.radii_m).any():
        return drainage
    mean = drainage.table_m @ drainage.weight_of / drainage.total_weight
    return Drainage(mean, weights=drainage.total_weight)


@dataclass(frozen=True, slots=True)
class Existing:
    """Wells that are there already: what they collect is theirs.

    Parameters
    ----------
    positions_m
        Centres on the map, or beside it, shape (wells, 2), metres.
    drainage
        Of the same wells, in the same periods with the same weights as those to place.

    Raises
    ------
    ParameterError
        If positions and radii differ in number, or a position is not finite.
    """

    positions_m: Float
    drainage: Drainage

    def __post_init__(self) -> None:
        positions = np.asarray(self.positions_m, dtype=np.float64)
        if positions.shape != (self.drainage.radii_m.size, 2) or not np.isfinite(positions).all():
            raise ParameterError(
                "existing wells", f"array of shape {positions.shape}", "Finite pairs are needed."
            )
        object.__setattr__(self, "positions_m", positions)

    def joined(self, other: "Existing") -> "Existing":
        """Return these wells and others, of the same periods."""
        one, two = self.drainage, other.drainage
        both = replace(
            one,
            radii_m=np.append(one.radii_m, two.radii_m),
            growth_m=np.append(one.growth_of, two.growth_of),
            starts=np.append(one.start_of, two.start_of),
        )
        return Existing(np.concatenate([self.positions_m, other.positions_m]), both)

    def near(self, low: Float, high: Float) -> "Existing | None":
        """Return the wells whose circles may meet a rectangle; None for none."""
        reach = self.drainage.table_m.max(axis=1)[:, None]
        meets = (self.positions_m >= low - reach) & (self.positions_m <= high + reach)
        wells = np.flatnonzero(meets.all(axis=1))
        if not wells.size:
            return None
        return Existing(self.positions_m[wells], self.drainage.some(wells))


def covered_by(
    wells: Existing, shape: tuple[int, ...], cell_width_m: float, cell_height_m: float
) -> Float:
    """Return what part of each cell wells cover, on the mean of the periods, clipped to 1.

    Parameters
    ----------
    wells
        The wells.
    shape
        Rows and columns of the map.
    cell_width_m, cell_height_m
        Size of a cell.
    """
    covered = np.zeros(shape)
    weights = wells.drainage.weight_of / wells.drainage.total_weight
    for (x, y), radii in zip(wells.positions_m, wells.drainage.table_m, strict=True):
        reach = float(radii.max())
        left, right = _span(x, reach, cell_width_m, shape[1])
        bottom, top = _span(y, reach, cell_height_m, shape[0])
        west = np.arange(left, right)[None, :] * cell_width_m - x
        south = np.arange(bottom, top)[:, None] * cell_height_m - y
        for radius, weight in zip(radii, weights, strict=True):
            if radius > 0 and left < right and bottom < top:
                area = cell_disc_area(
                    west, west + cell_width_m, south, south + cell_height_m, float(radius)
                )
                covered[bottom:top, left:right] += weight * area / (cell_width_m * cell_height_m)
    return np.asarray(np.clip(covered, 0.0, 1.0))


def _span(at: float, reach: float, cell: float, count: int) -> tuple[int, int]:
    """Return the first cell that a disc may touch along an axis, and the one after the last."""
    low, high = np.floor((at - reach) / cell), np.ceil((at + reach) / cell)
    return int(np.clip(low, 0, count)), int(np.clip(high, 0, count))


def _each(name: str, given: ArrayLike, count: int) -> Float:
    """Return one number for each, from one for all or one for each."""
    numbers = np.array(given, dtype=np.float64, ndmin=1)
    if numbers.shape not in {(1,), (count,)}:
        raise ParameterError(name, f"{numbers.size} numbers", f"Give one, or {count} of them.")
    return np.broadcast_to(numbers, (count,)).copy()
