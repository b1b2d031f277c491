"""The commands ``synthesize``, ``train`` and ``evaluate`` as a user calls them."""

import json
import re
from pathlib import Path

import pytest

from models.networks.card import read_card
from storage.examples import ExampleStore
from tests.flows.running import graben

SIZE = ("--size", "32,32,32")


@pytest.mark.slow
def test_examples_become_weights_with_a_threshold_and_scores(tmp_path: Path) -> None:
    store, out, home = tmp_path / "cubes.zarr", tmp_path / "out", tmp_path / "prefect"
    code, said, error = graben("synthesize", store, "--count", 3, *SIZE, home=home)
    assert code == 0, error
    assert "3 examples" in said
    assert ExampleStore(store).size == (32, 32, 32)
    train = ("train", "--examples", store, "--out", out, "--steps", 2, "--score-count", 1)
    code, said, error = graben(*train, home=home)
    assert code == 0, error
    assert "tol2-F1" in said
    card = read_card(out / "lean16.keras")
    assert card.data["training"]["step"] == 2
    assert set(card.scores) == {"validation", "test", "edge_effect_by_halo"}
    code, said, _ = graben(*train, home=home)
    assert code == 0
    assert "nothing to do" in said
    assert "tensorflow" not in error.lower()
    code, _, error = graben(*train, "--seed", 12, home=home)
    assert code == 2
    assert "another training has begun there: seed was 11 and is 12" in error
    code, _, error = graben(*train, "--test-seed", 777, home=home)
    assert code == 2
    assert "--resume" in error
    weights = ("--weights", out / "lean16.keras")
    few = ("--count", 1, "--seeds", 301, "--preset", "mixed", "--validation-count", 1)
    code, said, error = graben("evaluate", *weights, *SIZE, *few, home=home)
    assert code == 0, error
    assert "mixed seed 301" in said
    assert "semblance, 17 samples" in said
    assert re.search(r"^ +lean16 +0?\.\d", said, re.MULTILINE)
    passes = {"weights": "lean16.keras", "averaging": {"zooms": [[1, 1], [1.5, 1]]}}
    view = {"members": [passes]}
    (out / "mine.json").write_text(json.dumps({"volumes": view, "lines": view}))
    code, said, error = graben("evaluate", "--weights", out / "mine.json", *SIZE, *few, home=home)
    assert code == 0, error
    assert re.search(r"^ +mine +0?\.\d", said, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("synthesize", "{}/a.zarr", "--size", "4,4,4"), "size"),
        (("synthesize", "{}/a.zarr", "--preset", "moon"), "--preset"),
        (("train", "--examples", "{}/none.zarr", "--out", "{}/out"), "none.zarr"),
        (("train", "--out", "{}/out", "--test-seed", "101"), "seed = 101"),
        (("evaluate", "--weights", "{}/none.keras"), "none"),
        (("evaluate", "--seeds", "101"), "seed = 101"),
        (("evaluate", "--seeds", "202"), "seed = 202"),
        (("evaluate", "--surveys", "{}/none"), "no such folder"),
        (("evaluate", "--record"), "--surveys"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    code, _, error = graben(*(each.format(work) for each in arguments), home=tmp_path / "home")
    assert code == 2, error
    line = error.strip().splitlines()[-1]
    assert line.startswith("graben:")
    assert words in line
    assert not list(work.iterdir())
