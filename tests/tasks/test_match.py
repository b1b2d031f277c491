"""Stores like a survey: decided by the seed on any number of workers, refused in one line."""

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from deploy.cluster import connect
from storage.errors import InputError
from storage.examples import KNOWN, TRUTH, ExampleStore
from tasks.match import measure_survey, open_survey
from tasks.synthesize import ExampleRecipe, synthesize
from tests.plain_survey import as_volume
from tests.tasks.test_synthesize import digest

SHAPE = (40, 36, 64)


def write_volume(path: Path, shape: tuple[int, int, int] = SHAPE) -> Path:
    """Write a small survey of dipping layers as an ingest does."""
    rng = np.random.default_rng(0)
    series = ndimage.gaussian_filter1d(rng.standard_normal(300), 1.5)
    x, y, z = np.ogrid[: shape[0], : shape[1], : shape[2]]
    samples = np.interp(z + 0.2 * x + 0.1 * y + 40, np.arange(300), series)
    samples = (samples + 0.05 * rng.standard_normal(shape)).astype(np.float32)
    return as_volume(path, samples)


@pytest.fixture(scope="module")
def volume(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_volume(tmp_path_factory.mktemp("survey") / "volume.zarr")


def test_a_store_like_a_survey_names_it_and_says_what_is_known(
    volume: Path, tmp_path: Path
) -> None:
    recipe = ExampleRecipe(3, 4, (24, 24, 32), labels="all", like=volume, inserted=0.5)
    facts = synthesize(tmp_path / "one", recipe)
    assert 0 < facts["inserted"] < 4
    assert synthesize(tmp_path / "one", recipe)["made"] == 0
    store = ExampleStore(tmp_path / "one")
    assert store.recipe["like"] == {"key": "a" * 64, "digest": "", "inserted": 0.5}
    for index in range(4):
        example, truth = store.read(index), store.read_truth(index)
        assert example.known is not None
        assert set(truth) == set(TRUTH)
        assert abs(float(example.amplitude.mean())) < 0.5


def test_a_store_like_a_survey_made_anew_is_the_same(volume: Path, tmp_path: Path) -> None:
    recipe = ExampleRecipe(3, 2, (24, 24, 32), like=volume)
    synthesize(tmp_path / "one", recipe)
    first = digest(tmp_path / "one")
    synthesize(tmp_path / "one", recipe, overwrite=True)
    assert digest(tmp_path / "one") == first


def test_a_store_without_a_survey_has_no_more_arrays_than_before(tmp_path: Path) -> None:
    synthesize(tmp_path / "plain", ExampleRecipe(3, 1, (24, 24, 32)))
    assert not (tmp_path / "plain" / KNOWN).exists()
    assert ExampleStore(tmp_path / "plain").read(0).known is None
    assert ExampleStore(tmp_path / "plain").read_truth(0) == {}
    assert "like" not in ExampleStore(tmp_path / "plain").recipe


def test_a_survey_is_measured_in_blocks_that_fit_an_example(volume: Path) -> None:
    measured = measure_survey(open_survey(volume), (24, 24, 32))
    assert 0.03 <= measured.character.peak_frequency <= 0.2
    for corner in measured.quiet:
        assert all(c + n <= end for c, n, end in zip(corner, (24, 24, 32), SHAPE, strict=True))


@pytest.mark.parametrize(
    ("size", "words"), [((64, 24, 32), "--size 40,24,32"), ((24, 24, 96), "--inserted 0")]
)
def test_a_survey_smaller_than_an_example_is_refused_with_what_fits(
    volume: Path, tmp_path: Path, size: tuple[int, int, int], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        synthesize(tmp_path / "one", ExampleRecipe(3, 1, size, like=volume))
    assert not (tmp_path / "one").exists()


def test_what_is_no_volume_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="graben ingest"):
        synthesize(tmp_path / "one", ExampleRecipe(3, 1, (24, 24, 32), like=tmp_path / "none"))


def test_a_single_inline_serves_sections(tmp_path: Path) -> None:
    line = write_volume(tmp_path / "line.zarr", (1, 64, 48))
    facts = synthesize(tmp_path / "one", ExampleRecipe(3, 2, (40, 1, 32), like=line, inserted=1))
    assert facts["inserted"] == 2


@pytest.mark.slow
def test_one_and_two_workers_give_the_same_bytes(volume: Path, tmp_path: Path) -> None:
    recipe = ExampleRecipe(3, 4, (24, 24, 32), like=volume)
    for workers in (1, 2):
        with connect(workers=workers) as client:
            synthesize(tmp_path / str(workers), recipe, client=client)
    synthesize(tmp_path / "threads", recipe)
    assert len({digest(tmp_path / name) for name in ("1", "2", "threads")}) == 1
