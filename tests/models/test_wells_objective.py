import math

import numpy as np
import pytest

from models.errors import ParameterError
from models.wells.objective import (
    Drainage,
    Evaluation,
    ValueMap,
    evaluate,
    marginal,
    shares,
)

R = 1500.0
UNIFORM = ValueMap(np.full((100, 100), 3.0), 100.0, 100.0)
EXACT = 1e-12


def lens(distance: float, r: float) -> float:
    return 2 * r * r * math.acos(distance / 2 / r) - distance / 2 * math.sqrt(
        4 * r * r - distance**2
    )


def value(value_map: ValueMap, positions: object, drainage: Drainage) -> float:
    return evaluate(value_map, np.asarray(positions, float), drainage).value


def test_one_circle_collects_its_area() -> None:
    found = evaluate(UNIFORM, np.array([[5012.3, 4987.0]]), Drainage(np.array([R])))
    assert found.value == pytest.approx(3 * math.pi * R**2, rel=EXACT)
    assert found.by_radius[0] == pytest.approx(3 * 2 * math.pi * R, rel=EXACT)
    assert np.abs(found.by_position).max() < 1e-6


def test_every_period_counts_with_its_own_radius() -> None:
    drainage = Drainage(np.array([R]), 10, 1.45)
    areas = sum(math.pi * (R + 1.45 * m) ** 2 for m in range(10))
    assert value(UNIFORM, [[5000, 5000]], drainage) == pytest.approx(3 * areas, rel=EXACT)


@pytest.mark.parametrize("count", [2, 50, 10_000])
def test_coincident_circles_collect_once(count: int) -> None:
    drainage = Drainage(np.full(count, R))
    positions = np.full((count, 2), 5012.3)
    assert value(UNIFORM, positions, drainage) == pytest.approx(3 * math.pi * R**2, rel=EXACT)
    assert np.abs(marginal(UNIFORM, positions, drainage)).max() < EXACT * math.pi * R**2


@pytest.mark.parametrize("count", [1, 2, 3, 50, 10_000])
def test_coincident_circles_share_alike(count: int) -> None:
    found = shares(UNIFORM, np.full((count, 2), 5012.3), Drainage(np.full(count, R)))
    np.testing.assert_allclose(found, 3 * math.pi * R**2 / count, rtol=EXACT)


def test_what_two_circles_have_in_common_is_halved() -> None:
    positions = np.array([[4500.0, 5000.0], [5500.0, 5000.0], [4500.0, 5000.0]])
    disc, common = 3 * math.pi * R**2, 3 * lens(1000, R)
    found = shares(UNIFORM, positions[:2], Drainage(np.full(2, R)))
    np.testing.assert_allclose(found, disc - common / 2, rtol=EXACT)
    # A third that coincides with the first: halves of what those two have alone, thirds beyond.
    found = shares(UNIFORM, positions, Drainage(np.full(3, R)))
    first, second = (disc - common) / 2 + common / 3, disc - common + common / 3
    np.testing.assert_allclose(found, [first, second, first], rtol=EXACT)


def test_a_circle_within_another_has_half_of_its_ground() -> None:
    positions = np.array([[5000.0, 5000.0], [5300.0, 5100.0]])
    found = shares(UNIFORM, positions, Drainage(np.array([R, 400.0])))
    inner = 3 * math.pi * 400.0**2
    expected = [3 * math.pi * R**2 - inner / 2, inner / 2]
    np.testing.assert_allclose(found, expected, rtol=EXACT)


@pytest.mark.parametrize("apart", [1e-13, 1e-9, 1e-3])
def test_circles_nearly_coincident_collect_once(apart: float) -> None:
    positions = [[5000.0, 5000.0], [5000.0 + apart, 5000.0], [5000.0, 5000.0 + apart]]
    single = 3 * math.pi * R**2
    found = value(UNIFORM, positions, Drainage(np.full(3, R)))
    # To first order in the distance the union grows by less than its widths either way.
    assert single * (1 - EXACT) <= found <= single * (1 + EXACT) + 3 * 4 * R * apart


def test_two_overlapping_circles() -> None:
    expected = 3 * (2 * math.pi * R**2 - lens(1000, R))
    positions = [[4500, 5000], [5500, 5000]]
    assert value(UNIFORM, positions, Drainage(np.full(2, R))) == pytest.approx(expected, rel=EXACT)


def test_three_overlapping_circles() -> None:
    side = 1000.0
    # All three share a triangle of arcs; its corners lie this far from the centroid.
    corner = math.sqrt(R**2 - side**2 / 4) - side / (2 * math.sqrt(3))
    chord = corner * math.sqrt(3)
    segment = R**2 * math.asin(chord / 2 / R) - chord / 4 * math.sqrt(4 * R**2 - chord**2)
    shared = math.sqrt(3) / 4 * chord**2 + 3 * segment
    expected = 3 * (3 * math.pi * R**2 - 3 * lens(side, R) + shared)
    top = 5000 + side * math.sqrt(3) / 2
    positions = [[4500, 5000], [5500, 5000], [5000, top]]
    assert value(UNIFORM, positions, Drainage(np.full(3, R))) == pytest.approx(expected, rel=EXACT)


def test_ten_thousand_disjoint_circles_add_up() -> None:
    centres = np.arange(100) * 100.0 + 50.0
    positions = np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2)
    value_map = ValueMap(np.full((1000, 1000), 2.0), 10.0, 10.0)
    drainage = Drainage(np.full(10_000, 49.0))
    expected = 2 * math.pi * 49.0**2
    assert value(value_map, positions, drainage) == pytest.approx(10_000 * expected, rel=EXACT)
    np.testing.assert_allclose(marginal(value_map, positions, drainage), expected, rtol=EXACT)


def test_a_circle_within_a_larger_one_adds_nothing() -> None:
    positions = np.array([[5000.0, 5000.0], [5300.0, 5100.0]])
    drainage = Drainage(np.array([R, 400.0]))
    assert value(UNIFORM, positions, drainage) == pytest.approx(3 * math.pi * R**2, rel=EXACT)
    lost = marginal(UNIFORM, positions, drainage)
    assert lost[0] == pytest.approx(3 * math.pi * (R**2 - 400**2), rel=EXACT)
    assert abs(lost[1]) < EXACT * R**2


def test_unequal_circles_on_cells_that_are_not_square() -> None:
    value_map = ValueMap(np.full((300, 90), 0.7), 110.0, 35.0)
    r, s, d = 900.0, 600.0, 1100.0
    near = (d * d + r * r - s * s) / (2 * d)
    overlap = (
        r * r * math.acos(near / r) + s * s * math.acos((d - near) / s)
        - near * math.sqrt(r * r - near * near) - (d - near) * math.sqrt(s * s - (d - near) ** 2)
    )  # fmt: skip
    expected = 0.7 * (math.pi * (r * r + s * s) - overlap)
    angle = 0.6
    positions = [[5000, 5000], [5000 + d * math.cos(angle), 5000 + d * math.sin(angle)]]
    found = value(value_map, positions, Drainage(np.array([r, s])))
    assert found == pytest.approx(expected, rel=EXACT)


def test_ground_off_the_map_is_worth_nothing() -> None:
    quarter, half = [0.0, 0.0], [5000.0, 10_000.0]
    drainage = Drainage(np.array([R]))
    disc = 3 * math.pi * R**2
    assert value(UNIFORM, [quarter], drainage) == pytest.approx(disc / 4, rel=EXACT)
    assert value(UNIFORM, [half], drainage) == pytest.approx(disc / 2, rel=EXACT)
    assert value(UNIFORM, [[-2000.0, 5000.0]], drainage) == 0.0
    assert value(UNIFORM, [[5000.0, 13_000.0]], drainage) == 0.0
    assert value(UNIFORM, [[5000.0, 5000.0]], Drainage(np.array([1e5]))) == pytest.approx(
        3e8, rel=EXACT
    )


def test_a_thousandth_of_a_cell_changes_the_value_as_the_closed_form_says() -> None:
    """Nothing that counts cells or sub-cells passes this."""
    values = np.full((100, 100), 1.0)
    values[:, 50:] = 2.0
    value_map = ValueMap(values, 100.0, 100.0)

    def closed(x: float) -> float:
        beyond = R**2 * math.acos((5000 - x) / R) - (5000 - x) * math.sqrt(R**2 - (5000 - x) ** 2)
        return math.pi * R**2 + beyond

    for x in (4321.0, 4950.0, 5033.3):
        before, after = (
            evaluate(value_map, np.array([[at, 5011.0]]), Drainage(np.array([R])))
            for at in (x, x + 0.1)
        )
        assert after.value - before.value == pytest.approx(closed(x + 0.1) - closed(x), rel=1e-6)
        chord = 2 * math.sqrt(R**2 - (5000 - x) ** 2)
        assert before.by_position[0] == pytest.approx([chord, 0.0], rel=EXACT, abs=1e-6)


def test_the_gradient_is_that_of_the_value() -> None:
    rng = np.random.default_rng(1)
    value_map = ValueMap(rng.random((40, 50)) * 5, 100.0, 70.0)
    positions = np.column_stack([rng.random(15) * 5000, rng.random(15) * 2800])
    radii = rng.random(15) * 700 + 50
    found = evaluate(value_map, positions, Drainage(radii, 6, 37.0))
    step = 1e-3
    numeric = np.zeros((15, 3))
    for well in range(15):
        for axis in range(3):
            around = []
            for sign in (1, -1):
                moved, changed = positions.copy(), radii.copy()
                if axis < 2:
                    moved[well, axis] += sign * step
                else:
                    changed[well] += sign * step
                around.append(evaluate(value_map, moved, Drainage(changed, 6, 37.0)).value)
            numeric[well, axis] = (around[0] - around[1]) / (2 * step)
    exact = np.column_stack([found.by_position, found.by_radius])
    assert np.abs(exact - numeric).max() < 1e-7 * np.abs(exact).max()


def test_fine_sub_cells_agree_as_far_as_they_can() -> None:
    rng = np.random.default_rng(2)
    values, fine = rng.random((20, 30)), 40
    value_map = ValueMap(values, 10.0, 7.0)
    positions = np.column_stack([rng.random(6) * 320 - 10, rng.random(6) * 150 - 5])
    drainage = Drainage(rng.random(6) * 40 + 5, 4, 3.0)
    x = (np.arange(30 * fine) + 0.5) * 10.0 / fine
    y = (np.arange(20 * fine) + 0.5) * 7.0 / fine
    periods = np.zeros((len(y), len(x)))
    for m in range(4):
        covered = np.zeros_like(periods, dtype=bool)
        for (cx, cy), r in zip(positions, drainage.radii_m + 3.0 * m, strict=True):
            covered |= (x - cx) ** 2 + (y[:, None] - cy) ** 2 <= r * r
        periods += covered
    counted = (periods * np.repeat(np.repeat(values, fine, 0), fine, 1)).sum() * 70.0 / fine**2
    assert value(value_map, positions, drainage) == pytest.approx(counted, rel=1e-4)


@pytest.mark.parametrize(
    ("radii", "periods", "growth", "named"),
    [
        ([-1.0], 1, 0.0, "radius"),
        ([np.nan], 1, 0.0, "radius"),
        ([], 1, 0.0, "radius"),
        ([1.0], 0, 0.0, "periods"),
        ([1.0], 1, -2.0, "growth"),
    ],
)
def test_drainage_out_of_range_is_refused(
    radii: list[float], periods: int, growth: float, named: str
) -> None:
    with pytest.raises(ParameterError, match=named):
        Drainage(np.array(radii), periods, growth)


@pytest.mark.parametrize("values", [np.zeros(3), -np.ones((2, 2)), np.full((2, 2), np.nan)])
def test_values_that_are_no_map_are_refused(values: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="map values"):
        ValueMap(values, 1.0, 1.0)


def test_positions_and_radii_must_match() -> None:
    with pytest.raises(ParameterError, match="2 finite pairs"):
        evaluate(UNIFORM, np.zeros((3, 2)), Drainage(np.ones(2)))


def test_an_evaluation_is_in_the_order_of_the_wells() -> None:
    positions = np.array([[9000.0, 100.0], [50.0, 5000.0], [5000.0, 5000.0]])
    drainage = Drainage(np.array([500.0, 700.0, 300.0]))
    together: Evaluation = evaluate(UNIFORM, positions, drainage)
    for well in range(3):
        single = evaluate(UNIFORM, positions[[well]], Drainage(drainage.radii_m[[well]]))
        np.testing.assert_allclose(together.by_position[well], single.by_position[0], atol=1e-9)
        assert together.by_radius[well] == pytest.approx(single.by_radius[0])
