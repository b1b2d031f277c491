import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from distributed import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import MapError, OutputError
from storage.map_store import map_attributes, read_map_store
from storage.maps import ranges as byte_ranges
from storage.maps.chosen import Reading
from storage.maps.formats import read_any
from storage.maps.spread import spread_in, spread_of
from storage.maps.text import read_text
from tasks.keep_map import is_kept, keep_map, kept_in, key_of_map, look_at_kept
from tasks.map_text import count_range
from tasks.maps import reservoir_map


def write(path: Path, rows: int = 40, columns: int = 30, seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    words = [f"{v:.4f}" for v in rng.random(rows * columns) * 9]
    words[7], words[11], words[13] = "-999.25", "nan", "-0.125"
    path.write_text(f"OIL\n{columns} {rows}\n100 50\n" + " ".join(words))
    return path


def bytes_of(store: Path) -> dict[str, bytes]:
    files = (path for path in sorted(store.rglob("*")) if path.is_file())
    return {str(path.relative_to(store)): path.read_bytes() for path in files}


def cut_small(monkeypatch: pytest.MonkeyPatch, length: int, job: int, piece: int) -> None:
    """Let a small map have many ranges, jobs and pieces."""
    small = partial(byte_ranges.ranges, length=length)
    monkeypatch.setattr("tasks.map_text.ranges", small)
    monkeypatch.setattr("storage.map_store.JOB_VALUES", job)
    monkeypatch.setattr("storage.maps.ranges.PIECE_BYTES", piece)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=4)
@given(
    length=st.integers(1, 400),
    job=st.integers(30, 400),
    piece=st.integers(1, 300),
    rows=st.sampled_from(["south", "north"]),
)
def test_wherever_a_text_is_cut_the_values_are_those_read_whole(
    tmp_path: Path, length: int, job: int, piece: int, rows: Literal["south", "north"]
) -> None:
    path = write(tmp_path / "m.txt", rows=12)
    with pytest.MonkeyPatch.context() as patch:
        cut_small(patch, length, job, piece)
        keep_map(path, tmp_path / "m.zarr", Reading(rows=rows))
    found = read_map_store(tmp_path / "m.zarr")
    whole = read_any(path, Reading(rows=rows))
    np.testing.assert_array_equal(found.values, whole.values)
    assert found.facts() == whole.facts()
    assert spread_in(map_attributes(tmp_path / "m.zarr")) == spread_of(whole.values)


def test_the_first_row_of_a_text_may_lie_in_the_north(tmp_path: Path) -> None:
    path = tmp_path / "m.txt"
    path.write_text("OIL\n2 3\n5 5\n1 2\n3 4\n5 6")
    found = reservoir_map(path, Reading(rows="north"))
    np.testing.assert_array_equal(found.value_map.values, [[5, 6], [3, 4], [1, 2]])
    assert found.sha256 != reservoir_map(path).sha256


def test_a_kept_map_is_read_in_place_of_its_file_until_that_changes(tmp_path: Path) -> None:
    path, folder = write(tmp_path / "m.txt"), tmp_path / "cache"
    reading = Reading(cache=folder)
    plain, first = reservoir_map(path), reservoir_map(path, reading)
    np.testing.assert_array_equal(first.value_map.values, plain.value_map.values)
    assert (first.sha256, first.without_value) == (plain.sha256, 2)
    store = kept_in(folder, path, reading)
    assert sorted(entry.name for entry in folder.iterdir()) == [store.name]
    before = bytes_of(store)
    keep_map(path, store, reading)
    assert bytes_of(store) == before
    stamp = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"1")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert not is_kept(store, key_of_map(path, reading))  # same size and time, another end
    reservoir_map.__globals__["_read"].cache_clear()
    again = reservoir_map(path, reading)
    assert again.sha256 != first.sha256
    assert sorted(entry.name for entry in folder.iterdir()) == [store.name]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("OIL\n3 2\n1 1\n1 2 3 4 5", "5 values, and line 2 asks for 6"),
        ("OIL\n3 2\n1 1\n1 2 3\n4 x 6", "value 5 on line 5 is 'x'"),
        ("OIL\n3 2\n1 1\n1 2 3 4,5 5.5 6", "decimal comma"),
        ("OIL\n3 2\n1 1\nnan nan nan nan nan nan", "no cell has a value"),
        ("OIL\n3 2\n0 1\n1 2 3 4 5 6", "line 3"),
    ],
)
def test_a_wrong_map_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, said: str
) -> None:
    cut_small(monkeypatch, length=3, job=3, piece=2)
    path = tmp_path / "m.txt"
    path.write_text(content)
    with pytest.raises(MapError) as caught:
        keep_map(path, tmp_path / "m.zarr")
    assert said in str(caught.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.txt"]


def test_a_store_that_was_begun_is_never_taken_for_a_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, store = write(tmp_path / "m.txt"), tmp_path / "m.zarr"

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tasks.map_text.finish_map_store", killed)
        with pytest.raises(KeyboardInterrupt):
            keep_map(path, store)
    assert not store.exists()
    keep_map(path, store)
    assert is_kept(store, key_of_map(path))


def test_many_at_once_make_one_store(tmp_path: Path) -> None:
    path, store = write(tmp_path / "m.txt"), tmp_path / "m.zarr"
    threads = [threading.Thread(target=keep_map, args=(path, store)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(read_map_store(store).values, read_text(path).values)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["m.txt", "m.zarr"]


def test_what_lies_at_the_store_is_not_written_over(tmp_path: Path) -> None:
    path, other = write(tmp_path / "m.txt"), write(tmp_path / "n.txt", seed=1)
    keep_map(other, tmp_path / "m.zarr")
    assert look_at_kept(other, tmp_path / "m.zarr")
    with pytest.raises(OutputError, match="another map"):
        look_at_kept(path, tmp_path / "m.zarr")
    assert not look_at_kept(path, tmp_path / "m.zarr", overwrite=True)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").write_text("mine")
    with pytest.raises(OutputError, match="no map"):
        look_at_kept(path, tmp_path / "folder", overwrite=True)
    with pytest.raises(OutputError, match="own input"):
        look_at_kept(path, path, overwrite=True)


def test_the_digest_is_of_all_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "m.txt")
    assert count_range(None, path=path, start=0) == {"sha256": read_text(path).sha256}


def long_line(path: Path, rows: int, columns: int) -> Path:
    """Write a map on one line whose rows differ in their first value."""
    tail = " ".join(np.char.mod("%.6f", np.random.default_rng(0).random(columns - 1) * 5).tolist())
    with path.open("w") as file:
        file.write(f"OIL\n{columns} {rows}\n50 50\n")
        for row in range(rows):
            file.write(f"{row}.5 {tail} ")
    return path


@pytest.mark.slow
def test_workers_write_the_bytes_that_threads_write(tmp_path: Path, client: Client) -> None:
    path = long_line(tmp_path / "m.txt", 5000, 1000)
    keep_map(path, tmp_path / "threads.zarr")
    keep_map(path, tmp_path / "workers.zarr", client=client)
    assert bytes_of(tmp_path / "threads.zarr") == bytes_of(tmp_path / "workers.zarr")
    np.testing.assert_array_equal(
        read_map_store(tmp_path / "workers.zarr").values, read_text(path).values
    )


PEAK = """
import resource, sys
from pathlib import Path
from tasks.keep_map import keep_map
keep_map(Path(sys.argv[1]), Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Ten times the text takes hardly more: the larger file alone is 270 MB, and its values 240 MB."""
    peaks = []
    for rows in (600, 6000):
        path = long_line(tmp_path / f"{rows}.txt", rows, 5000)
        command = [sys.executable, "-c", PEAK, str(path), str(tmp_path / f"{rows}.zarr")]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(command, capture_output=True, check=True, env=environment)
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] + 150
