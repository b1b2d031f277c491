from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from models.errors import ParameterError
from models.wells.constraints import Ground
from models.wells.greedy import greedy
from models.wells.objective import Drainage, Existing, ValueMap, evaluate
from models.wells.polish import polish
from models.wells.ruin import Refinement
from tests.models.test_wells_bound import rough_map, whole


def refined(value_map: ValueMap, drainage: Drainage, steps: int, seed: int) -> Refinement:
    refinement = Refinement(
        value_map, drainage, whole(value_map), greedy(value_map, drainage), seed=seed
    )
    for _ in range(steps):
        refinement.step()
    return refinement


@settings(max_examples=8)
@given(seed=st.integers(0, 1000), distance=st.floats(0, 700))
def test_steps_only_gain_and_stay_on_allowed_ground(seed: int, distance: float) -> None:
    value_map = rough_map(30, 40, seed, (100.0, 80.0))
    rng = np.random.default_rng(seed)
    size = np.array([value_map.width_m, value_map.height_m])
    ground = Ground(value_map.width_m, value_map.height_m, rng.random((4, 2)) * size, distance)
    drainage = Drainage(rng.choice([300.0, 450.0], 6), 3, 10.0)
    try:
        allowed = ground.allowed_cells(value_map)
    except ParameterError:
        return
    begun = greedy(value_map, drainage, allowed=allowed)
    refinement = Refinement(value_map, drainage, ground, begun, allowed=allowed, seed=seed)
    before = refinement.value
    for _ in range(15):
        was = refinement.value
        assert refinement.step() == (refinement.value > was)
        assert refinement.value >= was
        assert ground.allows(refinement.positions_m).all()
    assert refinement.value >= before
    found = evaluate(value_map, refinement.positions_m, drainage).value
    assert found == refinement.value


def test_ruin_and_recreate_finds_what_greed_has_missed() -> None:
    value_map = rough_map(50, 50, 8, (100.0, 100.0))
    drainage = Drainage(np.full(12, 600.0), 2, 5.0)
    refinement = refined(value_map, drainage, 0, 0)
    refinement.polish()
    polished = refinement.value
    for _ in range(60):
        refinement.step()
    assert refinement.value > polished


def test_the_same_seed_makes_the_same_steps() -> None:
    value_map = rough_map(40, 40, 9, (100.0, 100.0))
    drainage = Drainage(np.full(6, 500.0))
    runs = [refined(value_map, drainage, 20, seed) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0].positions_m, runs[1].positions_m)
    assert (runs[0].positions_m != runs[2].positions_m).any()


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), growth=st.sampled_from([0.0, 4.0]), existing=st.booleans())
def test_a_short_climb_gains_about_what_a_long_method_does(
    seed: int, growth: float, existing: bool
) -> None:
    rng = np.random.default_rng(seed)
    value_map = rough_map(40, 30, seed, (90.0, 120.0))
    if existing:
        old = Existing(np.array([[1000.0, 1700.0]]), Drainage(np.array([500.0]), 3, growth))
        value_map = replace(value_map, existing=old)
    size = np.array([value_map.width_m, value_map.height_m])
    drainage, begun = Drainage(np.full(5, 400.0), 3, growth), rng.random((5, 2)) * size
    leash = np.array([300.0, 300.0, 0.0, 300.0, 300.0])
    value = evaluate(value_map, begun, drainage).value
    found = polish(value_map, begun, drainage, whole(value_map), iterations=60, leash_m=leash)
    assert (np.abs(found - begun) <= leash[:, None]).all()
    assert ((found >= 0) & (found <= size)).all()
    corners = np.maximum(begun - leash[:, None], 0), np.minimum(begun + leash[:, None], size)
    longer = minimize(
        lambda flat: -evaluate(value_map, flat.reshape(-1, 2), drainage).value / value,
        begun.ravel(),
        jac=lambda flat: (
            -evaluate(value_map, flat.reshape(-1, 2), drainage).by_position.ravel() / value
        ),
        method="L-BFGS-B",
        bounds=list(zip(corners[0].ravel(), corners[1].ravel(), strict=True)),
    )
    reached = evaluate(value_map, found, drainage).value
    assert reached - value >= 0.8 * (-longer.fun * value - value)


def test_one_well_on_one_cell_is_no_special_case() -> None:
    value_map = ValueMap(np.ones((1, 1)), 10.0, 10.0)
    assert refined(value_map, Drainage(np.array([200.0])), 3, 0).value == pytest.approx(100.0)
