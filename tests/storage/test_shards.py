"""Shards: what graben writes zarr-python reads bit for bit and the reverse; damage is noticed."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from storage.errors import DamagedStoreError
from storage.layout import Grid, Profile
from storage.shards import ABSENT, ShardLayout, read_shard, shard_layout, write_shard
from storage.volume import add_array, read_region, write_region

Shape = tuple[int, int, int]
DTYPES = ["f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]
side = st.integers(1, 11)


@st.composite
def grids(draw: st.DrawFn) -> tuple[Shape, Grid]:
    """Shapes that end anywhere in a grid of small chunks and shards."""
    shape = draw(side), draw(side), draw(side)
    chunks = tuple(draw(st.integers(2, 5)) for _ in shape)
    return shape, Grid(chunks, tuple(c * draw(st.integers(1, 3)) for c in chunks))


@st.composite
def regions(draw: st.DrawFn, shape: Shape) -> tuple[slice, ...]:
    starts = [draw(st.integers(0, n - 1)) for n in shape]
    return tuple(slice(a, draw(st.integers(a + 1, n))) for a, n in zip(starts, shape, strict=True))


def noise(shape: Shape, dtype: str, seed: int) -> NDArray[Any]:
    """Every bit pattern there is: NaN with payloads, infinities, subnormals, the least integers."""
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 256, (*shape, np.dtype(dtype).itemsize), dtype=np.uint8)
    return words.view(dtype)[..., 0]


def file_of(layout: ShardLayout) -> Path:
    """The only shard of a store."""
    return Path(layout.file((0, 0, 0)))


def lay_out(
    folder: Path, shape: Shape, grid: Grid, dtype: str = "f4", profile: Profile = "fast"
) -> ShardLayout:
    group = zarr.create_group(folder / "store.zarr", overwrite=True)
    array = add_array(group, "a", shape, np.dtype(dtype), grid, ("i", "j", "k"), profile=profile)
    layout = shard_layout(array, folder / "store.zarr" / "a")
    assert layout is not None
    return layout


def store(layout: ShardLayout) -> Path:
    return Path(layout.folder).parent


def everywhere(shape: Shape) -> tuple[slice, ...]:
    return tuple(slice(0, n) for n in shape)


def by_zarr(layout: ShardLayout) -> zarr.Array[Any]:
    return zarr.open_array(layout.folder, mode="r+")


def assert_same_bits(found: Any, expected: NDArray[Any]) -> None:
    found = np.ascontiguousarray(found)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    np.testing.assert_array_equal(
        found.view(np.uint8), np.ascontiguousarray(expected).view(np.uint8)
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shards")


dtypes, seeds = st.sampled_from(DTYPES), st.integers(0, 9999)
profiles: st.SearchStrategy[Profile] = st.sampled_from(["fast", "small", "lossy"])


@given(st.data(), grids(), dtypes, profiles, seeds)
def test_zarr_reads_what_is_written_and_so_do_we_in_any_region(
    folder: Path,
    data: st.DataObject,
    how: tuple[Shape, Grid],
    dtype: str,
    profile: Profile,
    seed: int,
) -> None:
    shape, grid = how
    layout = lay_out(folder, shape, grid, dtype, profile)
    values = noise(shape, dtype, seed)
    write_region(store(layout), "a", everywhere(shape), values)
    assert_same_bits(by_zarr(layout)[...], values)
    region = data.draw(regions(shape))
    assert_same_bits(read_region(store(layout), "a", region), values[region])


@given(st.data(), grids(), dtypes, profiles, seeds)
def test_what_zarr_writes_is_read_in_any_region(
    folder: Path,
    data: st.DataObject,
    how: tuple[Shape, Grid],
    dtype: str,
    profile: Profile,
    seed: int,
) -> None:
    shape, grid = how
    layout, values = lay_out(folder, shape, grid, dtype, profile), noise(shape, dtype, seed)
    with np.errstate(invalid="ignore"):  # zarr looks for chunks that equal the fill value
        by_zarr(layout)[...] = values
    expected = np.asarray(by_zarr(layout)[...])
    region = data.draw(regions(shape))
    assert_same_bits(read_region(store(layout), "a", region), expected[region])


@given(grids(), dtypes, st.sampled_from([0.0, 0.1, 0.5]), seeds)
def test_chunks_without_a_live_trace_are_absent_and_filled(
    folder: Path, how: tuple[Shape, Grid], dtype: str, share: float, seed: int
) -> None:
    shape, grid = how
    layout, values = lay_out(folder, shape, grid, dtype), noise(shape, dtype, seed)
    live = np.random.default_rng(seed).random(shape[:2]) < share
    write_region(store(layout), "a", everywhere(shape), values, live)
    kept = np.zeros(shape, bool)
    rows, columns = (range(0, n, c) for n, c in zip(shape[:2], grid.chunks[:2], strict=True))
    for i in rows:
        for j in columns:
            part = slice(i, i + grid.chunks[0]), slice(j, j + grid.chunks[1])
            kept[part] = live[part].any()
    expected = np.where(kept, values, np.dtype(dtype).type(layout.fill))
    assert_same_bits(read_region(store(layout), "a", everywhere(shape)), expected)
    assert_same_bits(by_zarr(layout)[...], expected)
    assert index_of(layout)[1] == np.count_nonzero(
        kept[:: grid.chunks[0], :: grid.chunks[1], 0]
    ) * (-(-shape[2] // grid.chunks[2]))


def index_of(layout: ShardLayout) -> tuple[int, int]:
    """Return the number of shard files, and of chunks in them."""
    files = [path for path in (Path(layout.folder) / "c").rglob("*") if path.is_file()]
    chunks = 0
    for path in files:
        index = np.frombuffer(path.read_bytes()[-layout.index_bytes : -4], "<u8")
        chunks += int(np.count_nonzero(index[::2] != ABSENT))
        assert chunks, "a file without a chunk"
    return len(files), chunks


GRID = Grid((4, 4, 8), (8, 8, 16))
CUBE = (8, 8, 16)
EDGES = {"cut": (7, 6, 13), "whole": CUBE}


def test_a_shard_that_lost_its_traces_loses_its_file(tmp_path: Path) -> None:
    layout = lay_out(tmp_path, CUBE, GRID)
    values = np.ones(CUBE, np.float32)
    write_shard(layout, (0, 0, 0), values)
    assert index_of(layout) == (1, 8)
    write_shard(layout, (0, 0, 0), values, np.zeros(CUBE[:2], bool))
    assert index_of(layout) == (0, 0)
    assert np.isnan(by_zarr(layout)[...]).all()


def test_what_lies_beyond_the_array_is_the_fill_value(tmp_path: Path) -> None:
    cut, whole = (lay_out(tmp_path / name, shape, GRID) for name, shape in EDGES.items())
    values = np.full(CUBE, np.nan, np.float32)
    values[:7, :6, :13] = noise((7, 6, 13), "f4", 3)
    write_shard(whole, (0, 0, 0), values)
    write_shard(cut, (0, 0, 0), values[:7, :6, :13])
    assert file_of(cut).read_bytes() == file_of(whole).read_bytes()


def test_a_shard_appears_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = lay_out(tmp_path, CUBE, GRID)
    write_shard(layout, (0, 0, 0), np.ones(CUBE, np.float32))
    before = file_of(layout).read_bytes()

    def killed(*_: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(OSError, match="full"):
        write_shard(layout, (0, 0, 0), np.zeros(CUBE, np.float32))
    assert file_of(layout).read_bytes() == before


def test_a_file_that_passes_for_an_empty_index_is_noticed(tmp_path: Path) -> None:
    layout = lay_out(tmp_path, CUBE, GRID)
    file_of(layout).parent.mkdir(parents=True)
    file_of(layout).write_bytes(bytes(4))  # the checksum of nothing
    with pytest.raises(DamagedStoreError, match="its index does not match its checksum"):
        read(layout)


@pytest.fixture
def damaged(tmp_path: Path) -> tuple[ShardLayout, Path, bytes]:
    """A shard of noise, its file, and what it holds."""
    layout = lay_out(tmp_path, CUBE, GRID)
    write_shard(layout, (0, 0, 0), noise(CUBE, "f4", 1))
    path = file_of(layout)
    return layout, path, path.read_bytes()


def read(layout: ShardLayout) -> NDArray[Any]:
    out = np.empty(CUBE, np.float32)
    read_shard(layout, (0, 0, 0), everywhere(CUBE), out)
    return out


@pytest.mark.parametrize("kept", [0, 1, 50, -133, -132, -131, -1])
def test_a_torn_file_is_noticed(damaged: tuple[ShardLayout, Path, bytes], kept: int) -> None:
    layout, path, content = damaged
    path.write_bytes(content[:kept])
    with pytest.raises(DamagedStoreError, match=r"0: its index.*--overwrite"):
        read(layout)


@given(st.integers(0, 131), st.integers(1, 255))
def test_every_changed_byte_of_the_index_is_noticed(folder: Path, place: int, change: int) -> None:
    layout = lay_out(folder, CUBE, GRID)
    write_shard(layout, (0, 0, 0), noise(CUBE, "f4", 1))
    path = file_of(layout)
    content = bytearray(path.read_bytes())
    content[len(content) - layout.index_bytes + place] ^= change
    path.write_bytes(content)
    with pytest.raises(DamagedStoreError, match="its index does not match its checksum"):
        read(layout)


@pytest.mark.parametrize("size", [0, 1, 2048, 2**31 - 1])
def test_a_chunk_of_another_size_is_noticed(
    damaged: tuple[ShardLayout, Path, bytes], size: int
) -> None:
    layout, path, content = damaged
    path.write_bytes(content[:4] + size.to_bytes(4, "little") + content[8:])
    with pytest.raises(DamagedStoreError, match="another size than the array says"):
        read(layout)


def test_a_shard_of_another_array_is_noticed(
    damaged: tuple[ShardLayout, Path, bytes], tmp_path: Path
) -> None:
    layout, path, _ = damaged
    other = lay_out(tmp_path / "other", CUBE, Grid((4, 4, 4), (8, 8, 8)))
    write_shard(other, (0, 0, 0), np.ones((8, 8, 8), np.float32))
    path.write_bytes(file_of(other).read_bytes())
    with pytest.raises(DamagedStoreError):
        read(layout)


def test_changed_bytes_of_chunks_do_no_harm(damaged: tuple[ShardLayout, Path, bytes]) -> None:
    """They give other samples, which the digest of the records tells, or are noticed."""
    layout, path, _ = damaged
    write_shard(layout, (0, 0, 0), np.arange(1024, dtype=np.float32).reshape(CUBE) // 50)
    content, rng = path.read_bytes(), np.random.default_rng(2)
    noticed = []
    for _ in range(200):
        changed = bytearray(content)
        for place in rng.integers(len(content) - layout.index_bytes, size=3):
            changed[place] = rng.integers(256)
        path.write_bytes(changed)
        try:
            read(layout)
        except DamagedStoreError as error:
            noticed.append(error)
    assert noticed
    for one in noticed:
        assert "\n" not in str(one)
        assert str(pickle.loads(pickle.dumps(one))) == str(one)


def test_layouts_of_others_are_left_to_zarr(tmp_path: Path) -> None:
    group = zarr.create_group(tmp_path / "store.zarr")
    plain = group.create_array("plain", shape=CUBE, dtype="f4", chunks=(4, 4, 8))
    zipped = group.create_array("zipped", shape=CUBE, dtype="f4", chunks=(4, 4, 8), shards=CUBE)
    values = noise(CUBE, "i4", 2).astype(np.float32)
    for array in (plain, zipped):
        name = array.name.removeprefix("/")
        assert shard_layout(array, tmp_path / "store.zarr" / name) is None
        write_region(tmp_path / "store.zarr", name, everywhere(CUBE), values)
        part = (slice(1, 7), slice(3, 4), slice(0, 16))
        assert_same_bits(read_region(tmp_path / "store.zarr", name, part), values[part])
