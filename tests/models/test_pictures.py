"""From pixels to amplitudes and back: what is drawn is what is read, whatever it was drawn with."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage, stats

from models.errors import ParameterError
from models.pictures.colours import (
    GREY,
    KNOWN,
    amplitude_table,
    amplitudes,
    curve_of,
    seen_best_on,
)
from models.pictures.frame import Frame, section_frame
from models.pictures.ink import ink_zoom, is_ink, trace_pitch
from models.pictures.likeness import likeness
from models.pictures.overlay import as_grey, drawn_over
from models.pictures.resample import resampled, resampled_strips, weights
from models.pictures.scale import zoom_of
from tests.drawn_sections import coloured, grey, in_ink, layers, with_axes

Samples = NDArray[np.float32]

ODD = {
    "green to violet over sand": ((20, 110, 40), (225, 205, 150), (120, 20, 140)),
    "heat": ((0, 0, 0), (160, 0, 0), (255, 130, 0), (255, 255, 120)),
    "night": ((10, 30, 60), (40, 90, 120), (120, 150, 110), (230, 220, 90)),
}
"""Palettes that nobody told the product of."""


def read_back(pixels: NDArray[np.uint8]) -> Samples:
    curve = curve_of(pixels.reshape(-1, 3))
    return amplitudes(pixels, amplitude_table(curve))


def alike(first: Samples, second: Samples) -> float:
    known = np.isfinite(first)
    assert known.mean() > 0.95
    return float(stats.spearmanr(first[known], second[known]).statistic)


@pytest.mark.parametrize("name", KNOWN)
def test_amplitudes_come_back_from_palettes_that_everyone_uses(name: str) -> None:
    section = layers((200, 260))
    pixels = coloured(section, KNOWN[name])
    assert curve_of(pixels.reshape(-1, 3)).name == name
    assert np.abs(read_back(pixels) - section).max() < 0.09


@pytest.mark.parametrize("name", ODD)
def test_amplitudes_come_back_from_any_palette_but_for_their_sign(name: str) -> None:
    section = layers((200, 260), 1)
    found = read_back(coloured(section, ODD[name]))
    assert abs(alike(found, section)) > 0.99


@pytest.mark.parametrize("name", [*KNOWN, *ODD])
def test_compression_moves_colours_and_amplitudes_stay(name: str) -> None:
    section = np.asarray(ndimage.zoom(layers((100, 130), 2), 2, order=1), np.float32)
    file = io.BytesIO()
    Image.fromarray(coloured(section, (KNOWN | ODD)[name])).save(file, "JPEG", quality=85)
    found = read_back(np.asarray(Image.open(file)))
    assert abs(alike(found, section)) > 0.95


def test_what_is_drawn_over_a_section_is_not_known() -> None:
    pixels = coloured(layers((200, 260)), KNOWN["blue, white, red"])
    pixels[80:84, 20:240] = (0, 160, 0)
    found = read_back(pixels)
    assert np.isnan(found[80:84, 20:240]).all()
    assert np.isfinite(found[90:]).all()


def test_grey_is_no_palette_and_faults_stand_out_from_any() -> None:
    pixels = np.repeat(grey(layers((60, 70)))[..., None], 3, axis=2)
    assert curve_of(pixels.reshape(-1, 3)) is GREY
    assert seen_best_on(GREY) == (255, 40, 40)
    red = curve_of(coloured(layers((90, 90)), KNOWN["blue, white, red"]).reshape(-1, 3))
    assert seen_best_on(red)[:1] != (255,) or seen_best_on(red)[1] > 200


@given(
    margins=st.tuples(*[st.integers(40, 90)] * 4),
    paper=st.sampled_from([255, 0, 240, 30]),
    box=st.booleans(),
    colours=st.booleans(),
    seed=st.integers(0, 9),
)
def test_axes_and_margins_are_cut_off(
    margins: tuple[int, int, int, int], paper: int, box: bool, colours: bool, seed: int
) -> None:
    section = layers((220, 300), seed)
    drawn = coloured(section, KNOWN["soft blue to red"]) if colours else grey(section)
    left, top, _, _ = margins
    page = with_axes(drawn, margins, paper, box=box)
    found = section_frame(page)
    wanted = Frame(left, top, left + 300, top + 220)
    off = [
        abs(getattr(found, side) - getattr(wanted, side))
        for side in ("left", "top", "right", "bottom")
    ]
    assert max(off) <= 3, (found, wanted)


@pytest.mark.parametrize("seed", range(5))
def test_a_section_without_margins_is_all_of_the_picture(seed: int) -> None:
    section = grey(layers((150, 333), seed))
    assert section_frame(section) == Frame(0, 0, 333, 150)


def test_what_is_transparent_is_margin_and_large_pages_are_cut_as_small_ones() -> None:
    page = with_axes(grey(layers((220, 300))), (60, 60, 60, 60))
    shown = np.zeros(page.shape, bool)
    shown[60:280, 60:360] = True
    assert section_frame(page, shown) == Frame(60, 60, 360, 280)
    large = section_frame(np.kron(page, np.ones((9, 9), np.uint8)))
    assert np.abs(np.array([large.left, large.top]) - 540).max() <= 36
    assert large.left >= 540
    assert large.right <= 3240


@given(n=st.integers(1, 400), wanted=st.integers(1, 400))
def test_a_side_at_another_size_has_the_same_mean_where_it_shrinks(n: int, wanted: int) -> None:
    matrix = weights(n, wanted)
    assert matrix.shape == (wanted, n)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-5)
    assert matrix.data.min() >= 0
    if wanted <= n:
        np.testing.assert_allclose(matrix.sum(axis=0), wanted / n, rtol=1e-3, atol=1e-6)


@given(
    shape=st.tuples(st.integers(2, 700), st.integers(2, 40)),
    wanted=st.tuples(st.integers(2, 700), st.integers(2, 40)),
    hole=st.booleans(),
)
def test_strips_are_invisible_and_what_is_unknown_counts_for_nothing(
    shape: tuple[int, int], wanted: tuple[int, int], hole: bool
) -> None:
    picture = np.random.default_rng(3).standard_normal(shape, np.float32)
    down, across = weights(shape[0], wanted[0]), weights(shape[1], wanted[1])
    made = np.concatenate(
        [strip for _, strip in resampled_strips(picture.__getitem__, shape, wanted)]
    )
    np.testing.assert_allclose(made, down @ picture @ across.toarray().T, atol=1e-5)
    if hole:
        level = np.full(shape, 3, np.float32)
        level[: shape[0] // 2] = np.nan
        found = resampled(level, wanted)
        np.testing.assert_allclose(found[np.isfinite(found)], 3, rtol=1e-5)
        assert np.isfinite(found[-1]).all()


def test_nothing_moves_when_a_picture_is_made_larger_and_small_again() -> None:
    section = layers((120, 90))
    for factor in (2, 3, 5):
        there = resampled(section, (120 * factor, 90 * factor))
        again = resampled(there, section.shape)
        shifted = [
            np.corrcoef(again.ravel(), np.roll(section, s, 0).ravel())[0, 1] for s in (-1, 0, 1)
        ]
        assert np.argmax(shifted) == 1
        assert np.corrcoef(again.ravel(), section.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_a_picture_that_was_enlarged_is_made_small_again(seed: int, factor: int) -> None:
    section = layers((260, 400), seed)
    smooth = np.asarray(ndimage.zoom(section, factor, order=1), np.float32)
    repeated = np.kron(section, np.ones((factor, factor), np.float32))
    for drawn in (smooth, repeated):
        assert 0.7 / factor < zoom_of(drawn).down < 1.45 / factor
    assert 0.9 / factor < zoom_of(repeated).across < 1.1 / factor


@pytest.mark.parametrize(("pitch", "down"), [(6, 3), (10, 4), (17, 5)])
def test_ink_on_paper_is_a_trace_a_column(pitch: int, down: int) -> None:
    section = layers((200, 160), 4)
    paper = np.where(in_ink(section, pitch, down), np.float32(1), np.float32(-1))
    assert is_ink(paper)
    assert not is_ink(section)
    found = trace_pitch(paper)
    assert found is not None
    assert abs(found - pitch) < 0.05 * pitch
    zoom = ink_zoom(paper)
    assert abs(zoom.across * pitch - 1) < 0.05
    assert 0.6 / down < zoom.down < 1.6 / down
    smooth = -resampled(paper, section.shape)
    assert np.corrcoef(smooth.ravel(), section.ravel())[0, 1] > 0.8


def test_sections_look_like_sections_and_other_things_do_not() -> None:
    assert likeness(layers((200, 300))).doubts == []
    rng = np.random.default_rng(5)
    rows, columns = (np.fft.fftfreq(n)[:, None] for n in (256, 256))
    steep = np.maximum(np.hypot(rows, columns.T), 1e-3) ** -1.5
    photograph = np.fft.ifft2(np.fft.fft2(rng.standard_normal((256, 256))) * steep).real
    photograph = (photograph / np.abs(photograph).max()).astype(np.float32)
    assert "as much downwards as sideways" in likeness(photograph).doubts[0]
    assert likeness(rng.uniform(-1, 1, (256, 256)).astype(np.float32)).doubts
    turned = np.ascontiguousarray(layers((200, 300)).T)
    assert likeness(turned).doubts
    for blank in (np.zeros((50, 50), np.float32), np.full((50, 50), np.nan, np.float32)):
        with pytest.raises(ParameterError, match="nothing to see"):
            likeness(blank)


def test_faults_are_drawn_where_they_are_and_nowhere_else() -> None:
    below = np.random.default_rng(6).integers(0, 256, (30, 40, 3), np.uint8)
    probability = np.zeros((30, 40), np.float32)
    probability[:, 10], probability[:, 20], probability[:, 30] = 0.9, 0.39, np.nan
    over = below.copy()
    drawn_over(over, probability, threshold=0.5, opacity=1, colour=(1, 2, 3))
    assert (over[:, 10] == (1, 2, 3)).all()
    others = np.delete(np.arange(40), 10)
    np.testing.assert_array_equal(over[:, others], below[:, others])


@given(st.lists(st.floats(0, 1, width=32), min_size=1), st.sampled_from([8, 16]))
def test_probability_as_grey_is_within_half_a_level(levels: list[float], bits: int) -> None:
    wanted = np.array([*levels, np.nan], np.float32)
    found = as_grey(wanted, bits)
    most = (1 << bits) - 1
    assert found.dtype.itemsize * 8 == bits
    assert found[-1] == 0
    np.testing.assert_allclose(found[:-1] / most, wanted[:-1], atol=0.5001 / most)
