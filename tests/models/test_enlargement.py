"""A section is seen at one size, however much it was enlarged on its way into a picture."""

import io
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from models.pictures.enlargement import enlargement, without_copies
from models.pictures.resample import resampled
from models.pictures.scale import Zoom, zoom_of
from storage.pictures import Picture
from tasks.ensemble import fault_networks
from tasks.picture import Wish, faults_of, section_of
from tests.drawn_sections import grey, layers

Samples = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Filled = Literal["nearest", "bilinear", "bicubic"]

FILLED: dict[Filled, Image.Resampling] = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}
WAYS = [(factor, filled) for factor in (2, 3, 3.7) for filled in FILLED]


def enlarged(pixels: Pixels, across: float, down: float, filled: Filled) -> Pixels:
    rows, columns = pixels.shape
    size = round(columns * across), round(rows * down)
    return np.asarray(Image.fromarray(pixels).resize(size, FILLED[filled]))


def read(pixels: Pixels) -> Samples:
    return np.asarray(pixels, np.float32) / np.float32(127.5) - 1


@pytest.mark.parametrize(("factor", "filled"), WAYS)
@pytest.mark.parametrize(("noise", "throw"), [(0, 0), (0, 12), (0.1, 0), (0.1, 12)])
def test_what_was_enlarged_is_seen_at_the_size_that_it_had(
    factor: float, filled: Filled, noise: float, throw: float
) -> None:
    section = grey(layers((220, 300), 1, noise=noise, throw=throw))
    assert zoom_of(read(section)) == Zoom(1, 1)
    zoom = zoom_of(read(enlarged(section, factor, factor, filled)))
    assert zoom.across * factor == pytest.approx(1, abs=0.12)
    assert zoom.down * factor == pytest.approx(1, abs=0.12)


@pytest.mark.parametrize(("factor", "filled"), WAYS)
def test_what_was_enlarged_sideways_alone_is_made_small_sideways_alone(
    factor: float, filled: Filled
) -> None:
    zoom = zoom_of(read(enlarged(grey(layers((220, 300), 2)), factor, 1, filled)))
    assert zoom.across * factor == pytest.approx(1, abs=0.12)
    assert zoom.down == 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("quality", [None, 60, 90])
def test_nothing_is_taken_for_enlarged_that_is_not(seed: int, quality: int | None) -> None:
    pixels = grey(layers((220, 300), seed, throw=8))
    if quality:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=quality)
        pixels = np.asarray(Image.open(file))
    assert enlargement(read(pixels)) == 1
    assert enlargement(np.ascontiguousarray(read(pixels).T)) == 1
    assert zoom_of(read(pixels)) == Zoom(1, 1)


@pytest.mark.parametrize("factor", [1.5, 2, 2.6, 5])
def test_the_factor_itself_is_found(factor: float) -> None:
    drawn = read(enlarged(grey(layers((220, 300), 3)), factor, factor, "bilinear"))
    assert enlargement(drawn) == pytest.approx(factor, rel=0.02)


def test_water_and_mutes_are_no_copies() -> None:
    section = layers((220, 300))
    section[:100] = 0
    section[:, 170:] = 0
    assert without_copies(section)[1] == without_copies(section.T)[1] == 1
    assert zoom_of(section) == Zoom(1, 1)
    for empty in (np.zeros((90, 90), np.float32), np.zeros((2, 3), np.float32)):
        assert without_copies(empty)[1] == enlargement(empty) == 1


@pytest.mark.slow
def test_the_same_faults_are_found_in_a_section_and_its_enlargements() -> None:
    networks = fault_networks(None)
    section = grey(layers((200, 240), 5, throw=12))
    found = {}
    for factor, filled in [(1, "nearest"), *WAYS]:
        picture = Picture("made", enlarged(section, factor, factor, filled))
        seen = faults_of(section_of(picture, Wish(crop=(0, 0, *picture.shape[::-1]))), networks)
        found[factor, filled] = np.asarray(resampled(seen, section.shape))
    alone = found.pop((1, "nearest"))
    assert alone.max() > 0.5
    for way, other in found.items():
        alike = np.corrcoef(alone.ravel(), other.ravel())[0, 1]
        assert alike > 0.98, way
