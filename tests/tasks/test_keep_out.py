from pathlib import Path

import numpy as np
import pytest

from models.wells.frame import MapFrame
from models.wells.objective import Drainage, ValueMap
from storage.errors import InputError
from storage.volume import job_shape
from tasks.keep_out import Bins, fault_source, faulty_bins, on_map
from tasks.maps import Assignment, ReservoirMap
from tests.fault_volumes import INLINES, probability, write_fault_volume


def faulty_by_hand(first: int, stop: int, threshold: float) -> np.ndarray:
    faulty = np.asarray((probability()[:, :, first:stop] >= threshold).any(axis=2))
    faulty[:9, :30] = False
    return faulty


@pytest.mark.parametrize(
    ("interval", "threshold", "samples", "limit"),
    [
        (None, None, (0, 20), 0.5),
        ((1016.0, 1024.0), None, (4, 7), 0.5),
        ((1015.0, 1027.9), 0.9, (4, 7), 0.9),
        ((1076.0, 5000.0), 0.2, (19, 20), 0.2),
    ],
)
def test_a_bin_is_faulty_where_its_trace_reaches_the_threshold(
    tmp_path: Path,
    interval: tuple[float, float] | None,
    threshold: float | None,
    samples: tuple[int, int],
    limit: float,
) -> None:
    places = write_fault_volume(tmp_path / "faults.zarr")
    source = fault_source(tmp_path / "faults.zarr", interval=interval, threshold=threshold)
    assert job_shape(source.path, "fault_probability")[0] < INLINES, "one shard proves little"
    found = faulty_bins(source)
    expected = places[faulty_by_hand(*samples, limit)]
    assert len(expected) > 0
    np.testing.assert_allclose(found.faulty, expected, rtol=0, atol=1e-6)
    assert len(found.live) == INLINES * 150 - 9 * 30


def test_coordinates_of_the_traces_serve_where_there_is_no_affine(tmp_path: Path) -> None:
    places = write_fault_volume(tmp_path / "faults.zarr", affine=None)
    found = faulty_bins(fault_source(tmp_path / "faults.zarr", interval=None, threshold=None))
    np.testing.assert_allclose(found.faulty, places[faulty_by_hand(0, 20, 0.5)], atol=1e-6)


def test_the_affine_serves_where_traces_have_no_coordinates(tmp_path: Path) -> None:
    places = write_fault_volume(tmp_path / "faults.zarr", coordinates=False)
    found = faulty_bins(fault_source(tmp_path / "faults.zarr", interval=None, threshold=None))
    np.testing.assert_allclose(found.faulty, places[faulty_by_hand(0, 20, 0.5)], atol=1e-6)


def test_a_bin_counts_where_the_affine_and_where_its_trace_puts_it(tmp_path: Path) -> None:
    shifted = (430_000.4, 21.2, -26.5, *(6_480_000.0, 13.25, 42.4))
    places = write_fault_volume(tmp_path / "faults.zarr", affine=shifted)
    found = faulty_bins(fault_source(tmp_path / "faults.zarr", interval=None, threshold=None))
    expected = places[faulty_by_hand(0, 20, 0.5)]
    assert len(found.faulty) == 2 * len(expected)
    np.testing.assert_allclose(found.faulty[len(expected) :], expected, atol=1e-6)


def test_without_any_coordinates_one_line_says_so(tmp_path: Path) -> None:
    write_fault_volume(tmp_path / "faults.zarr", affine=None, coordinates=False)
    source = fault_source(tmp_path / "faults.zarr", interval=None, threshold=None)
    with pytest.raises(InputError, match="does not say where its bins lie"):
        faulty_bins(source)


def test_what_is_no_fault_volume_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such store"):
        fault_source(tmp_path / "none.zarr", interval=None, threshold=None)
    write_fault_volume(tmp_path / "half.zarr", complete=False)
    with pytest.raises(InputError, match="not complete"):
        fault_source(tmp_path / "half.zarr", interval=None, threshold=None)
    write_fault_volume(tmp_path / "bare.zarr", threshold=None)
    with pytest.raises(InputError, match="--threshold"):
        fault_source(tmp_path / "bare.zarr", interval=None, threshold=None)
    assert fault_source(tmp_path / "bare.zarr", interval=None, threshold=0.3).threshold == 0.3
    with pytest.raises(InputError, match="twt is 1000 to 1076"):
        fault_source(tmp_path / "bare.zarr", interval=(10.0, 20.0), threshold=0.3)


def test_a_map_must_overlap_the_survey(tmp_path: Path) -> None:
    value_map = ValueMap(np.ones((4, 5)), 100.0, 100.0)
    reservoir = ReservoirMap(value_map, "OIL", 0, "")
    live = np.array([[1000.0, 2000.0], [1025.0, 2000.0]])
    bins = Bins(live, np.array([[1025.0, 2000.0]]), 25.0)

    def place(x: float, y: float, azimuth: float = 0.0) -> np.ndarray:
        frame = MapFrame(x, y, azimuth)
        assignment = Assignment(tmp_path, reservoir, Drainage(np.ones(1)), frame)
        return on_map(tmp_path, bins.faulty, bins.live, assignment.extent, reach_m=bins.reach_m)

    np.testing.assert_allclose(place(800.0, 1800.0), [[225.0, 200.0]])
    for x, y, azimuth in ((1100.0, 1800.0, 0.0), (800.0, 1500.0, 0.0), (800.0, 1800.0, 180.0)):
        with pytest.raises(InputError, match="do not overlap"):
            place(x, y, azimuth)
