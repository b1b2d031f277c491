"""A survey of OpendTect with faults that the networks see, and the settings of a user who works on it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.earth.example import make_example
from storage.cbvs.header import Component
from storage.cbvs.writer import writing
from storage.geometry import SampleAxis, SurveyGeometry, grid_geometry
from storage.opendtect.adding import New, add
from storage.opendtect.folder import create_survey
from storage.opendtect.survey import survey_of
from storage.opendtect.tables import VOLUME

SHAPE = (40, 112, 144)
FIRST, STEP = (401, 1201), (1, 2)
AFFINE = (4e5, 20.0, 7.5, 6e6, -15.0, 10.0)
NAME = "North"


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything lies."""

    survey: Path
    personal: Path
    picture: Path
    volumes: dict[str, NDArray[np.float32]]


def make_place(folder: Path, shape: tuple[int, int, int] = SHAPE, seed: int = 3) -> Place:
    """Make a survey with two volumes, a user's settings, and a picture of a section."""
    seismic = make_example(seed, 0, size=shape, preset="demo").amplitude * np.float32(1000)
    noise = np.random.default_rng(1).standard_normal(shape, np.float32)
    lines = [
        first + step * np.arange(n, dtype=np.int32)
        for first, step, n in zip(FIRST, STEP, shape[:2], strict=True)
    ]
    axis = SampleAxis("time", 600.0, 4.0, shape[2])
    geometry = grid_geometry(lines[0], lines[1], axis, AFFINE)
    survey, volumes = folder / "surveys" / NAME, {"Noise": noise, "Seismic": seismic}
    create_survey(survey, survey_of(geometry, NAME))
    for name, samples in volumes.items():
        add(survey, New(name, VOLUME, partial(_write, geometry, samples)))
    picture = folder / "section.png"
    Image.fromarray(drawn(seismic[shape[0] // 2])).save(picture)
    return Place(survey, personal_of(folder / "od", survey), picture, volumes)


def drawn(section: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a section in grey, twice enlarged, time downwards."""
    loud = float(np.quantile(np.abs(section), 0.99))
    grey = np.clip(section.T / loud * 127 + 128, 0, 255).astype(np.uint8)
    return np.kron(grey, np.ones((2, 2), np.uint8))


def _write(geometry: SurveyGeometry, samples: NDArray[np.float32], path: Path) -> None:
    with writing(path, geometry, [Component("Amplitude", np.dtype(np.float32))]) as add_lines:
        add_lines(slice(0, len(geometry.inlines)), samples[np.newaxis])


def personal_of(folder: Path, survey: Path) -> Path:
    """Write what OpendTect keeps of a user, from the description of its files."""
    folder.mkdir()
    head = "dTect V8.0.0\nDefault settings\nWed Nov 25 12:00:00 2026\n!\n"
    (folder / "settings").write_text(f"{head}Default DATA directory: {survey.parent}\n!\n")
    (folder / "survey").write_text(f"{survey.name}\n")
    (folder / "settings_python").write_text(f"{head}PythonIDE.ExeName: spyder\n!\n")
    return folder
