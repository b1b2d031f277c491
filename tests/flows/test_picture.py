"""``graben picture``: what goes in, at which place it comes out, what is refused in one line."""

import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from flows import picture_faults
from flows.__main__ import COMPLETE, WRONG_INPUT, run
from storage.pictures import read_picture
from tests.drawn_sections import coloured, grey, in_ink, layers, with_axes
from tests.flows.test_conversion_memory import peak
from tests.stand_in import StandIn

SHAPE = (220, 300)
MARGINS = (70, 50, 40, 60)
PAGE = SHAPE[0] + 110, SHAPE[1] + 110
LOUD = slice(100, 116), slice(200, 216)


class Networks:
    """As much of the networks as a picture asks for."""

    def view(self, *, line: bool) -> StandIn:
        return StandIn(sections=line)


@pytest.fixture
def _loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amplitudes stand for probability: what is loud is a fault."""
    monkeypatch.setattr(picture_faults, "fault_networks", lambda *_, **__: Networks())


@pytest.fixture
def _unused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where networks are asked for before all else was looked at."""

    def networks(*_: object, **__: object) -> None:
        raise AssertionError("networks were loaded")

    monkeypatch.setattr(picture_faults, "fault_networks", networks)


def loud_section() -> NDArray[np.float32]:
    section = layers(SHAPE) * np.float32(0.2)
    rows = np.arange(16)[:, None]
    section[LOUD] = np.where(rows % 8 < 4, 1, -1)
    return section


def pages() -> dict[str, NDArray[Any]]:
    section = loud_section()
    blue, white, red = (0, 0, 255), (255, 255, 255), (255, 0, 0)
    colours = np.repeat(with_axes(grey(section), MARGINS)[..., None], 4, axis=2)
    colours[..., 3] = 0
    colours[MARGINS[1] : -MARGINS[3], MARGINS[0] : -MARGINS[2], 3] = 255
    return {
        "grey.png": with_axes(grey(section), MARGINS),
        "grey.tif": with_axes(grey(section), MARGINS),
        "deep.tif": with_axes(grey(section), MARGINS).astype(np.uint16) * 200 + 900,
        "dark.jpg": with_axes(grey(section), MARGINS, 0),
        "colours.png": with_axes(coloured(section, (blue, white, red)), MARGINS, 30),
        "transparent.png": colours,
    }


def written(folder: Path, name: str) -> Path:
    path = folder / name
    Image.fromarray(pages()[name]).save(path, quality=95)
    return path


def read_back(path: Path) -> NDArray[Any]:
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.mark.usefixtures("_loud")
@pytest.mark.parametrize("name", pages())
def test_faults_come_back_at_their_place_in_the_whole_picture(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, name)
    out, mask = tmp_path / "out.png", tmp_path / "mask.png"
    zoom = ["--zoom", "1,1", "--threshold", "0.9"]
    assert run(["picture", str(source), str(out), "--mask", str(mask), *zoom]) == COMPLETE
    said = capsys.readouterr().out
    assert f"of {PAGE[1]} x {PAGE[0]} pixels; the rest is taken for axes" in said
    assert "Warning" not in said
    before, after, found = read_picture(source), read_back(out), read_back(mask)
    assert after.shape == (*PAGE, 3)
    assert found.shape == PAGE
    assert found.dtype == np.uint16
    levels = np.atleast_3d(before.pixels).astype(int)
    if before.pixels.dtype == np.uint16:
        levels = (levels - 900) // 200
    changed = np.argwhere((np.abs(after - levels) > 2).any(axis=2) & _shown(before))
    place = [MARGINS[1] + LOUD[0].start, MARGINS[0] + LOUD[1].start]
    assert len(changed) > 100
    assert (changed.min(axis=0) >= np.array(place) - 3).all()
    assert (changed.max(axis=0) <= np.array(place) + 19).all()
    inside = np.zeros(PAGE, bool)
    inside[MARGINS[1] - 2 : 2 - MARGINS[3], MARGINS[0] - 2 : 2 - MARGINS[2]] = True
    assert not found[~inside].any()
    assert found[inside].any()


def _shown(picture: Any) -> NDArray[np.bool_]:
    shown: NDArray[np.bool_] = np.ones(PAGE, bool) if picture.shown is None else picture.shown
    return shown


@pytest.mark.usefixtures("_loud")
def test_the_user_may_say_where_the_section_lies_and_how_large(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out, mask = written(tmp_path, "grey.png"), tmp_path / "o.tif", tmp_path / "m.tif"
    left, top = MARGINS[0] + 150, MARGINS[1] + 60
    words = [
        "--crop",
        f"{left},{top},{left + 100},{top + 120}",
        "--mask",
        str(mask),
        "--mask-bits",
        "8",
    ]
    assert run(["picture", str(source), str(out), *words, "--zoom", "0.5,0.5"]) == COMPLETE
    assert "seen at --zoom 0.5,0.5, 50 traces of 60 samples" in capsys.readouterr().out
    found = read_back(mask)
    rows, columns = np.nonzero(found)
    assert found.dtype == np.uint8
    assert (rows.min(), rows.max()) >= (top, top)
    assert rows.max() < top + 120
    assert left <= columns.min() <= columns.max() < left + 100
    words = ["--aspect", "2", "--overwrite", "--polarity", "auto"]
    assert run(["picture", str(source), str(out), *words]) == COMPLETE
    assert "150 traces of 220 samples" in capsys.readouterr().out


@pytest.mark.usefixtures("_loud")
def test_a_score_is_that_of_the_drawn_mask_at_any_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, "grey.png")
    for scale in (1, 2):
        drawn = np.zeros(PAGE, np.uint8)
        place = MARGINS[1] + LOUD[0].start, MARGINS[0] + LOUD[1].start
        drawn[place[0] : place[0] + 16, place[1] : place[1] + 16] = 255
        mask = Image.fromarray(np.kron(drawn, np.ones((scale, scale), np.uint8)))
        mask.save(tmp_path / "drawn.png")
        command = ["picture", str(source), str(tmp_path / "o.png"), "--zoom", "1,1", "--overwrite"]
        assert run([*command, "--score", str(tmp_path / "drawn.png")]) == COMPLETE
        said = capsys.readouterr().out
        assert float(said.split("AP ")[1].split()[0]) > 0.75, said
        assert "chance 0.002" in said
        assert run([*command, "--score", str(written(tmp_path, "grey.tif"))]) == COMPLETE
        assert float(capsys.readouterr().out.split("AP ")[1].split()[0]) < 0.75


@pytest.mark.usefixtures("_loud")
def test_what_does_not_look_like_a_section_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph = Image.new("L", (300, 200), 120)
    draw = ImageDraw.Draw(photograph)
    for at in range(0, 300, 20):
        draw.ellipse((at, at % 120, at + 60, at % 120 + 50), fill=(at * 7) % 255)
    photograph.save(tmp_path / "photo.png")
    assert run(["picture", str(tmp_path / "photo.png"), str(tmp_path / "o.png")]) == COMPLETE
    assert "Warning: this does not look like a section" in capsys.readouterr().out


def wrong(folder: Path) -> dict[str, tuple[list[str], str]]:
    source = written(folder, "grey.png")
    (folder / "text.png").write_text("no picture" * 50)
    (folder / "cut.png").write_bytes(source.read_bytes()[:-2000])
    Image.new("L", (300, 200), 255).save(folder / "tall.png")
    Image.new("L", PAGE[::-1], 0).save(folder / "nothing.png")
    Image.new("1", (30_000, 4001)).save(folder / "bomb.png")
    (folder / "there.png").write_bytes(b"mine")
    out = str(folder / "o.png")
    return {
        "none": ([str(folder / "none.png"), out], "there is no such file"),
        "text": ([str(folder / "text.png"), out], "this is no picture"),
        "cut": ([str(folder / "cut.png"), out], "cannot be read as a picture"),
        "bomb": ([str(folder / "bomb.png"), out], "30000 x 4001 pixels"),
        "there": ([str(source), str(folder / "there.png")], "--overwrite"),
        "itself": ([str(source), str(source)], "this is the input"),
        "form": ([str(source), str(folder / "o.webp")], "Use .png, .tif or .jpg"),
        "folder": ([str(source), str(folder / "no" / "o.png")], "no such folder"),
        "mask": ([str(source), out, "--mask", str(folder / "m.jpg")], "JPEG would blur"),
        "same": ([str(source), out, "--mask", out], "--mask names the same file"),
        "aspect": ([str(source), out, "--score", str(folder / "tall.png")], "another aspect"),
        "empty": ([str(source), out, "--score", str(folder / "nothing.png")], "nothing is drawn"),
        "zoom": ([str(source), out, "--zoom", "0,1"], "--zoom"),
    }


@pytest.mark.usefixtures("_unused")
@pytest.mark.parametrize(
    "case",
    [
        "none",
        "text",
        "cut",
        "bomb",
        "there",
        "itself",
        "form",
        "folder",
        "mask",
        "same",
        "aspect",
        "empty",
        "zoom",
    ],
)
def test_what_is_wrong_is_one_line_before_networks_are_loaded(
    tmp_path: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, words = wrong(tmp_path)[case]
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert run(["picture", *arguments]) == WRONG_INPUT
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.usefixtures("_loud")
@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--crop", "0,0,10,10"], "is no part of its"),
        (["--crop", "0,0,9999,90"], "is no part of its"),
    ],
)
def test_a_wrong_crop_is_one_line(
    tmp_path: Path, extra: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, "grey.png")
    assert run(["picture", str(source), str(tmp_path / "o.png"), *extra]) == WRONG_INPUT
    assert words in capsys.readouterr().err
    Image.new("L", (300, 200), 255).save(tmp_path / "blank.png")
    assert run(["picture", str(tmp_path / "blank.png"), str(tmp_path / "o.png")]) == WRONG_INPUT
    assert "nothing to see in it" in capsys.readouterr().err
    assert not (tmp_path / "o.png").exists()


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_a_scan_of_a_hundred_megapixels_takes_less_than_two_gigabytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = in_ink(layers((1250, 2000), 3, throw=12), 10, 4)
    assert paper.size == 100_000_000
    Image.fromarray(paper).save(tmp_path / "paper.tif", compression="group4")
    files = [tmp_path / name for name in ("paper.tif", "out.png", "mask.png")]
    most = peak(2, "picture", *files[:2], "--mask", files[2], home=tmp_path).driver
    said = (tmp_path / "said.txt").read_text()
    assert "Ink on paper" in said
    assert "Warning" not in said
    with capsys.disabled():
        sys.stdout.write(f"\n{most / 1e9:.2f} GB ")
    assert most < 2e9
    head = files[2].read_bytes()[16:24]
    assert struct.unpack(">2i", head) == (20_000, 5000)
