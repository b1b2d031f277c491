"""Faults and sticks as text: what is not known is empty, what fails leaves no file."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from storage.fault_tables import FAULT_COLUMNS, StickForm, stick_form, write_faults, write_sticks
from storage.geometry import SampleAxis, SurveyGeometry

FORM = StickForm("twt_ms", ".2f", by_lines=False)
NODES = np.array([[101.0, 2001.25, 1352.0, 431250.018, 6478635.849]] * 2)

Sticks = Iterator[tuple[int, int, NDArray[np.float64]]]


def geometry(*, x: float = 1.0, domain: str = "time", angle: str | None = None) -> SurveyGeometry:
    lines = np.arange(2, dtype=np.int32)
    axis = SampleAxis(domain, 0.0, 4.0, 3, "ft" if domain == "depth" else "m")  # type: ignore[arg-type]
    return SurveyGeometry(
        lines, lines, axis, np.ones((2, 2), bool), np.full((2, 2), x), np.ones((2, 2)), None, angle
    )


def test_what_a_fault_lacks_is_empty(tmp_path: Path) -> None:
    row = dict.fromkeys(FAULT_COLUMNS, 1) | {"strike_deg": None, "dip_deg": 61.25, "area_m2": 2.7}
    write_faults(tmp_path / "faults.csv", [row])
    with (tmp_path / "faults.csv").open(newline="") as file:
        (read,) = csv.DictReader(file)
    assert read["strike_deg"] == ""
    assert (read["dip_deg"], read["area_m2"], read["fault_id"]) == ("61.2", "3", "1")


def test_sticks_have_places_to_a_centimetre_and_opendtect_its_own_order(tmp_path: Path) -> None:
    paths = tmp_path / "sticks.csv", tmp_path / "sticks.dat"
    assert write_sticks(*paths, iter([(7, 0, NODES)]), FORM) == 1
    rows = paths[0].read_text().splitlines()
    assert rows[2] == "7,0,1,101.00,2001.25,1352.00,431250.02,6478635.85"
    assert paths[1].read_text().splitlines()[1] == "fault_7\t431250.02\t6478635.85\t1352.00\t0\t1"


@pytest.mark.parametrize(
    ("survey", "column", "by_lines"),
    [
        (geometry(), "twt_ms", False),
        (geometry(domain="depth"), "depth_ft", False),
        (geometry(x=np.nan), "twt_ms", True),
        (geometry(angle="degree"), "twt_ms", True),
    ],
)
def test_opendtect_gets_lines_where_places_are_no_lengths(
    survey: SurveyGeometry, column: str, by_lines: bool, tmp_path: Path
) -> None:
    form = stick_form(survey)
    assert (form.depth, form.by_lines) == (column, by_lines)
    write_sticks(tmp_path / "a.csv", tmp_path / "a.dat", iter([(1, 4, NODES)]), form)
    place = ["101.00", "2001.25"] if by_lines else ["431250.02", "6478635.85"]
    assert (tmp_path / "a.dat").read_text().splitlines()[0].split("\t")[1:3] == place


def test_sticks_that_end_in_an_error_leave_what_was_there(tmp_path: Path) -> None:
    def torn() -> Sticks:
        yield 1, 0, NODES
        raise OSError

    paths = tmp_path / "sticks.csv", tmp_path / "sticks.dat"
    write_sticks(*paths, iter([]), FORM)
    before = [path.read_text() for path in paths]
    with pytest.raises(OSError):  # noqa: PT011 - the one above
        write_sticks(*paths, torn(), FORM)
    assert [path.read_text() for path in paths] == before
    assert sorted(tmp_path.iterdir()) == sorted(paths)
