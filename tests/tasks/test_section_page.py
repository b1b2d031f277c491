"""What the page stores of a section lies where that lies; of a run all, once; pictures stay as they are."""

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from models.section_levels import CERTAIN, DEAD, LARGEST
from storage.cbvs.header import Component
from storage.cbvs.writer import writing
from storage.errors import InputError
from storage.geometry import SampleAxis, SurveyGeometry, grid_geometry
from storage.opendtect.adding import New, add
from storage.opendtect.folder import create_survey
from storage.opendtect.survey import survey_of
from storage.opendtect.tables import VOLUME
from storage.volume import Variable, create_volume, finish, write_region
from tasks import picture_page, section_work
from tasks.section import predict_plane
from tasks.section_source import VolumeAt, volumes_at
from tasks.section_work import AxisNumber, SectionAt, faults_of, seismic_of, store_faults
from tests import opendtect_files as dtect
from tests.planar_faults import Networks

SHAPE = (9, 11, 40)
AFFINE = (4e5, 20.0, 7.5, 6e6, -15.0, 10.0)


def quiet(done: int, total: int) -> None:
    """Nobody listens."""


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A quarter of the amplitude is taken for probability."""
    for module in (section_work, picture_page):
        monkeypatch.setattr(module, "fault_networks", lambda _name: Networks())
    plain = partial(predict_plane, networks=Networks())  # type: ignore[arg-type]
    monkeypatch.setattr(section_work, "predict_plane", plain)
    yield
    section_work.probability_of.cache_clear()
    picture_page._seen.cache_clear()


@pytest.fixture
def geometry() -> SurveyGeometry:
    lines = [np.arange(5, 5 + step * n, step, dtype=np.int32) for n, step in ((9, 1), (11, 2))]
    live = np.random.default_rng(2).random(SHAPE[:2]) > 0.2
    axis = SampleAxis("time", 500.0, 4.0, SHAPE[2])
    return grid_geometry(lines[0], lines[1], axis, AFFINE, live)


@pytest.fixture
def samples(geometry: SurveyGeometry) -> NDArray[np.float32]:
    drawn = np.random.default_rng(3).standard_normal(SHAPE, np.float32)
    drawn[~geometry.live_mask] = np.nan
    return drawn


@pytest.fixture
def survey(tmp_path: Path, geometry: SurveyGeometry, samples: NDArray[np.float32]) -> Path:
    folder = tmp_path / "surveys" / "S"
    create_survey(folder, survey_of(geometry, "S"))
    component = Component("Amplitude", np.dtype(np.float32))

    def write(path: Path) -> None:
        with writing(path, geometry, [component]) as add_lines:
            add_lines(slice(0, SHAPE[0]), samples[np.newaxis])

    add(folder, New("Seismic", VOLUME, write))
    return folder


@pytest.fixture
def run(tmp_path: Path, geometry: SurveyGeometry, samples: NDArray[np.float32]) -> VolumeAt:
    """As much of a run of map-faults as the page asks for."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "run.json").write_text("{}")
    probability = np.clip(np.abs(samples) / 3, 0, 1)
    for name, variable, values in (
        ("volume", "amplitude", samples),
        ("faults", "fault_probability", probability),
    ):
        known = {"domain": "time", "affine": AFFINE, "key": name, "threshold": 0.4}
        path = folder / f"{name}.zarr"
        create_volume(path, geometry, [Variable(variable, np.float32, "1", variable)], known)
        whole = (slice(0, SHAPE[0]), slice(0, SHAPE[1]), slice(0, SHAPE[2]))
        write_region(path, variable, whole, values, geometry.live_mask)
        finish(path, {})
    (volume,) = volumes_at(folder)
    return volume


@pytest.mark.parametrize(("axis", "index"), [(0, 4), (1, 7), (2, 39)])
def test_a_stored_section_is_what_was_seen_where_it_was_seen(
    survey: Path,
    geometry: SurveyGeometry,
    samples: NDArray[np.float32],
    axis: AxisNumber,
    index: int,
) -> None:
    (volume,) = volumes_at(survey)
    section = SectionAt(volume, axis, index)
    seen = faults_of(section, progress=quiet)
    (name,) = store_faults(section, survey, progress=quiet)
    (stored,) = [each for each in dtect.table(survey / "Seismics") if each.name == name]
    cube = dtect.cbvs(stored.path)
    cut = tuple([index] if each == axis else list(range(n)) for each, n in enumerate(SHAPE))
    lines = [
        (int(geometry.inlines[i]), int(geometry.crosslines[j])) for i in cut[0] for j in cut[1]
    ]
    live = geometry.live_mask[np.ix_(*cut[:2])].ravel()
    assert list(cube.samples) == [line for line, there in zip(lines, live, strict=True) if there]
    assert cube.z == pytest.approx((0.5 + 0.004 * cut[2][0], 0.004, len(cut[2])))
    whole = np.full((len(lines), len(cut[2])), np.nan, np.float32)
    whole[live] = np.concatenate(list(cube.samples.values()))
    plane = np.squeeze(whole.reshape([len(each) for each in cut]), axis).T
    assert ((seen.levels == DEAD) == np.isnan(plane)).all()
    found = ~np.isnan(plane)
    np.testing.assert_allclose(seen.levels[found], plane[found] * CERTAIN, atol=0.51)
    assert seen.most == np.nanmax(plane)
    dead = np.isnan(np.asarray(samples.take(index, axis=axis)).T)
    assert ((seismic_of(section) == DEAD) == dead).all()


def test_a_section_that_is_stored_twice_is_there_twice(survey: Path) -> None:
    section = SectionAt(volumes_at(survey)[0], 0, 2)
    names = [store_faults(section, survey, progress=quiet)[0] for _ in range(2)]
    assert len({*names}) == 2


def test_of_a_run_the_whole_volume_is_stored_once(run: VolumeAt, survey: Path) -> None:
    section = SectionAt(run, 0, 2)
    (name,) = store_faults(section, survey, progress=quiet)
    (stored,) = [each for each in dtect.table(survey / "Seismics") if each.name == name]
    cube = dtect.cbvs(stored.path)
    assert {inline for inline, _ in cube.samples} == set(range(5, 14))
    assert store_faults(SectionAt(run, 1, 3), survey, progress=quiet) == ()


def test_what_does_not_lie_on_the_survey_is_not_stored(run: VolumeAt, tmp_path: Path) -> None:
    lines = np.arange(1, 9, dtype=np.int32)
    other = grid_geometry(lines, lines, SampleAxis("time", 0.0, 4.0, 9), (0, 25, 0, 0, 0, 25))
    survey = tmp_path / "surveys" / "Other"
    create_survey(survey, survey_of(other, "Other"))
    with pytest.raises(InputError, match="Other"):
        store_faults(SectionAt(run, 0, 2), survey, progress=quiet)
    assert dtect.table(survey / "Seismics") == []


def png(pixels: NDArray[np.generic]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def layers(rows: int, columns: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(7)
    trace = np.convolve(rng.standard_normal(rows + 8), np.hanning(9), "valid")
    grey = 128 + 30 * trace[:, None] + rng.standard_normal((rows, columns))
    return np.clip(grey, 0, 255).astype(np.uint8)


def rgba(shown: picture_page.PictureShown) -> NDArray[np.uint8]:
    return shown.pixels.view(np.uint8).reshape(*shown.pixels.shape, 4)


def test_a_picture_is_shown_as_it_is() -> None:
    grey = layers(60, 70)
    shown = picture_page.show_picture("a.png", png(grey), progress=quiet)
    assert shown.shape == (60, 70)
    np.testing.assert_array_equal(rgba(shown)[..., :3], np.repeat(grey[..., None], 3, axis=2))
    assert (rgba(shown)[..., 3] == 255).all()
    colours = np.random.default_rng(1).integers(0, 256, (40, 50, 4), dtype=np.uint8)
    colours[..., 3] = np.where(colours[..., 3] > 99, 255, 0)
    shown = picture_page.show_picture("b.png", png(colours), progress=quiet)
    seen = colours[..., 3] == 255
    np.testing.assert_array_equal(rgba(shown)[seen], colours[seen])
    assert (rgba(shown)[~seen, 3] == 0).all()


@pytest.mark.parametrize("size", [(96, 120), (80, LARGEST + 40)])
def test_faults_lie_on_the_pixels_that_are_shown_and_files_have_all(size: tuple[int, int]) -> None:
    data = png(layers(*size))
    shown = picture_page.show_picture("a.png", data, progress=quiet)
    found = picture_page.find_on_picture("a.png", data, progress=quiet)
    assert found.levels.shape == shown.pixels.shape
    files = picture_page.draw_picture("a.png", data, 0.3, 0.5, progress=quiet)
    for content in files:
        with Image.open(io.BytesIO(content)) as image:
            assert image.size == size[::-1]
