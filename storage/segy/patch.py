"""The words of a block that its stored samples do not give back, in the group ``segy`` of a store.

::

    segy/patch/I,J/odd(bin, byte)    of the block at I,J: which samples, a bit each
    segy/patch/I,J/word              those words, in the order of the traces
"""

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec

from storage.errors import DamagedStoreError
from storage.locations import Location, exists, within
from storage.volume import read_array, store_path

PATCH = "segy/patch"

CHUNK_BYTES = 4 << 20


def write_patch(
    path: Location, block: str, odd: NDArray[np.uint8], words: NDArray[np.uint32]
) -> None:
    """Keep the words of a block.

    Parameters
    ----------
    path
        The store.
    block
        Name of the block.
    odd, words
        As `storage.segy.blocks.Block` has them.
    """
    group = zarr.create_group(store_path(within(path, PATCH, block)), overwrite=True)
    for name, data in (("odd", odd), ("word", words)):
        rows = max(1, CHUNK_BYTES // data[0].nbytes)
        group.create_array(
            name,
            data=data,
            chunks=(min(rows, len(data)), *data.shape[1:]),
            compressors=[
                BloscCodec(cname="zstd", clevel=1, shuffle="shuffle", typesize=data.itemsize)
            ],
        )


def read_patch(path: Location, block: str) -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Return what `write_patch` kept of a block, arrays without rows where it kept nothing.

    Raises
    ------
    DamagedStoreError
        If words are missing.
    """
    patch = within(path, PATCH, block)
    if not exists(within(patch, "zarr.json")):
        return np.empty((0, 0), np.uint8), np.empty(0, np.uint32)
    odd, words = (read_array(path, f"{PATCH}/{block}/{name}") for name in ("odd", "word"))
    if (flags := int(np.bitwise_count(odd).sum())) != len(words):
        raise DamagedStoreError(patch, f"it has {len(words)} words and {flags} places for them")
    return odd, words
