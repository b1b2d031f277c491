"""What a search by tiles leaves beside its wells: shadow prices, and what its stages were worth."""

from pathlib import Path

import numpy as np
import xarray as xr

from flows.__main__ import COMPLETE
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
