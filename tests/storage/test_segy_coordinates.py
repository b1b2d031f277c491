"""Coordinates: which header fields hold them, in which unit, and what is none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from storage.segy.lines import Places
from tests.scanning import scanned, told
from tests.surveys import PLAIN, Form, near_the_equator, shuffled


@pytest.mark.parametrize(
    ("code", "unit"), [(0, None), (1, None), (2, "arc seconds"), (3, "degrees")]
)
def test_coordinates_that_are_no_lengths_are_told(
    tmp_path: Path, code: int, unit: str | None
) -> None:
    survey = scanned(tmp_path / "angles.sgy", near_the_equator(), Form(fields={89: code}))
    assert survey.geometry.angle_unit == unit
    assert bool(told(survey, f"are in {unit} (byte 89)")) == bool(unit)


def test_metres_that_are_called_degrees_stay_metres(tmp_path: Path) -> None:
    survey = scanned(tmp_path / "metres.sgy", PLAIN(), Form(fields={89: 3}))
    assert (survey.geometry.angle_unit, survey.warnings) == (None, ())


@pytest.mark.parametrize("scalars", [(-10, -100), (-100, 0), (1, -10)])
def test_every_trace_may_have_a_scalar_of_its_own(
    tmp_path: Path, scalars: tuple[int, int]
) -> None:
    traces = shuffled(PLAIN())
    scalar = np.where(np.arange(63) % 2, *scalars)
    factor = np.where(scalar < 0, -scalar, 1)
    fields = {71: scalar, 181: np.rint(traces.x * factor), 185: np.rint(traces.y * factor)}
    survey = scanned(tmp_path / "scalars.sgy", traces, Form(fields=fields))
    x, y = survey.geometry.cdp_x.ravel(), survey.geometry.cdp_y.ravel()
    ordered = traces.inline_major()
    np.testing.assert_allclose(x, ordered.x, atol=0.51, rtol=0)
    np.testing.assert_allclose(y, ordered.y, atol=0.51, rtol=0)
    assert survey.geometry.affine is not None


def test_the_sources_serve_where_the_cdps_say_nothing(tmp_path: Path) -> None:
    form = Form(coordinate_bytes=(73, 77), fields={181: 5, 185: 7})
    survey = scanned(tmp_path / "sources.sgy", PLAIN(), form)
    assert survey.coordinate_bytes == (73, 77)
    both = Form(fields={73: np.arange(63), 77: np.arange(63)})
    assert scanned(tmp_path / "both.sgy", PLAIN(), both).coordinate_bytes == (181, 185)


def test_coordinates_are_read_where_the_user_says(tmp_path: Path) -> None:
    traces = PLAIN()
    form = Form(coordinate_bytes=(81, 85), fields={181: np.arange(63), 185: np.arange(63)})
    survey = scanned(tmp_path / "own.sgy", traces, form, places=Places(cdp_x=81, cdp_y=85))
    assert survey.coordinate_bytes == (81, 85)
    np.testing.assert_allclose(survey.geometry.cdp_x.ravel(), traces.x, atol=0.01, rtol=0)
    nothing = scanned(tmp_path / "no.sgy", traces, Form(), places=Places(cdp_x=81, cdp_y=85))
    assert nothing.coordinate_bytes is None


def test_line_numbers_are_never_taken_for_coordinates(tmp_path: Path) -> None:
    form = Form(line_bytes=(181, 185), coordinate_bytes=None)
    survey = scanned(tmp_path / "lines.sgy", PLAIN(), form, places=Places(181, 185))
    assert survey.coordinate_bytes is None
    assert np.isnan(survey.geometry.cdp_x).all()
    assert told(survey, "no coordinates")


def test_garbage_coordinates_give_no_affine_and_a_warning(tmp_path: Path) -> None:
    traces = PLAIN()
    x, y = np.random.default_rng(5).uniform(0, 1e7, (2, len(traces)))
    survey = scanned(tmp_path / "wild.sgy", replace(traces, x=x, y=y))
    assert survey.geometry.affine is None
    assert survey.warnings == ("The coordinates of the trace headers lie on no regular grid.",)


LOST = -(2.0**31)


@pytest.mark.parametrize("nowhere", [(0, 0), (LOST, LOST), (LOST, 6780000), (455000, LOST)])
def test_traces_without_coordinates_among_others_do_not_bend_the_grid(
    tmp_path: Path, nowhere: tuple[float, float]
) -> None:
    traces = PLAIN()
    form = Form(scalar=-1)
    whole = scanned(tmp_path / "whole.sgy", traces, form).geometry.affine
    dead = np.arange(len(traces)) % 9 == 4
    x, y = traces.x.copy(), traces.y.copy()
    x[dead], y[dead] = nowhere
    survey = scanned(tmp_path / "dead.sgy", replace(traces, x=x, y=y), form)
    assert whole is not None
    assert survey.geometry.affine == pytest.approx(whole, rel=1e-3)
    assert np.isnan(survey.geometry.cdp_x).sum() == dead.sum()


@pytest.mark.parametrize("stated", [0, 7, np.where(np.arange(63) % 2, 1, -10)])
@pytest.mark.parametrize(("scalar", "factor"), [(-100, 0.01), (10, 10.0), (1, 1.0), (0, 1.0)])
def test_the_scalar_that_the_user_names_stands_for_all(
    tmp_path: Path, stated: int, scalar: int, factor: float
) -> None:
    fields = {71: stated, 181: np.arange(63) + 5000, 185: 7}
    places = Places(coordinate_scalar=scalar)
    survey = scanned(tmp_path / "named.sgy", PLAIN(), Form(fields=fields), places=places)
    np.testing.assert_allclose(survey.geometry.cdp_x.ravel(), (np.arange(63) + 5000) * factor)
    assert survey.coordinate_scalar == scalar
