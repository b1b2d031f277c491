"""What is read from pictures of every form is what was drawn; what is no picture is one clear line."""

import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from storage import pictures
from storage.errors import InputError
from storage.pictures import read_mask, read_picture, write_picture

GREY = np.random.default_rng(0).integers(0, 256, (40, 50), np.uint8)
COLOURS = np.random.default_rng(1).integers(0, 256, (300, 33, 3), np.uint8)


def encoded(pixels: NDArray[Any], form: str, mode: str | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP", "GIF"])
def test_grey_is_grey(form: str) -> None:
    picture = read_picture(encoded(GREY, form))
    np.testing.assert_array_equal(picture.pixels, GREY)
    assert picture.shown is None


@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("TIFF", {"compression": "tiff_lzw"})])
def test_colours_are_kept_strip_by_strip(form: str, options: dict[str, str]) -> None:
    np.testing.assert_array_equal(read_picture(encoded(COLOURS, form, **options)).pixels, COLOURS)


def test_what_is_stored_in_colours_and_is_grey_is_grey() -> None:
    for mode in ("RGB", "P", "RGBA"):
        picture = read_picture(encoded(GREY, "PNG", mode))
        np.testing.assert_array_equal(picture.pixels, GREY)
        assert picture.shown is None


def test_palettes_and_ink_become_colours() -> None:
    few = COLOURS[:64] // 128 * 255
    palette = read_picture(encoded(few, "PNG", "P"))
    np.testing.assert_array_equal(palette.pixels, few)
    assert read_picture(encoded(few, "JPEG", "CMYK")).pixels.shape == few.shape


def test_one_bit_and_sixteen_and_floats() -> None:
    bits = GREY > 127
    for form, options in (("PNG", {}), ("TIFF", {"compression": "group4"})):
        read = read_picture(encoded(bits, form, **options)).pixels
        np.testing.assert_array_equal(read, bits * np.uint8(255))
    deep = GREY.astype(np.uint16) * 257 + 3
    for form in ("PNG", "TIFF"):
        np.testing.assert_array_equal(read_picture(encoded(deep, form)).pixels, deep)
    real = GREY.astype(np.float32) - 100.5
    np.testing.assert_array_equal(read_picture(encoded(real, "TIFF")).pixels, real)


@pytest.mark.parametrize("bands", [2, 4])
def test_what_is_transparent_is_not_shown(bands: int) -> None:
    layers = [GREY] * (bands - 1) + [np.where(np.arange(50) < 20, 255, 0) * np.ones((40, 1))]
    picture = read_picture(encoded(np.stack(layers, axis=-1).astype(np.uint8), "PNG"))
    assert picture.shown is not None
    np.testing.assert_array_equal(picture.shown, np.broadcast_to(np.arange(50) < 20, (40, 50)))
    np.testing.assert_array_equal(picture.pixels, GREY)


@given(
    rows=st.integers(32, 80),
    columns=st.integers(32, 300),
    kind=st.sampled_from(["grey", "colours", "deep"]),
    seed=st.integers(0, 99),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: int, columns: int, kind: str, seed: int
) -> None:
    shape = (rows, columns, 3) if kind == "colours" else (rows, columns)
    kinds = np.uint16 if kind == "deep" else np.uint8
    pixels = np.random.default_rng(seed).integers(0, np.iinfo(kinds).max, shape, kinds)
    path = tmp_path_factory.mktemp("picture") / "a.png"
    write_picture(path, pixels)
    np.testing.assert_array_equal(read_picture(path).pixels, pixels)
    assert [each.name for each in path.parent.iterdir()] == ["a.png"]


def test_a_form_that_cannot_hold_it_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not known"):
        write_picture(tmp_path / "a.xyz", GREY)
    with pytest.raises(InputError, match="16-bit"):
        write_picture(tmp_path / "a.jpg", GREY.astype(np.uint16))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", ["PNG", "TIFF", "JPEG", "BMP"])
@given(part=st.floats(0, 0.97))
def test_a_file_cut_short_is_one_clear_line(form: str, part: float) -> None:
    whole = encoded(COLOURS, form)
    with pytest.raises(InputError) as caught:
        read_picture(whole[: int(part * len(whole))], "torn.png")
    assert str(caught.value).startswith("torn.png: ")
    assert "\n" not in str(caught.value)


@given(
    seed=st.integers(0, 10_000),
    form=st.sampled_from(["PNG", "TIFF", "JPEG", "GIF", "BMP", "WEBP"]),
)
def test_changed_bytes_are_a_picture_or_one_clear_line(seed: int, form: str) -> None:
    rng = np.random.default_rng(seed)
    data = bytearray(encoded(COLOURS, form))
    for place in rng.integers(0, min(len(data), 400), 4):
        data[place] = rng.integers(0, 256)
    with suppress(InputError):
        read_picture(bytes(data))


def bomb(columns: int, rows: int) -> bytes:
    """A PNG that says it is large and holds nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(20_000, 8_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="more than 120 megapixels"):
        read_picture(bomb(*size))


@pytest.mark.parametrize(
    "text", [b"", b"C01 CLIENT", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"%PDF-1.4"]
)
def test_what_is_no_picture_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "section.png"
    path.write_bytes(text)
    with pytest.raises(InputError, match=r"section.png: .*Name a PNG"):
        read_picture(path)
    with pytest.raises(InputError):
        read_mask(path)


def test_folders_and_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(InputError):
        read_picture(tmp_path)
    with pytest.raises(InputError, match="32 or more"):
        read_picture(encoded(GREY[:20], "PNG"))


def test_masks_are_drawn_by_transparency_or_by_light(tmp_path: Path) -> None:
    drawn = (np.random.default_rng(2).random((40, 50)) < 0.1).astype(np.uint8) * 255
    clear = np.zeros((40, 50, 4), np.uint8)
    clear[..., 3] = drawn
    for name, pixels in (
        ("alpha", clear),
        ("light", drawn),
        ("opaque", np.dstack([drawn] * 3 + [drawn * 0 + 255])),
    ):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        np.testing.assert_array_equal(read_mask(tmp_path / f"{name}.png"), drawn / np.float32(255))
    Image.fromarray(drawn.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "deep.png"), drawn / np.float32(255))


def test_real_pictures_are_grey(shared_data: Path) -> None:
    picture = read_picture(shared_data / "images" / "wrona_inline_100.png")
    assert picture.shape == (541, 1114)
    assert not picture.in_colours
    mask = read_mask(shared_data / "images" / "wrona_inline_100_faultmask.png")
    assert mask.shape == (462, 951)
    assert 0.005 < (mask > 0.5).mean() < 0.05
    assert pictures.MOST_PIXELS >= 100_000_000
