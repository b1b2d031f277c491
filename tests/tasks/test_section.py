"""One plane predicted now is what the networks see in it, and says nothing of what is not there."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.errors import ParameterError
from models.normalize import Scale, normalize
from models.tiles import Region
from tasks.section import predict_picture, predict_plane, predict_volume
from tests.stand_in import Neighborhood, StandIn

Samples = NDArray[np.float32]
WHOLE = Scale(0.0, 1.0)


@dataclass(frozen=True)
class Networks:
    """Both views of an ensemble are one stand-in."""

    network: StandIn

    def view(self, *, line: bool) -> StandIn:  # noqa: ARG002
        return self.network

    def for_survey(self, shape: tuple[int, ...]) -> StandIn:  # noqa: ARG002
        return self.network


def predicted(
    volume: Samples, axis: int, index: int, network: StandIn, scale: Scale | None = WHOLE
) -> Samples:
    read = volume.__getitem__
    return predict_plane(read, volume.shape, axis, index, networks=Networks(network), scale=scale)  # type: ignore[arg-type]


@st.composite
def volumes(draw: st.DrawFn) -> Samples:
    shape = draw(st.tuples(*[st.integers(1, 40)] * 2, st.integers(2, 50)))
    volume = np.random.default_rng(draw(st.integers(0, 99))).standard_normal(shape, np.float32)
    if draw(st.booleans()):
        volume[draw(st.integers(0, shape[0] - 1)), draw(st.integers(0, shape[1] - 1))] = np.nan
    return volume


@given(volume=volumes(), axis=st.sampled_from([0, 1, 2]), part=st.floats(0, 0.99))
def test_a_plane_is_seen_at_its_own_place(volume: Samples, axis: int, part: float) -> None:
    index = int(part * volume.shape[axis])
    plane = np.asarray(volume.take(index, axis=axis))
    expected = np.abs(normalize(plane, WHOLE)) / 4
    expected[np.isnan(plane)] = np.nan
    np.testing.assert_array_equal(predicted(volume, axis, index, StandIn()), expected)


def test_a_slice_sees_as_far_up_and_down_as_the_networks_look() -> None:
    volume = np.zeros((20, 20, 120), np.float32)
    volume[10, 10, 40] = 2.0
    for index, seen in ((40, 0.5), (56, 0.5), (24, 0.5), (57, 0.0), (23, 0.0)):
        assert predicted(volume, 2, index, Neighborhood(halo=16))[10, 10] == seen


def test_tiles_of_a_plane_are_invisible() -> None:
    volume = np.random.default_rng(0).standard_normal((3, 700, 40), np.float32)
    volume[1, 250:260] = np.nan
    whole = predicted(volume, 0, 1, Neighborhood())
    reads: list[Region] = []

    def read(region: Region) -> Samples:
        reads.append(region)
        return volume[region]

    tiled = predict_volume(
        lambda region: read((slice(1, 2), *region[1:])),
        (1, 700, 40),
        Neighborhood(),
        WHOLE,
        depth=slice(0, 40),
        tile_memory=250 * 44 * 48,
    )
    assert len(reads) >= 3
    np.testing.assert_array_equal(tiled[0], whole)


def test_a_picture_is_a_section_that_stands_upright() -> None:
    rows = np.random.default_rng(1).standard_normal((60, 90), np.float32)
    rows[:, 70:] = np.nan
    found = predict_picture(rows, networks=Networks(StandIn()))  # type: ignore[arg-type]
    assert found.shape == rows.shape
    np.testing.assert_array_equal(np.isnan(found), np.isnan(rows))
    known = ~np.isnan(rows)
    assert np.corrcoef(found[known], np.abs(rows[known]))[0, 1] > 0.99
    twice = predict_picture(rows * 1000, networks=Networks(StandIn()))  # type: ignore[arg-type]
    np.testing.assert_allclose(twice, found, atol=2e-3)  # a picture has a scale of its own


@pytest.mark.parametrize(("axis", "index"), [(0, 5), (1, -1), (2, 7)])
def test_a_plane_that_is_not_there_is_refused(axis: int, index: int) -> None:
    with pytest.raises(ParameterError, match="It lies from 0 to"):
        predicted(np.zeros((5, 6, 7), np.float32), axis, index, StandIn())
