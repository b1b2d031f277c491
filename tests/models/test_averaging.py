"""Test-time averaging: the mean of its passes, in place, between 0 and 1."""

import numpy as np
import pytest

from models.averaging import Averaging, averaged, resample


def smooth(shape: tuple[int, int, int]) -> np.ndarray:
    i, j, k = np.meshgrid(*(np.arange(side) for side in shape), indexing="ij")
    wave = np.sin(0.2 * i + 0.1 * j + 0.15 * k)
    return np.asarray(0.5 + 0.4 * wave, dtype=np.float32)


@pytest.mark.parametrize("shape", [(40, 1, 30), (24, 20, 30)])
def test_a_sample_keeps_its_place_through_zooms_and_mirrors(shape: tuple[int, int, int]) -> None:
    amplitude = smooth(shape)
    found = averaged(lambda samples: samples, amplitude, Averaging(windows=(None,)))
    np.testing.assert_allclose(found, amplitude, atol=0.01)


def test_every_pass_counts_the_same() -> None:
    calls: list[tuple[int, ...]] = []

    def predict(samples: np.ndarray) -> np.ndarray:
        calls.append(samples.shape)
        return np.full_like(samples, len(calls) == 1)

    found = averaged(predict, smooth((20, 1, 20)), Averaging())
    assert len(calls) == Averaging().passes == 12
    assert calls[-1] == (28, 1, 28)
    np.testing.assert_allclose(found, 1 / 12, rtol=1e-5)


def test_the_cost_is_the_samples_predicted_for_each_sample() -> None:
    seen: list[int] = []

    def predict(samples: np.ndarray) -> np.ndarray:
        seen.append(samples.size)
        return samples

    for shape, lateral_axes in (((40, 1, 40), 1), ((40, 40, 40), 2)):
        seen.clear()
        averaged(predict, smooth(shape), Averaging())
        assert sum(seen) == pytest.approx(
            Averaging().cost(lateral_axes) * np.prod(shape), rel=1e-6
        )


def test_resampling_keeps_first_and_last_samples_in_place() -> None:
    line = np.linspace(0, 1, 11, dtype=np.float32)[:, None, None]
    np.testing.assert_allclose(
        resample(line, (31, 1, 1), order=1)[:, 0, 0], np.linspace(0, 1, 31), atol=1e-6
    )
