"""Labelled sections: grouped by survey, and what is none is told in one line."""

from pathlib import Path

import numpy as np
import pytest

from storage.errors import InputError
from storage.sections import read_section, read_surveys

SHAPE = (20, 16)


def write(folder: Path, name: str, **arrays: np.ndarray) -> Path:
    path = folder / f"{name}.npz"
    fault = np.zeros(SHAPE, np.uint8)
    fault[3] = 255
    np.savez(path, **{"seis": np.ones(SHAPE), "fault": fault, **arrays})  # type: ignore[arg-type]
    return path


def test_sections_are_grouped_by_the_first_word_of_their_name(tmp_path: Path) -> None:
    for name in ("north_2", "south_line_7", "north_1"):
        write(tmp_path, name)
    surveys = read_surveys(tmp_path)
    assert {key: [each.name for each in value] for key, value in surveys.items()} == {
        "north": ["north_1", "north_2"],
        "south": ["south_line_7"],
    }
    section = surveys["south"][0]
    assert section.amplitude.shape == section.label.shape == (20, 1, 16)
    assert section.amplitude.dtype == np.float32
    assert section.label.sum() == 16


def test_samples_that_are_no_numbers_are_silent(tmp_path: Path) -> None:
    amplitude = np.ones(SHAPE)
    amplitude[0, 0], amplitude[1, 1] = np.nan, np.inf
    section = read_section(write(tmp_path, "a_1", seis=amplitude))
    assert section.amplitude[0, 0, 0] == section.amplitude[1, 0, 1] == 0


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"seis": np.ones((20, 15))}, r"\(20, 15\) and 'fault' \(20, 16\)"),
        ({"seis": np.ones(20), "fault": np.ones(20)}, "shape"),
        ({"seis": np.ones((1, 20)), "fault": np.ones((1, 20))}, "16 traces and samples"),
        ({"seis": np.array([["a"] * 16] * 20)}, "holds no numbers"),
        ({"seis": np.array([[{}] * 16] * 20)}, "is no labelled section"),
        ({"seis": np.full(SHAPE, np.nan)}, "no sample"),
    ],
)
def test_what_is_no_labelled_section_is_told_in_one_line(
    tmp_path: Path, arrays: dict[str, np.ndarray], words: str
) -> None:
    path = write(tmp_path, "a_1", **arrays)
    with pytest.raises(InputError, match=words) as raised:
        read_section(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_torn_file_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a_1.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is no labelled section"):
        read_section(path)


def test_folders_without_sections_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no \\.npz files"):
        read_surveys(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read_surveys(tmp_path / "none")
