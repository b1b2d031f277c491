"""The job grid: chunks within shards, shards within bounds, blocks that partition the survey."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.layout import (
    CHUNK,
    LARGEST_SHARD_BYTES,
    LATERAL_SHARD,
    header_grid,
    lateral_blocks,
    volume_grid,
)

sides = st.integers(1, 5000)


@given(st.tuples(sides, sides, st.integers(1, 40_000)), st.sampled_from([1, 2, 4, 8]))
def test_shards_are_whole_chunks_and_no_larger_than_allowed(
    shape: tuple[int, int, int], itemsize: int
) -> None:
    grid = volume_grid(shape, itemsize)
    for n, chunk, shard in zip(shape, grid.chunks, grid.shards, strict=True):
        assert chunk == min(CHUNK, n)
        assert shard % chunk == 0
    assert grid.shards[0] <= LATERAL_SHARD
    assert int(np.prod(grid.shards)) * itemsize <= LARGEST_SHARD_BYTES
    assert (
        grid.shards[2] >= shape[2]
        or int(np.prod(grid.shards)) * itemsize * 2 > LARGEST_SHARD_BYTES // 2
    )


@given(st.tuples(sides, sides), st.sampled_from([240, 480, 2640]))
def test_raw_headers_lie_on_the_same_lateral_grid(
    shape: tuple[int, int], header_bytes: int
) -> None:
    headers, volume = header_grid(shape, header_bytes), volume_grid((*shape, 700))
    assert headers.shards[:2] == volume.shards[:2]
    assert headers.chunks[:2] == volume.chunks[:2]
    assert headers.shards[2] == headers.chunks[2] == header_bytes


@given(
    st.tuples(st.integers(1, 300), st.integers(1, 300)),
    st.tuples(st.integers(1, 128), st.integers(1, 128)),
)
def test_blocks_partition_the_survey_on_the_shard_grid(
    shape: tuple[int, int], shards: tuple[int, int]
) -> None:
    hits = np.zeros(shape, int)
    for block in lateral_blocks((*shape, 9), (*shards, 9)):
        hits[block] += 1
        assert all(part.start % shard == 0 for part, shard in zip(block, shards, strict=True))
    assert (hits == 1).all()


@pytest.mark.parametrize("shape", list(product((1, 64, 65, 128, 129), repeat=2)))
def test_a_lateral_shard_is_full_size_from_a_whole_chunk_on(shape: tuple[int, int]) -> None:
    for n, shard in zip(shape, volume_grid((*shape, 10)).shards, strict=False):
        assert shard == (LATERAL_SHARD if n >= CHUNK else n)
