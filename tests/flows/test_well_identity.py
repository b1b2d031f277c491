"""What decides a well plan and its worth is in its identity: another wish is another run."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flows.__main__ import COMPLETE, WRONG_INPUT, run
from flows.settings.wells import PlaceWells
from flows.well_verification import identity_of
from storage.map_store import write_map_store
from storage.maps.grid import GridMap
from tasks.maps import assign
from tasks.tiled_run import placing
from tests.flows.test_place_wells import oil, place, summary

__all__ = ["oil"]

MONEY = ["--price", "2", "--well-cost", "1000", "--budget", "4000", "--discount", "5"]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (["--price", "3", *MONEY[2:]], "price was 2.0 and is 3.0"),
        # Wells go by the ratio of both, and what they are worth by each.
        (
            ["--price", "4", "--well-cost", "2000", "--budget", "8000", *MONEY[6:]],
            "price was 2.0 and is 4.0, well_cost was 1000.0 and is 2000.0",
        ),
        ([*MONEY[:4], "--budget", "4500", *MONEY[6:]], "budget was 4000.0 and is 4500.0"),
        ([*MONEY[:6], "--discount", "6"], "discount was 0.05 and is 0.06"),
        ([*MONEY, "--period-years", "2"], "period_years was 1.0 and is 2.0"),
        (MONEY[2:], "price was 2.0 and is None"),
    ],
)
def test_other_money_is_another_run(
    other: list[str], said: str, oil: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "wells"
    few = ["--starts", "1", "--periods", "2", "--time", "0.1"]
    assert place(oil, out, *few, *MONEY) == COMPLETE
    before = summary(out)
    assert place(oil, out, *few, *MONEY) == COMPLETE
    assert "nothing to do" in capsys.readouterr().out
    assert place(oil, out, *few, *other) == WRONG_INPUT
    assert said in capsys.readouterr().err
    assert json.dumps(before) == json.dumps(summary(out))


def test_a_price_that_no_cost_stands_beside_is_another_run(
    oil: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, few = tmp_path / "wells", ["--starts", "1", "--time", "0.1"]
    assert place(oil, out, *few, "--price", "2") == COMPLETE
    assert summary(out)["npv"] == pytest.approx(2 * summary(out)["value"], rel=1e-12)
    assert place(oil, out, *few, "--price", "3") == WRONG_INPUT
    assert "price was 2.0 and is 3.0" in capsys.readouterr().err


@pytest.mark.parametrize(
    "other", [{"contrast": 0}, {"top": 3}, {"verify_years": 2.0}, {"verify_power": 1.0}]
)
def test_other_simulations_are_another_run(other: dict[str, Any], tmp_path: Path) -> None:
    asked: dict[str, Any] = {"map": [tmp_path], "out": tmp_path, "verify": "flow"}
    assert identity_of(PlaceWells(**asked)) != identity_of(PlaceWells(**asked, **other))


@pytest.mark.parametrize(
    ("search", "version", "older"),
    [("whole", "search_version", 3), ("tiles", "tiled_search_version", 1)],
)
def test_a_run_of_an_older_search_is_another_run(
    search: str,
    version: str,
    older: int,
    oil: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept, out = tmp_path / "oil.zarr", tmp_path / "wells"
    assert run(["ingest-map", str(oil), str(kept)]) == COMPLETE
    few = ["--wells", "2", "--radius", "1500", "--search", search]
    few += ["--starts", "1", "--time", "0.1"] if search == "whole" else []
    again = ["place-wells", str(kept), "--out", str(out), *few]
    assert run(again) == COMPLETE
    assert run(again) == COMPLETE
    record = summary(out)
    record["identity"][version] = older
    (out / "summary.json").write_text(json.dumps(record))
    capsys.readouterr()
    assert run(again) == WRONG_INPUT
    assert f"{version} was {older} and is" in capsys.readouterr().err


def test_cells_of_another_size_make_another_run(tmp_path: Path) -> None:
    """As those of one deck do whose units are read otherwise: the file is the same."""
    whole, tiled = [], []
    for size in (100.0, 30.48):
        path = tmp_path / f"{size}.zarr"
        write_map_store(path, GridMap("OIL", np.ones((6, 8)), size, 50.0, 0, "same"), {})
        place = {"origin": None, "azimuth_deg": None}
        asked = assign(path, 100.0, wells=1, periods=1, growth=0.0, **place)  # type: ignore[arg-type]
        whole.append(asked.facts())
        tiles = {"radius_m": 100.0, "growth_m": 0.0, "count": 1, "seed": 0, "periods": 1}
        tiled.append(placing(path, **tiles, **place).facts())  # type: ignore[arg-type]
    for one, other in (whole, tiled):
        assert {name for name in one if one[name] != other[name]} == {"map_cell"}
