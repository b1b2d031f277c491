import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from storage.errors import InputError, MapError
from storage.maps.ranges import count_in_range, ranges, read_range
from storage.maps.text import read_map
from storage.tables import read_radii, write_wells


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "map.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=arrays(
        np.float64,
        array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.floats(0, 1e6, allow_subnormal=False),
    ),
    blank=st.sampled_from([" ", "\t", "  ", "\n", "\r\n", " \r\n"]),
    line=st.sampled_from(["\n", "\r\n"]),
    end=st.sampled_from(["", "\n", " \r\n\r\n"]),
)
def test_what_is_written_is_read(
    tmp_path: Path, values: np.ndarray, blank: str, line: str, end: str
) -> None:
    rows, columns = values.shape
    head = line.join(["OIL", f"{columns} {rows}", "25.5\t30"])
    body = blank.join(repr(float(value)) for value in values.ravel())
    found = read_map(written(tmp_path, head + line + body + end))
    assert (found.kind, found.cell_width_m, found.cell_height_m) == ("OIL", 25.5, 30.0)
    np.testing.assert_array_equal(found.values, values)
    assert found.without_value == 0


def test_row_0_lies_at_y_0_and_x_goes_to_the_right(tmp_path: Path) -> None:
    found = read_map(written(tmp_path, "PORO\n3 2\n1 1\n1 2 3\n4 5 6\n"))
    np.testing.assert_array_equal(found.values, [[1, 2, 3], [4, 5, 6]])


def test_all_of_the_file_is_in_its_hash(tmp_path: Path) -> None:
    content = b"PORO\r\n3 2\r\n1 1\r\n1 2 3\r\n4 5 6\r\n"
    found = read_map(written(tmp_path, content))
    assert found.sha256 == hashlib.sha256(content).hexdigest()


def test_decimal_commas_are_read_where_all_are(tmp_path: Path) -> None:
    found = read_map(written(tmp_path, "OIL\n2 2\n1 1\n1,5 2\t3,25 1e-2"))
    np.testing.assert_array_equal(found.values, [[1.5, 2], [3.25, 0.01]])


NUMBERS = st.one_of(
    st.floats(0, 1e300, allow_subnormal=True).map(repr),
    st.floats(0, 1e9).map(lambda value: f"{value:.6f}"),
    st.floats(0, 1e9).map(lambda value: f"+{value:.18e}"),
    st.integers(0, 10**25).map(str),
    st.from_regex(r"[0-9]{0,20}\.[0-9]{1,30}([eE][+-]?[0-9]{1,2})?", fullmatch=True),
    st.sampled_from(["NaN", "nan", "0", ".5", "7.", "9007199254740993", "1e23", "1e22", "1E-22"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tokens=st.lists(st.tuples(NUMBERS, st.sampled_from([" ", "\t", "\r\n", "\n  "])), min_size=1),
    cut=st.integers(1, 40),
)
def test_ranges_of_any_length_give_what_python_reads(
    tmp_path: Path, tokens: list[tuple[str, str]], cut: int
) -> None:
    path = written(tmp_path, "OIL\n1 1\n1 1\n" + "".join(map("".join, tokens)))
    start, size = 12, path.stat().st_size
    parts = [read_range(path, *ends, start) for ends in ranges(start, size, cut)]
    joined = np.concatenate([part.values for part in parts])
    np.testing.assert_array_equal(joined, [float(number) for number, _ in tokens])
    counts = [count_in_range(path, *ends, start) for ends in ranges(start, size, cut)]
    assert counts == [len(part.values) for part in parts]


def test_every_cut_gives_the_same_and_every_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "1.5 22.25\t3e-1\r\n 0.1234567890123456789   NaN 7"
    path = written(tmp_path, "OIL\n3 2\n1 1\n" + body)
    whole, size = read_map(path), path.stat().st_size
    for cut in range(12, size + 1):
        parts = [read_range(path, *ends, 12) for ends in ((12, cut), (cut, size))]
        joined = np.nan_to_num(np.concatenate([part.values for part in parts]))
        np.testing.assert_array_equal(joined, whole.values.ravel())
    for block in range(1, 20):
        monkeypatch.setattr("storage.maps.text.BLOCK", block)
        again = read_map(path)
        np.testing.assert_array_equal(again.values, whole.values)
        assert again.sha256 == whole.sha256


def test_cells_without_a_value_are_counted_and_hold_nothing(tmp_path: Path) -> None:
    found = read_map(written(tmp_path, "OIL\n2 2\n1 1\nNaN 1e-1 -999.25 +2"))
    np.testing.assert_array_equal(found.values, [[0, 0.1], [0, 2]])
    assert found.without_value == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        (" \n \n", "empty"),
        ("GAS\n2 2\n1 1\n1 2 3 4", "line 1 is 'GAS'"),
        ("OIL 2 2 1 1 1 2 3 4", "line 1"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "line 1"),
        ("OIL\n", "line 2 is empty"),
        ("OIL\n2\n1 1\n1 2", "line 2 is '2'"),
        ("OIL\n2 2.5\n1 1\n1 2 3 4 5", "line 2"),
        ("OIL\n0 2\n1 1\n", "line 2"),
        ("OIL\n2 inf\n1 1\n1 2", "line 2"),
        ("OIL\n2 2\n1\n1 2 3 4", "line 3"),
        ("OIL\n2 2\n1 -1\n1 2 3 4", "line 3 is '1 -1'"),
        ("OIL\n2 2\n1 nan\n1 2 3 4", "line 3"),
        ("OIL\n2 2\n1 1\n1 2 3", "3 values, and line 2 asks for 4"),
        ("OIL\n2 2\n1 1\n1 2 3 4 5", "5 values"),
        ("OIL\n2 2\n1 1\n", "0 values"),
        ("OIL\n2 2\n1 1\n1 2\n3 x", "value 4 on line 5 is 'x'"),
        ("OIL\r\n2 2\r\n1 1\r\n1 2\r\n2;5 3", "value 3 on line 5 is '2;5'"),
        ("OIL\n2 2\n1 1\n1 2 2,5 3.5", "decimal comma"),
        ("OIL\n2 1\n1 1\n1,234,567 2", "'1,234,567'"),
        ("OIL\n2 1\n1 1\n1,2, 3", "'1,2,'"),
        ("2.41 2.38 2.2 2.1", "line 1 is '2.41 2.38 2.2 2.1'"),
        ("OIL\n2 1\n1 1\n1 \x002", "value 2 on line 4"),
        ("OIL\n2 2\n1 1\n1 2 1.5.3", "value 3 on line 4 is '1.5.3'"),
        ("OIL\n2 2\n1 1\n1 2 1_0 4", "'1_0'"),
        ("OIL\n2 2\n1 1\n1 2 -3 4", "first -3 in row 1, column 0"),
        ("OIL\n2 2\n1 1\n1 2 inf 4", "infinite"),
        ("OIL\n2 1\n1 1\nnan -999.25", "no cell has a value"),
    ],
)
def test_what_is_no_map_is_told_in_one_line(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(MapError) as caught:
        read_map(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_map_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="No such file"):
        read_map(tmp_path / "none.txt")
    with pytest.raises(MapError, match="directory"):
        read_map(tmp_path)


def test_real_maps_are_read(shared_data: Path) -> None:
    for path in sorted((shared_data / "maps" / "map-format").glob("*.txt")):
        found = read_map(path)
        assert (found.kind, found.values.shape) == ("PORO", (112, 46))
        assert 0.0 <= found.values.min() < found.values.max() < 0.5


def test_radii_are_one_a_line(tmp_path: Path) -> None:
    path = written(tmp_path, "# metres\n700\r\n\n1100.5 # deep\n5;0\n")
    assert read_radii(path) == ([700.0, 1100.5, 5.0], [None, None, 0.0])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no radius"),
        ("5\n-3\n", "line 2"),
        ("5 6 7", "line 1"),
        ("5 -6", "growth"),
        ("5,nan", "line 1"),
        (b"\xff\xfe\x00", "not a text"),
    ],
)
def test_what_are_no_radii_is_told(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_radii(written(tmp_path, content))
    with pytest.raises(InputError, match="No such file"):
        read_radii(tmp_path / "none")


def test_a_table_of_wells_has_the_promised_columns(tmp_path: Path) -> None:
    row = {"well": 1, "x_m": "2.500", "y_m": "3.000", "radius_m": 4, "gross": 5, "share": 4}
    write_wells(tmp_path / "wells.csv", [row | {"cdp_x": None, "cdp_y": None, "marginal": 3}])
    assert (tmp_path / "wells.csv").read_text() == (
        "well,x_m,y_m,cdp_x,cdp_y,radius_m,gross,share,marginal,growth_m,last_radius_m,start_period,"
        "nearest_well_m,nearest_fault_m,nearest_edge_m\n1,2.500,3.000,,,4,5,4,3,,,,,,\n"
    )


def test_numbers_of_up_to_19_digits_are_rounded_as_python_rounds_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    digits = rng.integers(1, 10**18, 20000) * 10 + rng.integers(0, 10, 20000)
    words = [f"{n % 10**k}e{e}" for n, k, e in zip(
        digits.tolist(), rng.integers(1, 20, 20000), rng.integers(-345, 290, 20000), strict=True
    )]  # fmt: skip
    # Halfway between two numbers, and beside it: ties go to the even one.
    words += [str(2**53 + k) for k in range(-3, 9)] + [f"{2**54 + 2 * k}e0" for k in range(9)]
    words += [f"{2**53 + k}.5" for k in range(-9, 9)] + ["5e-324", "2.2250738585072014e-308"]
    path = written(tmp_path, " ".join(words))
    found = read_range(path, 0, path.stat().st_size, 0).values
    np.testing.assert_array_equal(found, [float(word) for word in words])
