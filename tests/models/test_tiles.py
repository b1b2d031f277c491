"""Tiles: they partition the volume, and no predictor that keeps to its halo can see them."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.errors import ParameterError
from models.runtime.protocol import Lateral, Runtime
from models.tiles import (
    Tiling,
    choose_tiling,
    core_within,
    depth_patches,
    network_input,
    tile_grid,
)
from tasks.infer import predict_tile
from tests.stand_in import Blank, Farthest, Neighborhood, StandIn
from tests.strategies import Shape, amplitudes, tilings

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Blocks(Neighborhood):
    """The largest amplitude of each stride x stride x stride block: it sees where its input begins."""

    def predict(self, amplitude: Samples, _core: Lateral | None = None) -> Samples:
        steps = [min(self.stride, n) for n in amplitude.shape]  # a missing axis is one trace
        sides = zip(amplitude.shape, steps, strict=True)
        blocks = amplitude.reshape([part for n, step in sides for part in (n // step, step)])
        largest: Samples = blocks.max(axis=(1, 3, 5))
        for axis, step in enumerate(steps):
            largest = largest.repeat(step, axis)
        return largest


PREDICTORS = (Neighborhood, Farthest, Blocks)


def run_tiled(volume: Samples, tiling: Tiling, runtime: Runtime) -> Samples:
    result = np.full_like(volume, np.nan)
    for tile in tile_grid(tiling):
        result[tile.core] = predict_tile(volume[tile.read], tile, tiling, runtime)
    return result


def in_one_piece(shape: Shape, stride: int, halo: int) -> Tiling:
    """One tile, one call of the network."""
    return Tiling(shape, stride, halo, 1, (shape[0], shape[1]), stride * (shape[2] // stride + 1))


@given(tilings())
def test_cores_partition_the_volume(tiling: Tiling) -> None:
    hits = np.zeros(tiling.survey, int)
    for tile in tile_grid(tiling):
        hits[tile.core] += 1
    assert (hits == 1).all()


@given(tilings())
def test_cut_do_nothing_and_reassemble_gives_the_input(tiling: Tiling) -> None:
    volume = amplitudes(tiling.survey)
    result = np.full(tiling.survey, np.nan, np.float32)
    for tile in tile_grid(tiling):
        extended, core = network_input(volume[tile.read], tile, tiling), core_within(tile, tiling)
        for source, depth, place in depth_patches(tiling):
            result[(*tile.core[:2], place)] = extended[..., source][(*core, depth)]
    np.testing.assert_array_equal(result, volume)


@given(tilings())
def test_a_blank_predictor_leaves_zeros(tiling: Tiling) -> None:
    blank = Blank(stride=tiling.stride, halo=tiling.halo)
    assert not run_tiled(amplitudes(tiling.survey), tiling, blank).any()


@pytest.mark.parametrize("predictor", PREDICTORS)
@given(tilings())
def test_no_tiling_changes_a_bit_of_a_prediction(predictor: type[StandIn], tiling: Tiling) -> None:
    shape = tiling.survey
    volume, runtime = amplitudes(shape), predictor(stride=tiling.stride, halo=tiling.halo)
    whole = run_tiled(volume, in_one_piece(shape, tiling.stride, tiling.halo), runtime)
    np.testing.assert_array_equal(run_tiled(volume, tiling, runtime), whole)


@given(tilings())
def test_depth_patches_change_no_bit_of_a_prediction(tiling: Tiling) -> None:
    shape = tiling.survey
    volume, runtime = amplitudes(shape), Blocks(stride=tiling.stride, halo=tiling.halo)
    full = replace(tiling, depth_patch=in_one_piece(shape, tiling.stride, 0).depth_patch)
    np.testing.assert_array_equal(
        run_tiled(volume, tiling, runtime), run_tiled(volume, full, runtime)
    )


@pytest.mark.parametrize("predictor", [Neighborhood, Blocks])
@settings(max_examples=12)
@given(tilings(survey=(30, 26, 28)), st.tuples(*[st.integers(0, 2)] * 3))
def test_moving_the_origin_by_strides_changes_no_bit_away_from_the_edge(
    predictor: type[StandIn], tiling: Tiling, moves: tuple[int, int, int]
) -> None:
    halo, stride = tiling.halo, tiling.stride
    volume, runtime = amplitudes(tiling.survey), predictor(stride=stride, halo=halo)
    origin = [stride * move for move in moves]
    moved = volume[tuple(slice(first, None) for first in origin)]
    inner = tuple(slice(halo if first else 0, None) for first in origin)
    same = tuple(
        slice(first + part.start, None) for first, part in zip(origin, inner, strict=True)
    )
    np.testing.assert_array_equal(
        run_tiled(moved, replace(tiling, survey=moved.shape), runtime)[inner],
        run_tiled(volume, tiling, runtime)[same],
    )


@given(tilings())
def test_the_network_sees_whole_strides_that_begin_on_them(tiling: Tiling) -> None:
    shape, stride = tiling.survey, tiling.stride
    for tile in tile_grid(tiling):
        extended = network_input(np.zeros(shape, np.float32)[tile.read], tile, tiling)
        total, largest = tiling.input_samples(tile)
        patches = depth_patches(tiling)
        calls = [extended[..., source].size for source, _, _ in patches]
        assert (sum(calls), max(calls)) == (total, largest)
        for source, _, _ in patches:
            sides = extended[..., source].shape
            assert all(n % stride == 0 for i, n in enumerate(sides) if i != tiling.missing)
            assert source.start % stride == 0
        for axis, (core, read, n) in enumerate(zip(tile.core, tile.read, shape, strict=True)):
            if axis == tiling.missing:
                assert read == core
                continue
            assert read.start % stride == 0
            assert read.start <= max(0, core.start - tiling.halo)
            assert read.stop >= min(n, core.stop + tiling.halo)


@given(tilings())
def test_a_survey_in_one_tile_is_seen_once(tiling: Tiling) -> None:
    shape = tiling.survey
    (tile,) = tile_grid(in_one_piece(shape, tiling.stride, tiling.halo))
    seen, _ = in_one_piece(shape, tiling.stride, tiling.halo).input_samples(tile)
    assert seen <= np.prod([n + tiling.stride - 1 for n in shape])


@settings(max_examples=100)
@given(tilings(), st.booleans(), st.sampled_from([-4, 0, 4, 4000]))
def test_a_chosen_tiling_fits_its_memory_or_is_refused(
    some: Tiling, full_depth: bool, more: int
) -> None:
    shape = some.survey
    shard = tuple(n if n < s else s for n, s in zip(shape[:2], some.shard, strict=True))

    def largest(tiling: Tiling) -> int:
        return 4 * max(tiling.input_samples(tile)[1] for tile in tile_grid(tiling))

    wanted = replace(some, shard=(shard[0], shard[1]))
    if full_depth:
        wanted = replace(wanted, depth_patch=in_one_piece(shape, some.stride, 0).depth_patch)
    memory = largest(wanted) + more

    def chosen() -> Tiling:
        return choose_tiling(
            shape,
            (shard[0], shard[1]),
            stride=some.stride,
            halo=some.halo,
            bytes_per_sample=4,
            memory_bytes=memory,
        )

    if memory < largest(replace(wanted, shards=1, depth_patch=some.stride)):
        with pytest.raises(ParameterError, match="--tile-memory"):
            chosen()
        return
    tiling = chosen()
    assert largest(tiling) <= memory
    if full_depth and more >= 0:
        assert tiling.shards >= min(wanted.shards, -(-max(shape[:2]) // max(shard)))


def test_more_memory_gives_cores_as_large_or_larger() -> None:
    def cores(gib: float) -> tuple[int, int]:
        tiling = choose_tiling(
            (900, 700, 1500),
            (128, 128),
            stride=8,
            halo=24,
            bytes_per_sample=64,
            memory_bytes=int(gib * 2**30),
        )
        return tiling.shards, tiling.depth_patch

    sizes = [cores(gib) for gib in (0.25, 0.5, 1, 3, 6, 12, 99)]
    assert sizes == sorted(sizes)
    assert sizes[0][0] == 1
    assert sizes[0][1] < 1500
    assert sizes[-1] == (8, 1504)


def test_what_cannot_fit_is_refused_with_the_memory_it_needs() -> None:
    def chosen(gib: float) -> Tiling:
        return choose_tiling(
            (300, 300, 900),
            (128, 128),
            stride=8,
            halo=24,
            bytes_per_sample=8,
            memory_bytes=int(gib * 2**30),
        )

    with pytest.raises(ParameterError, match=r"--tile-memory = 0\.001 GiB") as caught:
        chosen(0.001)
    needed = float(str(caught.value).split()[-2])
    assert chosen(needed).depth_patch >= 8
    with pytest.raises(ParameterError):
        chosen(needed - 0.002)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_line_keeps_one_trace_along_its_missing_axis(axis: int) -> None:
    shape = (1, 21, 17) if axis == 0 else (21, 1, 17)
    volume = amplitudes(shape)
    tiling = choose_tiling(
        shape, (8, 8), stride=4, halo=8, bytes_per_sample=1, memory_bytes=1 << 20
    )
    assert tiling.missing == axis
    for tile in tile_grid(tiling):
        extended = network_input(volume[tile.read], tile, tiling)
        assert extended.shape[axis] == 1
        inner = (*core_within(tile, tiling), slice(0, 17))
        np.testing.assert_array_equal(extended[inner], volume[tile.core])
