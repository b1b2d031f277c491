"""Hypothesis strategies: shapes, tilings, live masks, grids."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.tiles import Tiling

Shape = tuple[int, int, int]


@st.composite
def volume_shapes(draw: st.DrawFn, largest: int = 40) -> Shape:
    """Shapes with single lines, single samples and sides off every grid."""
    side = st.one_of(st.just(1), st.integers(2, largest))
    return draw(side), draw(side), draw(side)


@st.composite
def tilings(
    draw: st.DrawFn,
    survey: Shape | None = None,
    stride: int | None = None,
    halo: int | None = None,
) -> Tiling:
    """Cores of any number of small shards of a survey, full depth or patches of it."""
    survey = survey or draw(volume_shapes())
    stride = stride or draw(st.sampled_from([1, 2, 4]))
    halo = stride * draw(st.integers(1, 3)) if halo is None else halo
    shard = st.integers(1, 4).map(lambda n: n * stride)
    return Tiling(
        survey,
        stride,
        halo,
        draw(st.integers(1, 4)),
        (draw(shard), draw(shard)),
        stride * draw(st.integers(1, 12)),
    )


def amplitudes(shape: Shape, seed: int = 0) -> NDArray[np.float32]:
    """Noise of whole numbers: every sum and maximum is exact."""
    return np.random.default_rng(seed).integers(-99, 100, shape).astype(np.float32)


@st.composite
def live_masks(draw: st.DrawFn, largest: int = 16) -> NDArray[np.bool_]:
    """Masks from empty to full."""
    shape = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    share = draw(st.sampled_from([0.0, 0.05, 0.3, 0.8, 1.0]))
    return np.random.default_rng(draw(st.integers(0, 99))).random(shape) < share


@st.composite
def rotated_grids(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of `tests.surveys.grid_traces`: any azimuth, handedness, step and sign of the lines."""
    bins = st.sampled_from([-50.0, -12.5, 6.25, 12.5, 25.0])
    return {
        "shape": (draw(st.integers(2, 30)), draw(st.integers(2, 30)), 1),
        "first": (draw(st.integers(-5000, 90000)), draw(st.integers(-5000, 90000))),
        "step": (draw(st.integers(1, 4)), draw(st.integers(1, 4))),
        "azimuth": draw(st.floats(-3.2, 3.2)),
        "bin_m": (draw(bins), draw(bins)),
    }
