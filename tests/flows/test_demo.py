"""The demonstration, as `make demo` runs it."""

import csv
import json
import re
from pathlib import Path

import pytest

from flows.demo import DemoFailedError, judge
from tests.flows.running import graben


@pytest.mark.slow
@pytest.mark.timeout(290)
def test_the_demonstration_shows_faults_found_and_wells_kept_away(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    code, said, err = graben("demo", "--out", out, home=tmp_path / "prefect")
    assert code == 0, err
    f1 = float(re.findall(r"F1 (\d\.\d+)", said)[0])
    assert f1 >= 0.5
    assert "traces lost: 0" in said
    near = int(re.findall(r"(\d+)% of their nodes within", said)[0])
    assert near >= 75
    run = json.loads((out / "faults" / "run.json").read_text())
    assert run["complete"]
    assert run["found"]["traces"] == 160 * 192
    with (out / "faults" / "faults.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert run["found"]["faults"] == len(rows) > 0
    assert run["found"]["sticks"] == sum(int(row["sticks"]) for row in rows) > 0
    assert (out / "wells" / "map.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("f1", "lost", "nearest_m"), [(0.49, 0, 500.0), (0.9, 1, 500.0), (0.9, 0, 149.9)]
)
def test_a_demonstration_that_shows_a_defect_fails(f1: float, lost: int, nearest_m: float) -> None:
    with pytest.raises(DemoFailedError):
        judge(f1, lost, nearest_m)
    judge(0.9, 0, 150.0)
