"""Images of maps: means of blocks, the same whole and by tiles."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from models.wells.map_tiles import tiles_of
from tasks import map_image
from tasks.map_image import image_of, image_size, thinned
from tests.map_sources import InMemory


@pytest.fixture(scope="module")
def coarse() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(map_image, "MOST_CELLS", 7)
    yield
    patch.undo()


@pytest.mark.usefixtures("coarse")
@given(
    values=arrays(
        np.float64,
        st.tuples(st.integers(1, 20), st.integers(1, 20)),
        elements=st.floats(0, 100, width=32),
    )
)
def test_an_image_holds_the_mean_of_what_it_covers(
    values: NDArray[np.float64],
) -> None:
    seen = thinned(values)
    assert max(seen.shape) <= 7
    block = -(-max(values.shape) // 7)
    for row, column in np.ndindex(seen.shape):
        part = values[row * block : (row + 1) * block, column * block : (column + 1) * block]
        assert seen[row, column] == pytest.approx(part.mean(), rel=1e-5, abs=1e-5)


@pytest.mark.usefixtures("coarse")
@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    side=st.integers(1, 45),
    seed=st.integers(0, 999),
)
@settings(max_examples=40, deadline=None)
def test_an_image_made_by_tiles_is_that_of_the_whole(
    shape: tuple[int, int], side: int, seed: int
) -> None:
    source = InMemory(np.random.default_rng(seed).uniform(0, 9, shape))
    found = image_of(source, tiles_of(shape, side))
    np.testing.assert_allclose(found, thinned(source.map_values), rtol=1e-6)
    across, up = image_size(shape, source.cell_m)
    block = -(-max(shape) // 7)
    assert (across, up) == (
        found.shape[1] * block * source.cell_m[0],
        found.shape[0] * block * source.cell_m[1],
    )
