"""How many wells: one that does not pay for itself goes, one that would is added."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.errors import ParameterError
from models.wells.constraints import Ground
from models.wells.drainage import Existing
from models.wells.greedy import greedy
from models.wells.objective import Drainage, ValueMap, evaluate, gross, marginal
from models.wells.polish import polish

Float = NDArray[np.float64]


def net_of(value: float, wells: int, costs: Float) -> float:
    """Return what a plan of the first wells collects beyond what they cost."""
    return value - float(costs[:wells].sum())


def settled(
    value_map: ValueMap, positions_m: Float, drainage: Drainage, ground: Ground, costs: Float
) -> Float:
    """Return a plan of at least the same net value, in which wells neither are missing nor too many.

    A well goes whose removal costs less than it does. A well comes where the first greedy place for
    it collects more than it costs; then all are polished. Both raise the net value, so this ends.

    Parameters
    ----------
    value_map, ground
        What there is to collect, and where wells may stand.
    positions_m
        Allowed positions, shape (n, 2), of the first n wells.
    drainage
        Of as many wells as there may be; those that begin first come first.
    costs
        Cost of each of them in units of what is collected, shape (most,).

    Returns
    -------
    ndarray of float64, shape (m, 2)
        Allowed positions of the first m wells, 1 <= m <= most.
    """
    positions = np.array(positions_m, dtype=np.float64)
    for _ in range(2 * len(costs)):
        positions = _without_idle(value_map, positions, drainage, costs)
        added = _with_one_more(value_map, positions, drainage, ground, costs)
        if added is None:
            break
        positions = added
    return positions


def _without_idle(
    value_map: ValueMap, positions: Float, drainage: Drainage, costs: Float
) -> Float:
    """Take wells out while one collects less than it costs, the worst first."""
    while len(positions) > 1:
        wells = np.arange(len(positions))
        lost = marginal(value_map, positions, drainage.some(wells))
        worst = int(np.argmin(lost - costs[: len(positions)]))
        rest = np.delete(positions, worst, axis=0)
        # Later wells move up: what is left is valued as it will be.
        values = [
            net_of(
                evaluate(value_map, plan, drainage.some(wells[: len(plan)])).value,
                len(plan),
                costs,
            )
            for plan in (positions, rest)
        ]
        if values[1] <= values[0]:
            break
        positions = rest
    return positions


def _with_one_more(
    value_map: ValueMap, positions: Float, drainage: Drainage, ground: Ground, costs: Float
) -> Float | None:
    """Return the plan with another well, None where it would not pay or finds no room."""
    wells = np.arange(len(positions) + 1)
    if len(wells) > len(costs):
        return None
    others = Existing(positions, drainage.some(wells[:-1]))
    old = value_map.existing
    if old is not None:
        others = others.joined(old)
    rest = replace(value_map, existing=others)
    apart = replace(ground, others_m=np.concatenate([ground.others_m, positions]))
    one = drainage.some(wells[-1:])
    try:
        allowed = None if apart.is_whole else apart.allowed_cells(value_map)
        spot = greedy(rest, one, allowed=allowed)
    except ParameterError:
        return None
    if gross(rest, spot, one)[0] <= costs[wells[-1]]:
        return None
    return polish(value_map, np.concatenate([positions, spot]), drainage.some(wells), ground)
