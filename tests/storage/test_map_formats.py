import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.wells.frame import MapFrame
from storage.errors import MapError
from storage.maps.chosen import Reading
from storage.maps.formats import form_of, read_any
from storage.maps.grid import GridMap
from tests.storage.map_writers import TURNED, WRITERS, places, zmap


def centres(found: GridMap) -> np.ndarray:
    """Return CDP X/Y of the centres of the cells, shape (rows, columns, 2)."""
    assert found.corner is not None
    j, i = np.indices(found.values.shape)
    on_map = np.stack([(i + 0.5) * found.cell_width_m, (j + 0.5) * found.cell_height_m], axis=-1)
    frame = MapFrame(*found.corner, found.azimuth_deg)
    return frame.to_cdp(on_map.reshape(-1, 2)).reshape(on_map.shape)


def hold_the_same(found: GridMap, values: np.ndarray, where: np.ndarray, close: float) -> None:
    """Demand that the map has at every place what was written for that place."""
    here = centres(found).reshape(-1, 2)
    assert found.values.size == values.size
    for place, value in zip(where.reshape(-1, 2), values.ravel(), strict=True):
        distance = np.hypot(*(here - place).T)
        nearest = int(distance.argmin())
        assert distance[nearest] < close
        got = found.values.ravel()[nearest]
        assert np.isnan(got) if np.isnan(value) else got == pytest.approx(value, rel=1e-6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    form=st.sampled_from(sorted(WRITERS)),
    rows=st.integers(2, 7),
    columns=st.integers(2, 7),
    steps=st.tuples(st.sampled_from([25.0, 50.0]), st.sampled_from([25.0, 75.0])),
    turn=st.integers(-179, 180),
    flip=st.booleans(),
    empty=st.sets(st.integers(0, 3), max_size=2),
)
def test_every_place_has_the_value_that_was_written_for_it(
    tmp_path: Path,
    form: str,
    rows: int,
    columns: int,
    steps: tuple[float, float],
    turn: int,
    flip: bool,
    empty: set[int],
) -> None:
    values = np.arange(1.0, rows * columns + 1).reshape(rows, columns) / 8
    values.ravel()[sorted(empty)] = np.nan
    angle = float(turn) if form in TURNED else 0.0
    # IRAP grids whose rows run the other way have a negative step.
    step = (steps[0], -steps[1]) if flip and form in TURNED else steps
    path = tmp_path / "map"
    WRITERS[form](path, values, (4096.0, 8192.0), step, angle)
    assert form_of(path) == form
    found = read_any(path)
    assert (found.cell_width_m, found.cell_height_m) == pytest.approx(steps)
    hold_the_same(found, values, places(values.shape, (4096.0, 8192.0), step, angle), 0.01)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_values_of_zmap_that_touch_each_other_are_told_apart(tmp_path: Path) -> None:
    values = np.array([[1234.5, np.nan, 9999.25], [np.nan, np.nan, 1111.5]])
    zmap(tmp_path / "map", values, (0.0, 5.0), (10.0, 10.0), 0.0, width=11)
    assert b"-99999.0000-99999.0000" in (tmp_path / "map").read_bytes()
    np.testing.assert_array_equal(read_any(tmp_path / "map").values, values)


@pytest.mark.parametrize(
    ("fields", "null"),
    [
        ("0 1 COMPUTED 0 1E+030", "1.0000000E+030"),  # as Petrel writes it
        ('0 1 "Computed" 0 1E30 0', "0.1000000E+31"),
        ("0 1 COMPUTED 0 -999.25", "-999.25"),
        ("0 1 COMPUTED 0", "1E30"),
        ("0 1 0 5 1.0E+30", "1E30"),
        # Shorter lines, and flags of 1 at the end.
        ("0 -999.25", "-999.25"),
        ("-999.25", "-999.25"),
        ("0 -999.25 0", "-999.25"),
        ('0 1 "Computed" -999.25', "-999.25"),
        ("0 1 COMPUTED 1", "1E30"),
        ("0 1", "1E30"),
        ("", "1E30"),
    ],
)
def test_cps3_says_in_any_of_its_dialects_what_stands_for_no_value(
    tmp_path: Path, fields: str, null: str
) -> None:
    path = tmp_path / "map"
    path.write_text(
        f"FSASCI {fields}\nFSATTR 0 0\nFSLIMI 4000 4100 8000 8050 1 9\nFSNROW 2 3\nFSXINC 50 50\n"
        f"->Top\n1 {null} 5\n5 9 {null}\n"
    )
    assert form_of(path) == "CPS-3"
    found = read_any(path)
    np.testing.assert_array_equal(found.values, [[np.nan, 5, np.nan], [1, 5, 9]])
    assert found.corner == (3975.0, 7975.0)


@pytest.mark.parametrize("null", ["nan", "NaN", "-9999"])
def test_no_value_of_an_esri_grid_may_be_nan(tmp_path: Path, null: str) -> None:
    path = tmp_path / "map.asc"
    path.write_text(
        f"ncols 3\nnrows 1\nxllcorner 5\nyllcorner 5\ncellsize 50\nNODATA_value {null}\n1 {null} 3\n"
    )
    np.testing.assert_array_equal(read_any(path).values, [[1, np.nan, 3]])


def test_no_value_of_zmap_may_be_nan(tmp_path: Path) -> None:
    path = tmp_path / "map"
    path.write_text("@map HEADER, GRID, 5\n15,NaN,,4,1\n2,2,0,9,0,9\n0,0,0\n@\n1 NaN\n3 4\n")
    np.testing.assert_array_equal(read_any(path).values, [[np.nan, 4], [1, 3]])


def test_a_map_that_nobody_placed_lies_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "prices.asc"
    path.write_text("ncols 2\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 50\n1 2\n")
    found = read_any(path)
    assert (found.corner, found.azimuth_deg) == (None, 0.0)
    np.testing.assert_array_equal(found.values, [[1, 2]])


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_a_file_cut_anywhere_is_one_clear_line(tmp_path: Path, form: str) -> None:
    values = np.arange(1.0, 31).reshape(5, 6)
    path = tmp_path / "map"
    WRITERS[form](path, values, (4096.0, 8192.0), (50.0, 50.0), 0.0)
    whole = path.read_bytes()
    # The last value but for its digits is another number, which no form can tell.
    for length in range(1, len(whole) - 40, 7):
        path.write_bytes(whole[:length])
        with pytest.raises(MapError) as caught:
            read_any(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("-996 2 x 10\n0 0 0 0\n2 0 0 0\n0 0 0 0 0 0 0\n1 2 3 4", "its step is 'x'"),
        ("-996 2 10 10\n0 0 0 0\n0 0 0 0\n0 0 0 0 0 0 0\n", "must be a whole number above 0"),
        ("-996 2 0 10\n0 0 0 0\n2 0 0 0\n0 0 0 0 0 0 0\n1 2 3 4", "its cells measure 0 x 10 m"),
        (
            "-996 2 10 10\n0 0 0 0\n2 0 0 0\n0 0 0 0 0 0 0\n1 2 3 4 5",
            "5 values, and its head asks for 4",
        ),
        (
            "-996 2 10 10\n0 0 0 0\n2 0 0 0\n0 0 0 0 0 0 0\n1 2\n3 four",
            "value 4 on line 6 is 'four'",
        ),
        ("ncols 2\nnrows 2\nxllcorner 5\nyllcorner 5\n1 2 3 4", "its cellsize is ''"),
        ("ncols 2\nnrows 2\nxllcorner 5\nyllcorner 5\ncellsize -4\n1 2 3 4", "measure -4 x -4"),
        ("ncols 2\nnrows 2\ncellsize 4\n1 2 3 4", "its xllcorner is ''"),
        (
            "ncols 2\nnrows 1\nxllcorner 5\nyllcorner 5\ncellsize 4\nNODATA_value none\n1 2",
            "its null value is 'none'",
        ),
        ('FSASCI 0 1 "C" 0 1E30 0\nFSNROW 2 2\n1 2 3 4', "no line FSLIMI"),
        ('FSASCI 0 1 "C" 0 1E30 0\nFSLIMI 0 1 0 1 0 1\nFSNROW 1 2\n1 2', "1 x 2 nodes"),
        (
            "@map HEADER, POINTS, 5, GRID\n15,1e30,,4,1\n2,2,0,1,0,1\n@\n1 2 3 4",
            "it holds 'POINTS'",
        ),
        ("@map HEADER, GRID, 5\n15,1e30,,4,1\n2,2\n@\n1 2 3 4", "no rows, columns and limits"),
    ],
)
def test_what_is_wrong_with_a_head_is_told(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "map"
    path.write_text(content)
    with pytest.raises(MapError) as caught:
        read_any(path)
    assert said in str(caught.value)


def test_choices_that_a_map_does_not_have_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "map.txt"
    path.write_text("OIL\n1 1\n5 5\n1")
    with pytest.raises(MapError, match="Leave out --layers"):
        read_any(path, Reading(layers="1"))
    path.write_text("ncols 1\nnrows 1\nxllcorner 5\nyllcorner 5\ncellsize 4\n1")
    with pytest.raises(MapError, match="Leave out --rows-from"):
        read_any(path, Reading(rows="north"))


def test_values_a_little_below_zero_count_as_zero_and_larger_ones_are_refused(
    tmp_path: Path,
) -> None:
    path = tmp_path / "map.txt"
    path.write_text("OIL\n3 1\n5 5\n10 -0.3 2")
    found = read_any(path).checked(path)
    np.testing.assert_array_equal(found.values, [[10, 0, 2]])
    assert found.below_zero == 1
    path.write_text("OIL\n3 1\n5 5\n10 -0.6 2")
    with pytest.raises(MapError, match="negative"):
        read_any(path).checked(path)


def test_real_maps_lie_where_xtgeo_puts_them(shared_data: Path) -> None:
    xtgeo = pytest.importorskip("xtgeo")
    files = [f for f in sorted((shared_data / "maps" / "xtgeo").iterdir()) if f.suffix != ".dat"]
    assert len(files) == 8
    for path in files:
        found, other = read_any(path), xtgeo.surface_from_file(path)
        theirs = np.ma.filled(other.values.T.astype(float), np.nan)
        np.testing.assert_allclose(found.values, theirs, rtol=1e-6, equal_nan=True)
        here = centres(found)
        for i, j in ((0, 0), (other.ncol - 1, 0), (0, other.nrow - 1), (other.ncol // 3, 2)):
            x, y, _ = other.get_xy_value_from_ij(i + 1, j + 1)
            np.testing.assert_allclose(here[j, i], (x, y), atol=0.01)


@pytest.mark.parametrize(
    ("name", "form", "shape", "least", "most", "missing", "azimuth"),
    [
        ("xtgeo/01_topvolantis.gri", "IRAP binary", (275, 175), 1557.69482, 1936.96497, 0, -30),
        ("xtgeo/reek_hcmap_rotated.gri", "IRAP binary", (181, 161), -0.29973, 9.99075, 0, 22),
        ("xtgeo/reek_perm_lay1.gri", "IRAP binary", (246, 219), 0.001, 8270.39941, 219, 0),
        ("xtgeo/reek_stooip_map.gri", "IRAP binary", (117, 99), 0.0, 7.80730, 5033, 0),
        ("xtgeo/topreek_nonrota.zmap", "ZMAP+", (209, 205), 1554.61218, 1932.12695, 14338, 0),
        ("xtgeo/zmap_example.zmap", "ZMAP+", (5, 4), 40.1785, 68.1617, 3, 0),
        ("xtgeo/zmap_example3.zmap", "ZMAP+", (4, 3), 44.0108, 55.9614, 1, 0),
        ("map-format/norne_poro_k05.txt", "OIL/PORO text", (112, 46), 0.0, 0.28141, 0, 0),
    ],
)
def test_real_maps_are_what_their_makers_say(
    shared_data: Path,
    name: str,
    form: str,
    shape: tuple[int, int],
    least: float,
    most: float,
    missing: int,
    azimuth: float,
) -> None:
    path = shared_data / "maps" / name
    assert form_of(path) == form
    found = read_any(path)
    assert found.values.shape == shape
    assert np.nanmin(found.values) == pytest.approx(least, abs=1e-4)
    assert np.nanmax(found.values) == pytest.approx(most, abs=1e-2)
    assert int(np.isnan(found.values).sum()) == missing
    assert found.azimuth_deg == pytest.approx(azimuth)


@pytest.mark.parametrize("name", ["xtgeo/ijxyz1.dat", "geodatasets/porosity_truth_map.dat"])
def test_real_files_that_are_no_maps_are_refused(shared_data: Path, name: str) -> None:
    with pytest.raises(MapError, match="not OIL or PORO"):
        read_any(shared_data / "maps" / name)
