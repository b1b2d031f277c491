"""What headers of whole numbers do to the places of samples, and that it is said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.geometry import SampleAxis
from storage.segy.checklist import interval_field, rounding, start_field


@given(
    start=st.floats(-2000, 9000),
    interval=st.floats(0.01, 60),
    count=st.integers(2, 4000),
    whole=st.booleans(),
)
def test_it_is_said_where_a_sample_moves_and_only_there(
    start: float, interval: float, count: int, whole: bool
) -> None:
    if whole:
        start, interval = float(round(start)), round(interval, 3)
    axis = SampleAxis("time", start, interval, count)
    at = np.arange(count)
    moved = start_field(axis) + at * interval_field(axis) / 1000 - (start + at * interval)
    assert (rounding(axis) is not None) == (np.abs(moved).max() >= 0.01 * interval)


@pytest.mark.parametrize(
    ("axis", "words"),
    [
        (SampleAxis("time", 500.5, 1.0, 11), "lie 0.5 ms too shallow at the top"),
        (SampleAxis("depth", 3280.6, 16.4042, 1001, "ft"), "lie 0.4 ft too deep at the top"),
        (SampleAxis("depth", 0.0, 16.4042, 1001, "ft"), "0.2 ft too shallow at the base"),
    ],
)
def test_the_way_and_the_distance_are_said(axis: SampleAxis, words: str) -> None:
    assert words in str(rounding(axis))
