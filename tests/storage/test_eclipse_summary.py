from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from storage.eclipse_summary import read_summary
from storage.errors import InputError
from tests.simulator import write_summary

SOME = {
    "TIME": [30.0, 60.0, 91.5],
    "FOPT": [1e3, 2e3, 2.5e3],
    **{
        f"WOPT:W{number}": [float(number), 2.0 * number, 3.0 * number] for number in range(1, 1200)
    },
}


def test_vectors_of_field_and_wells_come_back(tmp_path: Path) -> None:
    """More vectors than a block of a record holds."""
    write_summary(tmp_path / "CASE.SMSPEC", SOME)
    found = read_summary(tmp_path / "CASE.SMSPEC")
    assert list(found) == list(SOME)
    for name, values in SOME.items():
        np.testing.assert_array_equal(found[name], np.array(values, np.float32))


def test_another_reader_agrees(tmp_path: Path) -> None:
    resfo = pytest.importorskip("resfo")
    write_summary(tmp_path / "CASE.SMSPEC", SOME)
    arrays = [a for name, a in resfo.read(tmp_path / "CASE.UNSMRY") if name.strip() == "PARAMS"]
    np.testing.assert_array_equal(
        np.array(arrays).T, [*read_summary(tmp_path / "CASE.SMSPEC").values()]
    )


@pytest.mark.parametrize("suffix", [".SMSPEC", ".UNSMRY"])
def test_a_file_cut_short_is_one_line(tmp_path: Path, suffix: str) -> None:
    few = {name: SOME[name] for name in ("TIME", "FOPT", "WOPT:W1")}
    write_summary(tmp_path / "CASE.SMSPEC", few)
    path = tmp_path / f"CASE{suffix}"
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        found: dict[str, np.ndarray] = {}
        with suppress(InputError):
            found = read_summary(tmp_path / "CASE.SMSPEC")
        # A run that was stopped between two steps is read as far as it went.
        assert not found or suffix == ".UNSMRY"
        assert all(len(values) < 3 for values in found.values())


def test_a_file_that_is_absent_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_summary(tmp_path / "CASE.SMSPEC")
    (tmp_path / "CASE.SMSPEC").write_bytes(b"\0\0\0\4text\0\0\0\4")
    with pytest.raises(InputError, match="no head of an array"):
        read_summary(tmp_path / "CASE.SMSPEC")
