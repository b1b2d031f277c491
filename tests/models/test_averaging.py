"""Test-time averaging: the mean of its passes, in place, between 0 and 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.averaging import Averaging, averaged, enlarge, reduce
from models.errors import ParameterError

ZOOMS = Averaging(((1.0, 1.0), (1.5, 1.0), (2.0, 1.5)), mirror=True)


def smooth(shape: tuple[int, int, int]) -> np.ndarray:
    i, j, k = np.meshgrid(*(np.arange(side) for side in shape), indexing="ij")
    wave = np.sin(0.2 * i + 0.1 * j + 0.15 * k)
    return np.asarray(0.5 + 0.4 * wave, dtype=np.float32)


@pytest.mark.parametrize("shape", [(40, 1, 30), (24, 20, 30)])
def test_a_sample_keeps_its_place_through_zooms_and_mirrors(shape: tuple[int, int, int]) -> None:
    amplitude = smooth(shape)
    found = averaged(lambda samples: samples, amplitude, ZOOMS)
    inner = (slice(2, -2), slice(None), slice(2, -2))
    np.testing.assert_allclose(found[inner], amplitude[inner], atol=0.02)


def test_every_pass_counts_the_same() -> None:
    calls: list[tuple[int, ...]] = []

    def predict(samples: np.ndarray) -> np.ndarray:
        calls.append(samples.shape)
        return np.full_like(samples, len(calls) == 1)

    found = averaged(predict, smooth((20, 1, 20)), ZOOMS)
    assert len(calls) == ZOOMS.passes == 6
    assert calls[-1] == (40, 1, 30)
    np.testing.assert_allclose(found, 1 / 6, rtol=1e-5)


@pytest.mark.parametrize(("shape", "lateral_axes"), [((40, 1, 40), 1), ((40, 40, 40), 2)])
def test_the_cost_is_the_samples_predicted_for_each_sample(
    shape: tuple[int, int, int], lateral_axes: int
) -> None:
    seen: list[int] = []

    def predict(samples: np.ndarray) -> np.ndarray:
        seen.append(samples.size)
        return samples

    averaged(predict, smooth(shape), ZOOMS)
    assert sum(seen) == pytest.approx(ZOOMS.cost(lateral_axes) * np.prod(shape))
    assert max(seen) == pytest.approx(ZOOMS.largest(lateral_axes) * np.prod(shape))


def test_enlarging_keeps_the_samples_that_are_there_and_cubes_between_them() -> None:
    line = (np.arange(12) ** 2 / 100).astype(np.float32)[:, None, None]
    found = enlarge(line, (2.0, 1.0))
    np.testing.assert_array_equal(found[::2], line)
    middle = ((np.arange(2, 9) + 0.5) ** 2)[:, None, None] / 100
    np.testing.assert_allclose(found[5:19:2], middle, rtol=1e-5)
    np.testing.assert_array_equal(reduce(found, (2.0, 1.0), line.shape), line)


@given(st.sampled_from([4, 8, 16]), st.sampled_from([1.0, 1.5, 2.0, 2.5, 3.0]))
def test_a_block_that_begins_on_the_stride_begins_on_it_in_every_pass(
    stride: int, factor: float
) -> None:
    whole = Averaging(((1.0, 1.0), (factor, 1.0))).stride(stride)
    assert whole % stride == 0
    assert (whole * factor) % stride == 0


@pytest.mark.parametrize("zooms", [(), ((0.5, 1.0),), ((1.4, 1.0),)])
def test_zooms_other_than_halves_above_one_are_refused(
    zooms: tuple[tuple[float, float], ...],
) -> None:
    with pytest.raises(ParameterError, match="zooms"):
        Averaging(zooms)
