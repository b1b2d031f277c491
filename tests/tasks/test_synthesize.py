"""Example stores: the same bytes on threads, workers and after an interruption."""

import hashlib
from pathlib import Path

import pytest

from deploy.cluster import connect
from models.errors import ParameterError
from storage.examples import ExampleStore
from tasks import synthesize as module
from tasks.fan_out import JobsFailedError, Result
from tasks.synthesize import ExampleRecipe, synthesize

RECIPE = ExampleRecipe(seed=3, count=4, size=(24, 16, 32))


def digest(path: Path) -> str:
    files = sorted(each for each in path.rglob("*") if each.is_file())
    joined = b"".join(str(f.relative_to(path)).encode() + f.read_bytes() for f in files)
    return hashlib.sha256(joined).hexdigest()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        facts = synthesize(tmp_path / name, RECIPE)
        assert facts["made"] == facts["count"] == 4
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    assert not list(tmp_path.glob("*.ledger"))


def test_a_complete_store_is_not_made_again(tmp_path: Path) -> None:
    synthesize(tmp_path / "one", RECIPE)
    assert synthesize(tmp_path / "one", RECIPE)["made"] == 0


def test_an_interrupted_store_goes_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesize(tmp_path / "whole", RECIPE)
    work = module.synthesize_example

    def failing(index: int, *, path: str, recipe: ExampleRecipe) -> Result:
        if index == 2:
            raise OSError("the disk is full")
        return work(index, path=path, recipe=recipe)

    monkeypatch.setattr(module, "synthesize_example", failing)
    with pytest.raises(JobsFailedError, match="the disk is full"):
        synthesize(tmp_path / "cut", RECIPE)
    monkeypatch.setattr(module, "synthesize_example", work)
    assert synthesize(tmp_path / "cut", RECIPE, resume=True)["made"] == 1
    assert digest(tmp_path / "cut") == digest(tmp_path / "whole")


def test_jobs_get_a_path_that_holds_in_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, given = module.synthesize_example, set()

    def noting(index: int, *, path: str, recipe: ExampleRecipe) -> Result:
        given.add(path)
        return work(index, path=path, recipe=recipe)

    monkeypatch.setattr(module, "synthesize_example", noting)
    monkeypatch.chdir(tmp_path)
    synthesize(Path("one"), RECIPE)
    assert given == {str(tmp_path / "one")}


def test_a_recipe_that_cannot_be_drawn_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="size"):
        synthesize(tmp_path / "bad", ExampleRecipe(seed=1, count=1, size=(4, 4, 4)))
    assert not (tmp_path / "bad").exists()


def test_the_store_says_how_it_was_made(tmp_path: Path) -> None:
    synthesize(tmp_path / "one", RECIPE)
    store = ExampleStore(tmp_path / "one")
    assert store.recipe == RECIPE.as_identity()
    assert len(store) == 4


@pytest.mark.slow
def test_one_and_two_workers_give_the_same_bytes(tmp_path: Path) -> None:
    for workers in (1, 2):
        with connect(workers=workers) as client:
            synthesize(tmp_path / str(workers), RECIPE, client=client)
    synthesize(tmp_path / "threads", RECIPE)
    assert len({digest(tmp_path / name) for name in ("1", "2", "threads")}) == 1
