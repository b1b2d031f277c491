"""How far a predictor looks, measured on predictors whose reach is known."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from models.runtime.reach import Predict, edge_effect, smallest_halo

VOLUME = np.random.default_rng(0).standard_normal((72, 72, 72)).astype(np.float32)


def smoothing(reach: int) -> Predict:
    def predict(amplitude: NDArray[np.float32]) -> NDArray[np.float32]:
        out = ndimage.uniform_filter(amplitude, 2 * reach + 1, mode="constant")
        return np.asarray(out, dtype=np.float32)

    return predict


@pytest.mark.parametrize(("reach", "halo"), [(0, 8), (5, 8), (8, 8), (9, 16), (20, 24)])
def test_the_halo_is_the_reach_rounded_up_to_the_stride(reach: int, halo: int) -> None:
    found, effects = smallest_halo(
        smoothing(reach),
        [VOLUME],
        stride=8,
        allowed=1e-6,
        largest=24,
    )
    assert found == halo
    assert effects[halo] <= 1e-6


def test_a_halo_that_is_too_small_is_noticed() -> None:
    predict = smoothing(10)
    whole = predict(VOLUME)
    change = edge_effect(predict, VOLUME, whole, stride=8, halo=8, side=16)
    assert change > 1e-3
