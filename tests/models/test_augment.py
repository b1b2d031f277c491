"""Augmentation: labels move with the example, and amplitude changes leave them alone."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import augment
from models.augment import Pair
from models.normalize import CLIP

SIZE = (16, 16, 24)


def marked(shape: tuple[int, int, int] = SIZE, seed: int = 0) -> Pair:
    """Return a pair whose amplitude is a smooth function of its distance, so that both must agree."""
    x, y, z = np.ogrid[: shape[0], : shape[1], : shape[2]]
    rng = np.random.default_rng(seed)
    slopes = rng.uniform(-1, 1, 3)
    distance = np.abs(slopes[0] * x + slopes[1] * y + slopes[2] * z + 3.0).astype(np.float32)
    return Pair(np.float32(2) * distance - np.float32(5), distance)


GEOMETRY: dict[str, Callable[[Pair], Pair]] = {
    "flip inlines": lambda pair: augment.flip(pair, 0),
    "flip crosslines": lambda pair: augment.flip(pair, 1),
    "flip depth": lambda pair: augment.flip(pair, 2),
    "swap": augment.swap_lateral,
    "crop": lambda pair: augment.crop(pair, (1, 2, 3), (8, 8, 16)),
    "shear": lambda pair: augment.shear(pair, 0.2),
    "zoom in depth": lambda pair: augment.zoom_crop(
        pair, (0.5, 0.0, 1.5), (8, 8, 16), lateral=1.0, vertical=0.7
    ),
}


@pytest.mark.parametrize("name", GEOMETRY)
@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_labels_move_with_the_example(name: str, seed: int) -> None:
    moved = GEOMETRY[name](marked(seed=seed))
    np.testing.assert_allclose(moved.amplitude, 2 * moved.fault_distance - 5, atol=1e-3)


@given(step=st.floats(0.55, 1.6), seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_zoom_scales_the_distance_with_the_lateral_step(step: float, seed: int) -> None:
    pair = marked((40, 40, 40), seed)
    zoomed = augment.zoom_crop(pair, (1.0, 2.0, 3.0), SIZE, lateral=step, vertical=1.0)
    np.testing.assert_allclose(zoomed.amplitude, 2 * zoomed.fault_distance * step - 5, atol=1e-2)


def test_flips_and_swaps_undo_themselves() -> None:
    pair = marked()
    for change in (lambda p: augment.flip(p, 0), augment.swap_lateral):
        twice = change(change(pair))
        np.testing.assert_array_equal(twice.amplitude, pair.amplitude)
        np.testing.assert_array_equal(twice.fault_distance, pair.fault_distance)


def test_an_extruded_section_is_the_same_everywhere_across() -> None:
    section = marked((16, 1, 24))
    wide = augment.extrude(section, 6)
    assert wide.amplitude.shape == (16, 6, 24)
    for crossline in range(6):
        np.testing.assert_array_equal(wide.amplitude[:, crossline], section.amplitude[:, 0])


@pytest.mark.parametrize("shape", [(48, 48, 48), (48, 1, 48)])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_what_training_draws_has_the_size_asked_for_and_stays_within_the_clip(
    shape: tuple[int, int, int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pair = Pair(rng.standard_normal(shape).astype(np.float32), marked(shape).fault_distance)
    drawn = augment.draw_pair(rng, pair, SIZE)
    expected = (SIZE[0], 1 if shape[1] == 1 else SIZE[1], SIZE[2])
    assert drawn.amplitude.shape == drawn.fault_distance.shape == expected
    assert np.abs(drawn.amplitude).max() <= CLIP
    assert (drawn.fault_distance >= 0).all()
    assert drawn.amplitude.dtype == drawn.fault_distance.dtype == np.float32


@given(scale=st.floats(1e-3, 1e4), shift=st.floats(-5, 5))
@settings(max_examples=20, deadline=None)
def test_normalized_amplitudes_do_not_know_the_scale(scale: float, shift: float) -> None:
    amplitude = np.random.default_rng(3).standard_normal(SIZE).astype(np.float32)
    scaled = (amplitude + np.float32(shift)) * np.float32(scale)
    np.testing.assert_allclose(augment.normalize(scaled), augment.normalize(amplitude), atol=1e-3)


def test_a_muted_example_is_normalized_by_what_is_left() -> None:
    amplitude = np.random.default_rng(3).standard_normal((32, 32, 32)).astype(np.float32)
    deviation = augment.robust_deviation(amplitude)
    amplitude[:, :, :20] = 0
    assert augment.robust_deviation(amplitude) == pytest.approx(deviation, rel=0.02)
    assert augment.robust_deviation(np.zeros(SIZE, np.float32)) == 1.0


def test_the_soft_label_falls_from_one_on_the_fault() -> None:
    label = augment.soft_label(np.array([[[0.0, 1.0, 2.0, 15.0]]], dtype=np.float32))
    assert label[0, 0, 0] == 1.0
    assert (np.diff(label.ravel()) < 0).all()
    assert label[0, 0, 3] < 1e-6
