"""What the page of wells works on: values, a search that can be stopped, plans that come back."""

import csv
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from flows.view.wells_run import open_map, open_run
from storage.errors import OutputError
from tasks.wells_page import Asked, Stated, prices_of, state
from tasks.wells_saved import Drawn, save_plan
from tasks.wells_search import search_plan

WELLS = 3


@pytest.fixture
def oil(tmp_path: Path) -> Path:
    field = gaussian_filter(np.random.default_rng(4).standard_normal((30, 40)), 3.0)
    values = np.maximum(2.0 + field / field.std(), 0.0)
    path = tmp_path / "oil.txt"
    path.write_text("OIL\n40 30\n100 100\n" + " ".join(f"{value:.5f}" for value in values.flat))
    return path


@pytest.fixture
def asked(oil: Path) -> Asked:
    return Asked((oil,), radii=300.0, wells=WELLS, periods=2, growth=10.0)


def somewhere(stated: Stated, seed: int = 0) -> NDArray[np.float64]:
    size = np.array([stated.value_map.width_m, stated.value_map.height_m])
    return stated.held(np.random.default_rng(seed).uniform(0, 1, (WELLS, 2)) * size)


def test_a_search_that_is_stopped_gives_a_plan_with_a_bound(asked: Asked, tmp_path: Path) -> None:
    going, told = tmp_path / "going", []
    going.touch()

    def stop(value: float, bound: float) -> None:
        told.append((value, bound))
        going.unlink(missing_ok=True)

    began = time.monotonic()
    found = search_plan(asked, 600.0, going, progress=stop)
    assert time.monotonic() - began < 60
    assert found.value == pytest.approx(state(asked).value(found.positions_m), rel=1e-9)
    assert told[0][1] == np.inf
    assert found.value <= found.bound < np.inf
    assert [value for value, _ in told] == [value for _, value, _ in found.course]


def test_a_search_that_is_stopped_late_ends_too(asked: Asked, tmp_path: Path) -> None:
    going = tmp_path / "going"
    going.touch()

    def stop(_value: float, bound: float) -> None:
        if np.isfinite(bound):
            going.unlink(missing_ok=True)

    began = time.monotonic()
    found = search_plan(asked, 600.0, going, progress=stop)
    assert time.monotonic() - began < 60
    assert np.isfinite(found.bound)


def test_a_map_that_was_written_again_is_another_problem(asked: Asked, oil: Path) -> None:
    before = state(asked)
    assert state(asked) is before
    text = oil.read_text()
    oil.write_text(text.replace("40 30\n100 100", "40 30\n200 100"))
    assert state(asked).value_map.width_m == 2 * before.value_map.width_m


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_plan_that_was_saved_is_opened_as_it_was(
    oil: Path, tmp_path: Path, by_hand: bool
) -> None:
    folder = tmp_path / "plan"
    wanted = {"map": str(oil), "wells": WELLS, "radius": 300.0, "periods": 2, "growth": 10.0}
    opened = open_map(wanted | {"out": str(folder)})
    stated = opened.stated
    positions = somewhere(stated)
    prices = np.random.default_rng(0).uniform(0, 1, stated.value_map.values.shape)
    plan = Drawn(
        positions,
        7.0 if by_hand else None,
        9e9,
        prices.astype(np.float32),
        ((1.0, 2.0, np.inf), (1.5, 2.0, 9e9)),
    )
    settings = opened.settings.model_dump(mode="json")
    save_plan(stated, plan, folder, settings, True)
    oil.unlink()  # a map of its own lies beside the plan
    again = open_run(folder)
    assert again.positions_m is not None
    np.testing.assert_array_equal(again.positions_m, positions)
    assert again.bound == 9e9
    assert again.by_hand == plan.before
    assert again.course == plan.course[1:]  # what had no bound has nothing to plot
    assert again.ours
    kept = prices_of(folder / "shadow_prices.asc", folder / "none.zarr")
    assert kept is not None
    np.testing.assert_allclose(kept, prices, rtol=1e-5)
    value = stated.value(positions)
    assert again.stated.value(positions) == value
    with (folder / "wells.csv").open(newline="") as file:
        shares = [float(row["share"]) for row in csv.DictReader(file)]
    assert sum(shares) == pytest.approx(value, rel=1e-9)
    said = json.loads((folder / "summary.json").read_text())
    assert said["edited_by_hand"] is by_hand
    assert said["complete"]
    save_plan(again.stated, replace(plan, bound=None), folder, settings, False)  # its own may go


@pytest.mark.parametrize("there", ["run", "file", "something"])
def test_a_plan_is_saved_over_nothing_that_is_not_the_page_s(
    asked: Asked, tmp_path: Path, there: str
) -> None:
    folder = tmp_path / "taken"
    if there == "file":
        folder.write_text("mine")
    else:
        folder.mkdir()
        name = "summary.json" if there == "run" else "notes.txt"
        (folder / name).write_text('{"complete": true, "identity": {}}')
    before = sorted(tmp_path.rglob("*"))
    stated = state(asked)
    with pytest.raises(OutputError, match="Choose another folder"):
        save_plan(stated, Drawn(somewhere(stated), None, None, None, ()), folder, {}, False)
    assert sorted(tmp_path.rglob("*")) == before


def test_wells_where_none_may_stand_are_named(asked: Asked, tmp_path: Path) -> None:
    ring = [[1000, 1000], [2000, 1000], [2000, 2000], [1000, 2000], [1000, 1000]]
    (tmp_path / "no.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    stated = state(replace(asked, no_drill=tmp_path / "no.geojson", spacing_m=500.0))
    wells = np.array([[1500.0, 1500.0], [3000.0, 500.0], [3000.0, 900.0]])
    assert stated.wrong(wells).tolist() == [True, True, True]
    wells[2] = 3000.0, 1100.0
    assert stated.wrong(wells).tolist() == [True, False, False]


def test_on_several_maps_a_plan_is_worth_the_mean_of_what_it_is_worth_on_each(
    asked: Asked, oil: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    head, values = oil.read_text().rsplit("\n", maxsplit=1)
    other.write_text(head + "\n" + " ".join(reversed(values.split())))
    both = state(replace(asked, maps=(oil, other)))
    wells = somewhere(both)
    each = [state(replace(asked, maps=(path,))).value(wells) for path in (oil, other)]
    assert both.value(wells) == pytest.approx(np.mean(each), rel=1e-12)
    shares = [
        float(str(row["share"])) for row in both.rows(wells)
    ]  # from a map that no file holds
    assert sum(shares) == pytest.approx(both.value(wells), rel=1e-9)
