"""What a search by tiles leaves beside its wells: shadow prices, and what its stages were worth."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from flows.__main__ import COMPLETE, WRONG_INPUT
from flows.view.wells_run import open_run
from tests.flows.test_wells_in_tiles import hills, kept, place, small, summary
from tests.map_sources import InMemory

__all__ = ["hills", "kept", "small"]


def test_shadow_prices_are_a_map_of_the_same_place_and_the_page_has_them(
    kept: Path, hills: InMemory, tmp_path: Path
) -> None:
    out = tmp_path / "wells"
    assert place(kept, out, "--search", "tiles") == COMPLETE
    prices = xr.open_zarr(out / "shadow_prices.zarr")
    ground = xr.open_zarr(kept)
    for name in ("x", "y"):
        xr.testing.assert_identical(prices[name], ground[name])
    for name in ("cell_width_m", "cell_height_m", "corner", "azimuth_deg"):
        assert prices.attrs[name] == ground.attrs[name]
    found = prices["value"].to_numpy()
    assert found.dtype == np.float32
    assert (found >= 0).all()
    assert (found <= hills.map_values).all()
    assert (found < 0.9 * hills.map_values).any()
    assert prices.attrs["most"] == found.max()
    shown = open_run(out).prices
    assert shown is not None
    np.testing.assert_array_equal(shown, found)


def test_a_run_says_what_each_of_its_stages_was_worth(kept: Path, tmp_path: Path) -> None:
    out = tmp_path / "wells"
    assert place(kept, out, "--search", "tiles") == COMPLETE
    said = summary(out)
    names, values = zip(*said["stages"], strict=True)
    assert names == ("greedy", "exchange", "exchange", "sweep", "sweep", "exchange", "as written")
    assert values[-1] == said["value"]
    assert max(values) <= said["bound"]
    assert (out / "report.html").read_text().count("data:image/png;base64,") == 2


def test_prices_that_another_run_left_are_not_taken_for_those_of_this_one(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean, out = tmp_path / "clean", tmp_path / "wells"
    assert place(kept, clean, "--search", "tiles", "--seed", "4") == COMPLETE
    assert place(kept, out, "--search", "whole", "--starts", "1") == COMPLETE
    assert place(kept, out, "--search", "tiles", "--wells", "3", "--overwrite") == COMPLETE
    (out / "shadow_prices.asc").touch()  # as if that one had been killed too
    removed = shutil.rmtree

    def killed(path: Path, *more: Any, **others: Any) -> None:
        if Path(path).name == "shadow_prices.zarr":
            raise KeyboardInterrupt
        removed(path, *more, **others)

    again = ("--search", "tiles", "--seed", "4")
    with monkeypatch.context() as patch:
        patch.setattr("storage.run_record.shutil.rmtree", killed)
        assert place(kept, out, *again, "--overwrite") == 130
    assert (out / "shadow_prices.zarr").exists()
    assert place(kept, out, *again) == WRONG_INPUT
    assert place(kept, out, *again, "--resume") == COMPLETE
    assert not (out / "shadow_prices.asc").exists()
    xr.testing.assert_identical(
        *(xr.open_zarr(each / "shadow_prices.zarr").load() for each in (out, clean))
    )


def test_prices_that_somebody_removed_are_missed(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "wells"

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("flows.wells_in_tiles.write_report", stopped)
        assert place(kept, out, "--search", "tiles") == 130
    shutil.rmtree(out / "shadow_prices.zarr")
    assert place(kept, out, "--search", "tiles", "--resume") == WRONG_INPUT
    assert "the prices of 4 tiles are gone" in capsys.readouterr().err
    assert place(kept, out, "--search", "tiles", "--overwrite") == COMPLETE
