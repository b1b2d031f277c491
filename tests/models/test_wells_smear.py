import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ParameterError
from models.wells.smear import LEVELS, smeared


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), distance=st.floats(5, 400), sparse=st.booleans())
def test_of_all_cells_the_one_that_reaches_farthest_counts(
    seed: int, distance: float, sparse: bool
) -> None:
    rng = np.random.default_rng(seed)
    field = rng.random((7, 9)) * (rng.random((7, 9)) < (0.1 if sparse else 1.0))
    rows, columns = np.indices(field.shape)
    up = (rows.reshape(-1, 1) - rows.reshape(1, -1)) * 30.0
    across = (columns.reshape(-1, 1) - columns.reshape(1, -1)) * 50.0
    falling = np.clip(1 - np.hypot(up, across) / distance, 0, 1)
    by_hand = (falling * field.reshape(1, -1)).max(axis=1).reshape(field.shape)
    found = smeared(field, distance, 50.0, 30.0)
    # Probabilities are taken up to the next level, never down.
    assert (found >= by_hand - 1e-9).all()
    assert (found <= by_hand + 1 / LEVELS + 1e-9).all()
    assert (smeared(field, 2 * distance, 50.0, 30.0) >= found - 1e-12).all()


def test_no_fault_is_no_penalty() -> None:
    assert not smeared(np.zeros((3, 4)), 99.0, 1.0, 1.0).any()


@pytest.mark.parametrize(("value", "distance"), [(1.5, 9.0), (np.nan, 9.0), (0.5, 0.0)])
def test_what_cannot_be_smeared_is_told(value: float, distance: float) -> None:
    with pytest.raises(ParameterError):
        smeared(np.full((2, 2), value), distance, 1.0, 1.0)
