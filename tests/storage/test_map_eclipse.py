import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import MapError
from storage.maps.chosen import Reading
from storage.maps.eclipse.raster import map_of_columns
from storage.maps.formats import form_of, read_any
from tests.storage.test_map_formats import centres, hold_the_same

SHAPE = (4, 3, 2)
"""Cells along i, j, k."""


def pillars(turn_deg: float = 0.0, left_handed: bool = False) -> np.ndarray:
    """Return the corners of columns of 100 x 50 m, shape (nj + 1, ni + 1, 2)."""
    ni, nj, _ = SHAPE
    j, i = np.indices((nj + 1, ni + 1))
    x, y, turn = i * 100.0, j * (-50.0 if left_handed else 50.0), math.radians(turn_deg)
    return np.stack(
        [
            430_000 + x * math.cos(turn) - y * math.sin(turn),
            6_500_000 + x * math.sin(turn) + y * math.cos(turn),
        ],
        axis=-1,
    )


def coord_of(corners: np.ndarray, slope: float = 0.0) -> np.ndarray:
    """Return pillars between 1000 and 3000 m that pass the corners at 2000 m."""
    lean = np.array([slope, 0.0])
    top = np.concatenate([corners - lean, np.full((*corners.shape[:2], 1), 1000.0)], axis=-1)
    base = np.concatenate([corners + lean, np.full((*corners.shape[:2], 1), 3000.0)], axis=-1)
    return np.concatenate([top, base], axis=-1)


def zcorn() -> np.ndarray:
    """Return depths from 1980 to 2020 m."""
    ni, nj, nk = SHAPE
    level = np.repeat(np.linspace(1980, 2020, nk + 1), 2)[1:-1]
    return np.broadcast_to(level[:, None, None], (2 * nk, 2 * nj, 2 * ni)).copy()


def column(values: np.ndarray) -> str:
    return "\n".join(" ".join(f"{v:.10g}" for v in row) for row in values.reshape(-1, 4))


def deck(corners: np.ndarray, values: np.ndarray, more: str = "", slope: float = 0.0) -> str:
    return (
        "-- a remark with a / in it\nSPECGRID\n 4 3 2 1 F / -- and another\n"
        f"{more}COORD\n{column(coord_of(corners, slope))} /\nZCORN\n{column(zcorn())}\n/\n"
        f"PORO\n{column(values)}\n/\n"
    )


def cells(seed: int = 0) -> np.ndarray:
    ni, nj, nk = SHAPE
    return np.random.default_rng(seed).integers(1, 256, (nk, nj, ni)) / 8


def middles(corners: np.ndarray) -> np.ndarray:
    each = corners[:-1, :-1], corners[1:, :-1], corners[:-1, 1:], corners[1:, 1:]
    return np.asarray(np.mean(each, axis=0))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(turn=st.integers(-179, 180), left=st.booleans(), slope=st.sampled_from([0.0, 300.0]))
def test_every_column_has_the_mean_of_its_cells_where_it_stands(
    tmp_path: Path, turn: int, left: bool, slope: float
) -> None:
    corners, values = pillars(turn, left), cells()
    path = tmp_path / "model.grdecl"
    path.write_text(deck(corners, values, slope=slope))
    assert form_of(path) == "Eclipse"
    found = read_any(path)
    assert (found.kind, found.form) == ("PORO", "Eclipse PORO, mean of layers 1-2")
    assert (found.cell_width_m, found.cell_height_m) == pytest.approx((100, 50), rel=1e-5)
    hold_the_same(found, values.mean(axis=0), middles(corners), 0.01)


def test_layers_are_chosen_and_added_up_over_active_cells(tmp_path: Path) -> None:
    values = cells()
    active = np.ones(values.shape)
    active[0, 1, 2] = active[:, 2, 3] = 0
    path = tmp_path / "model.grdecl"
    path.write_text(deck(pillars(), values, f"ACTNUM\n{column(active)} /\n"))
    held = np.where(active == 1, values, np.nan)
    lowest = read_any(path, Reading(layers="2"))
    np.testing.assert_allclose(lowest.values, held[1])
    total = read_any(path, Reading(layers="1-2", over_layers="sum"))
    expected = np.nansum(held, axis=0)
    expected[2, 3] = np.nan
    np.testing.assert_allclose(total.values, expected)
    assert total.form == "Eclipse PORO, sum of layers 1-2"
    assert len({lowest.sha256, total.sha256, read_any(path).sha256}) == 3
    with pytest.raises(MapError, match="has layers 1 to 2, and --layers asks for 2-3"):
        read_any(path, Reading(layers="2-3"))


def test_map_axes_units_and_feet_are_followed(tmp_path: Path) -> None:
    local = pillars() - pillars()[0, 0]
    values = cells()
    axes = "MAPUNITS\nMETRES /\nMAPAXES\n 5000 7100 5000 7000 4900 7000 /\nGRIDUNIT\nFEET /\n"
    path = tmp_path / "model.grdecl"
    path.write_text(deck(local, values, axes))
    found = read_any(path)
    # x of the grid runs west, y north: it is left-handed.
    feet = middles(local) * 0.3048
    where = np.array([5000.0, 7000.0]) + feet * np.array([-1.0, 1.0])
    hold_the_same(found, values.mean(axis=0), where, 0.01)
    path.write_text(deck(local, values, axes.replace("FEET /", "FEET MAP /")))
    with_map = read_any(path)
    assert with_map.corner is None  # 0, 0 of a local system


@pytest.mark.parametrize(
    "gridunit",
    ["METRES MAP", "'METRES' 'MAP'", "'METRES  ' 'MAP     '", "'METRES'\n'MAP'", "metres map"],
)
def test_coordinates_on_the_map_are_not_turned_onto_it_again(
    tmp_path: Path, gridunit: str
) -> None:
    axes = "MAPUNITS\n'METRES' /\nMAPAXES\n 5000 7100 5000 7000 5100 7000 /\n"
    path = tmp_path / "model.grdecl"
    path.write_text(deck(pillars(), cells(), f"{axes}GRIDUNIT\n{gridunit} /\n"))
    hold_the_same(read_any(path), cells().mean(axis=0), middles(pillars()), 0.01)


@pytest.mark.parametrize(
    ("system", "gridunit", "metres"),
    [
        ("FIELD", "", 0.3048),
        ("METRIC", "", 1.0),
        ("LAB", "", 0.01),
        ("", "", 1.0),
        ("FIELD", "GRIDUNIT\n'METRES' /\n", 1.0),
        ("FIELD", "GRIDUNIT\n'' MAP /\n", 0.3048),
        ("METRIC", "GRIDUNIT\nFEET /\n", 0.3048),
        # A deck has one system of units: what a list names later is a group of wells.
        ("METRIC\nFIELD", "", 1.0),
        # The line behind TITLE is one, whatever word it is.
        ("TITLE\n\n-- a remark\n  Field\nMETRIC", "", 1.0),
        ("Title\r\nMetric\r\nFIELD\r", "", 0.3048),
        ("TITLE\nTITLE\nFIELD", "", 0.3048),
    ],
)
def test_pillars_are_in_the_units_of_their_deck_unless_they_say_so(
    tmp_path: Path, system: str, gridunit: str, metres: float
) -> None:
    path = tmp_path / "MODEL.DATA"
    path.write_text(f"RUNSPEC\n{system}\nGRID\n{deck(pillars(), cells(), gridunit)}")
    found = read_any(path)
    close = max(0.01, 1e-9 * metres)
    hold_the_same(found, cells().mean(axis=0), middles(pillars()) * metres, close)
    assert (found.cell_width_m, found.cell_height_m) == pytest.approx(
        (100 * metres, 50 * metres), rel=1e-5
    )


@pytest.mark.parametrize("sizes", ["DX\n6*50 /\nDY\n6*25 /\n", "DXV\n3*50 /\nDYV\n2*25 /\n"])
def test_sizes_of_cells_are_in_the_units_of_their_deck(tmp_path: Path, sizes: str) -> None:
    path = tmp_path / "MODEL.DATA"
    path.write_text(f"RUNSPEC\nOIL\nFIELD\n\nDIMENS\n3 2 1 /\nGRID\n{sizes}PORO\n6*.2 /\n")
    found = read_any(path)
    assert (found.cell_width_m, found.cell_height_m) == pytest.approx((15.24, 7.62))


def test_repeats_defaults_and_other_powers_are_read(tmp_path: Path) -> None:
    path = tmp_path / "model.inc"
    path.write_text("DIMENS\n3 2 1 /\nDX\n6*50 /\nDY\n6*25 /\nPORO\n2*0.25 1.5D-1 2* .3 /\n")
    found = read_any(path)
    np.testing.assert_array_equal(found.values, [[0.25, 0.25, 0.15], [np.nan, np.nan, 0.3]])
    assert (found.cell_width_m, found.cell_height_m, found.corner) == (50, 25, None)


def test_a_grid_that_follows_faults_is_drawn_on_a_regular_one(tmp_path: Path) -> None:
    corners = pillars(20.0)
    corners[2, 2] += (18.0, 6.0)
    path = tmp_path / "model.grdecl"
    path.write_text(deck(corners, cells()))
    found = read_any(path)
    assert "drawn on a regular grid" in found.form
    values = cells().mean(axis=0)
    here = centres(found)
    for j, i in ((0, 0), (0, 3), (2, 0), (2, 3)):
        distance = np.hypot(*(here - middles(corners)[j, i]).transpose(2, 0, 1))
        assert found.values.ravel()[distance.argmin()] == values[j, i]


def test_drawing_keeps_value_times_ground(tmp_path: Path) -> None:
    """A curved grid of 60 x 50 columns: what is drawn is worth what the columns are worth."""
    j, i = np.indices((51, 61)).astype(float)
    corners = np.stack([40 * i + 3 * j, 40 * j + 60 * np.sin(i / 15)], axis=-1) + 1e5
    values = 2 + np.sin(np.arange(3000.0).reshape(50, 60) / 40)
    found = map_of_columns(tmp_path, values, corners, kind="PORO", form="Eclipse", sha256="")
    ring = [corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]]
    area = sum(
        a[..., 0] * b[..., 1] - b[..., 0] * a[..., 1]
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
    )
    whole = float((np.asarray(area) / 2 * values).sum())
    drawn = float(np.nansum(found.values)) * found.cell_width_m * found.cell_height_m
    assert drawn == pytest.approx(whole, rel=0.01)
    said = float(found.form.rsplit("ground ", 1)[1].rstrip("%)")) / 100
    assert said == pytest.approx(drawn / whole - 1, abs=1e-4)


REFUSED = {
    "no grid": ("PORO\n1 2 3 /\n", None, "does not say how many cells"),
    "cut": ("DIMENS\n3 1 1 /\nDXV\n3*5 /\nDYV\n5 /\nPORO\n1 2", None, "no / ends PORO"),
    "few": (
        "DIMENS\n3 1 1 /\nDXV\n3*5 /\nDYV\n5 /\nPORO\n1 2 /\n",
        None,
        "2 values, and the grid 3",
    ),
    "words": ("DIMENS\n2 1 1 /\nDXV\n2*5 /\nDYV\n5 /\nPORO\n1 x /\n", None, "'x', not a number"),
    "repeat": ("DIMENS\n2 1 1 /\nDXV\n2*5 /\nDYV\n5 /\nPORO\n1 y*2 /\n", None, "'y*2'"),
    "huge": (
        "DIMENS\n2 1 1 /\nDXV\n2*5 /\nDYV\n5 /\nPORO\n99999999999*1 /\n",
        None,
        "repeat count",
    ),
    "two": (
        "PERMX\n1 /\nPORO\n1 /\nDIMENS\n1 1 1 /\nDXV\n5 /\nDYV\n5 /\n",
        None,
        "holds PERMX, PORO",
    ),
    "other": ("PORO\n1 /\nDIMENS\n1 1 1 /\nDXV\n5 /\nDYV\n5 /\n", "SWAT", "no SWAT, but PORO"),
    "edits": (
        "DIMENS\n1 1 1 /\nDXV\n5 /\nDYV\n5 /\nPORO\n1 /\nMULTIPLY\nPORO 2 /\n/\n",
        "PORO",
        "MULTIPLY changes PORO",
    ),
    "varied": ("DIMENS\n2 1 1 /\nDXV\n5 6 /\nDYV\n5 /\nPORO\n1 2 /\n", None, "differs from cell"),
    "includes": (
        "INCLUDE\n'../my grid/poro.inc' /\nDIMENS\n1 1 1 /\nDXV\n5 /\nDYV\n5 /\n",
        "PORO",
        "it includes ../my grid/poro.inc.",
    ),
}


@pytest.mark.parametrize(("content", "keyword", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_with_a_deck_is_told(
    tmp_path: Path, content: str, keyword: str | None, said: str
) -> None:
    path = tmp_path / "deck.inc"
    path.write_text(content)
    with pytest.raises(MapError) as caught:
        read_any(path, Reading(keyword=keyword))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def results(folder: Path, corners: np.ndarray, active: np.ndarray, **more: Any) -> Path:
    resfo = pytest.importorskip("resfo")
    head = np.zeros(100, np.int32)
    head[:4] = 1, *SHAPE
    whole = [
        ("FILEHEAD", np.zeros(100, np.int32)),
        ("MAPUNITS", np.array([b"METRES  "])),
        ("GRIDUNIT", np.array([b"METRES  ", b"        "])),
        ("GRIDHEAD", head),
        ("COORD   ", coord_of(corners).astype(np.float32).ravel()),
        ("ZCORN   ", zcorn().astype(np.float32).ravel()),
        ("ACTNUM  ", active.astype(np.int32).ravel()),
        ("ENDGRID ", np.empty(0, np.int32)),
    ]
    resfo.write(folder / "MODEL.EGRID", whole)
    ints = np.zeros(95, np.int32)
    ints[8:11] = SHAPE
    path = folder / "MODEL.INIT"
    arrays = [(f"{name:8}", np.ravel(array).astype(np.float32)) for name, array in more.items()]
    resfo.write(path, [("INTEHEAD", ints), *arrays])
    return path


def test_results_have_values_for_active_cells_alone(tmp_path: Path) -> None:
    values, active = cells(), np.ones((2, 3, 4), bool)
    active[0, 0, 0] = active[1, 2, 1] = active[:, 1, 1] = False
    corners = pillars() - np.array([430_000, 6_500_000]) + 2000
    path = results(tmp_path, corners, active, PORV=active * 9.0, PORO=values[active])
    assert form_of(path) == "Eclipse"
    found = read_any(path, Reading(keyword="PORO"))
    expected = np.where(active, values, 0).sum(axis=0) / np.maximum(active.sum(axis=0), 1)
    expected[~active.any(axis=0)] = np.nan
    hold_the_same(found, expected, middles(corners), 0.01)
    assert found.kind == "PORO"
    with pytest.raises(MapError, match="holds PORV, PORO"):
        read_any(path)
    whole = path.read_bytes()
    for length in range(30, len(whole) - 1, 97):
        path.write_bytes(whole[:length])
        with pytest.raises(MapError) as caught:
            read_any(path, Reading(keyword="PORO"))
        assert "\n" not in str(caught.value)


def test_without_resfo_results_say_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "resfo", None)
    path = tmp_path / "MODEL.INIT"
    path.write_bytes(b"\0\0\0\x10INTEHEAD\0\0\0\x01INTE\0\0\0\x10")
    with pytest.raises(MapError, match=r"pip install -e '\.\[maps\]'"):
        read_any(path)


def test_real_layers_are_those_that_others_took_from_them(
    shared_data: Path, tmp_path: Path
) -> None:
    """Two layers of Norne lie beside it in the text form, inactive cells as 0."""
    folder = shared_data / "maps"
    grid = tmp_path / "norne.grid"
    actnum = (folder / "norne" / "ACTNUM_0704.prop").read_text()
    grid.write_text(f"DIMENS\n46 112 22 /\nDXV\n46*80 /\nDYV\n112*80 /\n{actnum}")
    for layer in (5, 15):
        path = folder / "norne" / "PORO_0704.prop"
        found = read_any(path, Reading(grid=grid, layers=str(layer)))
        text = read_any(folder / "map-format" / f"norne_poro_k{layer:02}.txt")
        # They were written with five digits.
        np.testing.assert_allclose(np.nan_to_num(found.values), text.values, atol=6e-6)
        assert int(np.isnan(found.values).sum()) > 2000


def test_a_real_deck_without_a_grid_asks_for_it(shared_data: Path) -> None:
    with pytest.raises(MapError, match="--map-grid"):
        read_any(shared_data / "maps" / "spe10model1" / "PERM_SPE10MODEL1.INC")
