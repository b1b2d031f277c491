"""The vertical axis: interval and first sample from headers or the user, told or refused where odd."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from storage.errors import SegyError
from storage.segy.scan import Axis
from tests.broken_surveys import changing_delay, changing_lag, changing_time_scalar
from tests.scanning import scan_files, scanned, told
from tests.surveys import PLAIN, Form

LAX = Axis(strict=False)


def test_depth_is_read_in_thousandths_of_a_metre(tmp_path: Path) -> None:
    survey = scanned(tmp_path / "depth.sgy", PLAIN(), Form(interval=5000), axis=Axis("depth"))
    axis = survey.geometry.samples
    assert (axis.name, axis.unit, axis.interval) == ("depth", "m", 5.0)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("stated", [0, 4000, 60_000])
def test_the_user_may_name_the_interval(tmp_path: Path, stated: int, strict: bool) -> None:
    axis = Axis(sample_interval=50.0, strict=strict)
    survey = scanned(tmp_path / "coarse.sgy", PLAIN(), Form(interval=stated), axis=axis)
    assert survey.geometry.samples.interval == 50.0
    assert survey.warnings == ()


def test_an_interval_of_the_traces_serves_where_the_file_states_none(tmp_path: Path) -> None:
    form = Form(interval=0, fields={117: 2000})
    survey = scanned(tmp_path / "traces.sgy", PLAIN(), form)
    assert survey.geometry.samples.interval == 2.0


def test_a_file_without_an_interval_gets_one_and_says_so(tmp_path: Path) -> None:
    survey = scanned(tmp_path / "none.sgy", PLAIN(), Form(interval=0), axis=LAX)
    assert survey.geometry.samples.interval == 4.0
    assert told(survey, "states no sample interval; 4 is taken. --sample-interval")
    with pytest.raises(SegyError, match="--sample-interval"):
        scan_files(tmp_path / "none.sgy")


@pytest.mark.parametrize(("stated", "read"), [(-2000, 63.536), (32_768, 32.768), (50_000, 50.0)])
def test_an_interval_above_half_the_range_is_told(
    tmp_path: Path, stated: int, read: float
) -> None:
    for axis in (Axis(), LAX):
        survey = scanned(tmp_path / "wide.sgy", PLAIN(), Form(interval=stated), axis=axis)
        assert survey.geometry.samples.interval == pytest.approx(read)
        assert told(survey, "a negative number read as a large one?")


@pytest.mark.parametrize("interval", [0.0001, 4000.0])
def test_an_interval_that_no_header_can_hold_is_refused_for_a_fault_cube_alone(
    tmp_path: Path, interval: float
) -> None:
    with pytest.raises(SegyError, match="--sample-interval"):
        scanned(tmp_path / "interval.sgy", PLAIN(), axis=Axis(sample_interval=interval))
    axis = Axis(sample_interval=interval, strict=False)
    assert scan_files(tmp_path / "interval.sgy", axis=axis).geometry.samples.interval == interval


@pytest.mark.parametrize(("scalar", "start"), [(0, 150.0), (-10, 15.0), (10, 1500.0)])
def test_the_time_scalar_counts_for_the_first_sample(
    tmp_path: Path, scalar: int, start: float
) -> None:
    form = Form(delay=150, fields={215: scalar})
    survey = scanned(tmp_path / "t.sgy", PLAIN(), form)
    assert survey.geometry.samples.start == start
    assert bool(told(survey, f"with the time scalar {scalar} applied")) == bool(scalar)


def test_the_lag_gives_the_first_sample_where_the_delay_is_zero(tmp_path: Path) -> None:
    survey = scanned(tmp_path / "lag.sgy", PLAIN(), Form(fields={105: -320}))
    assert survey.geometry.samples.start == 320.0
    assert told(survey, "320 by lag A")
    unused = Form(delay=40, fields={105: -np.arange(63)})
    assert scanned(tmp_path / "delay.sgy", PLAIN(), unused).geometry.samples.start == 40.0


def test_a_first_sample_between_whole_numbers_is_told(tmp_path: Path) -> None:
    survey = scanned(tmp_path / "half.sgy", PLAIN(), Form(delay=155, fields={215: -10}))
    assert survey.geometry.samples.start == 15.5
    assert told(survey, "begins at 16")


def test_a_start_that_no_header_can_hold_is_refused_for_a_fault_cube_alone(tmp_path: Path) -> None:
    form = Form(delay=30000, fields={215: 10})
    with pytest.raises(SegyError, match="first sample lies at 300000"):
        scanned(tmp_path / "late.sgy", PLAIN(), form)
    survey = scan_files(tmp_path / "late.sgy", axis=LAX)
    assert survey.geometry.samples.start == 300_000


@pytest.mark.parametrize(
    ("make", "start", "says"),
    [
        (changing_delay, 4.0, "4 in trace 1 and 8 in trace 12 (byte 109)"),
        (changing_lag, 4.0, "-4 in trace 1 and -8 in trace 12 (byte 105)"),
        (changing_time_scalar, 0.4, "-10 in trace 1 and 1 in trace 12 (byte 215)"),
    ],
)
def test_an_axis_that_changes_is_that_of_the_first_trace_and_refused_for_a_fault_cube(
    tmp_path: Path, make: Callable[[Path], Path], start: float, says: str
) -> None:
    path = make(tmp_path / "changing.sgy")
    survey = scan_files(path, axis=LAX)
    assert survey.geometry.samples.start == start
    assert told(survey, says)
    with pytest.raises(SegyError) as caught:
        scan_files(path)
    assert says in str(caught.value)


def test_feet_are_kept(tmp_path: Path) -> None:
    for measurement, unit in ((0, "m"), (1, "m"), (2, "ft")):
        form = Form(measurement=measurement)
        survey = scanned(tmp_path / "feet.sgy", PLAIN(), form, axis=Axis("depth"))
        assert survey.geometry.samples.unit == unit
