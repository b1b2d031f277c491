"""Examples like a survey: its spectrum and histogram, its noise, faults put into its blocks."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from models.earth.faults import FAULT, orient
from models.earth.insert import Background, displace, insert_faults
from models.earth.layering import disorder, smooth_along_layers
from models.earth.match import make_example_like, match_survey, survey_noise
from models.earth.survey import SurveyCharacter, measure_block, merge, quiet, window_of
from models.earth.truth import undo

SIZE = (24, 24, 64)
WINDOW = window_of(32)


def layers(seed: int = 0, *, sigma: float = 1.5, size: tuple[int, int, int] = SIZE) -> np.ndarray:
    """Return dipping layers with a little noise, unit deviation, louder with depth."""
    rng = np.random.default_rng(seed)
    series = ndimage.gaussian_filter1d(rng.standard_normal(400), sigma)
    x, y, z = np.ogrid[: size[0], : size[1], : size[2]]
    block = np.interp(z + 0.3 * x - 0.2 * y + 50, np.arange(400), series / series.std())
    block = (block + 0.1 * rng.standard_normal(size)) * np.linspace(0.6, 1.4, size[2])
    return np.asarray(block, dtype=np.float32)


def survey() -> SurveyCharacter:
    return merge([measure_block(layers(seed), 0, WINDOW) for seed in range(6)], WINDOW)


def test_a_matched_cube_has_the_spectrum_and_the_levels_of_the_survey() -> None:
    like = survey()
    other = layers(77, sigma=0.7)
    matched = match_survey(other, like)
    before, after = (merge([measure_block(each, 0, WINDOW)], WINDOW) for each in (other, matched))
    assert np.abs(after.spectra - like.spectra).sum() < 0.18 * like.spectra.sum()
    assert np.abs(before.spectra - like.spectra).sum() > 0.3 * like.spectra.sum()
    np.testing.assert_allclose(after.levels, like.levels, rtol=0.2)


def test_a_matched_cube_has_the_histogram_of_the_survey() -> None:
    like = survey()
    skewed = np.square(layers(77, sigma=0.7)).astype(np.float32)
    after = merge([measure_block(match_survey(skewed, like), 0, WINDOW)], WINDOW)
    np.testing.assert_allclose(after.quantiles[50:951], like.quantiles[50:951], atol=0.12)


def test_matching_keeps_layers_where_they_are() -> None:
    block = layers(3)
    matched = match_survey(block, survey())
    assert np.corrcoef(block.ravel(), matched.ravel())[0, 1] > 0.75


def test_blocks_merge_to_the_same_in_any_order() -> None:
    measured = [measure_block(layers(seed), 16 * seed, WINDOW) for seed in range(4)]
    one, other = merge(measured, WINDOW), merge(measured[::-1], WINDOW)
    np.testing.assert_allclose(one.spectra, other.spectra)
    assert one.leftover == other.leftover


def test_smoothing_along_layers_leaves_layers_and_takes_noise() -> None:
    rng = np.random.default_rng(5)
    noise = 0.3 * rng.standard_normal(SIZE).astype(np.float32)
    clean = layers(1, sigma=2)
    inner = (slice(4, -4), slice(4, -4), slice(6, -6))
    kept = (smooth_along_layers(clean) - clean)[inner].std()
    left = (smooth_along_layers(clean + noise) - smooth_along_layers(clean))[inner].std()
    assert kept < 0.15
    assert left < 0.5 * noise.std()


def test_noise_has_the_spectrum_of_what_smoothing_takes_away() -> None:
    striped = layers(1)
    striped[::2] += 0.5 * np.random.default_rng(0).standard_normal(SIZE[1:]).astype(np.float32)
    like = merge([measure_block(striped, 0, WINDOW)], WINDOW)
    noise = survey_noise(np.random.default_rng(1), SIZE, like)
    assert noise.std() == pytest.approx(1, rel=1e-3)
    power = np.abs(np.fft.rfft(noise, axis=0)).mean(axis=(1, 2))
    assert power[-3:].mean() > 2 * power[1:4].mean()


def test_a_faulted_block_is_more_disordered_than_a_quiet_one() -> None:
    quiet_block, broken = layers(2), layers(2)
    broken[12:] = np.roll(broken[12:], 7, axis=2)
    assert disorder(broken)[11:13].mean() > 3 * disorder(quiet_block)[11:13].mean()
    measured = [measure_block(each, 0, WINDOW) for each in (broken, quiet_block, broken)]
    assert quiet(measured) == [1]


def fault(throw: float, half: float) -> NDArray[np.void]:
    """Return an upright fault in the middle whose slip ends ``half`` samples from it."""
    one = np.zeros(1, dtype=FAULT)
    orient(one, np.zeros(1), np.radians([80.0]))
    one["x"], one["y"], one["z"] = SIZE[0] / 2 + 0.3, SIZE[1] / 2, SIZE[2] / 2
    one["half_length"], one["half_height"], one["reach"], one["slip"] = half, half, 5.0, throw
    one["sag_half_width"] = one["distance_scale"] = 1.0
    one["visible_from"] = 0.5
    return one


def test_samples_that_no_fault_moves_stay_as_they_are() -> None:
    block = layers(4, size=(32, 32, 80))
    undone = undo(fault(4, 9), SIZE)
    out = displace(Background(block, (4, 4, 8)), undone.origin)
    grid = np.stack(np.meshgrid(*(np.arange(n) for n in SIZE), indexing="ij"))
    still = (np.abs(undone.origin - grid) < 1e-9).all(axis=0)
    core = block[4:28, 4:28, 8:72]
    assert 0.3 < still.mean() < 1
    np.testing.assert_array_equal(out[still], core[still])
    assert np.abs(out - core)[~still].max() > 0.5


def test_the_label_lies_where_the_displacement_jumps() -> None:
    undone = undo(fault(4, 20), SIZE)
    jump = np.abs(np.diff(undone.origin[2], axis=0)) > 1.0
    nearest = np.minimum(undone.distance[1:], undone.distance[:-1])
    assert jump.any()
    assert (nearest[jump] <= 1).all()


def test_a_ramp_is_read_where_it_lay_before() -> None:
    ramp = np.broadcast_to(np.arange(96, dtype=np.float32), (40, 40, 96)).copy()
    undone = undo(fault(4, 20), SIZE)
    out = displace(Background(ramp, (8, 8, 16)), undone.origin)
    np.testing.assert_allclose(out, undone.origin[2] + 16, atol=0.02)


@pytest.mark.parametrize("size", [(24, 24, 48), (32, 1, 48)])
def test_faults_are_put_into_a_block_the_same_way_each_time(size: tuple[int, int, int]) -> None:
    wide = tuple(n + 16 if n > 1 else 1 for n in size)
    block = Background(layers(6, size=(wide[0], wide[1], wide[2])), (8, 8 * (size[1] > 1), 8))
    drawn = [
        insert_faults(np.random.default_rng(3), block, survey(), size=size, labels="all")
        for _ in range(2)
    ]
    example = drawn[0]
    np.testing.assert_array_equal(example.amplitude, drawn[1].amplitude)
    assert example.amplitude.shape == example.fault_distance.shape == size
    assert example.known is not None
    assert example.truth is not None
    assert example.known[example.fault_label == 1].all()
    assert example.known.mean() > 0.5
    assert np.isnan(example.truth.geologic_time).all()


def test_an_example_like_a_survey_follows_from_seed_and_index_alone() -> None:
    like = survey()
    first, again, other = (
        make_example_like(like, 3, index, size=(24, 20, 48)).amplitude for index in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.isfinite(first).all()
