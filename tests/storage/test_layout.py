"""The job grid: chunks within shards, shards within bounds, blocks that partition the survey."""

from itertools import product
from math import prod

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


depths = st.one_of(st.integers(1, 5000), st.integers(1, 1 << 20))
itemsizes = st.sampled_from([1, 2, 4, 8])


@given(st.tuples(sides, sides, depths), itemsizes)
def test_a_shard_is_a_column_of_whole_chunks_no_larger_than_allowed(
    shape: tuple[int, int, int], itemsize: int
) -> None:
    grid = volume_grid(shape, itemsize)
    assert all(shard % chunk == 0 for chunk, shard in zip(grid.chunks, grid.shards, strict=True))
    assert 0 <= grid.shards[2] - shape[2] < grid.chunks[2] <= shape[2]
    assert max(grid.shards[:2]) <= LATERAL_SHARD
    assert prod(grid.chunks) <= CHUNK**3
    assert prod(grid.shards) * itemsize <= LARGEST_SHARD_BYTES


@given(st.tuples(sides, sides, st.integers(1, 4096)))
def test_traces_of_usual_length_have_shards_of_usual_width(shape: tuple[int, int, int]) -> None:
    grid = volume_grid(shape)
    assert grid.chunks == tuple(min(CHUNK, n) for n in shape)
    assert grid.shards[:2] == tuple(LATERAL_SHARD if n >= CHUNK else n for n in shape[:2])


@pytest.mark.parametrize(
    ("samples", "side", "chunk"),
    [
        (4096, 128, (64, 64, 64)),
        (4097, 64, (64, 64, 64)),
        (16_384, 64, (64, 64, 64)),
        (16_385, 32, (32, 32, 256)),
        (65_536, 32, (32, 32, 256)),
        (65_537, 16, (16, 16, 1024)),
        (262_145, 8, (8, 8, 4096)),
    ],
)
def test_the_longer_the_traces_the_fewer_of_them_a_shard_has(
    samples: int, side: int, chunk: tuple[int, int, int]
) -> None:
    grid = volume_grid((500, 500, samples))
    assert grid.chunks == chunk
    assert grid.shards[:2] == (side, side)


@given(st.tuples(sides, sides, depths), itemsizes, st.sampled_from([240, 480, 2640]))
def test_raw_headers_lie_on_the_lateral_grid_of_the_samples(
    shape: tuple[int, int, int], itemsize: int, header_bytes: int
) -> None:
    volume = volume_grid(shape, itemsize)
    headers = header_grid(volume, header_bytes)
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
