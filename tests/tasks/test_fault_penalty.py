"""A map that is worth less beside faults, from bins that are farther apart than wide."""

import math
from pathlib import Path

import numpy as np
import pytest

from models.wells.frame import MapFrame
from models.wells.objective import Drainage, ValueMap
from storage.errors import InputError
from storage.volume import open_array
from tasks.bin_layout import layout_of
from tasks.fault_penalty import penalty_of
from tasks.keep_out import fault_source, faulty_bins, on_map
from tasks.maps import Assignment, ReservoirMap
from tests.fault_volumes import (
    CROSSLINE_NUMBERS,
    CROSSLINES,
    INLINE_NUMBERS,
    INLINES,
    SAMPLES,
    TURN,
    write_fault_volume,
)

NARROW = (
    *(430_000.0, 12.5 * math.cos(TURN), -50.0 * math.sin(TURN)),
    *(6_480_000.0, 12.5 * math.sin(TURN), 50.0 * math.cos(TURN)),
)
"""Traces 12.5 m apart on lines that are 50 m apart."""


def middle(affine: tuple[float, ...], inline: float, crossline: float) -> tuple[float, float]:
    x0, x_inline, x_crossline, y0, y_inline, y_crossline = affine
    return (
        x0 + x_inline * inline + x_crossline * crossline,
        y0 + y_inline * inline + y_crossline * crossline,
    )


def on_small_cells(corner: tuple[float, float], side: int, cell: float) -> Assignment:
    value_map = ValueMap(np.ones((side, side)), cell, cell)
    reservoir = ReservoirMap(value_map, "OIL", 0, "")
    return Assignment(Path("map"), reservoir, Drainage(np.ones(1)), MapFrame(*corner, 0.0))


def test_cells_halfway_between_lines_are_as_faulty_as_the_lines(tmp_path: Path) -> None:
    field = np.full((INLINES, CROSSLINES, SAMPLES), 0.5, np.float32)
    write_fault_volume(tmp_path / "faults.zarr", values=field, affine=NARROW, coordinates=False)
    source = fault_source(tmp_path / "faults.zarr", interval=None, threshold=0.5)
    corner = middle(NARROW, INLINE_NUMBERS[70], CROSSLINE_NUMBERS[75])
    kept = penalty_of(source, on_small_cells(corner, 60, 5.0), 1.0)
    np.testing.assert_allclose(kept, 0.5, atol=1e-9)


def test_a_map_between_lines_lies_on_the_survey(tmp_path: Path) -> None:
    write_fault_volume(tmp_path / "faults.zarr", affine=NARROW, coordinates=False)
    source = fault_source(tmp_path / "faults.zarr", interval=None, threshold=0.5)
    bins = faulty_bins(source)
    corner = middle(NARROW, INLINE_NUMBERS[70], CROSSLINE_NUMBERS[75] + 0.5)
    small = on_small_cells(corner, 2, 1.0)
    assert len(on_map(source.path, bins.faulty, bins.live, small.extent, reach_m=bins.reach_m))


@pytest.mark.parametrize("coordinates", [True, False])
def test_no_place_among_bins_is_farther_from_one_than_their_reach(
    coordinates: bool, tmp_path: Path
) -> None:
    """Half the diagonal of 25 x 50 m, and a tenth for what headers round."""
    path = tmp_path / "faults.zarr"
    write_fault_volume(path, coordinates=coordinates)
    assert layout_of(path).reach_m == pytest.approx(1.1 * math.hypot(25, 50) / 2, rel=1e-6)


def test_a_single_line_reaches_from_trace_to_trace(tmp_path: Path) -> None:
    path = tmp_path / "faults.zarr"
    write_fault_volume(path)
    live = np.zeros((INLINES, CROSSLINES), bool)
    live[:, 50] = True
    open_array(path, "live_mask", mode="r+")[...] = live
    assert layout_of(path).reach_m == pytest.approx(1.1 * 25, rel=1e-6)


def test_a_volume_without_a_trace_is_told(tmp_path: Path) -> None:
    path = tmp_path / "faults.zarr"
    write_fault_volume(path)
    open_array(path, "live_mask", mode="r+")[...] = False
    source = fault_source(path, interval=None, threshold=0.5)
    with pytest.raises(InputError, match="no bin has a trace"):
        penalty_of(source, on_small_cells((430_000.0, 6_480_000.0), 4, 100.0), 50.0)
