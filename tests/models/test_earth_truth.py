"""The truth about an example: throw, strike, dip and geologic time are what was drawn."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.earth.example import make_example
from models.earth.faults import FAULT, orient
from models.earth.kernels import FARTHEST
from models.earth.truth import undo

SIZE = (32, 24, 40)


def plane(azimuth_deg: float, dip_deg: float, throw: float) -> NDArray[np.void]:
    """Return a fault through the middle, past the samples, that does not fade."""
    fault = np.zeros(1, dtype=FAULT)
    orient(fault, np.radians([azimuth_deg]), np.radians([dip_deg]))
    fault["x"], fault["y"], fault["z"] = 16.37, 12.0, 20.0
    fault["half_length"] = fault["half_height"] = fault["reach"] = 1e9
    fault["slip"] = throw / math.sin(math.radians(dip_deg))
    fault["sag_half_width"] = fault["distance_scale"] = 1.0
    fault["visible_from"] = 0.3
    return fault


@given(azimuth=st.floats(0, 359), dip=st.floats(41, 89), throw=st.floats(0.5, 10))
@settings(max_examples=30, deadline=None)
def test_a_plane_has_the_throw_strike_and_dip_it_was_made_with(
    azimuth: float, dip: float, throw: float
) -> None:
    undone = undo(plane(azimuth, dip, throw), SIZE)
    near = undone.distance < 1
    measured_throw, strike, measured_dip = (each[near] for each in undone.attitude)
    np.testing.assert_allclose(measured_throw, throw, rtol=1e-4)
    np.testing.assert_allclose(measured_dip, dip, atol=1e-3)
    turned = (strike - (azimuth - 90) + 180) % 360 - 180
    np.testing.assert_allclose(turned, 0, atol=1e-2)


@given(throw=st.floats(1, 8), dip=st.floats(45, 89))
@settings(max_examples=20, deadline=None)
def test_origins_step_by_the_slip_across_the_fault_and_nowhere_else(
    throw: float, dip: float
) -> None:
    undone = undo(plane(0, dip, throw), SIZE)
    offset = undone.origin[2] - np.arange(SIZE[2])
    step = np.abs(np.diff(offset, axis=0))
    jumps = step > 0.5 * throw
    assert jumps.any()
    assert (np.minimum(undone.distance[1:], undone.distance[:-1])[jumps] <= 1).all()
    # On the very fault no wall moves, so a sample there sees half the step.
    beside = np.minimum(undone.distance[1:], undone.distance[:-1]) > 1e-2
    np.testing.assert_allclose(step[jumps & beside], throw, rtol=1e-3)
    np.testing.assert_allclose(step[~jumps & beside], 0, atol=1e-3)


@pytest.mark.parametrize("preset", ["varied", "holdout", "unfaulted"])
def test_truth_is_there_where_a_fault_is_labelled_and_only_there(preset: str) -> None:
    for index in range(4):
        example = make_example(9, index, size=SIZE, preset=preset, labels="all")
        truth = example.truth
        assert truth is not None
        labelled = example.fault_distance < FARTHEST
        for answer in (truth.throw, truth.strike_deg, truth.dip_deg):
            assert answer.dtype == np.float32
            np.testing.assert_array_equal(np.isfinite(answer), labelled)
        assert ((truth.dip_deg[labelled] >= 0) & (truth.dip_deg[labelled] <= 90)).all()
        assert ((truth.strike_deg[labelled] >= 0) & (truth.strike_deg[labelled] <= 360)).all()


def test_the_truth_changes_no_sample_of_the_example() -> None:
    first, again = (
        make_example(9, 1, size=SIZE, preset="varied", labels=labels)
        for labels in ("fault", "all")
    )
    assert first.truth is None
    np.testing.assert_array_equal(first.amplitude, again.amplitude)
    np.testing.assert_array_equal(first.fault_distance, again.fault_distance)


def test_unfaulted_layers_grow_older_with_depth() -> None:
    rising = [
        np.nan_to_num(np.diff(truth.geologic_time, axis=2)) >= 0
        for truth in (
            make_example(9, index, size=SIZE, preset="unfaulted", labels="all").truth
            for index in range(12)
        )
        if truth is not None
    ]
    assert np.mean(rising) > 0.95
