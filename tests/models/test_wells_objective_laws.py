"""Laws of the union of circles, on maps and plans drawn at random."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.wells.objective import (
    Drainage,
    ValueMap,
    evaluate,
    gross,
    marginal,
    shares,
)

VALUES = arrays(np.float64, (9, 12), elements=st.floats(0, 10, width=32))


PLANS = st.lists(
    st.tuples(st.floats(-200, 1400), st.floats(-200, 1100), st.floats(1, 500)),
    min_size=1,
    max_size=7,
)


def split(plan: list[tuple[float, float, float]]) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.array(plan)
    return numbers[:, :2], numbers[:, 2]


def value(value_map: ValueMap, positions: object, drainage: Drainage) -> float:
    return evaluate(value_map, np.asarray(positions, float), drainage).value


@settings(max_examples=150, deadline=None)
@given(values=VALUES, plan=PLANS, growth=st.floats(0, 60), periods=st.integers(1, 4))
def test_laws_of_the_union(
    values: np.ndarray, plan: list[tuple[float, float, float]], growth: float, periods: int
) -> None:
    value_map = ValueMap(values, 100.0, 100.0)
    positions, radii = split(plan)
    drainage = Drainage(radii, periods, growth)
    total = value(value_map, positions, drainage)
    alone = gross(value_map, positions, drainage)
    lost = marginal(value_map, positions, drainage)
    parts = shares(value_map, positions, drainage)
    slack = 1e-9 * (values.sum() * 1e4 * periods + 1)
    assert abs(parts.sum() - total) <= slack
    # A share lies between what only this well collects and all that it would collect alone.
    assert (parts >= lost - slack).all()
    assert (parts <= alone + slack).all()
    # A union is worth at least its best part and at most the sum of its parts, or the whole map.
    assert alone.max() - slack <= total <= min(alone.sum(), values.sum() * 1e4 * periods) + slack
    assert (lost <= alone + slack).all()
    assert (lost >= -slack).all()
    assert lost.sum() <= total + slack
    for well in range(len(plan) if len(plan) > 1 else 0):
        rest = Drainage(np.delete(radii, well), periods, growth)
        without = value(value_map, np.delete(positions, well, axis=0), rest)
        assert without <= total + slack
        assert abs(total - without - lost[well]) <= slack


@settings(max_examples=60, deadline=None)
@given(values=VALUES, plan=PLANS, random=st.randoms(use_true_random=False))
def test_neither_order_nor_place_of_the_map_matters(
    values: np.ndarray, plan: list[tuple[float, float, float]], random: object
) -> None:
    positions, radii = split(plan)
    found = value(ValueMap(values, 100.0, 80.0), positions, Drainage(radii, 3, 7.0))
    slack = 1e-9 * (values.sum() * 8e3 * 3 + 1)
    order = list(range(len(plan)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = Drainage(radii[order], 3, 7.0)
    again = value(ValueMap(values, 100.0, 80.0), positions[order], shuffled)
    assert abs(again - found) <= slack
    padded = np.pad(values, ((3, 1), (5, 2)))
    moved = positions + np.array([5 * 100.0, 3 * 80.0])
    again = value(ValueMap(padded, 100.0, 80.0), moved, Drainage(radii, 3, 7.0))
    assert abs(again - found) <= slack
