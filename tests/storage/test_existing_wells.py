from pathlib import Path

import pytest

from storage.errors import InputError
from storage.existing_wells import KnownWell, read_existing_wells

GOOD = {
    "commas": "well,x,y,radius,growth\nA-1,10,20,300,1.5\n,30,40.5,,\n",
    "semicolons and decimal commas": "Well;X;Y;Radius;Growth\r\nA-1;10;20;300;1,5\r\n\r\n;30;40,5;;\r\n",
    "tabs, units in names": "y_m\tx_m\twell\tgrowth_m\tradius_m\n20\t10\tA-1\t1.5\t300\n40.5\t30\n",
}


@pytest.mark.parametrize("form", GOOD)
def test_tables_of_every_form_say_the_same(form: str, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD[form].encode())
    found = read_existing_wells(path, on_map=True)
    assert found[0] == KnownWell("A-1", 10.0, 20.0, 300.0, 1.5)
    assert (found[1].x, found[1].y, found[1].radius_m, found[1].growth_m) == (30, 40.5, None, None)


def test_the_table_of_another_run_is_read_in_either_coordinates(tmp_path: Path) -> None:
    path = tmp_path / "wells.csv"
    path.write_text("well,x_m,y_m,cdp_x,cdp_y,radius_m\n1,5,6,1005,2006,70\n")
    assert read_existing_wells(path, on_map=True)[0].x == 5.0
    assert read_existing_wells(path, on_map=False)[0].x == 1005.0


BAD = {
    "missing": (None, "No such file"),
    "empty": ("", "no columns x and y"),
    "no names": ("1,2\n3,4\n", "no columns x and y"),
    "no wells": ("x,y\n\n", "holds no well"),
    "no place": ("x,y\n1,\n", "line 2 has no position"),
    "words": ("x,y\n1,here\n", "line 2: 'here' is not a number"),
    "infinite": ("x,y\n1,inf\n", "'inf' is not a number"),
    "no radius": ("x,y,radius\n1,2,0\n", "line 2: a radius must be positive"),
    "shrinks": ("x,y,growth\n1,2,-3\n", "growth not negative"),
    "bytes": (b"x,y\n\xff\xfe", "not a text file"),
}


@pytest.mark.parametrize("case", BAD)
def test_wrong_tables_are_one_clear_line(case: str, tmp_path: Path) -> None:
    content, said = BAD[case]
    path = tmp_path / "old.csv"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=said) as caught:
        read_existing_wells(path, on_map=True)
    assert len(str(caught.value).splitlines()) == 1
