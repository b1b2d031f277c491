"""``place-wells`` on a kept map by tiles, as a user meets it."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from flows import wells_choice
from flows.__main__ import COMPLETE, WRONG_INPUT, run
from models.wells.objective import Drainage, evaluate
from storage.map_store import write_map_store
from storage.maps.grid import GridMap
from tests.map_sources import InMemory, hilly

FEW = ["--wells", "5", "--radius", "300", "--periods", "2", "--growth", "5"]


@pytest.fixture(scope="module")
def hills() -> InMemory:
    return hilly((60, 70), 7, smooth=5.0)


@pytest.fixture
def kept(tmp_path: Path, hills: InMemory) -> Path:
    path = tmp_path / "map.zarr"
    corner = (430000.0, 6480000.0)
    write_map_store(path, GridMap("OIL", hills.map_values, 50.0, 40.0, 0, "abc", corner), {})
    return path


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of a small map, few steps."""
    small_tiles(monkeypatch)


def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.place_in_tiles.SIDE", 40)
    monkeypatch.setattr("tasks.place_in_tiles.SIDE_IN_REACHES", 1)
    monkeypatch.setattr("flows.wells_in_tiles.ITERATIONS", 40)


def place(source: Path, out: Path, *more: str) -> int:
    return run(["place-wells", str(source), "--out", str(out), *FEW, *more])


def summary(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "summary.json").read_text()))


def test_a_kept_map_is_searched_by_tiles_and_its_plan_is_valued_and_proven(
    kept: Path, hills: InMemory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "wells"
    assert place(kept, out, "--search", "tiles") == COMPLETE
    told = capsys.readouterr()
    assert "60 x 70 cells in 4 tiles of 40 x 40 (as asked), in this process" in told.out + told.err
    assert sorted(each.name for each in out.iterdir()) == TILES
    assert summary(out)["guarantee"] in (out / "report.html").read_text()
    with (out / "wells.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    places = [[float(row["x_m"]), float(row["y_m"])] for row in rows]
    said = summary(out)
    drainage = Drainage(np.full(5, 300.0), 2, 5.0)
    value = evaluate(hills.whole, np.array(places), drainage).value
    assert said["value"] == pytest.approx(value, rel=1e-11)
    assert value <= said["bound"] <= 1.1 * value
    assert said["guarantee"] in told.out + told.err
    assert float(rows[0]["cdp_x"]) == pytest.approx(430000.0 + places[0][0])
    shapes = json.loads((out / "wells.geojson").read_text())
    assert len(shapes["features"]) == 15
    # The same run again does nothing; other wells are another run.
    before = (out / "wells.csv").stat().st_mtime_ns
    assert place(kept, out, "--search", "tiles") == COMPLETE
    assert (out / "wells.csv").stat().st_mtime_ns == before
    assert place(kept, out, "--search", "tiles", "--seed", "4") == WRONG_INPUT


def test_the_size_of_the_map_decides_and_is_said(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wells_choice, "WHOLE_CELLS", 4000)
    assert place(kept, tmp_path / "large") == COMPLETE
    told = capsys.readouterr()
    assert "(as more than 4,000 cells)" in told.out + told.err
    assert summary(tmp_path / "large")["tiles"] == 4


def plain(path: Path) -> Path:
    path.write_text("OIL\n12 9\n50 50\n" + " ".join(str(1 + at % 7) for at in range(108)))
    return path


@pytest.mark.parametrize(
    ("cells", "given", "why"),
    [
        (200, [], "as no more than 200 cells"),
        (50, ["--search", "whole"], "as asked"),
        (50, [], "as tiles need a map that graben ingest-map keeps"),
        (50, ["{other}"], "as tiles know no mean of several maps"),
    ],
)
def test_the_first_line_says_that_the_map_is_searched_whole_and_why(
    cells: int,
    given: list[str],
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(wells_choice, "WHOLE_CELLS", cells)
    more = [each.format(other=plain(tmp_path / "other.txt")) for each in given]
    out = tmp_path / "wells"
    assert place(plain(tmp_path / "map.txt"), out, "--starts", "1", "--time", "0.1", *more) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first == f"Search: 9 x 12 cells whole ({why}), in this process"


WHOLE = [
    *("convergence.png", "map.png", "report.html", "shadow_prices.asc"),
    *("summary.json", "wells.csv", "wells.geojson"),
]
TILES = [
    *("convergence.png", "map.png", "report.html", "shadow_prices.zarr"),
    *("summary.json", "wells.csv", "wells.geojson"),
]


@pytest.mark.parametrize(
    ("searches", "left"), [(("whole", "tiles"), TILES), (("tiles", "whole"), WHOLE)]
)
def test_a_run_leaves_nothing_of_another_search_beside_its_wells(
    searches: tuple[str, str], left: list[str], kept: Path, tmp_path: Path
) -> None:
    out, few = tmp_path / "wells", ["--starts", "1"]
    first, second = (
        ["--search", search, *(few if search == "whole" else [])] for search in searches
    )
    assert place(kept, out, *first) == COMPLETE
    # As a run leaves them that is killed before its end.
    (out / ".prices").mkdir()
    (out / ".value-map.npz").touch()
    assert place(kept, out, *second) == WRONG_INPUT
    assert place(kept, out, *second, "--overwrite") == COMPLETE
    assert sorted(each.name for each in out.iterdir()) == left


def test_files_of_no_known_run_are_refused_by_either_search(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "wells"
    out.mkdir()
    (out / "report.html").touch()
    assert place(kept, out, "--search", "tiles") == WRONG_INPUT
    assert "report.html of no known run" in capsys.readouterr().err
    assert [each.name for each in out.iterdir()] == ["report.html"]


def test_wells_that_add_nothing_come_with_a_bound(tmp_path: Path) -> None:
    values = np.zeros((60, 70))
    values[20:23, 20:23] = 2.0
    write_map_store(tmp_path / "map.zarr", GridMap("OIL", values, 50.0, 40.0, 0, "abc"), {})
    out = tmp_path / "wells"
    assert place(tmp_path / "map.zarr", out, "--search", "tiles") == COMPLETE
    said = summary(out)
    assert said["value"] <= said["bound"] <= said["value"] * (1 + 1e-6)


@pytest.mark.parametrize(
    "stage",
    [
        "flows.wells_in_tiles.bound_of",
        "flows.wells_in_tiles.keep_price_map",
        "storage.map_store.zarr.consolidate_metadata",
        "flows.wells_in_tiles.write_well_map",
        "flows.wells_in_tiles.write_report",
    ],
)
def test_what_befalls_the_end_of_a_run_leaves_all_that_was_found(
    stage: str, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean, out = tmp_path / "clean", tmp_path / "wells"
    assert place(kept, clean, "--search", "tiles") == COMPLETE

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    def again(*_: object, **__: object) -> None:
        raise AssertionError("this was done before")

    with monkeypatch.context() as patch:
        patch.setattr(stage, interrupt)
        assert place(kept, out, "--search", "tiles") == 130
    assert (out / "wells.csv").read_bytes() == (clean / "wells.csv").read_bytes()
    said = summary(out)
    assert said["complete"] is False
    assert said["value"] == summary(clean)["value"]
    with monkeypatch.context() as patch:
        for work in ("next_wells", "worth", "swept"):
            patch.setattr(f"tasks.place_in_tiles.{work}", again)
        if "write" in stage:
            assert said["bound"] == summary(clean)["bound"]
        if "bound_of" not in stage:
            for work in ("priced", "lowered", "proven"):
                patch.setattr(f"tasks.well_tile_bound.{work}", again)
        assert place(kept, out, "--search", "tiles", "--resume") == COMPLETE
    assert summary(out)["bound"] == summary(clean)["bound"]
    assert summary(out)["stages"] == summary(clean)["stages"]
    assert sorted(each.name for each in out.iterdir()) == TILES
    xr.testing.assert_identical(
        *(xr.open_zarr(each / "shadow_prices.zarr").load() for each in (out, clean))
    )


def test_what_a_run_killed_in_its_last_moment_leaves_goes_with_the_next(
    kept: Path, tmp_path: Path
) -> None:
    out = tmp_path / "wells"
    assert place(kept, out, "--search", "tiles") == COMPLETE
    (out / ".prices").mkdir()
    key = {"key": "k", "identity": {}}
    (out / "wells.csv.ledger").write_text(json.dumps(key) + "\n")
    assert place(kept, out, "--search", "tiles") == COMPLETE
    assert sorted(each.name for each in out.iterdir()) == TILES


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["--starts", "3"], "--starts"),
        (["--time", "3"], "--time"),
        (["--rigs", "2"], "--rigs"),
    ],
)
def test_what_tiles_do_not_know_is_refused_in_one_line(
    kept: Path, tmp_path: Path, given: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "wells"
    assert place(kept, out, "--search", "tiles", *given) == WRONG_INPUT
    told = capsys.readouterr().err
    assert named in told
    assert len(told.strip().splitlines()) == 1
    assert not out.exists()


def test_cells_that_count_as_zero_are_told_as_a_search_of_the_whole_map_tells_them(
    hills: InMemory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, values = tmp_path / "map.txt", np.round(hills.map_values, 4)
    values[0, :3], values[9, 9] = np.nan, -0.03 * np.max(values)
    path.write_text("OIL\n70 60\n50 40\n" + " ".join(f"{value:.5f}" for value in values.flat))
    store = tmp_path / "map.zarr"
    assert run(["ingest-map", str(path), str(store)]) == COMPLETE
    for search in ("tiles", "whole"):
        capsys.readouterr()
        assert place(store, tmp_path / search, "--search", search) == COMPLETE
        told = "".join(capsys.readouterr())
        assert "Note: 3 cells of map.zarr have no value: 0." in told
        assert "Note: 1 cells of map.zarr are a little below 0: 0." in told
        said = summary(tmp_path / search)
        assert (said["cells_without_value"], said["cells_below_zero"]) == (3, 1)
    values[9, 9] = -np.nanmax(values)
    path.write_text("OIL\n70 60\n50 40\n" + " ".join(f"{value:.5f}" for value in values.flat))
    assert run(["ingest-map", str(path), str(store), "--overwrite"]) == COMPLETE
    capsys.readouterr()
    assert place(store, tmp_path / "none", "--search", "tiles") == WRONG_INPUT
    assert "1 values are negative or infinite" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_tiles_need_a_kept_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "map.txt"
    path.write_text("OIL\n4 3\n50 50\n" + "1 " * 12)
    assert place(path, tmp_path / "wells", "--search", "tiles") == WRONG_INPUT
    assert "Keep it as Zarr with graben ingest-map first." in capsys.readouterr().err
