"""The synthetic earth: decided by seed and index, faults that do what they should."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.earth.example import make_example
from models.earth.faults import FAULT, orient, visible_throw
from models.earth.folds import STRUCTURE
from models.earth.kernels import FARTHEST, convolve_traces, look_up, map_back
from models.earth.presets import MIXTURES
from models.errors import ParameterError

CUBE, SECTION = (24, 20, 32), (40, 1, 32)


@pytest.mark.parametrize("size", [CUBE, SECTION])
@pytest.mark.parametrize("preset", sorted(MIXTURES))
@given(seed=st.integers(0, 2**32), index=st.integers(0, 10**6))
@settings(max_examples=5, deadline=None)
def test_an_example_follows_from_seed_and_index_alone(
    size: tuple[int, int, int], preset: str, seed: int, index: int
) -> None:
    first, again = (make_example(seed, index, size=size, preset=preset) for _ in range(2))
    assert first.amplitude.tobytes() == again.amplitude.tobytes()
    assert first.fault_distance.tobytes() == again.fault_distance.tobytes()
    assert first.amplitude.dtype == np.float32
    assert first.amplitude.shape == first.fault_label.shape == size
    assert np.isfinite(first.amplitude).all()
    assert (first.fault_distance >= 0).all()
    assert (first.fault_distance <= FARTHEST).all()
    assert ((first.fault_label == 1) == (first.fault_distance <= 1)).all()


def test_examples_of_other_seeds_and_indices_differ() -> None:
    drawn = [make_example(s, i, size=CUBE).amplitude for s, i in ((1, 2), (2, 1), (1, 3), (12, 0))]
    for number, one in enumerate(drawn):
        for other in drawn[number + 1 :]:
            assert not np.array_equal(one, other)


def test_the_demo_has_three_faults_or_more_and_labels_them() -> None:
    example = make_example(7, 0, size=(48, 48, 64), preset="demo")
    assert example.fault_count >= 3
    assert 0.005 < example.fault_label.mean() < 0.2


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": -1},
        {"index": -1},
        {"size": (8, 32, 32)},
        {"size": (32, 4, 32)},
        {"preset": "moon"},
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(wrong: dict[str, object]) -> None:
    arguments = {"seed": 1, "index": 0, "size": CUBE, "preset": "mixed"} | wrong
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        make_example(
            arguments.pop("seed"),  # type: ignore[arg-type]
            arguments.pop("index"),  # type: ignore[arg-type]
            **arguments,  # type: ignore[arg-type]
        )


def one_fault(
    throw: float, *, dip_deg: float = 60.0, visible_from: float = 0.5
) -> NDArray[np.void]:
    """Return a fault through the middle that dips along the inlines and does not fade."""
    fault = np.zeros(1, dtype=FAULT)
    orient(fault, np.zeros(1), np.radians([dip_deg]))
    fault["x"], fault["y"], fault["z"] = 16.0, 12.0, 20.0
    fault["half_length"] = fault["half_height"] = fault["reach"] = 1e9
    fault["slip"] = throw / math.sin(math.radians(dip_deg))
    fault["sag_half_width"] = fault["distance_scale"] = 1.0
    fault["visible_from"] = visible_from
    return fault


def levels(
    faults: NDArray[np.void], shape: tuple[int, int, int] = (32, 24, 40)
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return stratigraphic coordinate and distance of flat layers cut by faults."""
    structure = np.zeros(1, dtype=STRUCTURE)
    structure["surface"], structure["band_half_width"] = -1e9, 1.0
    bumps = np.zeros(1, dtype=[(name, "f8") for name in ("x", "y", "height", "narrowness")])
    level, distance = np.empty(shape, np.float32), np.empty(shape, np.float32)
    relief = np.zeros(shape[:2], np.float32)
    map_back(faults, faults.size, bumps, structure, relief, 700.0, level, distance)
    return level, distance


def test_a_fault_of_zero_throw_changes_nothing_and_has_no_label() -> None:
    level, distance = levels(one_fault(0.0))
    without, _ = levels(one_fault(0.0)[:0])
    np.testing.assert_array_equal(level, without)
    assert (distance == FARTHEST).all()


@given(throw=st.floats(1, 12), dip_deg=st.floats(45, 89))
@settings(max_examples=20, deadline=None)
def test_the_throw_is_the_step_of_a_layer_across_the_fault(throw: float, dip_deg: float) -> None:
    level, _ = levels(one_fault(throw, dip_deg=dip_deg))
    middle = level[:, 12, 20]
    # The hanging wall, down dip of the fault, has sunk: its layers are younger at the same depth.
    assert middle[0] - middle[-1] == pytest.approx(throw, rel=1e-4)


def test_distance_to_a_plane_is_exact() -> None:
    _, distance = levels(one_fault(4.0))
    x, _, z = np.ogrid[:32, :24, :40]
    dip = math.radians(60)
    exact = np.abs((x - 16) * math.sin(dip) - (z - 20) * math.cos(dip))
    expected = np.broadcast_to(np.minimum(exact, FARTHEST), distance.shape)
    np.testing.assert_allclose(distance, expected, atol=1e-4)


def test_a_throw_below_what_can_be_seen_moves_layers_but_has_no_label() -> None:
    level, distance = levels(one_fault(0.4, visible_from=0.5))
    assert level[0, 12, 20] != level[-1, 12, 20]
    assert (distance == FARTHEST).all()


@given(period=st.floats(4, 30), noise=st.floats(0, 0.6))
def test_noise_and_long_wavelets_hide_throws(period: float, noise: float) -> None:
    assert visible_throw(period, noise) <= visible_throw(period * 1.5, noise)
    assert visible_throw(period, noise) <= visible_throw(period, noise + 0.1)


def test_convolution_with_a_spike_gives_the_wavelet() -> None:
    wavelet = np.array([0.5, -1.0, 2.0, 3.0, -0.25], dtype=np.float32)
    spike = np.zeros((2, 3, 12), dtype=np.float32)
    spike[1, 2, 6] = 1.0
    out = convolve_traces(spike, wavelet)
    np.testing.assert_array_equal(out[1, 2, 4:9], wavelet)
    assert np.count_nonzero(out) == wavelet.size


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_convolution_agrees_with_numpy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    traces = rng.standard_normal((2, 2, 30)).astype(np.float32)
    wavelet = rng.standard_normal(2 * int(rng.integers(1, 9)) + 1).astype(np.float32)
    expected = [[np.convolve(trace, wavelet, mode="full") for trace in line] for line in traces]
    half = wavelet.size // 2
    np.testing.assert_allclose(
        convolve_traces(traces, wavelet), np.array(expected)[..., half : half + 30], atol=1e-4
    )


def test_reflectivity_is_read_between_entries() -> None:
    table = np.arange(100, dtype=np.float32)
    level = np.array([[[-500.0, -499.75, -450.5, 0.0, -600.0]]], dtype=np.float32)
    read = look_up(table, level, 500.0, 2.0)[0, 0]
    np.testing.assert_allclose(read, [0.0, 0.5, 99.0, 99.0, 0.0])
