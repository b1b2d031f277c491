"""The command ``compare-models`` as a user calls it."""

import json
from pathlib import Path

import pytest

from tests.flows.running import graben

SMALL = ("--budget", 58_000, "--patch", 16, "--code", 16, "--steps", 2, "--threads", 1)
DATA = ("--cubes", 1, "--score-count", 1, "--workers", 1)


@pytest.mark.slow
@pytest.mark.usefixtures("quick_starts")
def test_a_comparison_is_a_table_with_pictures(tmp_path: Path) -> None:
    out, home = tmp_path / "out", tmp_path / "home"
    compare = ("compare-models", "--out", out, *SMALL, *DATA)
    code, said, error = graben(*compare, home=home)
    assert code == 0, error
    assert "convolutional: " in said
    record = json.loads((out / "compare.json").read_text(encoding="utf-8"))
    sizes = [result["parameters"] for result in record["results"]]
    assert len(sizes) == 3
    assert max(sizes) / min(sizes) < 1.05
    page = (out / "compare.html").read_text(encoding="utf-8")
    assert page.count("<img") == 2
    assert "<td>variational</td>" in page
    assert len((out / "compare.csv").read_text(encoding="utf-8").splitlines()) == 4
    code, said, _ = graben(*compare, home=home)
    assert code == 0
    assert "nothing to do" in said
    code, _, error = graben(*compare, "--seed", 12, home=home)
    assert code == 2
    assert "another run" in error
    (out / "compare.html").unlink()
    code, _, error = graben(*compare, home=home)
    assert code == 2
    assert "--resume" in error


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--budget", 5000), "budget = 5000 parameters"),
        (("--patch", 20), "patch = 20"),
        (("--code", 7), "code = 7"),
        (("--preset", "moon"), "--preset"),
        (("--test-seed", 101), "seed = 101"),
        (("--examples", "none.zarr"), "no example store"),
        (("--steps", 0), "--steps"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(
    tmp_path: Path, arguments: tuple[object, ...], words: str
) -> None:
    out = tmp_path / "out"
    code, _, error = graben("compare-models", "--out", out, *arguments, home=tmp_path / "home")
    assert code == 2, error
    assert len(error.strip().splitlines()) == 1
    assert words in error
    assert not out.exists()
