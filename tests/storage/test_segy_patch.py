"""Patches: the words of a block that samples do not give back lie in the store as the block has them."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import zarr

from storage.errors import DamagedStoreError
from storage.segy import patch
from storage.segy.patch import read_patch, write_patch


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with nothing but the group of patches."""
    zarr.create_group(str(tmp_path / "volume.zarr" / "segy" / "patch"))
    return tmp_path / "volume.zarr"


@pytest.mark.parametrize("share", [0.001, 0.5, 1.0])
@pytest.mark.parametrize("chunk_bytes", [1, 1000, 1 << 20])
def test_flags_and_words_come_back(
    store: Path, share: float, chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patch, "CHUNK_BYTES", chunk_bytes)
    rng = np.random.default_rng(4)
    odd = rng.random((30, 21)) < share
    odd[3, 4] = True
    words = rng.integers(0, 1 << 32, odd.sum(), dtype=np.uint32)
    write_patch(store, "0,128", np.packbits(odd, axis=1), words)
    flags, kept = read_patch(store, "0,128")
    np.testing.assert_array_equal(flags, np.packbits(odd, axis=1))
    np.testing.assert_array_equal(kept, words)
    assert kept.dtype == np.uint32


def test_a_block_without_odd_words_has_no_patch(store: Path) -> None:
    assert [len(part) for part in read_patch(store, "0,0")] == [0, 0]


def test_a_patch_without_its_words_is_damage(store: Path) -> None:
    flags = np.full((2, 3), 0b10000001, np.uint8)
    write_patch(store, "0,0", flags, np.arange(12, dtype=np.uint32))
    write_patch(store, "0,64", flags, np.arange(11, dtype=np.uint32))
    assert len(read_patch(store, "0,0")[1]) == 12
    with pytest.raises(DamagedStoreError, match="11 words and 12 places"):
        read_patch(store, "0,64")
    shutil.rmtree(store / "segy" / "patch" / "0,0" / "word")
    with pytest.raises(DamagedStoreError):
        read_patch(store, "0,0")
